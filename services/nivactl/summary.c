/* The state of a region on one page: who has no current report, who is below the minimum, what is
 * regulated, and the largest amount explained. */
#include <string.h>

#include "services/nivactl/adjustments.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/status.h"

typedef Niva__Compliance__V1__ListStatusesResponse ListStatusesResponse;
typedef Niva__Compliance__V1__UnitStatus UnitStatus;
typedef Niva__Compensation__V1__ListAdjustmentsResponse ListAdjustmentsResponse;
typedef Niva__Compensation__V1__Adjustment Adjustment;

static bool below(const UnitStatus *status)
{
    return status->segment->status == NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM;
}

static const struct table *wanted_table(const struct session *session,
                                        const ListStatusesResponse *statuses)
{
    static const struct column sv[] = {
        {"Vårdcentral", false}, {"Senast mottagen", false}, {"Redovisning", false}};
    static const struct column en[] = {
        {"Unit", false}, {"Last received", false}, {"Report", false}};
    struct table *table = table_new(session->arena, 3, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < statuses->n_statuses; i++) {
        const UnitStatus *status = statuses->statuses[i];
        const char *cells[] = {
            status->unit_name,
            *status->latest_received_on != '\0' ? status->latest_received_on
                                                : session_pick(session, "aldrig", "never"),
            cell_report(session, status),
        };

        if (status->overdue)
            table_row(table, cells);
    }
    return table;
}

static const struct table *below_table(const struct session *session,
                                       const ListStatusesResponse *statuses)
{
    static const struct column sv[] = {{"Vårdcentral", false},
                                       {"Under sedan", false},
                                       {"Krav", true},
                                       {"Räknat", true},
                                       {"Brist", true}};
    static const struct column en[] = {{"Unit", false},
                                       {"Below since", false},
                                       {"Required", true},
                                       {"Counted", true},
                                       {"Missing", true}};
    struct table *table = table_new(session->arena, 5, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < statuses->n_statuses; i++) {
        const UnitStatus *status = statuses->statuses[i];
        const char *cells[] = {
            status->unit_name,
            status->below_since,
            cell_required(session, status->segment),
            cell_counted(session, status->segment),
            cell_shortfall(session, status->segment),
        };

        if (below(status))
            table_row(table, cells);
    }
    return table;
}

static bool part_print(struct session *session, const char *title, const struct table *table,
                       size_t of, struct niva_error *err)
{
    fprintf(session->out, "\n%s: %zu %s %zu\n", title, table_rows(table),
            session_pick(session, "av", "of"), of);
    return table_rows(table) == 0 || session_print_table(session, table, err);
}

/* Whether the unit was below on some days of the month and not on others. */
static bool month_parted(const Adjustment *adjustment)
{
    struct niva_span month;

    return niva_month_parse(adjustment->period, &month) &&
           adjustment->below_days < month.until - month.from;
}

/* The undecided adjustment that shows most of how amounts come about: the largest one of a month
 * with good days too, else the largest; NULL: none. */
static const Adjustment *telling(const ListAdjustmentsResponse *adjustments)
{
    const Adjustment *found = NULL;

    for (size_t i = 0; i < adjustments->n_adjustments; i++) {
        const Adjustment *adjustment = adjustments->adjustments[i];

        if (adjustment->state != NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY &&
            adjustment->state != NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED)
            continue;
        if (found == NULL || month_parted(adjustment) > month_parted(found) ||
            (month_parted(adjustment) == month_parted(found) &&
             adjustment->deduction_ore > found->deduction_ore))
            found = adjustment;
    }
    return found;
}

static bool telling_explain(struct session *session, const ListAdjustmentsResponse *adjustments,
                            struct niva_error *err)
{
    const Adjustment *adjustment = telling(adjustments);
    Niva__Compensation__V1__ExplainAdjustmentResponse *explanation;

    if (adjustment == NULL)
        return true;
    if (!explanation_load(session, adjustment->adjustment_id, false, &explanation, err))
        return false;
    fprintf(session->out, "\n%s\n",
            session_pick(session, "Ett belopp, rad för rad:", "One amount, line by line:"));
    return explanation_print(session, explanation, err);
}

static bool summary_print(struct session *session, const ListStatusesResponse *statuses,
                          const ListAdjustmentsResponse *adjustments, struct niva_error *err)
{
    const char *wanted =
        session_pick(session, "Saknar aktuell redovisning", "Without a current report");
    const char *under = session_pick(session, "Under miniminivå", "Below the minimum");

    if (!session_say_rehearsal(session, err))
        return false;
    if (!session->rehearsal)
        fprintf(session->out, session_pick(session, "Affärsdag %s.\n", "Business day %s.\n"),
                statuses->day);
    if (!part_print(session, wanted, wanted_table(session, statuses), statuses->n_statuses, err) ||
        !part_print(session, under, below_table(session, statuses), statuses->n_statuses, err))
        return false;
    pending_say(session, statuses->pending);
    fprintf(session->out, "\n%s\n",
            session_pick(session,
                         "Reglering av fast ersättning:", "Regulation of the fixed compensation:"));
    return adjustments_print(session, adjustments, err) &&
           telling_explain(session, adjustments, err);
}

/* Both answers in one object. */
static bool summary_print_json(const struct session *session, const ListStatusesResponse *statuses,
                               const ListAdjustmentsResponse *adjustments, struct niva_error *err)
{
    fputs("{\"statuses\":\n", session->out);
    if (!session_print_json(session, &statuses->base, err))
        return false;
    fputs(", \"adjustments\":\n", session->out);
    if (!session_print_json(session, &adjustments->base, err))
        return false;
    fputs("}\n", session->out);
    return true;
}

int command_summary(struct session *session, size_t count, const char *const *arguments)
{
    ListStatusesResponse *statuses;
    ListAdjustmentsResponse *adjustments;
    struct niva_error err;

    (void)count;
    (void)arguments;
    niva_error_clear(&err);
    if (!statuses_load(session, "", &statuses, &err) ||
        !adjustments_load(session, "", &adjustments, &err) ||
        !(session->json ? summary_print_json(session, statuses, adjustments, &err)
                        : summary_print(session, statuses, adjustments, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}
