/* The sample region, loaded as the quickstart does it, its loader killed once on the way: its
 * verdicts and amounts are what the model makes of its facts, every amount's explanation adds up,
 * what its README tells is what happened, and loading it again changes nothing.
 *
 * `test_sample --update` writes the examples of the page of events, proto/examples. */
#include <gmp.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/follow_up.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "tests/support/compare.h"
#include "tests/support/examples.h"
#include "tests/support/pdf_reader.h"
#include "tests/support/process.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ExplainAdjustmentResponse Explanation;
typedef Niva__Compensation__V1__ListAdjustmentsResponse ListAdjustmentsResponse;

#define SAMPLE   SOURCE_ROOT "/deploy/sample/region.ndjson"
#define TODAY    "2022-09-30"
#define EXAMPLES SOURCE_ROOT "/deploy/examples/"

enum { CENTRES = 27, OUTPUT = 32 << 10, KILLED_AT = 150, LOOK_MS = 20 };

static int nivactl(struct system *system, const char *command, const char *argument,
                   char output[OUTPUT])
{
    const char *arguments[] = {command, "--lang", "en", argument, NULL};

    return system_run(system, "services/nivactl/nivactl", arguments, output, OUTPUT);
}

static void sample_load(struct system *system)
{
    char output[OUTPUT];
    int code = nivactl(system, "apply", SAMPLE, output);

    if (code != 0) {
        system_show_logs(system);
        give_up("nivactl apply: exit code %d\n%s", code, output);
    }
}

/* Starts the loader and kills it when intake has written some of its lines. */
static void sample_load_killed(struct system *system)
{
    const char *const arguments[] = {
        BUILD_ROOT "/services/nivactl/nivactl",
        "apply",
        SAMPLE,
        "--run-dir",
        system_directory(system),
        NULL,
    };
    struct process *process;
    char log[128];

    snprintf(log, sizeof log, "%s/killed", system_directory(system));
    process = process_start(arguments, log);
    while (!process_wait(process, LOOK_MS, NULL))
        if (atoi(system_sql(system, "SELECT position FROM intake.stream_head")) > KILLED_AT)
            break;
    if (!WIFSIGNALED(process_end(process, SIGKILL)))
        give_up("nivactl apply ended before it could be killed; see %s", log);
    process_free(process);
}

static void verdicts_and_amounts_are_those_of_the_model(void **state)
{
    struct compared compared = compare_with_model(*state);

    assert_int_equal(compared.units, CENTRES);
    assert_true(compared.breaches >= 9); /* one for each centre that its README tells of */
    assert_true(compared.deductions > 10);
    assert_int_equal(compared.differing, 0);
}

static const ListAdjustmentsResponse *adjustments_list(struct system *system)
{
    Niva__Compensation__V1__ListAdjustmentsRequest request =
        NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.page_size = 7;
    if (!session_list(system_session(system),
                      "niva.compensation.v1.AdjustmentService/ListAdjustments", &request.base,
                      &reply, &err))
        fail_msg("%s", err.text_en);
    return (const ListAdjustmentsResponse *)reply;
}

static const Explanation *explain(struct system *system, const Adjustment *adjustment)
{
    Niva__Compensation__V1__ExplainAdjustmentRequest request =
        NIVA__COMPENSATION__V1__EXPLAIN_ADJUSTMENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.adjustment_id = adjustment->adjustment_id;
    if (!session_ask(system_session(system),
                     "niva.compensation.v1.AdjustmentService/ExplainAdjustment", &request.base,
                     &reply, &err))
        fail_msg("%s %s: %s (%s)", adjustment->unit_name, adjustment->period, err.text_en,
                 err.cause);
    return (const Explanation *)reply;
}

static void explanation_check(const Adjustment *adjustment, const Explanation *explanation)
{
    char *sum_text;
    mpq_t sum;
    mpq_t line;

    mpq_inits(sum, line, NULL);
    for (size_t i = 0; i < explanation->n_lines; i++) {
        assert_int_equal(mpq_set_str(line, explanation->lines[i]->ore, 10), 0);
        mpq_add(sum, sum, line);
        assert_true(explanation->lines[i]->text_sv[0] != '\0');
        assert_true(explanation->lines[i]->text_en[0] != '\0');
    }
    sum_text = mpq_get_str(NULL, 10, sum);
    if (mpq_cmp_si(sum, adjustment->deduction_ore, 1) != 0)
        fail_msg("%s %s: expected lines that add up to %" PRId64 ", actual %s",
                 adjustment->unit_name, adjustment->period, adjustment->deduction_ore, sum_text);
    free(sum_text);
    mpq_clears(sum, line, NULL);
}

static void explanations_add_up(void **state)
{
    const ListAdjustmentsResponse *adjustments = adjustments_list(*state);

    for (size_t i = 0; i < adjustments->n_adjustments; i++) {
        const Explanation *explanation = explain(*state, adjustments->adjustments[i]);

        explanation_check(adjustments->adjustments[i], explanation);
        assert_non_null(strstr(explanation->remark_sv, "formeln är ett antagande"));
    }
}

static void verify_agrees(void **state)
{
    char output[OUTPUT];
    int code = nivactl(*state, "verify", NULL, output);

    if (code != 0 || strstr(output, "27 units checked") == NULL)
        fail_msg("expected 27 units checked, actual exit code %d and\n%s", code, output);
}

/* What proves must be able to fail: a line that is gone is missed. */
static void verify_misses_a_line_that_was_taken_away(void **state)
{
    char output[OUTPUT];
    int code;

    system_sql(*state, "SET search_path TO compensation;"
                       " CREATE TABLE kept AS SELECT * FROM adjustment WHERE state = 2"
                       " ORDER BY adjustment_id LIMIT 1;"
                       " DELETE FROM adjustment USING kept"
                       " WHERE adjustment.adjustment_id = kept.adjustment_id");
    code = nivactl(*state, "verify", NULL, output);
    system_sql(*state, "SET search_path TO compensation;"
                       " INSERT INTO adjustment SELECT * FROM kept; DROP TABLE kept");
    if (code != 1 || strstr(output, "27 units checked, 1 differ") == NULL)
        fail_msg("expected one unit that differs, actual exit code %d and\n%s", code, output);
}

/* The last two digits of the HSA-id of a centre are its number. */
static int number_of(const char *hsa_id)
{
    return atoi(hsa_id + strlen(hsa_id) - 2);
}

/* ---- its letters ---- */

/* The text of a letter of the system, as another program reads it. */
static char *letter_text(struct system *system, const char *kind, const char *id)
{
    char path[160];
    char output[OUTPUT];
    bool asks = strcmp(kind, "communication") == 0;
    const char *arguments[] = {"letter", kind, id, "--file", path, asks ? "--by=2022-10-21" : NULL,
                               NULL};
    struct niva_text pdf = {0};
    FILE *file;
    char *text;
    int code;

    snprintf(path, sizeof path, "%s/letter.pdf", system_directory(system));
    code = system_run(system, "services/nivactl/nivactl", arguments, output, OUTPUT);
    if (code != 0)
        fail_msg("letter %s %s: exit code %d\n%s", kind, id, code, output);
    file = fopen(path, "re");
    assert_non_null(file);
    for (int byte = getc(file); byte != EOF; byte = getc(file))
        niva_text_append(&pdf, &(char){(char)byte}, 1);
    fclose(file);
    text = pdf_ask(&pdf, "pdftotext -raw $PDF - | tr -s '\\n' ' '");
    niva_text_free(&pdf);
    return text;
}

static void assert_letter(struct system *system, const char *kind, const char *id, const char *part)
{
    char *text = letter_text(system, kind, id);

    if (strstr(text, part) == NULL || strstr(text, "(fiktiv)") == NULL)
        fail_msg("letter %s %s: expected \"%s\" in:\n%s", kind, id, part, text);
    free(text);
}

/* The month that the front page explains, a centre that never reported, and one that is below by
 * its last report. */
static void letters_tell_what_the_system_knows(void **state)
{
    const ListAdjustmentsResponse *adjustments = adjustments_list(*state);
    struct session *session = system_session(*state);
    const Niva__Compliance__V1__ListStatusesResponse *statuses = (void *)system_tell(
        *state, session->arena, "niva.compliance.v1.ComplianceService/ListStatuses",
        "{'profession_group':'fysioterapeut','region_code':'99'}");
    const char *adjustment_id = NULL;
    const char *report_id = NULL;

    for (size_t i = 0; i < adjustments->n_adjustments; i++)
        if (strcmp(adjustments->adjustments[i]->period, "2022-08") == 0 &&
            adjustments->adjustments[i]->deduction_ore == 2201613)
            adjustment_id = adjustments->adjustments[i]->adjustment_id;
    for (size_t i = 0; i < statuses->n_statuses; i++)
        if (number_of(statuses->statuses[i]->unit) == 3)
            report_id = statuses->statuses[i]->latest_report_id;
    assert_non_null(adjustment_id);
    assert_non_null(report_id);
    assert_letter(*state, "communication", adjustment_id, "Beräknad reglering 22 016,13 kr");
    assert_letter(*state, "call", "SE4999000005-FIKTIVVC23", "ingen redovisning har kommit in");
    assert_letter(*state, "receipt", report_id,
                  "Räknas 1,60 av 2,60. Under miniminivå från 2022-03-01.");
}

/* ---- what its README tells ---- */

static void twelve_centres_were_run_by_the_region_and_fifteen_are_private(void **state)
{
    struct session *session = system_session(*state);
    Niva__Intake__V1__ListUnitsResponse *units =
        (void *)system_tell(*state, session->arena, "niva.intake.v1.UnitService/ListUnits", "{}");
    size_t private = 0;
    size_t intraprenad = 0;

    for (size_t i = 0; i < units->n_units; i++) {
        const Niva__Intake__V1__Unit *unit = units->units[i];
        const Niva__Intake__V1__Owner *last = unit->owners[unit->n_owners - 1];

        assert_non_null(strstr(unit->name, "(fiktiv)"));
        private += last->form == NIVA__INTAKE__V1__OWNER__FORM__PRIVATE;
        if (last->form != NIVA__INTAKE__V1__OWNER__FORM__INTRAPRENAD)
            continue;
        intraprenad++;
        assert_string_equal(last->first_day, "2020-01-01");
        assert_int_equal(unit->owners[0]->form, NIVA__INTAKE__V1__OWNER__FORM__REGION_RUN);
    }
    assert_int_equal(private, 15);
    assert_int_equal(intraprenad, 12);
}

static void the_last_day_shows_who_is_silent_and_who_is_below(void **state)
{
    static const struct {
        int number;
        int status;
        bool overdue;
    } expected[] = {
        {3, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM, false},
        {5, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET, true},
        {10, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET, true},
        {12, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM, false},
        {14, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM, false},
        {17, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__DISPENSED, false},
        {18, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM, false},
        {20, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NO_REPORT, true},
        {23, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NO_REPORT, true},
        {27, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET, true},
    };
    struct session *session = system_session(*state);
    Niva__Compliance__V1__ListStatusesResponse *statuses = (void *)system_tell(
        *state, session->arena, "niva.compliance.v1.ComplianceService/ListStatuses",
        "{'profession_group':'fysioterapeut','region_code':'99'}");
    size_t next = 0;

    assert_int_equal(statuses->n_statuses, 27);
    for (size_t i = 0; i < statuses->n_statuses; i++) {
        const Niva__Compliance__V1__UnitStatus *status = statuses->statuses[i];
        bool listed = next < sizeof expected / sizeof *expected &&
                      expected[next].number == number_of(status->unit);
        int wanted = listed ? expected[next].status : NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET;

        if ((int)status->segment->status != wanted ||
            (status->overdue != 0) != (listed && expected[next].overdue))
            fail_msg("%s: status %d, overdue %d; expected %d, %d", status->unit_name,
                     (int)status->segment->status, status->overdue, wanted,
                     listed && expected[next].overdue);
        next += listed;
    }
}

/* The breaches of a kind that stand, of one centre (0: of all). */
static const Niva__Compliance__V1__ListBreachesResponse *
breaches_of(struct system *system, const char *kind, const char *state, int number)
{
    struct session *session = system_session(system);
    char unit[64] = "";

    if (number > 0)
        snprintf(unit, sizeof unit, "'unit':'SE4999000005-FIKTIVVC%02d',", number);
    return (const void *)system_tell(
        system, session->arena, "niva.compliance.v1.ComplianceService/ListBreaches",
        "{'kind':'%s',%s'state':'%s','page_size':1000}", kind, unit, state);
}

static void assert_days(const Niva__Compliance__V1__ListBreachesResponse *breaches,
                        const char *first_day, const char *last_day)
{
    for (size_t i = 0; i < breaches->n_breaches; i++)
        if (strcmp(breaches->breaches[i]->first_day, first_day) == 0 &&
            strcmp(breaches->breaches[i]->last_day, last_day) == 0)
            return;
    fail_msg("of %zu breaches none is from %s to %s", breaches->n_breaches, first_day, last_day);
}

static void duties_that_were_not_kept_are_breaches_without_money(void **state)
{
    /* Linnean: known on 15 August, told on 5 September, and nothing planned */
    assert_days(breaches_of(*state, "ABSENCE_LATE", "CLOSED", 4), "2022-08-19", "2022-09-05");
    assert_days(breaches_of(*state, "ABSENCE_PLAN_MISSING", "OPEN", 4), "2022-09-20", "");
    /* Älgörten: of 2 May, received by mail on 19 May and registered on the 30th */
    assert_days(breaches_of(*state, "REPORT_LATE", "CLOSED", 18), "2022-05-17", "2022-05-19");
    /* Kastanjen: silent since November; the letter of 23 June called everybody */
    assert_int_equal(breaches_of(*state, "REPORT_OVERDUE", "OPEN", 0)->n_breaches, 5);
    assert_days(breaches_of(*state, "REPORT_OVERDUE", "OPEN", 10), "2022-06-23", "");
    /* Blåsippan was called, too, and answered */
    assert_int_equal(breaches_of(*state, "REPORT_OVERDUE", "OPEN", 1)->n_breaches, 0);
}

static void who_will_fall_below_is_told_with_why_and_at_what_cost(void **state)
{
    static const struct {
        int number;
        const char *first_day;
        const char *last_day;
        int cause;
        int64_t ore[3]; /* of October, November and December */
    } expected[] = {
        {4,
         "2022-10-10",
         "2022-12-16",
         NIVA__COMPLIANCE__V1__FORECAST__CAUSE__KIND__ABSENCE,
         {1596774, 2250000, 1161290}},
        {17,
         "2022-11-01",
         "",
         NIVA__COMPLIANCE__V1__FORECAST__CAUSE__KIND__DISPENSATION_ENDS,
         {0, 1200000, 1200000}},
        {26,
         "2022-12-24",
         "",
         NIVA__COMPLIANCE__V1__FORECAST__CAUSE__KIND__POSITION_ENDS,
         {0, 0, 619355}},
    };
    struct session *session = system_session(*state);
    Niva__Compliance__V1__ListForecastsResponse *list = (void *)system_tell(
        *state, session->arena, "niva.compliance.v1.ComplianceService/ListForecasts",
        "{'profession_group':'fysioterapeut','region_code':'99'}");

    assert_string_equal(list->last_day, "2022-12-29");
    assert_int_equal(list->n_forecasts, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < list->n_forecasts; i++) {
        const Niva__Compliance__V1__Forecast *forecast = list->forecasts[i];
        int64_t ore[3] = {0};

        assert_int_equal(number_of(forecast->unit), expected[i].number);
        assert_string_equal(forecast->first_day, expected[i].first_day);
        assert_string_equal(forecast->last_day, expected[i].last_day);
        assert_int_equal(forecast->n_causes, 1);
        assert_int_equal(forecast->causes[0]->kind, expected[i].cause);
        for (size_t c = 0; c < forecast->n_costs; c++)
            ore[atoi(forecast->costs[c]->month + 5) - 10] += forecast->costs[c]->ore;
        for (size_t month = 0; month < 3; month++)
            assert_int_equal(ore[month], expected[i].ore[month]);
    }
}

/* Nothing is regulated before it was announced; a month under way is preliminary. */
static void every_month_costs_what_it_did(void **state)
{
    static const struct {
        const char *period;
        int number;
        int64_t ore;
    } expected[] = {
        {"2022-07", 3, 3000000},  {"2022-07", 7, 1778226},  {"2022-07", 11, 338710},
        {"2022-07", 18, 3000000}, {"2022-07", 25, 1083871}, {"2022-08", 3, 3000000},
        {"2022-08", 7, 2201613},  {"2022-08", 11, 1500000}, {"2022-08", 14, 658065},
        {"2022-08", 18, 3000000}, {"2022-08", 20, 2100000}, {"2022-09", 3, 3000000},
        {"2022-09", 11, 800000},  {"2022-09", 12, 1200000}, {"2022-09", 14, 1200000},
        {"2022-09", 18, 3000000}, {"2022-09", 22, 1200000},
    };
    const ListAdjustmentsResponse *adjustments = adjustments_list(*state);

    assert_int_equal(adjustments->pending, 0);
    assert_int_equal(adjustments->n_adjustments, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < adjustments->n_adjustments; i++) {
        const Adjustment *adjustment = adjustments->adjustments[i];
        bool ended = strcmp(adjustment->period, "2022-09") < 0;

        assert_string_equal(adjustment->period, expected[i].period);
        assert_int_equal(number_of(adjustment->unit), expected[i].number);
        assert_string_equal(adjustment->component, "fysioterapi");
        assert_int_equal(adjustment->deduction_ore, expected[i].ore);
        assert_int_equal(adjustment->state,
                         ended ? NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED
                               : NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY);
    }
}

/* The verdict of a day of 2022 as it was known at the end of another. */
static int known_status(struct system *system, int number, const char *day, const char *known_on)
{
    struct session *session = system_session(system);
    Niva__Compliance__V1__GetTimelineResponse *timeline = (void *)system_tell(
        system, session->arena, "niva.compliance.v1.ComplianceService/GetTimeline",
        "{'unit':'SE4999000005-FIKTIVVC%02d','profession_group':'fysioterapeut','first_day':"
        "'2022-%s','last_day':'2022-%s','known_at':'2022-%sT22:00:00Z'}",
        number, day, day, known_on);

    assert_int_equal(timeline->n_segments, 1);
    return (int)timeline->segments[0]->status;
}

static void what_was_known_when_can_still_be_asked(void **state)
{
    const int met = NIVA__COMPLIANCE__V1__SEGMENT__STATUS__MET;
    const int below = NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM;

    /* Lingonet: reported on 24 August without one position, corrected on 6 September */
    assert_int_equal(known_status(*state, 9, "08-24", "08-23"), met);
    assert_int_equal(known_status(*state, 9, "08-24", "08-24"), below);
    assert_int_equal(known_status(*state, 9, "08-24", "09-06"), met);
    /* Eken: 26 days do not count, from 15 August they are 54 and count from the first */
    assert_int_equal(known_status(*state, 11, "08-01", "08-14"), met);
    assert_int_equal(known_status(*state, 11, "08-01", "08-15"), below);
    /* Poppeln: a report that was another centre's, withdrawn on 19 July */
    assert_int_equal(known_status(*state, 16, "07-13", "07-13"), below);
    assert_int_equal(known_status(*state, 16, "07-13", "07-19"), met);
    /* Hasseln: a new one begins on 17 October, as was said on 20 September */
    assert_int_equal(known_status(*state, 14, "10-17", "09-19"), below);
    assert_int_equal(known_status(*state, 14, "10-17", "09-20"), met);
}

/* ---- as people read it ---- */

static void assert_says(const char *output, const char *part)
{
    if (strstr(output, part) == NULL)
        fail_msg("expected \"%s\" in:\n%s", part, output);
}

static void the_summary_says_it_in_words(void **state)
{
    static const char *const summary[] = {"summary", NULL};
    static const char *const timeline[] = {"timeline", "Öringen", "2022-07-01", NULL};
    static const char *const overdue[] = {"overdue", "--region", "99", NULL};
    static const char *const forecast[] = {"forecast", "--within", "60", NULL};
    char output[OUTPUT];

    assert_int_equal(system_run(*state, "services/nivactl/nivactl", summary, output, OUTPUT), 0);
    assert_says(output, "Repetition: dagen flyttas för hand. Affärsdag " TODAY ".");
    assert_says(output, "Saknar aktuell redovisning: 5 av 27");
    assert_says(output, "Under miniminivå: 4 av 27");
    assert_says(output, "320\u00a0604,85\u00a0kr");
    assert_says(output, "formeln är ett antagande");
    assert_int_equal(system_run(*state, "services/nivactl/nivactl", timeline, output, OUTPUT), 0);
    assert_says(output, "ej redovisat");
    assert_says(output, "konstaterande ");
    assert_int_equal(system_run(*state, "services/nivactl/nivactl", overdue, output, OUTPUT), 0);
    assert_says(output, "Saknar aktuell redovisning " TODAY ", yrkesgrupp fysioterapeut: 5");
    assert_says(output, "ja, svar senast 2022-08-15");
    assert_int_equal(system_run(*state, "services/nivactl/nivactl", forecast, output, OUTPUT), 0);
    assert_says(output, "senast 2022-11-29, yrkesgrupp fysioterapeut: 2");
    assert_says(output, "dispens upphör");
    assert_says(output, "formeln är ett antagande");
}

/* What compensation lists of a form and month, in some states. */
static int64_t ore_listed(const ListAdjustmentsResponse *list, const char *period, int form,
                          bool preliminary)
{
    int64_t ore = 0;

    for (size_t i = 0; i < list->n_adjustments; i++) {
        const Adjustment *line = list->adjustments[i];
        const bool open = line->state == NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY;

        if (strcmp(line->period, period) == 0 && (form == 0 || (int)line->form == form) &&
            open == preliminary)
            ore += line->deduction_ore;
    }
    return ore;
}

/* Compliance reckons from what compensation told it, and what the month under way would take by
 * itself: compensation lists the same. */
static void follow_up_compare(const Niva__Compliance__V1__FollowUpPeriod *period,
                              const ListAdjustmentsResponse *list)
{
    int64_t days = 0;
    int32_t units = 0;

    assert_int_equal(period->n_rows, 3);
    for (size_t i = 0; i < period->n_rows; i++) {
        const Niva__Compliance__V1__FollowUpRow *row = period->rows[i];
        const Niva__Compliance__V1__FollowUpDays *of = row->days;
        const int form = row->total ? 0 : (int)row->form;

        assert_int_equal(row->hidden, 0);
        assert_int_equal(of->unit_days, of->not_required + of->no_requirement_basis +
                                            of->no_report + of->met + of->dispensed +
                                            of->below_minimum);
        assert_int_equal(row->regulation->proposed_ore + row->regulation->decided_ore,
                         ore_listed(list, period->first_period, form, false));
        assert_int_equal(row->regulation->preliminary_ore,
                         ore_listed(list, period->first_period, form, true));
        if (row->total) {
            assert_int_equal(row->units, CENTRES);
            assert_true(row->units <= units && row->days->unit_days == days);
            assert_true(row->reporting->overdue_days > 0 && row->breaches->breaches > 0);
        }
        units += row->units;
        days += row->days->unit_days;
    }
}

static void the_follow_up_is_what_the_services_list(void **state)
{
    Niva__Compliance__V1__GetFollowUpRequest request =
        NIVA__COMPLIANCE__V1__GET_FOLLOW_UP_REQUEST__INIT;
    static const char *const followup[] = {"followup", "--from", "2022-01", NULL};
    char output[OUTPUT];
    ProtobufCMessage *reply;
    struct niva_error err;

    request.region_code = (char *)"99";
    request.profession_group = (char *)"fysioterapeut";
    request.first_period = (char *)"2022-07";
    request.last_period = (char *)"2022-09";
    request.division = NIVA__COMPLIANCE__V1__GET_FOLLOW_UP_REQUEST__DIVISION__MONTH;
    if (!session_ask(system_session(*state), "niva.compliance.v1.FollowUpService/GetFollowUp",
                     &request.base, &reply, &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    const Niva__Compliance__V1__GetFollowUpResponse *answer = (const void *)reply;
    assert_int_equal(answer->n_periods, 3);
    for (size_t i = 0; i < answer->n_periods; i++)
        follow_up_compare(answer->periods[i], adjustments_list(*state));
    assert_int_equal(system_run(*state, "services/nivactl/nivactl", followup, output, OUTPUT), 0);
    assert_says(output, "Vårdcentralsdagar efter bedömning");
    assert_says(output, "Obs: Dispens för hela regionen 2020-");
    assert_says(output, "rangordnas inte");
}

/* By the files that the README shows. */
static void what_is_asked_in_advance_reads_well_and_leaves_no_trace(void **state)
{
    static const char *const preview[] = {"preview", EXAMPLES "report.json", NULL};
    static const char *const dry_run[] = {"dry-run", EXAMPLES "rule-set.json", "2022-07-01",
                                          "2022-07-31", NULL};
    char before[256];
    char output[OUTPUT];

    snprintf(before, sizeof before, "%s", system_heads(*state));
    assert_int_equal(system_run(*state, "services/nivactl/nivactl", preview, output, OUTPUT), 0);
    assert_says(output, "Vårdcentralen Blåsippan (fiktiv), SE4999000005-FIKTIVVC01, fysioterapeut");
    assert_says(output, "1,40    0,75   0,65  antagen redovisning\n");
    assert_says(output, "Dagar under miniminivå: 123; utan det antagna 0.\n");
    assert_says(output, "78\u00a0000,00\u00a0kr\n");
    assert_says(output, "formeln är ett antagande");
    assert_null(strstr(output, "till i dag")); /* nothing of it has come */
    assert_int_equal(system_run(*state, "services/nivactl/nivactl", dry_run, output, OUTPUT), 0);
    assert_says(output, "27 enheter, varav 5 får ett annat utfall.");
    /* Eken's seven days in July are grace; Kattfoten's month is capped at a fifth of 78 000 kr */
    assert_says(output, "7       7   3\u00a0387,10\u00a0kr       0,00\u00a0kr");
    assert_says(output, "31      31  30\u00a0000,00\u00a0kr  15\u00a0600,00\u00a0kr");
    assert_says(output, "formeln är ett antagande");
    assert_string_equal(system_heads(*state), before);
}

static void loading_it_again_changes_nothing(void **state)
{
    char before[256];

    snprintf(before, sizeof before, "%s", system_heads(*state));
    sample_load(*state);
    system_wait(*state);
    assert_string_equal(system_heads(*state), before);
    assert_int_equal(compare_with_model(*state).differing, 0);
}

static void the_examples_of_events_were_told(void **state)
{
    assert_string_equal(examples_check(*state), "");
}

int main(int argc, char **argv)
{
    struct system *system = system_new(true);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(verdicts_and_amounts_are_those_of_the_model, system),
        cmocka_unit_test_prestate(explanations_add_up, system),
        cmocka_unit_test_prestate(verify_agrees, system),
        cmocka_unit_test_prestate(twelve_centres_were_run_by_the_region_and_fifteen_are_private,
                                  system),
        cmocka_unit_test_prestate(the_last_day_shows_who_is_silent_and_who_is_below, system),
        cmocka_unit_test_prestate(duties_that_were_not_kept_are_breaches_without_money, system),
        cmocka_unit_test_prestate(who_will_fall_below_is_told_with_why_and_at_what_cost, system),
        cmocka_unit_test_prestate(every_month_costs_what_it_did, system),
        cmocka_unit_test_prestate(what_was_known_when_can_still_be_asked, system),
        cmocka_unit_test_prestate(letters_tell_what_the_system_knows, system),
        cmocka_unit_test_prestate(the_summary_says_it_in_words, system),
        cmocka_unit_test_prestate(the_follow_up_is_what_the_services_list, system),
        cmocka_unit_test_prestate(what_is_asked_in_advance_reads_well_and_leaves_no_trace, system),
        cmocka_unit_test_prestate(the_examples_of_events_were_told, system),
        cmocka_unit_test_prestate(verify_misses_a_line_that_was_taken_away, system),
        cmocka_unit_test_prestate(loading_it_again_changes_nothing, system),
    };
    int failed;

    sample_load_killed(system);
    sample_load(system);
    system_today(system, TODAY);
    printf("heads: %s\n", system_heads(system));
    if (argc == 2 && strcmp(argv[1], "--update") == 0)
        examples_write(system);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (failed != 0)
        system_show_logs(system);
    system_free(system);
    return failed ? 1 : 0;
}
