#include <stdio.h>
#include <string.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "services/common/wire/token.h"
#include "services/compensation/explain.h"
#include "services/compensation/handlers.h"
#include "services/compensation/token.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ListAdjustmentsRequest ListAdjustmentsRequest;
typedef Niva__Compensation__V1__ListAdjustmentsResponse ListAdjustmentsResponse;
typedef Niva__Compensation__V1__ExplainAdjustmentRequest ExplainAdjustmentRequest;
typedef Niva__Compensation__V1__ExplainAdjustmentResponse ExplainAdjustmentResponse;

/* A page of 1000 lines with the breaches of 31 days each stays below 4 MiB. */
enum { PAGE_BYTES_MAX = 4 << 20 };

static bool filter_read(const ListAdjustmentsRequest *request, struct niva_arena *arena,
                        struct store_filter *ret_filter, struct niva_error *err)
{
    struct store_filter filter = {.period = NIVA_DAY_NONE,
                                  .unit = request->unit,
                                  .group = request->profession_group,
                                  .state = (int32_t)request->state,
                                  .history = request->include_history};
    struct niva_span month;
    struct niva_check check;

    niva_check_begin(&check, err);
    if (request->period[0] != '\0') {
        if (niva_month_parse(request->period, &month))
            filter.period = month.from;
        else
            niva_check_fail(&check, "period", "MONTH_MALFORMED",
                            "Perioden ska vara en månad, ÅÅÅÅ-MM.",
                            "The period must be a month, YYYY-MM.");
    }
    if (request->unit[0] != '\0')
        niva_check_hsa_id(&check, "unit", request->unit);
    if (request->profession_group[0] != '\0')
        niva_check_name_key(&check, "profession_group", request->profession_group);
    niva_check_known_at(&check, request->known_at, &filter.known_at);
    niva_check_page_size(&check, request->page_size, &filter.limit);
    if (!token_read_adjustment(request->page_token, arena, &filter.after))
        niva_token_refuse(&check);
    if (!niva_check_end(&check))
        return false;
    *ret_filter = filter;
    return true;
}

/* How many of the rows fit in a page, at least one. */
static size_t page_cut(struct sheet_row *const *rows, size_t count)
{
    size_t bytes = 0;
    size_t fit = 0;

    while (fit < count) {
        bytes += protobuf_c_message_get_packed_size(&rows[fit]->body->base) + 8;
        if (fit > 0 && bytes > PAGE_BYTES_MAX)
            break;
        fit++;
    }
    return fit;
}

/* The place of a row in the list. */
static struct store_key row_key(const struct sheet_row *row)
{
    return (struct store_key){.period = row->period,
                              .unit = row->body->unit,
                              .component = row->body->component,
                              .group = row->body->profession_group,
                              .id = row->id,
                              .version = row->body->version};
}

bool handle_list_adjustments(struct niva_read *read, const ProtobufCMessage *request,
                             ProtobufCMessage *reply, struct niva_error *err)
{
    ListAdjustmentsResponse *response = (ListAdjustmentsResponse *)reply;
    struct store_filter filter;
    struct sheet_row **rows;
    Adjustment **adjustments;
    niva_day today;
    size_t count;
    size_t shown;

    if (!filter_read((const ListAdjustmentsRequest *)request, read->arena, &filter, err) ||
        !store_known_at(read->pg, read->arena, &filter.known_at, &today, err))
        return false;
    shown = (size_t)filter.limit++; /* one more tells whether there is another page */
    if (!store_adjustments_list(read->pg, &filter, read->arena, &count, &rows, err))
        return false;
    shown = page_cut(rows, count < shown ? count : shown);
    if (shown < count) {
        struct store_key last = row_key(rows[shown - 1]);

        response->next_page_token = token_of_adjustment(&last, read->arena);
    }
    adjustments = niva_arena_array(read->arena, shown, sizeof(*adjustments));
    if (adjustments == NULL || response->next_page_token == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < shown; i++)
        adjustments[i] = (Adjustment *)rows[i]->body;
    response->n_adjustments = shown;
    response->adjustments = adjustments;
    return true;
}

static bool adjustment_missing(const char *id, struct niva_error *err)
{
    char text_sv[128];
    char text_en[128];

    snprintf(text_sv, sizeof text_sv, "Det finns ingen reglering %s.", id);
    snprintf(text_en, sizeof text_en, "There is no adjustment %s.", id);
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_NOT_FOUND, "adjustmentId", "ADJUSTMENT_UNKNOWN", text_sv,
                               text_en);
}

/* The id of a request, checked. */
static bool id_read(const char *text, struct niva_check *check, struct niva_uuid *ret_id)
{
    return niva_check_uuid(check, "adjustment_id", text) && niva_uuid_parse(text, ret_id);
}

bool handle_get_adjustment(struct niva_read *read, const ProtobufCMessage *request,
                           ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compensation__V1__GetAdjustmentRequest *get =
        (const Niva__Compensation__V1__GetAdjustmentRequest *)request;
    niva_instant known_at = INT64_MAX;
    struct niva_check check;
    struct niva_uuid id = {0};
    struct sheet_row *row;
    niva_day today;

    niva_check_begin(&check, err);
    id_read(get->adjustment_id, &check, &id);
    niva_check_known_at(&check, get->known_at, &known_at);
    if (!niva_check_end(&check) || !store_known_at(read->pg, read->arena, &known_at, &today, err) ||
        !store_adjustment_get(read->pg, id, known_at, read->arena, &row, err))
        return false;
    if (row == NULL)
        return adjustment_missing(get->adjustment_id, err);
    ((Niva__Compensation__V1__GetAdjustmentResponse *)reply)->adjustment = (Adjustment *)row->body;
    return true;
}

/* What is explained: a line, or the facts of its month as they were known at an instant at which
 * the line had no version yet. */
struct explained {
    const struct sheet_row *row;
    niva_instant known_at;
    niva_day today;
    bool as_known; /* the amount is computed anew */
    struct line_basis basis;
    Adjustment *computed; /* NULL: nothing is due */
};

/* Finds the line, and what it follows from. */
static bool explained_find(struct niva_read *read, const char *text, struct niva_uuid id,
                           niva_instant known_at, struct explained *ret, struct niva_error *err)
{
    struct sheet_row *now;
    struct sheet_row *then = NULL;
    niva_day today;

    if (!store_known_at(read->pg, read->arena, &known_at, &today, err) ||
        !store_adjustment_get(read->pg, id, INT64_MAX, read->arena, &now, err) ||
        (known_at != INT64_MAX &&
         !store_adjustment_get(read->pg, id, known_at, read->arena, &then, err)))
        return false;
    if (now == NULL)
        return adjustment_missing(text, err);
    if (known_at >= now->recorded_at) /* a preliminary amount that has stayed as it was, too */
        then = now;
    if (then != NULL)
        *ret = (struct explained){
            .row = then, .known_at = then->computed_at, .today = then->computed_for};
    else
        *ret =
            (struct explained){.row = now, .known_at = known_at, .today = today, .as_known = true};
    return true;
}

static bool explained_compute(struct niva_read *read, bool joined, struct explained *explained,
                              struct niva_error *err)
{
    const Adjustment *line = explained->row->body;
    const struct store_question question = {
        .unit = line->unit,
        .group = line->profession_group,
        .component = line->component,
        .period = explained->row->period,
        .known_at = explained->known_at,
        .today = explained->today,
        .joined = joined,
    };

    if (!store_bases_get(read->pg, &question, 1, read->arena, &explained->basis, err))
        return false;
    if (explained->basis.timeline == NULL)
        return adjustment_missing(line->adjustment_id, err);
    return line_describe(
        &explained->basis, line->component,
        (Niva__Compensation__V1__Adjustment__Cause)explained->basis.timeline->cause, read->arena,
        &explained->computed, err);
}

/* The line as the facts were then; nothing may have been due. */
static bool line_as_known(const struct explained *explained, struct niva_arena *arena,
                          Adjustment **ret_line, struct niva_error *err)
{
    const Adjustment *now = explained->row->body;
    const struct niva_deduction *month = amounts_find(explained->basis.amounts, now->component);
    Adjustment *line = explained->computed;

    if (line == NULL) {
        line = niva_wire_new(&niva__compensation__v1__adjustment__descriptor, arena);
        if (line == NULL)
            return niva_fail_memory(err);
        line->unit = now->unit;
        line->unit_name = now->unit_name;
        line->component = now->component;
        line->profession_group = now->profession_group;
        line->period = now->period;
        line->kind = now->kind;
        line->cause = now->cause;
        line->rule_set_id = now->rule_set_id;
        line->rule_set_version = now->rule_set_version;
        line->owner = now->owner;
        line->form = now->form;
        line->channel = now->channel;
        line->computed_total_ore = month != NULL ? month->ore : 0;
        line->below_days = amounts_below_days(explained->basis.amounts);
    }
    line->adjustment_id = now->adjustment_id;
    line->state = NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY;
    line->version = 0;
    line->recorded_at = niva_wire_timestamp(explained->known_at, arena);
    *ret_line = line;
    return line->recorded_at != NULL || niva_fail_memory(err);
}

/* The line of the reply. What is on record must be what its facts say. */
static bool line_find(const struct explained *explained, struct niva_arena *arena,
                      Adjustment **ret_line, struct niva_error *err)
{
    const Adjustment *line = explained->row->body;

    if (explained->as_known)
        return line_as_known(explained, arena, ret_line, err);
    if (explained->computed == NULL || explained->computed->computed_ore != line->computed_ore)
        return niva_fail_internal(err, "adjustment %s does not follow from its facts",
                                  line->adjustment_id);
    *ret_line = (Adjustment *)line;
    return true;
}

bool handle_explain_adjustment(struct niva_read *read, const ProtobufCMessage *request,
                               ProtobufCMessage *reply, struct niva_error *err)
{
    const ExplainAdjustmentRequest *explain = (const ExplainAdjustmentRequest *)request;
    ExplainAdjustmentResponse *response = (ExplainAdjustmentResponse *)reply;
    niva_instant known_at = INT64_MAX;
    struct explained explained;
    struct niva_check check;
    struct niva_uuid id = {0};

    niva_check_begin(&check, err);
    id_read(explain->adjustment_id, &check, &id);
    niva_check_known_at(&check, explain->known_at, &known_at);
    if (!niva_check_end(&check) ||
        !explained_find(read, explain->adjustment_id, id, known_at, &explained, err) ||
        !explained_compute(read, explain->joined, &explained, err) ||
        !line_find(&explained, read->arena, &response->adjustment, err) ||
        !explain_line(&explained.basis, explained.row->body->component, response->adjustment,
                      read->arena, &response->n_lines, &response->lines, err))
        return false;
    if (explained.basis.timeline->rule_set != NULL) {
        response->remark_sv = explained.basis.timeline->rule_set->remark_sv;
        response->remark_en = explained.basis.timeline->rule_set->remark_en;
    }
    return true;
}
