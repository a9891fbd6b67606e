/* Follow-up: how staffing was met, reported and regulated, by period and operating form. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compliance/v1/follow_up.pb-c.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/status.h"
#include "services/nivactl/units.h"

typedef Niva__Compliance__V1__GetFollowUpRequest FollowUpRequest;
typedef Niva__Compliance__V1__GetFollowUpResponse FollowUpResponse;
typedef Niva__Compliance__V1__FollowUpPeriod FollowUpPeriod;
typedef Niva__Compliance__V1__FollowUpRow FollowUpRow;
typedef Niva__Compliance__V1__FollowUpFigure FollowUpFigure;
typedef Niva__Compliance__V1__FollowUpDifference FollowUpDifference;
typedef Niva__Compliance__V1__FollowUpRegulation FollowUpRegulation;
typedef Niva__Compliance__V1__FollowUpRelief FollowUpRelief;

enum { CELLS_MOST = 11 };

/* A table while it is filled: a row of the answer may give any number of its rows. */
struct filling {
    const struct session *session;
    struct table *table;
    const FollowUpPeriod *period;
    const FollowUpRow *row;
    const char *cells[CELLS_MOST];
};

/* ---- cells ---- */

static const char *cell_days(const struct session *session, bool known, int64_t milli)
{
    return known ? cell_milli(session, milli) : "–";
}

static const char *cell_permille(const struct session *session, bool known, int64_t milli)
{
    return known ? niva_arena_printf(session->arena, "%s ‰", cell_milli(session, milli)) : "–";
}

static const char *form_name(const struct session *session, const FollowUpRow *row)
{
    if (row->total)
        return session_pick(session, "alla", "all");
    if (row->form == NIVA__INTAKE__V1__OWNER__FORM__FORM_UNSPECIFIED)
        return session_pick(session, "okänd ägare", "owner unknown");
    return words_value(session->language, WORDS_FORM, (int)row->form);
}

static const char *period_name(const struct session *session, const FollowUpPeriod *period)
{
    if (strcmp(period->first_period, period->last_period) == 0)
        return period->first_period;
    return niva_arena_printf(session->arena, "%s–%s", period->first_period, period->last_period);
}

/* Period and form; the cells behind them are a word where the row is hidden. */
static void row_begin(struct filling *filling)
{
    memset(filling->cells, 0, sizeof filling->cells);
    filling->cells[0] = period_name(filling->session, filling->period);
    filling->cells[1] = form_name(filling->session, filling->row);
    if (filling->row->hidden == NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__HIDDEN_UNSPECIFIED)
        return;
    for (size_t i = 2; i < CELLS_MOST; i++)
        filling->cells[i] = session_pick(filling->session, "dolt", "hidden");
}

static bool is_hidden(const FollowUpRow *row)
{
    return row->hidden != NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__HIDDEN_UNSPECIFIED;
}

/* ---- days ---- */

static void days_fill(struct filling *filling)
{
    const struct session *session = filling->session;
    const Niva__Compliance__V1__FollowUpDays *days = filling->row->days;

    row_begin(filling);
    if (!is_hidden(filling->row)) {
        filling->cells[2] = cell_integer(session, filling->row->units);
        filling->cells[3] = cell_integer(session, days->unit_days);
        filling->cells[4] = cell_integer(session, days->met);
        filling->cells[5] = cell_integer(session, days->below_minimum);
        filling->cells[6] =
            cell_permille(session,
                          days->share_below_case ==
                              NIVA__COMPLIANCE__V1__FOLLOW_UP_DAYS__SHARE_BELOW_BELOW_PERMILLE,
                          (int64_t)days->below_permille * 1000);
        filling->cells[7] = cell_integer(session, days->dispensed);
        filling->cells[8] = cell_integer(session, days->no_report);
        filling->cells[9] = cell_integer(session, days->no_requirement_basis);
        filling->cells[10] = cell_integer(session, days->not_required);
    }
    table_row(filling->table, filling->cells);
}

static const struct column days_sv[] = {
    {"Period", false},      {"Driftsform", false},      {"Enheter", true},     {"Dagar", true},
    {"Uppfyllt", true},     {"Under miniminivå", true}, {"Andel under", true}, {"Dispens", true},
    {"Ej redovisat", true}, {"Underlag saknas", true},  {"Inget krav", true},
};
static const struct column days_en[] = {
    {"Period", false},      {"Form", false},         {"Units", true},        {"Days", true},
    {"Met", true},          {"Below minimum", true}, {"Share below", true},  {"Dispensation", true},
    {"Not reported", true}, {"No basis", true},      {"Not required", true},
};

/* ---- reporting and breaches ---- */

static void reporting_fill(struct filling *filling)
{
    const struct session *session = filling->session;
    const Niva__Compliance__V1__FollowUpReporting *reporting = filling->row->reporting;
    const Niva__Compliance__V1__FollowUpBreaches *breaches = filling->row->breaches;

    row_begin(filling);
    if (!is_hidden(filling->row)) {
        filling->cells[2] = cell_integer(session, reporting->changes);
        filling->cells[3] =
            cell_days(session,
                      reporting->receipt_case ==
                          NIVA__COMPLIANCE__V1__FOLLOW_UP_REPORTING__RECEIPT_RECEIPT_MEDIAN_MILLI,
                      reporting->receipt_median_milli);
        filling->cells[4] = cell_integer(session, reporting->overdue_days);
        filling->cells[5] = cell_permille(
            session,
            reporting->share_overdue_case ==
                NIVA__COMPLIANCE__V1__FOLLOW_UP_REPORTING__SHARE_OVERDUE_OVERDUE_PERMILLE,
            (int64_t)reporting->overdue_permille * 1000);
        filling->cells[6] = cell_integer(session, breaches->breaches);
        filling->cells[7] = cell_integer(session, breaches->unable_to_recruit);
    }
    table_row(filling->table, filling->cells);
}

static const struct column reporting_sv[] = {
    {"Period", false},
    {"Driftsform", false},
    {"Förändringar", true},
    {"Dagar till mottagen (median)", true},
    {"Dagar utan aktuell redovisning", true},
    {"Andel", true},
    {"Brister", true},
    {"Kan inte rekrytera", true},
};
static const struct column reporting_en[] = {
    {"Period", false},
    {"Form", false},
    {"Changes", true},
    {"Days to receipt (median)", true},
    {"Days without current report", true},
    {"Share", true},
    {"Breaches", true},
    {"Cannot recruit", true},
};

/* ---- money ---- */

static void regulation_fill(struct filling *filling)
{
    const struct session *session = filling->session;
    const FollowUpRegulation *money = filling->row->regulation;

    row_begin(filling);
    if (!is_hidden(filling->row)) {
        filling->cells[2] = cell_kronor(session, money->decided_ore);
        filling->cells[3] =
            money->per_listed_case ==
                    NIVA__COMPLIANCE__V1__FOLLOW_UP_REGULATION__PER_LISTED_DECIDED_ORE_PER_1000_LISTED
                ? cell_kronor(session, money->decided_ore_per_1000_listed)
                : "–";
        filling->cells[4] =
            cell_permille(session,
                          money->share_decided_case ==
                              NIVA__COMPLIANCE__V1__FOLLOW_UP_REGULATION__SHARE_DECIDED_DECIDED_PPM,
                          money->decided_ppm);
        filling->cells[5] = cell_kronor(session, money->proposed_ore);
        filling->cells[6] = cell_kronor(session, money->preliminary_ore);
        filling->cells[7] = cell_integer(session, money->decided_lines);
        filling->cells[8] = cell_days(
            session,
            money->since_told_case ==
                NIVA__COMPLIANCE__V1__FOLLOW_UP_REGULATION__SINCE_TOLD_SINCE_TOLD_MEDIAN_MILLI,
            money->since_told_median_milli);
        filling->cells[9] = cell_days(
            session,
            money->since_month_case ==
                NIVA__COMPLIANCE__V1__FOLLOW_UP_REGULATION__SINCE_MONTH_SINCE_MONTH_MEDIAN_MILLI,
            money->since_month_median_milli);
    }
    table_row(filling->table, filling->cells);
}

static const struct column regulation_sv[] = {
    {"Period", false},
    {"Driftsform", false},
    {"Beslutat", true},
    {"Per 1 000 listade", true},
    {"Av fast ersättning", true},
    {"Föreslaget", true},
    {"Preliminärt", true},
    {"Beslut", true},
    {"Dagar från underrättelse (median)", true},
    {"Dagar från månadens slut (median)", true},
};
static const struct column regulation_en[] = {
    {"Period", false},
    {"Form", false},
    {"Decided", true},
    {"Per 1,000 listed", true},
    {"Of fixed compensation", true},
    {"Proposed", true},
    {"Preliminary", true},
    {"Decisions", true},
    {"Days since told (median)", true},
    {"Days since month's end (median)", true},
};

static const char *reason_word(const struct session *session, const char *code)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(
        &niva__compensation__v1__adjustment__reason_code__descriptor, code);

    return value == NULL ? session_pick(session, "ingen kod", "no code")
                         : words_value(session->language, WORDS_REASON, value->value);
}

static void relief_rows(struct filling *filling, const char *kind, FollowUpRelief *const *relief,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        row_begin(filling);
        filling->cells[2] = kind;
        filling->cells[3] = reason_word(filling->session, relief[i]->reason_code);
        filling->cells[4] = cell_integer(filling->session, relief[i]->lines);
        filling->cells[5] = cell_kronor(filling->session, relief[i]->ore);
        table_row(filling->table, filling->cells);
    }
}

static void relief_fill(struct filling *filling)
{
    const FollowUpRegulation *money = filling->row->regulation;

    if (is_hidden(filling->row))
        return;
    relief_rows(filling, session_pick(filling->session, "avstått", "waived"), money->waived,
                money->n_waived);
    relief_rows(filling, session_pick(filling->session, "jämkat", "revised"), money->revised,
                money->n_revised);
}

static const struct column relief_sv[] = {
    {"Period", false}, {"Driftsform", false}, {"Beslut", false},
    {"Skäl", false},   {"Antal", true},       {"Inte taget", true},
};
static const struct column relief_en[] = {
    {"Period", false}, {"Form", false}, {"Decision", false},
    {"Reason", false}, {"Lines", true}, {"Not taken", true},
};

/* ---- indicators ---- */

static const char *cell_change(const struct session *session, const FollowUpDifference *difference)
{
    const bool known = difference != NULL &&
                       difference->change_case ==
                           NIVA__COMPLIANCE__V1__FOLLOW_UP_DIFFERENCE__CHANGE_MEAN_CHANGE_MILLI;

    if (difference != NULL &&
        difference->hidden != NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__HIDDEN_UNSPECIFIED)
        return session_pick(session, "dolt", "hidden");
    return known ? niva_arena_printf(session->arena, "%s%s",
                                     difference->mean_change_milli > 0 ? "+" : "",
                                     cell_milli(session, difference->mean_change_milli))
                 : "–";
}

static void figures_fill(struct filling *filling)
{
    const struct session *session = filling->session;

    for (size_t i = 0; i < filling->row->n_figures; i++) {
        const FollowUpFigure *figure = filling->row->figures[i];
        row_begin(filling);
        filling->cells[2] = figure->code;
        for (size_t k = 3; k < 8; k++)
            filling->cells[k] = session_pick(session, "dolt", "hidden");
        if (figure->hidden == NIVA__COMPLIANCE__V1__FOLLOW_UP_ROW__HIDDEN__HIDDEN_UNSPECIFIED) {
            filling->cells[3] = cell_integer(session, figure->units);
            filling->cells[4] = cell_milli(session, figure->mean_milli);
            filling->cells[5] = cell_days(
                session,
                figure->per_listed_case ==
                    NIVA__COMPLIANCE__V1__FOLLOW_UP_FIGURE__PER_LISTED_PER_1000_LISTED_MILLI,
                figure->per_1000_listed_milli);
            filling->cells[6] = cell_change(session, figure->before);
            filling->cells[7] = cell_change(session, figure->year_before);
        }
        table_row(filling->table, filling->cells);
    }
}

static const struct column figures_sv[] = {
    {"Period", false},
    {"Driftsform", false},
    {"Mått", false},
    {"Enheter", true},
    {"Medel per enhet och månad", true},
    {"Per 1 000 listade", true},
    {"Mot perioden före", true},
    {"Mot året före", true},
};
static const struct column figures_en[] = {
    {"Period", false},
    {"Form", false},
    {"Indicator", false},
    {"Units", true},
    {"Mean a unit and month", true},
    {"Per 1,000 listed", true},
    {"Against before", true},
    {"Against a year before", true},
};

/* ---- tables ---- */

static const struct part {
    const char *title_sv;
    const char *title_en;
    size_t column_count;
    const struct column *sv;
    const struct column *en;
    void (*fill)(struct filling *filling);
} parts[] = {
#define COLUMNS(name) sizeof name##_sv / sizeof *name##_sv, name##_sv, name##_en
    {"Vårdcentralsdagar efter bedömning", "Unit-days by verdict", COLUMNS(days), days_fill},
    {"Redovisning och brister", "Reports and breaches", COLUMNS(reporting), reporting_fill},
    {"Reglering av fast ersättning", "Regulation of the fixed compensation", COLUMNS(regulation),
     regulation_fill},
    {"Avstått och jämkat", "Waived and revised", COLUMNS(relief), relief_fill},
    {"Importerade mått", "Imported indicators", COLUMNS(figures), figures_fill},
#undef COLUMNS
};

static bool part_print(struct session *session, const struct part *part,
                       const FollowUpResponse *answer, struct niva_error *err)
{
    struct filling filling = {.session = session,
                              .table =
                                  table_new(session->arena, part->column_count,
                                            session->language == ENGLISH ? part->en : part->sv)};

    for (size_t i = 0; i < answer->n_periods; i++) {
        filling.period = answer->periods[i];
        for (size_t k = 0; k < filling.period->n_rows; k++) {
            filling.row = filling.period->rows[k];
            part->fill(&filling);
        }
    }
    if (filling.table != NULL && table_rows(filling.table) == 0)
        return true;
    show(session->out, "\n%s\n", words_pick(session->language, part->title_sv, part->title_en));
    return session_print_table(session, filling.table, err);
}

static bool answer_print(struct session *session, const FollowUpRequest *request,
                         const FollowUpResponse *answer, struct niva_error *err)
{
    const bool english = session->language == ENGLISH;
    char *const *notes = english ? answer->notes_en : answer->notes_sv;

    if (!session_say_rehearsal(session, err))
        return false;
    show(session->out,
         session_pick(session,
                      "Uppföljning %s–%s, region %s, yrkesgrupp %s, till och med %s. Färre än %d "
                      "vårdcentraler döljs.\n",
                      "Follow-up %s–%s, region %s, profession group %s, up to %s. Fewer than %d "
                      "units are hidden.\n"),
         request->first_period, request->last_period, request->region_code,
         request->profession_group, answer->today, (int)answer->least_units);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!part_print(session, &parts[i], answer, err))
            return false;
    fputs("\n", session->out);
    for (size_t i = 0; i < answer->n_dispensations; i++)
        show(session->out, session_pick(session, "Obs: %s\n", "Note: %s\n"),
             english ? answer->dispensations[i]->text_en : answer->dispensations[i]->text_sv);
    for (size_t i = 0; i < (english ? answer->n_notes_en : answer->n_notes_sv); i++)
        show(session->out, "%s\n", notes[i]);
    pending_say(session, answer->pending);
    return true;
}

/* ---- the question ---- */

/* The region that was said, or the one that all units are of. */
static bool region_choose(struct session *session, const char **ret_region, struct niva_error *err)
{
    Niva__Intake__V1__ListUnitsResponse *units;

    *ret_region = session->options.region;
    if (**ret_region != '\0')
        return true;
    if (!units_load(session, &units, err))
        return false;
    for (size_t i = 0; i < units->n_units; i++) {
        if (i > 0 && strcmp(units->units[i]->region_code, *ret_region) != 0)
            return niva_fail(err, NIVA_INVALID_ARGUMENT,
                             "Här finns flera regioner: säg vilken med --region.",
                             "There are several regions here: say which by --region.");
        *ret_region = units->units[i]->region_code;
    }
    return **ret_region != '\0' ||
           niva_fail(err, NIVA_NOT_FOUND, "Ingen enhet är registrerad.", "No unit is registered.");
}

/* Without months: those of the year up to today's. */
static bool months_choose(struct session *session, FollowUpRequest *request, struct niva_error *err)
{
    const char *today;

    request->first_period = (char *)(uintptr_t)session->options.from;
    request->last_period = (char *)(uintptr_t)session->options.to;
    if (*request->first_period != '\0' && *request->last_period != '\0')
        return true;
    if (!session_today(session, &today, err))
        return false;
    if (*request->last_period == '\0')
        request->last_period = niva_arena_printf(session->arena, "%.7s", today);
    if (*request->first_period == '\0')
        request->first_period = niva_arena_printf(session->arena, "%.4s-01", request->last_period);
    return request->first_period != NULL && request->last_period != NULL;
}

static bool month_said(const char *text)
{
    struct niva_span month;

    return *text == '\0' || niva_month_parse(text, &month);
}

int command_followup(struct session *session, size_t count, const char *const *arguments)
{
    FollowUpRequest request = NIVA__COMPLIANCE__V1__GET_FOLLOW_UP_REQUEST__INIT;
    const char *region;
    ProtobufCMessage *reply;
    struct niva_error err;

    (void)count;
    (void)arguments;
    niva_error_clear(&err);
    if (!month_said(session->options.from) || !month_said(session->options.to))
        return session_refuse(session, "--from och --to är månader: 2022-01.",
                              "--from and --to are months: 2022-01.");
    if (!region_choose(session, &region, &err) || !months_choose(session, &request, &err))
        return session_fail(session, &err);
    request.region_code = (char *)(uintptr_t)region;
    request.profession_group = (char *)(uintptr_t)session->options.group;
    request.division = session->options.monthly
                           ? NIVA__COMPLIANCE__V1__GET_FOLLOW_UP_REQUEST__DIVISION__MONTH
                           : NIVA__COMPLIANCE__V1__GET_FOLLOW_UP_REQUEST__DIVISION__WHOLE;
    request.least_units = (int32_t)session->options.least;
    if (!session_known_at(session, &request.known_at, &err) ||
        !session_ask(session, "niva.compliance.v1.FollowUpService/GetFollowUp", &request.base,
                     &reply, &err) ||
        !(session->json ? session_print_json(session, reply, &err)
                        : answer_print(session, &request, (FollowUpResponse *)reply, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}
