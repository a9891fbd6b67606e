#include "services/intake/retention.h"

#include <string.h>

#include "services/common/facts/redact.h"
#include "services/intake/store.h"

typedef Niva__Intake__V1__Absence Absence;
typedef Niva__Intake__V1__Erasure Erasure;
typedef Niva__Intake__V1__ErasedGroup ErasedGroup;
typedef Niva__Intake__V1__StaffingReport Report;

#define DAY_MICROSECONDS (INT64_C(24) * 3600 * 1000000)

/* A claim has been seen to reach five years back: the reports behind an amount are kept as long. */
static const struct {
    Niva__Intake__V1__Erasure__Class class;
    int months;
    const char *name;
} classes[] = {
    {NIVA__INTAKE__V1__ERASURE__CLASS__REPORTS, 60, "REPORTS"},
    {NIVA__INTAKE__V1__ERASURE__CLASS__ABSENCES, 24, "ABSENCES"},
    {NIVA__INTAKE__V1__ERASURE__CLASS__ORIGINALS, 60, "ORIGINALS"},
};

/* The same day of the month so many months earlier, or that month's last day. */
static niva_day months_before(niva_day day, int months)
{
    int year;
    int month;
    int of_month;

    niva_day_to_civil(day, &year, &month, &of_month);
    months = year * 12 + (month - 1) - months;
    niva_day first = niva_day_from_civil(months / 12, months % 12 + 1, 1);
    niva_day last = niva_month_next(first) - 1;
    return first + of_month - 1 < last ? first + of_month - 1 : last;
}

static bool asked(const struct retention *retention, Niva__Intake__V1__Erasure__Class class)
{
    for (size_t i = 0; i < retention->class_count; i++)
        if (retention->classes[i] == class)
            return true;
    return false;
}

bool retention_allowed(const struct retention *retention, struct niva_error *err)
{
    niva_day today = niva_local_day(retention->now);

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        niva_day most = months_before(today, classes[i].months);
        char text[16];

        if (!asked(retention, classes[i].class) || retention->before <= most)
            continue;
        niva_day_format(most, text);
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, "before", "KEPT_LONGER",
                           "Klassen %s bevaras i minst %d månader: i dag kan det som gäller före "
                           "%s gallras.",
                           "The class %s is kept for at least %d months: today what bears on days "
                           "before %s can be erased.",
                           classes[i].name, classes[i].months, text);
    }
    return true;
}

/* ---- what is old enough ---- */

/* The plan while it is made. `rows` are all of the unit's, in the order of the record. */
struct planning {
    const struct state *state;
    const struct retention *retention;
    struct niva_arena *arena;
    struct retained **rows;
    bool *kept; /* parallel, of absences: this one or one of its chain is kept */
    size_t count;
    struct retention_plan plan;
    struct niva_error *err;
};

static bool is_kind(const struct retained *row, const char *kind)
{
    return strcmp(row->kind, kind) == 0;
}

static bool rows_gather(struct planning *planning)
{
    size_t count = 0;

    for (struct retained *row = state_retained(planning->state); row != NULL; row = row->next)
        count += strcmp(row->unit, planning->retention->unit) == 0;
    planning->rows = niva_arena_array(planning->arena, count, sizeof *planning->rows);
    planning->kept = niva_arena_array(planning->arena, count, sizeof *planning->kept);
    planning->plan.rows = niva_arena_array(planning->arena, count, sizeof *planning->plan.rows);
    if (planning->rows == NULL || planning->kept == NULL || planning->plan.rows == NULL)
        return niva_fail_memory(planning->err);
    planning->count = count;
    for (struct retained *row = state_retained(planning->state); row != NULL; row = row->next)
        if (strcmp(row->unit, planning->retention->unit) == 0)
            planning->rows[--count] = row;
    return true;
}

/* Whether a version of it was recorded so late that someone may not have followed yet. */
static bool is_recent(const struct planning *planning, const struct retained *row)
{
    niva_instant least =
        planning->retention->now - (niva_instant)RETENTION_RECENT_DAYS * DAY_MICROSECONDS;

    for (size_t i = 0; i < planning->count; i++) {
        const struct retained *other = planning->rows[i];
        bool same = is_kind(other, row->kind) && strcmp(other->id, row->id) == 0;
        if (same && other->recorded_at > least)
            return true;
    }
    return false;
}

/* Whether a report took effect before the day and does not stand on it. */
static bool report_is_old(const struct planning *planning, const char *report_id)
{
    const struct retention *retention = planning->retention;
    const struct report_record *report = state_report(planning->state, report_id);
    const struct report_record *standing;

    if (report == NULL || report->effective_from >= retention->before)
        return false;
    standing =
        state_standing(planning->state, report->unit, report->profession_group, retention->before);
    return standing != report;
}

/* The last version of an absence. */
static bool is_last(const struct planning *planning, size_t index)
{
    const struct retained *row = planning->rows[index];

    for (size_t i = index + 1; i < planning->count; i++)
        if (is_kind(planning->rows[i], kind_absence) && strcmp(planning->rows[i]->id, row->id) == 0)
            return false;
    return true;
}

/* The days of a last version; one that was cancelled bears on nothing after that. */
static struct niva_span absence_days(const struct retained *row)
{
    const Absence *absence = (const Absence *)row->message;
    niva_day last = niva_day_read(absence->expected_last_day);
    struct niva_span days = {niva_day_read(absence->first_day), NIVA_DAY_END};

    if (last != NIVA_DAY_NONE)
        days.until = last + 1;
    else if (absence->cancelled)
        days.until = niva_local_day(row->recorded_at) + 1;
    return days;
}

/* Whether one absence may be a link of the chain of another that is kept. */
static bool is_linked(const struct retained *row, const struct retained *kept)
{
    const Absence *absence = (const Absence *)row->message;
    const Absence *other = (const Absence *)kept->message;

    return !absence->cancelled && !other->cancelled &&
           strcmp(row->profession_group, kept->profession_group) == 0 &&
           strcmp(absence->position_key, other->position_key) == 0 &&
           absence_days(kept).from <= absence_days(row).until + RETENTION_CHAIN_DAYS;
}

/* Keeps the absences that reach the day, and the chains that lead to them: their length counts. */
static void absences_keep(struct planning *planning)
{
    bool more = true;

    for (size_t i = 0; i < planning->count; i++) {
        const struct retained *row = planning->rows[i];
        planning->kept[i] = !is_kind(row, kind_absence) || row->erased || !is_last(planning, i) ||
                            absence_days(row).until > planning->retention->before;
    }
    while (more) {
        more = false;
        for (size_t i = 0; i < planning->count; i++) {
            for (size_t k = 0; !planning->kept[i] && k < planning->count; k++) {
                const struct retained *other = planning->rows[k];
                if (k == i || !planning->kept[k] || !is_kind(other, kind_absence) ||
                    other->erased || !is_last(planning, k) || !is_linked(planning->rows[i], other))
                    continue;
                planning->kept[i] = true;
                more = true;
            }
        }
    }
}

static bool absence_is_old(const struct planning *planning, const char *absence_id)
{
    for (size_t i = 0; i < planning->count; i++)
        if (!planning->kept[i] && strcmp(planning->rows[i]->id, absence_id) == 0)
            return true;
    return false;
}

/* Whether a row is asked for and old. */
static bool is_old(const struct planning *planning, const struct retained *row)
{
    if (row->erased)
        return false;
    if (is_kind(row, kind_report))
        return asked(planning->retention, NIVA__INTAKE__V1__ERASURE__CLASS__REPORTS) &&
               report_is_old(planning, row->id);
    if (is_kind(row, kind_original))
        return asked(planning->retention, NIVA__INTAKE__V1__ERASURE__CLASS__ORIGINALS) &&
               report_is_old(planning, row->id);
    return asked(planning->retention, NIVA__INTAKE__V1__ERASURE__CLASS__ABSENCES) &&
           absence_is_old(planning, row->id);
}

/* ---- the protocol ---- */

static ErasedGroup *group_of(struct planning *planning, const struct retained *row)
{
    Erasure *protocol = planning->plan.protocol;

    for (size_t i = 0; i < protocol->n_groups; i++)
        if (strcmp(protocol->groups[i]->profession_group, row->profession_group) == 0)
            return protocol->groups[i];
    ErasedGroup *group =
        niva_wire_new(&niva__intake__v1__erased_group__descriptor, planning->arena);
    if (group == NULL)
        return NULL;
    group->profession_group = niva_arena_strdup(planning->arena, row->profession_group);
    group->erased_until = protocol->before;
    group->report_ids =
        niva_arena_array(planning->arena, planning->count, sizeof *group->report_ids);
    group->absence_ids =
        niva_arena_array(planning->arena, planning->count, sizeof *group->absence_ids);
    if (group->profession_group == NULL || group->report_ids == NULL || group->absence_ids == NULL)
        return NULL;
    protocol->groups[protocol->n_groups++] = group;
    return group;
}

/* Whether the answer to its command was counted already: an import answers for many reports. */
static bool is_answered_with_another(const struct planning *planning, const struct retained *row)
{
    for (size_t i = 0; i + 1 < planning->plan.count; i++)
        if (planning->plan.rows[i]->recorded_at == row->recorded_at &&
            planning->plan.rows[i]->answered)
            return true;
    return false;
}

/* Whether the file that an original came in was counted with another one of it. */
static bool is_filed_with_another(const struct planning *planning, const struct retained *row)
{
    for (size_t i = 0; i + 1 < planning->plan.count; i++) {
        const char *file = planning->plan.rows[i]->file;
        if (file != NULL && strcmp(file, row->file) == 0)
            return true;
    }
    return false;
}

/* Counts a row, and names what it is a version of once. */
static bool row_take(struct planning *planning, struct retained *row)
{
    Erasure *protocol = planning->plan.protocol;
    ErasedGroup *group;

    planning->plan.rows[planning->plan.count++] = row;
    if (is_kind(row, kind_original)) {
        protocol->originals++;
        protocol->import_files += row->file != NULL && !is_filed_with_another(planning, row);
        return true;
    }
    protocol->events++;
    protocol->replies += row->answered && !is_answered_with_another(planning, row);
    group = group_of(planning, row);
    if (group == NULL)
        return niva_fail_memory(planning->err);
    if (row->version > 1)
        return true;
    if (is_kind(row, kind_report)) {
        protocol->reports++;
        group->report_ids[group->n_report_ids++] = (char *)(uintptr_t)row->id;
    } else {
        protocol->absences++;
        group->absence_ids[group->n_absence_ids++] = (char *)(uintptr_t)row->id;
    }
    return true;
}

static bool protocol_begin(struct planning *planning)
{
    const struct retention *retention = planning->retention;
    Erasure *protocol = niva_wire_new(&niva__intake__v1__erasure__descriptor, planning->arena);
    char text[16];

    if (protocol == NULL)
        return niva_fail_memory(planning->err);
    planning->plan.protocol = protocol;
    niva_day_format(retention->before, text);
    protocol->unit = niva_arena_strdup(planning->arena, retention->unit);
    protocol->before = niva_arena_strdup(planning->arena, text);
    protocol->n_classes = retention->class_count;
    protocol->classes = (void *)niva_arena_copy(planning->arena, (const char *)retention->classes,
                                                retention->class_count * sizeof *protocol->classes);
    protocol->groups = niva_arena_array(planning->arena, planning->count, sizeof *protocol->groups);
    return (protocol->unit != NULL && protocol->before != NULL && protocol->classes != NULL &&
            protocol->groups != NULL) ||
           niva_fail_memory(planning->err);
}

bool retention_plan(const struct state *state, const struct retention *retention,
                    struct niva_arena *arena, struct retention_plan *ret_plan,
                    struct niva_error *err)
{
    struct planning planning = {.state = state, .retention = retention, .arena = arena, .err = err};

    if (!rows_gather(&planning) || !protocol_begin(&planning))
        return false;
    absences_keep(&planning);
    for (size_t i = 0; i < planning.count; i++) {
        struct retained *row = planning.rows[i];

        if (!is_old(&planning, row))
            continue;
        if (is_recent(&planning, row))
            planning.plan.protocol->kept_recent += row->version == 1;
        else if (!row_take(&planning, row))
            return false;
    }
    *ret_plan = planning.plan;
    return true;
}

const ProtobufCMessage *retained_redacted(const struct retained *row, const char *erasure_id,
                                          struct niva_arena *arena)
{
    Niva__Intake__V1__Original *original;

    if (is_kind(row, kind_report)) {
        Report *report = niva_report_redacted((const Report *)row->message, erasure_id, arena);
        return report == NULL ? NULL : &report->base;
    }
    if (is_kind(row, kind_absence)) {
        Absence *absence = niva_absence_redacted((const Absence *)row->message, erasure_id, arena);
        return absence == NULL ? NULL : &absence->base;
    }
    original = niva_wire_new(&niva__intake__v1__original__descriptor, arena);
    if (original == NULL)
        return NULL;
    original->erased_by = (char *)(uintptr_t)erasure_id;
    return &original->base;
}
