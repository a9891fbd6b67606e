#include "services/common/facts/facts.h"
#include "services/common/facts/read.h"
#include "services/common/wire/wire.h"

_Static_assert((int)NIVA_BELOW_MINIMUM == NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM,
               "statuses have the numbers of the proto");
_Static_assert((int)NIVA_UNCOUNTED_DUPLICATE == NIVA__COMPLIANCE__V1__UNCOUNTED__REASON__DUPLICATE,
               "reasons have the numbers of the proto");

/* The days of a span as first and last day, the last empty where there is no end. */
static bool span_write(struct niva_span days, struct niva_arena *arena, char **ret_first_day,
                       char **ret_last_day)
{
    char first[16];
    char last[16];

    niva_day_format(days.from, first);
    niva_day_format(days.until == NIVA_DAY_END ? NIVA_DAY_END : days.until - 1, last);
    *ret_first_day = niva_arena_strdup(arena, first);
    *ret_last_day = niva_arena_strdup(arena, last);
    return *ret_first_day != NULL && *ret_last_day != NULL;
}

/* Messages own nothing here: a borrowed id is never written to. NULL is an empty one. */
static char *id_write(const char *id)
{
    return (char *)(uintptr_t)(id == NULL ? "" : id);
}

static bool absences_write(const struct niva_segment *segment, struct niva_arena *arena,
                           Niva__Compliance__V1__Segment *message)
{
    message->absence_ids =
        niva_arena_array(arena, segment->absence_count, sizeof *message->absence_ids);
    if (message->absence_ids == NULL)
        return false;
    message->n_absence_ids = segment->absence_count;
    for (size_t i = 0; i < segment->absence_count; i++)
        message->absence_ids[i] = id_write(segment->absences[i]->id);
    return true;
}

Niva__Compliance__V1__Segment *niva_segment_message(const struct niva_segment *segment,
                                                    bool planned, struct niva_arena *arena)
{
    Niva__Compliance__V1__Segment *message =
        niva_wire_new(&niva__compliance__v1__segment__descriptor, arena);

    if (message == NULL ||
        !span_write(segment->days, arena, &message->first_day, &message->last_day) ||
        !absences_write(segment, arena, message))
        return NULL;
    message->status = (Niva__Compliance__V1__Segment__Status)segment->status;
    message->required_milli = segment->required_milli;
    message->counted_milli = segment->counted_milli;
    message->shortfall_milli = segment->shortfall_milli;
    message->planned = planned;
    if (segment->report != NULL)
        message->report_id = id_write(segment->report->id);
    if (segment->finding != NULL)
        message->finding_id = id_write(segment->finding->id);
    if (segment->dispensation != NULL)
        message->dispensation_id = id_write(segment->dispensation->id);
    if (segment->rule_set != NULL) {
        message->rule_set_id = id_write(segment->rule_set->id);
        message->rule_set_version = segment->rule_set->version;
    }
    return message;
}

/* Appends the part of a segment that lies within `days`, if any. */
static bool part_append(const struct niva_segment *segment, struct niva_span days, bool planned,
                        struct niva_arena *arena, size_t *count,
                        Niva__Compliance__V1__Segment **messages)
{
    struct niva_segment part = *segment;

    part.days.from = part.days.from > days.from ? part.days.from : days.from;
    part.days.until = part.days.until < days.until ? part.days.until : days.until;
    if (part.days.from >= part.days.until)
        return true;
    messages[*count] = niva_segment_message(&part, planned, arena);
    return messages[(*count)++] != NULL;
}

bool niva_timeline_messages(const struct niva_timeline *timeline, niva_day today,
                            struct niva_arena *arena, size_t *ret_count,
                            Niva__Compliance__V1__Segment ***ret_segments, struct niva_error *err)
{
    niva_day tomorrow = today >= NIVA_DAY_END ? NIVA_DAY_END : today + 1;
    Niva__Compliance__V1__Segment **messages =
        niva_arena_array(arena, timeline->segment_count + 1, sizeof *messages);
    size_t count = 0;

    if (messages == NULL)
        return facts_out(err);
    for (size_t i = 0; i < timeline->segment_count; i++) {
        const struct niva_segment *segment = &timeline->segments[i];
        if (!part_append(segment, (struct niva_span){NIVA_DAY_NONE, tomorrow}, false, arena, &count,
                         messages) ||
            !part_append(segment, (struct niva_span){tomorrow, NIVA_DAY_END}, true, arena, &count,
                         messages))
            return facts_out(err);
    }
    *ret_count = count;
    *ret_segments = messages;
    return true;
}

Niva__Compliance__V1__Uncounted *niva_uncounted_message(const struct niva_uncounted *uncounted,
                                                        struct niva_arena *arena)
{
    Niva__Compliance__V1__Uncounted *message =
        niva_wire_new(&niva__compliance__v1__uncounted__descriptor, arena);

    if (message == NULL ||
        !span_write(uncounted->days, arena, &message->first_day, &message->last_day))
        return NULL;
    message->position_key = id_write(uncounted->position_key);
    message->reason = (Niva__Compliance__V1__Uncounted__Reason)uncounted->reason;
    message->fte_milli = uncounted->fte_milli;
    return message;
}
