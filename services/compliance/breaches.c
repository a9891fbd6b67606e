/* Which breaches the runs are, and what that changes in those on record (model section 7): one rule
 * of identity for all kinds, applied to the runs and breaches of one kind and subject at a time. */
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"
#include "services/compliance/recompute.h"
#include "services/model/breach.h"

/* What the halves of the work share. Breaches are counted as in the input, runs as in the list. */
struct update {
    const struct recompute *input;
    const struct niva_timeline *timeline;
    const struct breach_runs *runs;
    struct niva_arena *arena;
    size_t *run_breach;           /* of a run; NIVA_NO_INDEX: it is new */
    size_t *returns_from;         /* of a run */
    enum niva_breach_fate *fates; /* of a breach; 0: not judged yet */
    size_t *merged_run;           /* of a breach */
    char **ids;                   /* of a run */
    size_t change_count;
    struct breach_change *changes;
};

/* The runs and breaches of one kind and subject, and what the model says of them. */
struct family {
    size_t run_count;
    size_t *run_indexes;
    struct niva_run *runs;
    size_t *run_breach;
    size_t *returns_from;
    size_t breach_count;
    size_t *breach_indexes;
    struct niva_breach_record *records;
    enum niva_breach_fate *fates;
    size_t *merged_run;
};

static bool is_gone(const pb_breach *breach)
{
    return breach->state == PB_WITHDRAWN || breach->state == PB_MERGED;
}

static bool record_of(const struct recompute *input, size_t index,
                      struct niva_breach_record *ret_record)
{
    const pb_breach *message = input->breaches[index].message;
    struct niva_breach_record record = {.opened_order = index, .gone = is_gone(message)};
    if (!niva_day_parse(message->first_day, &record.days.from))
        return false;
    if (message->state == PB_OPEN)
        record.days.until = input->today + 1;
    else if (niva_day_parse(message->last_day, &record.days.until))
        record.days.until++;
    else
        return false;
    if (message->opened_at == NULL || !niva_wire_instant(message->opened_at, &record.opened_at))
        return false;
    *ret_record = record;
    return true;
}

/* What a breach is about: the report or the absence; "" for none. */
static const char *subject_of(const pb_breach *breach)
{
    return breach->report_id[0] != '\0' ? breach->report_id : breach->absence_id;
}

static bool family_make(const struct update *update, struct family *family)
{
    size_t runs = update->runs->count;
    size_t breaches = update->input->breach_count;
    struct niva_arena *arena = update->arena;
    *family = (struct family){
        .run_indexes = niva_arena_array(arena, runs, sizeof(size_t)),
        .runs = niva_arena_array(arena, runs, sizeof(struct niva_run)),
        .run_breach = niva_arena_array(arena, runs, sizeof(size_t)),
        .returns_from = niva_arena_array(arena, runs, sizeof(size_t)),
        .breach_indexes = niva_arena_array(arena, breaches, sizeof(size_t)),
        .records = niva_arena_array(arena, breaches, sizeof(struct niva_breach_record)),
        .fates = niva_arena_array(arena, breaches, sizeof(enum niva_breach_fate)),
        .merged_run = niva_arena_array(arena, breaches, sizeof(size_t)),
    };
    return family->run_indexes != NULL && family->runs != NULL && family->run_breach != NULL &&
           family->returns_from != NULL && family->breach_indexes != NULL &&
           family->records != NULL && family->fates != NULL && family->merged_run != NULL;
}

static bool is_closed(const struct breach_runs *runs, pb_breach_kind kind, const char *subject)
{
    for (size_t i = 0; i < runs->closed_count; i++) {
        if (runs->closed[i].kind == kind && strcmp(runs->closed[i].subject, subject) == 0)
            return true;
    }
    return false;
}

static bool family_gather(const struct update *update, pb_breach_kind kind, const char *subject,
                          struct family *family, struct niva_error *err)
{
    family->run_count = 0;
    family->breach_count = 0;
    for (size_t i = 0; i < update->runs->count; i++) {
        const struct breach_run *run = &update->runs->list[i];
        if (run->kind != kind || strcmp(run->subject, subject) != 0)
            continue;
        family->run_indexes[family->run_count] = i;
        family->runs[family->run_count++] = (struct niva_run){.days = run->days};
    }
    for (size_t i = 0; i < update->input->breach_count; i++) {
        const pb_breach *breach = update->input->breaches[i].message;
        if (breach->kind != kind || strcmp(subject_of(breach), subject) != 0)
            continue;
        family->breach_indexes[family->breach_count] = i;
        struct niva_breach_record *record = &family->records[family->breach_count++];
        if (!record_of(update->input, i, record))
            return niva_fail_internal(err, "breach %s on record can't be read", breach->breach_id);
        record->gone = record->gone || is_closed(update->runs, kind, subject);
    }
    return true;
}

/* Asks the model, and lays its answer where all runs and breaches lie. */
static bool family_match(struct update *update, struct family *family, pb_breach_kind kind,
                         const char *subject, struct niva_error *err)
{
    if (!family_gather(update, kind, subject, family, err))
        return false;
    niva_breaches_match(family->runs, family->run_count, family->records, family->breach_count,
                        family->run_breach, family->returns_from, family->fates,
                        family->merged_run);
    for (size_t i = 0; i < family->run_count; i++) {
        size_t run = family->run_indexes[i];
        size_t breach = family->run_breach[i];
        size_t from = family->returns_from[i];
        update->run_breach[run] =
            breach != NIVA_NO_INDEX ? family->breach_indexes[breach] : NIVA_NO_INDEX;
        update->returns_from[run] =
            from != NIVA_NO_INDEX ? family->breach_indexes[from] : NIVA_NO_INDEX;
    }
    for (size_t i = 0; i < family->breach_count; i++) {
        size_t breach = family->breach_indexes[i];
        size_t into = family->merged_run[i];
        update->fates[breach] = family->fates[i];
        update->merged_run[breach] =
            into != NIVA_NO_INDEX ? family->run_indexes[into] : NIVA_NO_INDEX;
    }
    return true;
}

static bool match(struct update *update, struct niva_error *err)
{
    const struct breach_runs *runs = update->runs;
    size_t breaches = update->input->breach_count;
    struct niva_arena *arena = update->arena;
    struct family family;
    update->run_breach = niva_arena_array(arena, runs->count, sizeof *update->run_breach);
    update->returns_from = niva_arena_array(arena, runs->count, sizeof *update->returns_from);
    update->fates = niva_arena_array(arena, breaches, sizeof *update->fates);
    update->merged_run = niva_arena_array(arena, breaches, sizeof *update->merged_run);
    update->ids = niva_arena_array(arena, runs->count, sizeof *update->ids);
    update->changes = niva_arena_array(arena, runs->count + breaches, sizeof *update->changes);
    if (update->run_breach == NULL || update->returns_from == NULL || update->fates == NULL ||
        update->merged_run == NULL || update->ids == NULL || update->changes == NULL ||
        !family_make(update, &family))
        return niva_fail_memory(err);
    for (size_t i = 0; i < runs->count; i++) {
        const struct breach_run *run = &runs->list[i];
        bool first =
            i == 0 || run->kind != run[-1].kind || strcmp(run->subject, run[-1].subject) != 0;
        if (first && !family_match(update, &family, run->kind, run->subject, err))
            return false;
    }
    for (size_t i = 0; i < breaches; i++) {
        const pb_breach *breach = update->input->breaches[i].message;
        if (update->fates[i] == 0 &&
            !family_match(update, &family, breach->kind, subject_of(breach), err))
            return false;
    }
    return true;
}

static char *day_text(niva_day day, struct niva_arena *arena)
{
    char text[16];
    niva_day_format(day, text);
    return niva_arena_strdup(arena, text);
}

/* The days of a run as segments; the last one of an open breach has no end. */
static bool run_segments(const struct update *update, const struct breach_run *run, bool open,
                         pb_breach *breach, struct niva_error *err)
{
    breach->segments =
        niva_arena_array(update->arena, run->segment_count, sizeof *breach->segments);
    if (breach->segments == NULL)
        return niva_fail_memory(err);
    breach->n_segments = run->segment_count;
    for (size_t i = 0; i < run->segment_count; i++) {
        struct niva_segment segment = update->timeline->segments[run->first_segment + i];
        if (i + 1 == run->segment_count)
            segment.days.until = open ? NIVA_DAY_END : run->days.until;
        breach->segments[i] = niva_segment_message(&segment, false, update->arena);
        if (breach->segments[i] == NULL)
            return niva_fail_memory(err);
    }
    return true;
}

/* Fills in the days of a run and the state that follows from them. */
static bool take_run(const struct update *update, const struct breach_run *run, pb_breach *breach,
                     struct niva_error *err)
{
    bool open = run->days.until > update->input->today && !run->settled;
    breach->state = open ? PB_OPEN : PB_CLOSED;
    breach->first_day = day_text(run->days.from, update->arena);
    breach->last_day = day_text(open ? NIVA_DAY_END : run->days.until - 1, update->arena);
    if (breach->first_day == NULL || breach->last_day == NULL)
        return niva_fail_memory(err);
    return run_segments(update, run, open, breach, err);
}

/* Makes a message the next version of its breach. */
static bool stamp(const struct update *update, pb_breach *breach, bool ends, struct niva_error *err)
{
    breach->version++;
    breach->recorded_at = niva_wire_timestamp(update->input->recorded_at, update->arena);
    breach->caused_by = niva_arena_strdup(update->arena, update->input->caused_by);
    if (breach->recorded_at == NULL || breach->caused_by == NULL)
        return niva_fail_memory(err);
    if (breach->state == PB_OPEN)
        breach->closed_at = NULL;
    else if (ends)
        breach->closed_at = breach->recorded_at;
    return true;
}

static bool name_subject(const struct update *update, const struct breach_run *run,
                         pb_breach *breach)
{
    char *subject = niva_arena_strdup(update->arena, run->subject);
    if (run->kind == PB_REPORT_LATE)
        breach->report_id = subject;
    else
        breach->absence_id = subject;
    return subject != NULL;
}

static bool open_breach(struct update *update, size_t index, struct niva_error *err)
{
    const struct recompute *input = update->input;
    const struct breach_run *run = &update->runs->list[index];
    pb_breach *breach = niva_wire_new(&niva__compliance__v1__breach__descriptor, update->arena);
    if (breach == NULL)
        return niva_fail_memory(err);
    char id[37];
    niva_uuid_format(niva_uuid_v7(input->recorded_at), id);
    breach->breach_id = niva_arena_strdup(update->arena, id);
    breach->kind = run->kind;
    breach->unit = niva_arena_strdup(update->arena, input->dossier->unit);
    breach->profession_group = niva_arena_strdup(update->arena, input->dossier->group);
    breach->opened_at = niva_wire_timestamp(input->recorded_at, update->arena);
    if (breach->breach_id == NULL || breach->unit == NULL || breach->profession_group == NULL ||
        breach->opened_at == NULL || !name_subject(update, run, breach))
        return niva_fail_memory(err);
    if (update->returns_from[index] != NIVA_NO_INDEX)
        breach->returns_from = input->breaches[update->returns_from[index]].message->breach_id;
    if (!take_run(update, run, breach, err) || !stamp(update, breach, true, err))
        return false;
    update->ids[index] = breach->breach_id;
    update->changes[update->change_count++] = (struct breach_change){
        .opened = true, .closed = breach->state == PB_CLOSED, .version = breach};
    return true;
}

static bool same_content(const pb_breach *a, const pb_breach *b, struct niva_arena *arena,
                         bool *ret_same, struct niva_error *err)
{
    ProtobufCBinaryData left;
    ProtobufCBinaryData right;
    if (!niva_wire_pack(&a->base, arena, &left, err) ||
        !niva_wire_pack(&b->base, arena, &right, err))
        return false;
    *ret_same = left.len == right.len && memcmp(left.data, right.data, left.len) == 0;
    return true;
}

/* The case officer of a breach, or of the first one that goes up in its run where it has none: the
 * dialogue passes on. */
static char *officer_of(const struct update *update, size_t run, const pb_breach *breach)
{
    for (size_t i = 0; breach->case_officer[0] == '\0' && i < update->input->breach_count; i++) {
        const pb_breach *other = update->input->breaches[i].message;
        if (update->fates[i] == NIVA_BREACH_MERGED && update->merged_run[i] == run)
            breach = other;
    }
    return breach->case_officer;
}

/* The run is this breach: a new version if its days, or what lies behind them, are others now. */
static bool keep_breach(struct update *update, size_t index, struct niva_error *err)
{
    const pb_breach *present = update->input->breaches[update->run_breach[index]].message;
    update->ids[index] = present->breach_id;
    pb_breach *breach = niva_wire_copy(&present->base, update->arena);
    if (breach == NULL)
        return niva_fail_memory(err);
    breach->case_officer = officer_of(update, index, present);
    if (!take_run(update, &update->runs->list[index], breach, err))
        return false;
    bool same = false;
    if (!same_content(present, breach, update->arena, &same, err))
        return false;
    if (same)
        return true;
    bool closes = present->state == PB_OPEN && breach->state == PB_CLOSED;
    if (!stamp(update, breach, closes, err))
        return false;
    update->changes[update->change_count++] =
        (struct breach_change){.changed = !closes, .closed = closes, .version = breach};
    return true;
}

/* The breach is gone: it keeps the days that it had, up to today. */
static bool end_breach(struct update *update, size_t index, struct niva_error *err)
{
    bool merged = update->fates[index] == NIVA_BREACH_MERGED;
    pb_breach *breach =
        niva_wire_copy(&update->input->breaches[index].message->base, update->arena);
    if (breach == NULL)
        return niva_fail_memory(err);
    if (breach->state == PB_OPEN) {
        char *today = day_text(update->input->today, update->arena);
        if (today == NULL)
            return niva_fail_memory(err);
        breach->last_day = today;
        if (breach->n_segments > 0)
            breach->segments[breach->n_segments - 1]->last_day = today;
    }
    breach->state = merged ? PB_MERGED : PB_WITHDRAWN;
    if (merged)
        breach->merged_into = update->ids[update->merged_run[index]];
    if (!stamp(update, breach, true, err))
        return false;
    update->changes[update->change_count++] =
        (struct breach_change){.withdrawn = !merged, .merged = merged, .version = breach};
    return true;
}

bool breaches_update(const struct recompute *input, const struct niva_timeline *timeline,
                     const struct breach_runs *runs, struct niva_arena *arena, size_t *ret_count,
                     const struct breach_change **ret_changes, char *const **ret_breach_ids,
                     struct niva_error *err)
{
    struct update update = {.input = input, .timeline = timeline, .runs = runs, .arena = arena};
    if (!match(&update, err))
        return false;
    for (size_t i = 0; i < runs->count; i++) {
        bool fresh = update.run_breach[i] == NIVA_NO_INDEX;
        if (!(fresh ? open_breach(&update, i, err) : keep_breach(&update, i, err)))
            return false;
    }
    for (size_t i = 0; i < input->breach_count; i++) {
        enum niva_breach_fate fate = update.fates[i];
        if ((fate == NIVA_BREACH_MERGED || fate == NIVA_BREACH_WITHDRAWN) &&
            !end_breach(&update, i, err))
            return false;
    }
    *ret_count = update.change_count;
    *ret_changes = update.changes;
    *ret_breach_ids = update.ids;
    return true;
}

pb_breach *breach_shown(const pb_breach *breach, struct niva_arena *arena)
{
    pb_breach *shown = niva_wire_copy(&breach->base, arena);
    if (shown == NULL || shown->absence_id[0] == '\0')
        return shown;
    shown->first_day = (char *)protobuf_c_empty_string;
    shown->last_day = (char *)protobuf_c_empty_string;
    if (strncmp(shown->caused_by, "day/", 4) == 0)
        shown->caused_by = (char *)protobuf_c_empty_string;
    return shown;
}
