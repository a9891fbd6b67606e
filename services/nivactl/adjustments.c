#include "services/nivactl/adjustments.h"

#include <string.h>

#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/status.h"
#include "services/nivactl/units.h"

typedef Niva__Compensation__V1__ListAdjustmentsRequest ListAdjustmentsRequest;
typedef Niva__Compensation__V1__ListAdjustmentsResponse ListAdjustmentsResponse;
typedef Niva__Compensation__V1__Adjustment Adjustment;

enum { PAGE = 1000 };

/* --state as the enumeration's value; `request` NULL only looks whether it is one. */
static bool state_choose(const struct session *session, ListAdjustmentsRequest *request)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(
        &niva__compensation__v1__adjustment__state__descriptor, session->options.state);

    if (*session->options.state == '\0')
        return true;
    if (value == NULL || value->value == 0)
        return false;
    if (request != NULL)
        request->state = (Niva__Compensation__V1__Adjustment__State)value->value;
    return true;
}

bool adjustments_load(struct session *session, const char *period,
                      ListAdjustmentsResponse **ret_adjustments, struct niva_error *err)
{
    ListAdjustmentsRequest request = NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_REQUEST__INIT;
    const char *unit;
    ProtobufCMessage *reply;

    if (!state_choose(session, &request))
        return niva_fail_internal(err, "--state was not checked");
    if (!unit_find(session, session->options.unit, &unit, err) ||
        !session_known_at(session, &request.known_at, err))
        return false;
    request.period = (char *)(uintptr_t)period;
    request.unit = (char *)(uintptr_t)unit;
    request.profession_group = (char *)(uintptr_t)session->options.group;
    request.page_size = PAGE;
    if (!session_list(session, "niva.compensation.v1.AdjustmentService/ListAdjustments",
                      &request.base, &reply, err))
        return false;
    *ret_adjustments = (ListAdjustmentsResponse *)reply;
    return true;
}

static bool counts(const Adjustment *adjustment)
{
    return adjustment->state != NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__SUPERSEDED;
}

static int64_t sum_all(const ListAdjustmentsResponse *adjustments)
{
    int64_t sum = 0;

    for (size_t i = 0; i < adjustments->n_adjustments; i++)
        if (counts(adjustments->adjustments[i]))
            sum += adjustments->adjustments[i]->deduction_ore;
    return sum;
}

static const struct table *lines_table(const struct session *session,
                                       const ListAdjustmentsResponse *adjustments,
                                       const Niva__Intake__V1__ListUnitsResponse *units)
{
    static const struct column sv[] = {
        {"Månad", false}, {"Vårdcentral", false}, {"Driftsform", false}, {"Ersättning", false},
        {"Läge", false},  {"Dagar under", true},  {"Reglering", true},   {"Reglerings-id", false},
    };
    static const struct column en[] = {
        {"Month", false}, {"Unit", false},      {"Form", false},     {"Component", false},
        {"State", false}, {"Days below", true}, {"Deduction", true}, {"Adjustment id", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < adjustments->n_adjustments; i++) {
        const Adjustment *adjustment = adjustments->adjustments[i];
        const char *cells[] = {
            adjustment->period,
            unit_name(units, adjustment->unit),
            words_value(session->language, WORDS_FORM, (int)adjustment->form),
            adjustment->component,
            words_value(session->language, WORDS_ADJUSTMENT_STATE, (int)adjustment->state),
            cell_integer(session, adjustment->below_days),
            cell_kronor(session, adjustment->deduction_ore),
            adjustment->adjustment_id,
        };

        table_row(table, cells);
    }
    return table;
}

/* The sum of a unit when the i-th adjustment is its first one that counts. */
static bool unit_sum(const ListAdjustmentsResponse *adjustments, size_t i, int64_t *ret_sum)
{
    const Adjustment *first = adjustments->adjustments[i];

    if (!counts(first))
        return false;
    *ret_sum = 0;
    for (size_t j = 0; j < adjustments->n_adjustments; j++) {
        const Adjustment *other = adjustments->adjustments[j];

        if (!counts(other) || strcmp(first->unit, other->unit) != 0)
            continue;
        if (j < i)
            return false;
        *ret_sum += other->deduction_ore;
    }
    return true;
}

static const struct table *sums_table(const struct session *session,
                                      const ListAdjustmentsResponse *adjustments,
                                      const Niva__Intake__V1__ListUnitsResponse *units)
{
    static const struct column sv[] = {{"Summa per vårdcentral", false}, {"Reglering", true}};
    static const struct column en[] = {{"Sum per unit", false}, {"Deduction", true}};
    struct table *table = table_new(session->arena, 2, session->language == ENGLISH ? en : sv);
    const char *cells[2];
    int64_t sum;

    for (size_t i = 0; i < adjustments->n_adjustments; i++) {
        if (!unit_sum(adjustments, i, &sum))
            continue;
        cells[0] = unit_name(units, adjustments->adjustments[i]->unit);
        cells[1] = cell_kronor(session, sum);
        table_row(table, cells);
    }
    table_rule(table);
    cells[0] = session_pick(session, "Summa", "In all");
    cells[1] = cell_kronor(session, sum_all(adjustments));
    table_row(table, cells);
    return table;
}

bool adjustments_print(struct session *session, const ListAdjustmentsResponse *adjustments,
                       struct niva_error *err)
{
    Niva__Intake__V1__ListUnitsResponse *units;

    if (adjustments->n_adjustments == 0) {
        fprintf(session->out, "%s\n",
                session_pick(session, "Ingen reglering.", "Nothing is regulated."));
        return true;
    }
    if (!units_load(session, &units, err) ||
        !session_print_table(session, lines_table(session, adjustments, units), err))
        return false;
    fputs("\n", session->out);
    if (!session_print_table(session, sums_table(session, adjustments, units), err))
        return false;
    pending_say(session, adjustments->pending);
    return true;
}

int command_adjustments(struct session *session, size_t count, const char *const *arguments)
{
    ListAdjustmentsResponse *adjustments;
    struct niva_error err;
    struct niva_span month;

    niva_error_clear(&err);
    if (count == 1 && !niva_month_parse(arguments[0], &month))
        return session_refuse(session, "Månaden ska skrivas som 2022-08.",
                              "The month is written like 2022-08.");
    if (!state_choose(session, NULL))
        return session_refuse(session,
                              "--state är ett läge som PRELIMINARY, PROPOSED eller DECIDED.",
                              "--state is a state like PRELIMINARY, PROPOSED or DECIDED.");
    if (!adjustments_load(session, count == 1 ? arguments[0] : "", &adjustments, &err))
        return session_fail(session, &err);
    if (session->json)
        return session_print_json(session, &adjustments->base, &err) ? EXIT_YES
                                                                     : session_fail(session, &err);
    if (!session_say_rehearsal(session, &err))
        return session_fail(session, &err);
    fputs("\n", session->out);
    return adjustments_print(session, adjustments, &err) ? EXIT_YES : session_fail(session, &err);
}
