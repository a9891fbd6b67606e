/* Compliance has carried out an erasure: what was said of the old lines of the unit goes here too,
 * under the same decision. What was computed and decided stays. */
#include <string.h>

#include "niva/compensation/v1/retention.pb-c.h"
#include "niva/compliance/v1/events.pb-c.h"
#include "services/compensation/decide.h"
#include "services/compensation/erasing.h"
#include "services/compensation/settle.h"
#include "services/compensation/store_erasure.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__Erasure Erasure;
typedef Niva__Compensation__V1__Settlement Settlement;
typedef Niva__Compliance__V1__ErasureRecorded ErasureRecorded;

/* ---- what is left ---- */

bool line_has_words(const Adjustment *line)
{
    return line->statement[0] != '\0' || line->statement_response[0] != '\0' ||
           line->reason[0] != '\0';
}

Adjustment *line_redacted(const Adjustment *line, const char *erased_by, struct niva_arena *arena)
{
    Adjustment *left = line_shown(line, arena);

    if (left != NULL)
        left->erased_by = (char *)(uintptr_t)erased_by;
    return left;
}

Settlement *settlement_redacted(const Settlement *settlement, const char *erased_by,
                                struct niva_arena *arena)
{
    Settlement *left = settlement_shown(settlement, arena);

    if (left != NULL)
        left->erased_by = (char *)(uintptr_t)erased_by;
    return left;
}

/* ---- what goes ---- */

static bool is_same(const struct sheet_row *one, const struct sheet_row *other)
{
    return memcmp(one->id.bytes, other->id.bytes, sizeof one->id.bytes) == 0;
}

/* The lines of which a version has words go whole: every version of them. Counts lines. */
static bool lines_redact(const struct erasing *erasing, const char *erased_by,
                         struct niva_arena *arena, struct worded *rows, size_t *ret_count,
                         int32_t *ret_lines)
{
    size_t count = 0;
    size_t end;

    for (size_t begin = 0; begin < erasing->line_count; begin = end) {
        bool words = false;

        for (end = begin;
             end < erasing->line_count && is_same(erasing->lines[begin], erasing->lines[end]);
             end++)
            words |= line_has_words(erasing->lines[end]->body);
        *ret_lines += words;
        for (size_t i = begin; words && i < end; i++) {
            const struct sheet_row *row = erasing->lines[i];
            Adjustment *left = line_redacted(row->body, erased_by, arena);

            if (left == NULL)
                return false;
            rows[count++] = (struct worded){row->id, row->body->version, &left->base};
        }
    }
    *ret_count = count;
    return true;
}

static bool settlements_redact(const struct erasing *erasing, const char *erased_by,
                               struct niva_arena *arena, struct worded *rows, size_t *ret_count)
{
    for (size_t i = 0; i < erasing->settlement_count; i++) {
        const struct settlement_row *row = &erasing->settlements[i];
        Settlement *left;

        if (row->body->void_reason[0] == '\0')
            continue;
        left = settlement_redacted(row->body, erased_by, arena);
        if (left == NULL)
            return false;
        rows[(*ret_count)++] = (struct worded){row->id, row->body->version, &left->base};
    }
    return true;
}

/* ---- the protocol ---- */

static bool protocol_append(struct niva_batch *batch, const ErasureRecorded *decision,
                            const Erasure *protocol, niva_instant recorded_at, int64_t *ret_no,
                            struct niva_error *err)
{
    struct niva_fact fact = {.kind = FACT_ERASURE,
                             .id = decision->erasure_id,
                             .version = 1,
                             .unit = decision->unit,
                             .group = "",
                             .region = "",
                             .refers_to = "",
                             .first_day = niva_day_read(decision->before),
                             .recorded_at = recorded_at,
                             .recorded_by = decision->recorded_by,
                             .received_at = recorded_at};

    if (!niva_wire_pack(&protocol->base, niva_batch_arena(batch), &fact.body, err) ||
        !niva_batch_fact(batch, &fact, err))
        return false;
    *ret_no = fact.fact_no;
    return true;
}

static const struct erasing *erasing_of(const struct sheet *sheet, const struct niva_item *item)
{
    for (size_t i = 0; i < sheet->erasing.count; i++) {
        const struct erasing *erasing = sheet->erasing.items[i];

        if (erasing->item->event->position == item->event->position)
            return erasing;
    }
    return NULL;
}

bool erasure_decide(struct sheet *sheet, struct niva_batch *batch, const struct niva_item *item,
                    struct niva_error *err)
{
    const ErasureRecorded *decision = (const ErasureRecorded *)item->event->data;
    const struct erasing *erasing = erasing_of(sheet, item);
    struct niva_arena *arena = sheet->arena;
    Erasure *protocol = niva_wire_new(&niva__compensation__v1__erasure__descriptor, arena);
    niva_instant recorded_at;
    struct worded *lines;
    struct worded *settlements;
    size_t line_count = 0;
    size_t settlement_count = 0;
    int64_t no;

    if (erasing == NULL || decision->recorded_at == NULL ||
        !niva_wire_instant(decision->recorded_at, &recorded_at))
        return niva_fail_internal(err, "an erasure at %lld can't be read",
                                  (long long)item->event->position);
    lines = niva_arena_array(arena, erasing->line_count, sizeof *lines);
    settlements = niva_arena_array(arena, erasing->settlement_count, sizeof *settlements);
    if (protocol == NULL || lines == NULL || settlements == NULL ||
        !lines_redact(erasing, decision->erasure_id, arena, lines, &line_count,
                      &protocol->adjustments) ||
        !settlements_redact(erasing, decision->erasure_id, arena, settlements, &settlement_count))
        return niva_fail_memory(err);
    if (line_count + settlement_count == 0)
        return true;
    protocol->erasure_id = decision->erasure_id;
    protocol->unit = decision->unit;
    protocol->before = decision->before;
    protocol->decision_reference = decision->decision_reference;
    protocol->recorded_at = decision->recorded_at;
    protocol->recorded_by = decision->recorded_by;
    protocol->settlements = (int32_t)settlement_count;
    return protocol_append(batch, decision, protocol, recorded_at, &no, err) &&
           store_erasing_write(batch, no, lines, line_count, settlements, settlement_count, err);
}
