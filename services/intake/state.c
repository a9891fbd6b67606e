#include <stdint.h>
#include <string.h>

#include "services/intake/intake.h"
#include "services/intake/retention.h"
#include "services/intake/store.h"

/* Buckets suit a batch, and a unit with a long history. */
enum { BUCKETS = 512 };

struct entry {
    const char *key;
    const void *value;
    struct entry *next;
};

struct index {
    struct entry *buckets[BUCKETS];
};

struct erasure {
    const Niva__Intake__V1__Erasure *protocol;
    struct erasure *next;
};

struct state {
    struct niva_arena *arena;
    struct index units;
    struct index absences;
    struct retained *retained;
    struct erasure *erasures;
    struct report_record *reports; /* all of them */
    struct report_record *by_id[BUCKETS];
    struct report_record *by_corrected[BUCKETS]; /* corrections, by what they correct */
    struct report_record *by_unit[BUCKETS];
};

static size_t bucket_of(const char *key)
{
    uint32_t hash = 2166136261u;

    for (; *key != '\0'; key++)
        hash = (hash ^ (uint8_t)*key) * 16777619u;
    return hash % BUCKETS;
}

static struct entry *index_find(const struct index *index, const char *key)
{
    struct entry *entry = index->buckets[bucket_of(key)];

    while (entry != NULL && strcmp(entry->key, key) != 0)
        entry = entry->next;
    return entry;
}

/* Puts a value in the place of the one with the same key. */
static bool index_put(struct state *state, struct index *index, const char *key, const void *value)
{
    struct entry **bucket = &index->buckets[bucket_of(key)];
    struct entry *entry = index_find(index, key);

    if (entry == NULL) {
        entry = niva_arena_alloc(state->arena, sizeof *entry);
        if (entry == NULL)
            return false;
        entry->next = *bucket;
        *bucket = entry;
    }
    entry->key = key;
    entry->value = value;
    return true;
}

static const void *index_get(const struct index *index, const char *key)
{
    const struct entry *entry = index_find(index, key);

    return entry == NULL ? NULL : entry->value;
}

struct state *state_new(struct niva_arena *arena)
{
    struct state *state = niva_arena_alloc(arena, sizeof *state);

    if (state != NULL)
        state->arena = arena;
    return state;
}

bool state_add_unit(struct state *state, const Niva__Intake__V1__Unit *unit)
{
    return index_put(state, &state->units, unit->hsa_id, unit);
}

bool state_add_absence(struct state *state, const Niva__Intake__V1__Absence *absence)
{
    return index_put(state, &state->absences, absence->absence_id, absence);
}

static struct report_record *report_find(const struct state *state, const char *report_id)
{
    struct report_record *record = state->by_id[bucket_of(report_id)];

    while (record != NULL && strcmp(record->report_id, report_id) != 0)
        record = record->next_by_id;
    return record;
}

static bool report_insert(struct state *state, const struct report_record *record)
{
    struct report_record *added = niva_arena_alloc(state->arena, sizeof *added);
    struct report_record **by_id = &state->by_id[bucket_of(record->report_id)];
    struct report_record **by_corrected = &state->by_corrected[bucket_of(record->corrects)];
    struct report_record **by_unit = &state->by_unit[bucket_of(record->unit)];

    if (added == NULL)
        return false;
    *added = *record;
    added->next = state->reports;
    state->reports = added;
    added->next_by_id = *by_id;
    *by_id = added;
    added->next_by_unit = *by_unit;
    *by_unit = added;
    if (added->corrects[0] == '\0')
        return true;
    added->next_by_corrected = *by_corrected;
    *by_corrected = added;
    return true;
}

bool state_add_report(struct state *state, const struct report_record *record)
{
    return report_find(state, record->report_id) != NULL || report_insert(state, record);
}

void state_set_report(struct state *state, const Niva__Intake__V1__StaffingReport *report)
{
    struct report_record *record = report_find(state, report->report_id);

    if (record != NULL)
        record->report = report;
}

const Niva__Intake__V1__Unit *state_unit(const struct state *state, const char *hsa_id)
{
    return index_get(&state->units, hsa_id);
}

const Niva__Intake__V1__Absence *state_absence(const struct state *state, const char *absence_id)
{
    return index_get(&state->absences, absence_id);
}

const struct report_record *state_report(const struct state *state, const char *report_id)
{
    return report_find(state, report_id);
}

/* Puts all corrections of a report before the records that are still to be looked at. */
static struct report_record *corrections_push(const struct state *state, const char *report_id,
                                              struct report_record *pending)
{
    struct report_record *record = state->by_corrected[bucket_of(report_id)];

    for (; record != NULL; record = record->next_by_corrected) {
        if (strcmp(record->corrects, report_id) != 0)
            continue;
        record->pending = pending;
        pending = record;
    }
    return pending;
}

const struct report_record *state_correction(const struct state *state, const char *report_id)
{
    struct report_record *pending = corrections_push(state, report_id, NULL);

    while (pending != NULL) {
        const struct report_record *record = pending;

        if (!record->withdrawn)
            return record;
        pending = corrections_push(state, record->report_id, pending->pending);
    }
    return NULL;
}

static bool stands_later(const struct report_record *record, const struct report_record *than)
{
    if (than == NULL || record->effective_from != than->effective_from)
        return than == NULL || record->effective_from > than->effective_from;
    return record->order > than->order;
}

const struct report_record *state_standing(const struct state *state, const char *unit,
                                           const char *profession_group, niva_day day)
{
    const struct report_record *standing = NULL;

    for (const struct report_record *record = state->reports; record != NULL; record = record->next)
        if (!record->withdrawn && record->effective_from <= day && stands_later(record, standing) &&
            strcmp(record->unit, unit) == 0 &&
            strcmp(record->profession_group, profession_group) == 0 &&
            state_correction(state, record->report_id) == NULL)
            standing = record;
    return standing;
}

/* ---- twins ---- */

static bool position_same(const Niva__Intake__V1__Position *a, const Niva__Intake__V1__Position *b)
{
    return strcmp(a->position_key, b->position_key) == 0 &&
           strcmp(a->title_code, b->title_code) == 0 && a->employment == b->employment &&
           a->fte_milli == b->fte_milli && a->licensed == b->licensed &&
           strcmp(a->first_day, b->first_day) == 0 && strcmp(a->last_day, b->last_day) == 0;
}

/* Keys are unique in a report. */
static bool positions_same(const Niva__Intake__V1__StaffingReport *a,
                           const Niva__Intake__V1__StaffingReport *b)
{
    if (a->n_positions != b->n_positions)
        return false;
    for (size_t i = 0; i < a->n_positions; i++) {
        size_t k = 0;

        while (k < b->n_positions && !position_same(a->positions[i], b->positions[k]))
            k++;
        if (k == b->n_positions)
            return false;
    }
    return true;
}

static bool certifier_same(const Niva__Intake__V1__Certifier *a,
                           const Niva__Intake__V1__Certifier *b)
{
    return (a == NULL) == (b == NULL) &&
           (a == NULL || (strcmp(a->hsa_id, b->hsa_id) == 0 && a->role == b->role));
}

static bool report_same(const Niva__Intake__V1__StaffingReport *a,
                        const Niva__Intake__V1__StaffingReport *b)
{
    return strcmp(a->profession_group, b->profession_group) == 0 && a->reason == b->reason &&
           strcmp(a->resolution_note, b->resolution_note) == 0 &&
           strcmp(a->corrects_report_id, b->corrects_report_id) == 0 &&
           certifier_same(a->certified_by, b->certified_by) && positions_same(a, b);
}

const struct report_record *state_twin(const struct state *state,
                                       const Niva__Intake__V1__StaffingReport *report)
{
    const struct report_record *record = state->by_unit[bucket_of(report->unit)];
    niva_day day = niva_day_read(report->effective_from);

    for (; record != NULL; record = record->next_by_unit)
        if (record->report != NULL && !record->withdrawn && record->effective_from == day &&
            strcmp(record->unit, report->unit) == 0 && report_same(record->report, report) &&
            state_correction(state, record->report_id) == NULL)
            return record;
    return NULL;
}

static bool report_apply(struct state *state, const struct niva_fact *fact,
                         const Niva__Intake__V1__StaffingReport *report)
{
    struct report_record *known = report_find(state, fact->id);
    struct report_record record = {
        .report_id = fact->id,
        .unit = fact->unit,
        .profession_group = fact->group,
        .corrects = fact->refers_to,
        .effective_from = fact->first_day,
        .order = fact->fact_no,
        .report = report,
    };

    if (known == NULL)
        return report_insert(state, &record);
    known->withdrawn = report->withdrawn;
    known->report = report;
    return true;
}

/* ---- what is erased ---- */

bool state_add_retained(struct state *state, const struct retained *row)
{
    struct retained *added = niva_arena_alloc(state->arena, sizeof *added);

    if (added == NULL)
        return false;
    *added = *row;
    added->next = state->retained;
    state->retained = added;
    return true;
}

struct retained *state_retained(const struct state *state)
{
    return state->retained;
}

bool state_add_erasure(struct state *state, const Niva__Intake__V1__Erasure *erasure)
{
    struct erasure *added = niva_arena_alloc(state->arena, sizeof *added);

    if (added == NULL)
        return false;
    *added = (struct erasure){erasure, state->erasures};
    state->erasures = added;
    return true;
}

/* The day until which an erasure took something of a group; NIVA_DAY_NONE: nothing. */
static niva_day erased_until(const Niva__Intake__V1__Erasure *protocol, const char *unit,
                             const char *profession_group)
{
    for (size_t i = 0; i < protocol->n_groups; i++)
        if (strcmp(protocol->unit, unit) == 0 &&
            strcmp(protocol->groups[i]->profession_group, profession_group) == 0)
            return niva_day_read(protocol->groups[i]->erased_until);
    return NIVA_DAY_NONE;
}

bool day_whole(const struct state *state, const char *field, const char *unit,
               const char *profession_group, niva_day day, struct niva_error *err)
{
    for (const struct erasure *erasure = state->erasures; erasure != NULL;
         erasure = erasure->next) {
        const Niva__Intake__V1__Erasure *protocol = erasure->protocol;

        if (day < erased_until(protocol, unit, profession_group))
            return niva_refuse_erased(field, protocol->before, protocol->decision_reference, err);
    }
    return true;
}

static bool erasure_apply(struct state *state, const struct effect *effect)
{
    for (size_t i = 0; i < effect->erased_count; i++)
        effect->erased[i]->erased = true;
    return state_add_erasure(state, (const void *)effect->facts[0].body);
}

/* The first fact is what the command is about; a second one (an original) is never asked for. */
bool state_apply(struct state *state, const struct effect *effect)
{
    const struct niva_fact *fact = &effect->facts[0].fact;
    const void *body = effect->facts[0].body;

    if (effect->fact_count == 0)
        return true;
    if (strcmp(fact->kind, kind_unit) == 0)
        return state_add_unit(state, body);
    if (strcmp(fact->kind, kind_absence) == 0)
        return state_add_absence(state, body);
    if (strcmp(fact->kind, kind_report) == 0)
        return report_apply(state, fact, body);
    if (strcmp(fact->kind, kind_erasure) == 0)
        return erasure_apply(state, effect);
    return true;
}
