/* What follows from a batch: every unit and group that was touched is recomputed once, over the
 * facts on the desk, and what must be said anew is appended. */
#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/desk_inside.h"

static const struct records no_records;
static const struct said nothing_said;

/* ---- which units and groups ---- */

static bool job_add(struct desk *desk, struct dirty_list *jobs, const struct dirty *why,
                    const char *group, struct niva_error *err)
{
    struct dirty job = *why;
    job.group = group;
    return group[0] == '\0' || desk_mark(desk, jobs, &job, err);
}

/* All groups of a unit: of its facts, of the rule sets of its region, and those of which something
 * was said. */
static bool job_all_groups(struct desk *desk, struct dirty_list *jobs, const struct dirty *why,
                           struct niva_error *err)
{
    const struct place *unit = desk_unit(desk, why->unit);
    const pb_unit *registered = records_unit(&unit->records, INT64_MAX);
    const struct records *regional =
        registered != NULL ? desk_region(desk, registered->region_code) : &no_records;
    for (size_t i = 0; i < unit->records.count; i++) {
        if (!job_add(desk, jobs, why, unit->records.list[i].fact.group, err))
            return false;
    }
    for (size_t i = 0; i < regional->count; i++) {
        if (regional->list[i].kind == RECORD_RULE_SET &&
            !job_add(desk, jobs, why, regional->list[i].fact.group, err))
            return false;
    }
    for (size_t i = 0; i < desk->said_count; i++) {
        if (strcmp(desk->said[i].unit, why->unit) == 0 &&
            !job_add(desk, jobs, why, desk->said[i].group, err))
            return false;
    }
    return true;
}

/* The jobs in order of unit and group, each for the last reason given. */
static bool jobs_make(struct desk *desk, struct dirty_list *ret_jobs, struct niva_error *err)
{
    struct dirty_list jobs = {0};
    for (size_t i = 0; i < desk->touched.count; i++) {
        const struct dirty *touched = &desk->touched.list[i];
        if (desk_unit(desk, touched->unit) == NULL)
            return niva_fail_internal(err, "the unit %s was touched but not read", touched->unit);
        if (touched->group[0] == '\0' ? !job_all_groups(desk, &jobs, touched, err)
                                      : !desk_mark(desk, &jobs, touched, err))
            return false;
    }
    *ret_jobs = jobs;
    return dirty_unique(desk, ret_jobs, err);
}

/* ---- what is said ---- */

static bool say(struct desk *desk, const char *type, const char *unit, const ProtobufCMessage *data,
                int64_t *ret_position, struct niva_error *err)
{
    return niva_batch_event(desk->batch, type, unit, data, ret_position, err);
}

/* The events of a breach all have one shape: field 1 is the breach. */
static bool say_breach(struct desk *desk, const char *type,
                       const ProtobufCMessageDescriptor *descriptor, pb_breach *breach,
                       int64_t *ret_position, struct niva_error *err)
{
    Niva__Compliance__V1__BreachOpened *data = niva_wire_new(descriptor, desk->arena);
    if (data == NULL)
        return niva_fail_memory(err);
    data->breach = breach_shown(breach, desk->arena);
    if (data->breach == NULL)
        return niva_fail_memory(err);
    return say(desk, type, breach->unit, &data->base, ret_position, err);
}

static int64_t order_of(const struct said *said, const char *breach_id)
{
    for (size_t i = 0; i < said->breach_count; i++) {
        if (strcmp(said->breaches[i].message->breach_id, breach_id) == 0)
            return said->breaches[i].opened_order;
    }
    return 0;
}

static bool say_breach_change(struct desk *desk, const struct said *said,
                              const struct breach_change *change, struct niva_error *err)
{
    const struct {
        bool happened;
        const char *type;
        const ProtobufCMessageDescriptor *descriptor;
    } events[] = {
        {change->opened, "se.niva.compliance.breach.opened.v1",
         &niva__compliance__v1__breach_opened__descriptor},
        {change->changed, "se.niva.compliance.breach.changed.v1",
         &niva__compliance__v1__breach_changed__descriptor},
        {change->closed, "se.niva.compliance.breach.closed.v1",
         &niva__compliance__v1__breach_closed__descriptor},
        {change->withdrawn, "se.niva.compliance.breach.withdrawn.v1",
         &niva__compliance__v1__breach_withdrawn__descriptor},
        {change->merged, "se.niva.compliance.breach.merged.v1",
         &niva__compliance__v1__breach_merged__descriptor},
    };
    struct breach_row row = {order_of(said, change->version->breach_id), change->version->version,
                             change->version};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        int64_t position = 0;
        if (events[i].happened && !say_breach(desk, events[i].type, events[i].descriptor,
                                              change->version, &position, err))
            return false;
        if (events[i].happened && change->opened && row.opened_order == 0)
            row.opened_order = position;
    }
    struct breach_row *rows =
        desk_grown(desk, desk->breaches, desk->breach_count, &desk->breach_capacity, sizeof *rows);
    if (rows == NULL)
        return niva_fail_memory(err);
    desk->breaches = rows;
    rows[desk->breach_count++] = row;
    return true;
}

/* ---- breaches that a command is about ---- */

/* What was said of the unit and group of a breach, and which of its breaches it is. */
static struct said *said_breach(const struct desk *desk, const char *breach_id, size_t *ret_index)
{
    for (size_t i = 0; i < desk->said_count; i++) {
        for (size_t k = 0; k < desk->said[i].breach_count; k++) {
            if (strcmp(desk->said[i].breaches[k].message->breach_id, breach_id) != 0)
                continue;
            *ret_index = k;
            return &desk->said[i];
        }
    }
    return NULL;
}

bool desk_breaches(struct desk *desk, const char *breach_id, struct breach_set *ret_set,
                   struct niva_error *err)
{
    size_t index = 0;
    const struct said *said = said_breach(desk, breach_id, &index);
    struct breach_set set = {0};
    if (said != NULL) {
        set.list = niva_arena_array(desk->arena, said->breach_count, sizeof *set.list);
        if (set.list == NULL)
            return niva_fail_memory(err);
        for (; set.count < said->breach_count; set.count++)
            set.list[set.count] = said->breaches[set.count].message;
    }
    *ret_set = set;
    return true;
}

bool desk_change_breach(struct desk *desk, const struct niva_item *item, pb_breach *version,
                        const char *by, struct niva_error *err)
{
    const struct breach_change change = {.changed = true, .version = version};
    size_t index = 0;
    struct said *said = said_breach(desk, version->breach_id, &index);
    if (said == NULL)
        return niva_fail_internal(err, "the breach %s was not read", version->breach_id);
    version->version++;
    version->caused_by = niva_arena_strdup(desk->arena, by);
    version->recorded_at = niva_wire_timestamp(item->recorded_at, desk->arena);
    if (version->caused_by == NULL || version->recorded_at == NULL)
        return niva_fail_memory(err);
    said->breaches[index].message = version;
    return say_breach_change(desk, said, &change, err);
}

static bool say_month(struct desk *desk, const struct dirty *job, const struct month_change *change,
                      struct niva_error *err)
{
    struct month_row *rows =
        desk_grown(desk, desk->months, desk->month_count, &desk->month_capacity, sizeof *rows);
    if (rows == NULL)
        return niva_fail_memory(err);
    desk->months = rows;
    struct month_row *row = &rows[desk->month_count++];
    *row = (struct month_row){.unit = job->unit, .group = job->group};
    row->said.month = change->month;
    memcpy(row->said.digest, change->digest, DIGEST_SIZE);
    return say(desk, "se.niva.compliance.timeline.changed.v1", job->unit, &change->content->base,
               NULL, err);
}

/* Every unit's state is written anew, and with it what was last forecast. */
static bool say_state(struct desk *desk, const struct dirty *job, const struct recomputed *done,
                      struct niva_error *err)
{
    struct state_row *rows =
        desk_grown(desk, desk->states, desk->state_count, &desk->state_capacity, sizeof *rows);
    if (rows == NULL)
        return niva_fail_memory(err);
    desk->states = rows;
    struct state_row *row = &rows[desk->state_count++];
    *row = (struct state_row){.unit = job->unit,
                              .group = job->group,
                              .next_change_day = done->next_change_day,
                              .forecast = done->forecast.any};
    memcpy(row->digest, done->forecast.digest, DIGEST_SIZE);
    return desk_mark(desk, &desk->settled, job, err);
}

static const struct said *said_of(const struct desk *desk, const struct dirty *job)
{
    for (size_t i = 0; i < desk->said_count; i++) {
        const struct said *said = &desk->said[i];
        if (strcmp(said->unit, job->unit) == 0 && strcmp(said->group, job->group) == 0)
            return said;
    }
    return &nothing_said;
}

static bool job_do(struct desk *desk, const struct dirty *job, struct niva_error *err)
{
    const struct place *unit = desk_unit(desk, job->unit);
    const pb_unit *registered = records_unit(&unit->records, INT64_MAX);
    const struct said *said = said_of(desk, job);
    struct dossier dossier;
    struct recomputed done;
    if (!dossier_make(job->unit, job->group, INT64_MAX, &unit->records,
                      registered != NULL ? desk_region(desk, registered->region_code) : &no_records,
                      desk->arena, &dossier, err))
        return false;
    const struct recompute input = {
        .dossier = &dossier,
        .today = desk->day.day,
        .recorded_at = niva_batch_recorded_at(desk->batch),
        .cause = job->cause,
        .caused_by = job->caused_by,
        .breach_count = said->breach_count,
        .breaches = said->breaches,
        .month_count = said->month_count,
        .months = said->months,
        .forecast = said->forecast,
    };
    if (!recompute(&input, desk->arena, &done, err))
        return false;
    if (job->item != NULL)
        niva_batch_set_cause(desk->batch, job->item);
    for (size_t i = 0; i < done.breach_count; i++) {
        if (!say_breach_change(desk, said, &done.breaches[i], err))
            return false;
    }
    for (size_t i = 0; i < done.month_count; i++) {
        if (!say_month(desk, job, &done.months[i], err))
            return false;
    }
    if (done.forecast.said && !say(desk, "se.niva.compliance.forecast.changed.v1", job->unit,
                                   &done.forecast.content->base, NULL, err))
        return false;
    return say_state(desk, job, &done, err);
}

bool desk_settle(struct desk *desk, struct niva_error *err)
{
    struct dirty_list jobs;
    if (!jobs_make(desk, &jobs, err))
        return false;
    for (size_t i = 0; i < jobs.count; i++) {
        if (!job_do(desk, &jobs.list[i], err))
            return false;
    }
    for (size_t i = 0; i < desk->touched.count; i++) {
        if (desk->touched.list[i].group[0] == '\0' &&
            !desk_mark(desk, &desk->settled, &desk->touched.list[i], err))
            return false;
    }
    return true;
}
