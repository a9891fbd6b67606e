/* Intake erased: the same goes here. What was counted is frozen first, so that nothing that was
 * said changes; then the copies lose their person-related part, all in one transaction. */
#include <inttypes.h>
#include <string.h>

#include "services/common/facts/redact.h"
#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"
#include "services/compliance/frozen.h"

typedef Niva__Intake__V1__Erasure Decision;
typedef Niva__Intake__V1__ErasedGroup ErasedGroup;

static const Decision *decision_of(const struct niva_item *item)
{
    const Niva__Intake__V1__ErasureRecorded *event = (const void *)item->event->data;
    return event->erasure;
}

bool want_erasure_event(struct desk *desk, const struct niva_item *item)
{
    const Decision *decision = decision_of(item);
    return decision == NULL || desk_want_unit(desk, decision->unit);
}

static bool named(char *const *ids, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], id) == 0)
            return true;
    }
    return false;
}

/* Whether a record is a copy of what was erased. */
static bool is_taken(const Decision *decision, const struct record *record)
{
    for (size_t i = 0; i < decision->n_groups; i++) {
        const ErasedGroup *group = decision->groups[i];
        if ((record->kind == RECORD_REPORT &&
             named(group->report_ids, group->n_report_ids, record->fact.id)) ||
            (record->kind == RECORD_ABSENCE &&
             named(group->absence_ids, group->n_absence_ids, record->fact.id)))
            return true;
    }
    return false;
}

/* Everything that intake erased must have come here once: else this service has missed it, and
 * would go on as if it had never been. */
static bool all_came(const Decision *decision, const struct records *own, struct niva_error *err)
{
    for (size_t i = 0; i < decision->n_groups; i++) {
        const ErasedGroup *group = decision->groups[i];
        size_t wanted = group->n_report_ids + group->n_absence_ids;
        size_t found = 0;
        for (size_t k = 0; k < own->count; k++) {
            const struct record *record = &own->list[k];
            found += record->fact.version == 1 && is_taken(decision, record) &&
                     strcmp(record->fact.group, group->profession_group) == 0;
        }
        if (found != wanted)
            return niva_fail_internal(err, "of %zu facts that erasure %s took %zu came here",
                                      wanted, decision->erasure_id, found);
    }
    return true;
}

static bool groups_freeze(struct desk *desk, const Decision *decision, const struct records *own,
                          const struct records *regional, pb_erasure *erasure,
                          struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    erasure->groups = niva_arena_array(arena, decision->n_groups, sizeof *erasure->groups);
    if (erasure->groups == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < decision->n_groups; i++) {
        const ErasedGroup *group = decision->groups[i];
        struct dossier dossier;
        if (!dossier_make(decision->unit, group->profession_group, INT64_MAX, own, regional, arena,
                          &dossier, err))
            return false;
        erasure->groups[i] = frozen_make(&dossier, niva_day_read(group->erased_until), arena, err);
        if (erasure->groups[i] == NULL)
            return false;
        erasure->n_groups++;
    }
    return true;
}

/* What is left of a record; NULL when the arena is out. */
static const ProtobufCMessage *redacted(const struct record *record, const char *erased_by,
                                        struct niva_arena *arena)
{
    if (record->kind == RECORD_REPORT) {
        pb_report *report =
            niva_report_redacted((const pb_report *)record->message, erased_by, arena);
        return report == NULL ? NULL : &report->base;
    }
    pb_absence *absence =
        niva_absence_redacted((const pb_absence *)record->message, erased_by, arena);
    return absence == NULL ? NULL : &absence->base;
}

/* Redacts the copies on the desk, so that what follows is judged from what is left. */
static bool copies_redact(struct desk *desk, const Decision *decision, struct records *own,
                          struct erased_row *rows, pb_erasure *erasure, size_t *ret_count,
                          struct niva_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < own->count; i++) {
        struct record *record = &own->list[i];
        if (!is_taken(decision, record))
            continue;
        record->message = redacted(record, decision->erasure_id, desk_arena(desk));
        if (record->message == NULL)
            return niva_fail_memory(err);
        if (record->kind == RECORD_REPORT)
            erasure->reports++;
        else
            erasure->absences++;
        rows[count++] = (struct erased_row){record->fact.fact_no, record->message};
    }
    *ret_count = count;
    return true;
}

/* Whether reports are erased of a group, and with them what was said about its days. */
static bool reports_go(const Decision *decision, const char *group)
{
    bool reports = false;
    for (size_t i = 0; i < decision->n_classes; i++)
        reports |= decision->classes[i] == NIVA__INTAKE__V1__ERASURE__CLASS__REPORTS;
    for (size_t i = 0; reports && i < decision->n_groups; i++) {
        if (strcmp(decision->groups[i]->profession_group, group) == 0)
            return true;
    }
    return false;
}

/* Whether a record is an entry of a dialogue that goes. */
static bool entry_goes(struct desk *desk, const Decision *decision, const struct records *own,
                       const struct record *record, bool *ret_goes, struct niva_error *err)
{
    struct breach_set breaches;
    *ret_goes = false;
    if (record->kind != RECORD_DIALOGUE || !reports_go(decision, record->fact.group) ||
        ((const pb_entry *)record->message)->erased_by[0] != '\0')
        return true;
    if (!desk_breaches(desk, record->fact.refers_to, &breaches, err))
        return false;
    const pb_breach *survivor = breach_survivor(&breaches, record->fact.refers_to);
    *ret_goes = survivor != NULL &&
                dialogue_is_before(&breaches, survivor, own, niva_day_read(decision->before));
    return true;
}

static bool entries_redact(struct desk *desk, const Decision *decision, struct records *own,
                           pb_erasure *erasure, struct erased_row **ret_rows,
                           struct niva_error *err)
{
    struct erased_row *rows = niva_arena_array(desk_arena(desk), own->count, sizeof *rows);
    size_t count = 0;
    if (rows == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < own->count; i++) {
        struct record *record = &own->list[i];
        bool goes = false;
        if (!entry_goes(desk, decision, own, record, &goes, err))
            return false;
        if (!goes)
            continue;
        const pb_entry *entry = dialogue_redacted((const pb_entry *)record->message,
                                                  decision->erasure_id, desk_arena(desk));
        if (entry == NULL)
            return niva_fail_memory(err);
        record->message = &entry->base;
        rows[count++] = (struct erased_row){record->fact.fact_no, &entry->base};
    }
    erasure->dialogue_entries = (int32_t)count;
    *ret_rows = rows;
    return true;
}

static pb_erasure *erasure_begin(const Decision *decision, struct niva_arena *arena)
{
    pb_erasure *erasure = niva_wire_new(&niva__compliance__v1__erasure__descriptor, arena);
    if (erasure == NULL)
        return NULL;
    erasure->erasure_id = decision->erasure_id;
    erasure->unit = decision->unit;
    erasure->before = decision->before;
    erasure->decision_reference = decision->decision_reference;
    erasure->recorded_at = decision->recorded_at;
    erasure->recorded_by = decision->recorded_by;
    return erasure;
}

/* Tells whoever keeps more of what was said. */
static bool erasure_tell(struct desk *desk, const Decision *decision, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(desk);
    Niva__Compliance__V1__ErasureRecorded *event =
        niva_wire_new(&niva__compliance__v1__erasure_recorded__descriptor, arena);
    if (event == NULL || (event->said_groups = niva_arena_array(
                              arena, decision->n_groups, sizeof *event->said_groups)) == NULL)
        return niva_fail_memory(err);
    event->erasure_id = decision->erasure_id;
    event->unit = decision->unit;
    event->before = decision->before;
    event->decision_reference = decision->decision_reference;
    event->recorded_at = decision->recorded_at;
    event->recorded_by = decision->recorded_by;
    for (size_t i = 0; i < decision->n_groups; i++) {
        if (reports_go(decision, decision->groups[i]->profession_group))
            event->said_groups[event->n_said_groups++] = decision->groups[i]->profession_group;
    }
    return niva_batch_event(desk_batch(desk), "se.niva.compliance.erasure.recorded.v1",
                            decision->unit, &event->base, NULL, err);
}

static bool touch_groups(struct desk *desk, const struct niva_item *item, const Decision *decision,
                         const char *by, struct niva_error *err)
{
    for (size_t i = 0; i < decision->n_groups; i++) {
        if (!desk_touch(desk, item, decision->unit, decision->groups[i]->profession_group,
                        PB_PURCHASER_FACT, by, err))
            return false;
    }
    return true;
}

bool decide_erasure_event(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Decision *decision = decision_of(item);
    niva_instant recorded_at;
    if (decision == NULL || decision->recorded_at == NULL ||
        !niva_wire_instant(decision->recorded_at, &recorded_at))
        return niva_fail_internal(err, "event %s has no erasure", item->event->id);
    if (decision->n_groups == 0)
        return true;
    struct records *own = desk_records(desk, decision->unit);
    const pb_unit *registered = own != NULL ? records_unit(own, INT64_MAX) : NULL;
    if (registered == NULL)
        return niva_fail_internal(err, "the unit of erasure %s never came", decision->erasure_id);
    pb_erasure *erasure = erasure_begin(decision, desk_arena(desk));
    struct erased_row *rows = niva_arena_array(desk_arena(desk), own->count, sizeof *rows);
    struct erased_row *entries = NULL;
    size_t count = 0;
    if (erasure == NULL || rows == NULL)
        return niva_fail_memory(err);
    struct niva_fact fact = {.id = decision->erasure_id,
                             .version = 1,
                             .unit = decision->unit,
                             .first_day = niva_day_read(decision->before),
                             .recorded_at = recorded_at,
                             .recorded_by = decision->recorded_by,
                             .received_at = recorded_at};
    const char *by = NULL;
    return all_came(decision, own, err) &&
           groups_freeze(desk, decision, own, desk_region(desk, registered->region_code), erasure,
                         err) &&
           copies_redact(desk, decision, own, rows, erasure, &count, err) &&
           entries_redact(desk, decision, own, erasure, &entries, err) &&
           desk_append(desk, item, RECORD_ERASURE, &fact, &erasure->base, &by, err) &&
           store_write_erased(desk_batch(desk), fact.fact_no, rows, count, err) &&
           store_write_erased_dialogue(desk_batch(desk), fact.fact_no, entries,
                                       (size_t)erasure->dialogue_entries, err) &&
           erasure_tell(desk, decision, err) && touch_groups(desk, item, decision, by, err);
}

/* Intake keeps what it tells for weeks before it may be erased; whoever comes later has lost facts
 * and must not go on without them. */
bool decide_erased_event(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    (void)desk;
    return niva_fail_cause(err, NIVA_FAILED_PRECONDITION,
                           "En händelse har gallrats innan den togs in här: databasen är för "
                           "gammal. Återställ en senare säkerhetskopia av tjänsten.",
                           "An event was erased before it was applied here: the database is too "
                           "old. Restore a later backup of the service.",
                           "event %s at %" PRId64 " has no data", item->event->type,
                           item->event->position);
}
