#include <stdlib.h>
#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/desk_inside.h"

static const struct records no_records;

void *desk_grown(const struct desk *desk, void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    size_t more = *capacity > 0 ? 2 * *capacity : 32;
    void *copy = niva_arena_array(desk->arena, more, size);
    if (copy == NULL)
        return NULL;
    if (count > 0)
        memcpy(copy, list, count * size);
    *capacity = more;
    return copy;
}

struct desk *desk_new(struct niva_batch *batch)
{
    struct desk *desk = niva_arena_alloc(niva_batch_arena(batch), sizeof *desk);
    if (desk == NULL)
        return NULL;
    desk->batch = batch;
    desk->arena = niva_batch_arena(batch);
    niva_batch_set_state(batch, desk);
    return desk;
}

struct desk *desk_of(struct niva_batch *batch)
{
    return niva_batch_state(batch);
}

struct niva_batch *desk_batch(const struct desk *desk)
{
    return desk->batch;
}

struct niva_arena *desk_arena(const struct desk *desk)
{
    return desk->arena;
}

const struct store_day *desk_day(const struct desk *desk)
{
    return &desk->day;
}

niva_day desk_notice_day(const struct desk *desk, const struct niva_item *item)
{
    niva_day local = niva_local_day(item->recorded_at);
    return local > desk->day.day ? local : desk->day.day;
}

/* ---- wants ---- */

bool desk_want_fact(struct desk *desk, enum record_kind kind, const char *id)
{
    struct wanted_fact *facts =
        desk_grown(desk, desk->facts, desk->fact_count, &desk->fact_capacity, sizeof *facts);
    if (facts == NULL)
        return false;
    desk->facts = facts;
    facts[desk->fact_count++] = (struct wanted_fact){.kind = kind, .id = id};
    return true;
}

static bool want_place(struct desk *desk, struct places *places, const char *name)
{
    struct place *list =
        desk_grown(desk, places->list, places->count, &places->capacity, sizeof *list);
    if (list == NULL)
        return false;
    places->list = list;
    list[places->count++] = (struct place){.name = name};
    return true;
}

bool desk_want_unit(struct desk *desk, const char *unit)
{
    return want_place(desk, &desk->units, unit);
}

bool desk_want_region(struct desk *desk, const char *region)
{
    return want_place(desk, &desk->regions, region);
}

bool desk_want_breach(struct desk *desk, const struct niva_uuid *breach_id)
{
    struct niva_uuid *wanted = desk_grown(desk, desk->wanted_breaches, desk->wanted_breach_count,
                                          &desk->wanted_breach_capacity, sizeof *wanted);
    if (wanted == NULL)
        return false;
    desk->wanted_breaches = wanted;
    wanted[desk->wanted_breach_count++] = *breach_id;
    return true;
}

size_t desk_units_wanted(const struct desk *desk)
{
    return desk->units.count;
}

static int compare_facts(const void *left, const void *right)
{
    const struct wanted_fact *a = left;
    const struct wanted_fact *b = right;
    return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : strcmp(a->id, b->id);
}

static int compare_places(const void *left, const void *right)
{
    return strcmp(((const struct place *)left)->name, ((const struct place *)right)->name);
}

/* Sorts and leaves one of each. */
static size_t unique(void *list, size_t count, size_t size,
                     int (*compare)(const void *, const void *))
{
    size_t kept = 0;
    char *base = list;
    if (count > 1)
        qsort(list, count, size, compare);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && compare(base + (kept - 1) * size, base + i * size) == 0)
            continue;
        if (kept != i)
            memcpy(base + kept * size, base + i * size, size);
        kept++;
    }
    return kept;
}

static struct wanted_fact *find_fact(const struct desk *desk, enum record_kind kind, const char *id)
{
    const struct wanted_fact key = {.kind = kind, .id = id};
    return desk->fact_count == 0
               ? NULL
               : bsearch(&key, desk->facts, desk->fact_count, sizeof key, compare_facts);
}

static struct place *find_place(const struct places *places, const char *name)
{
    const struct place key = {.name = name};
    return places->count == 0
               ? NULL
               : bsearch(&key, places->list, places->count, sizeof key, compare_places);
}

struct place *desk_unit(const struct desk *desk, const char *unit)
{
    return find_place(&desk->units, unit);
}

const struct record *desk_last(const struct desk *desk, enum record_kind kind, const char *id)
{
    const struct wanted_fact *fact = find_fact(desk, kind, id);
    return fact != NULL ? fact->last : NULL;
}

struct records *desk_records(struct desk *desk, const char *unit)
{
    struct place *place = desk_unit(desk, unit);
    return place != NULL ? &place->records : NULL;
}

const struct records *desk_region(const struct desk *desk, const char *region)
{
    const struct place *place = find_place(&desk->regions, region);
    return place != NULL ? &place->records : &no_records;
}

/* ---- reading ---- */

/* The facts that were wanted, and with each the unit or the region that it is about. */
static bool read_facts(struct desk *desk, struct niva_error *err)
{
    desk->fact_count = unique(desk->facts, desk->fact_count, sizeof *desk->facts, compare_facts);
    if (desk->fact_count == 0)
        return true;
    const char **kinds = niva_arena_array(desk->arena, desk->fact_count, sizeof *kinds);
    const char **ids = niva_arena_array(desk->arena, desk->fact_count, sizeof *ids);
    struct records found;
    if (kinds == NULL || ids == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < desk->fact_count; i++) {
        kinds[i] = record_kind_name(desk->facts[i].kind);
        ids[i] = desk->facts[i].id;
    }
    if (!store_facts(niva_batch_pg(desk->batch), kinds, ids, desk->fact_count, desk->arena, &found,
                     err))
        return false;
    for (size_t i = 0; i < found.count; i++) {
        struct record *record = &found.list[i];
        struct wanted_fact *fact = find_fact(desk, record->kind, record->fact.id);
        if (fact != NULL && (fact->last == NULL || record->fact.version > fact->last->fact.version))
            fact->last = record;
    }
    return true;
}

/* A dispensation, a finding or a call that is named by its id alone brings its unit or region. */
static bool want_what_facts_are_about(struct desk *desk, struct niva_error *err)
{
    for (size_t i = 0; i < desk->fact_count; i++) {
        const struct wanted_fact *fact = &desk->facts[i];
        if (fact->last == NULL || (fact->kind != RECORD_DISPENSATION &&
                                   fact->kind != RECORD_FINDING && fact->kind != RECORD_CALL))
            continue;
        const struct niva_fact *about = &fact->last->fact;
        if (!(about->unit[0] != '\0' ? desk_want_unit(desk, about->unit)
                                     : desk_want_region(desk, about->region)))
            return niva_fail_memory(err);
    }
    return true;
}

/* A breach that is named by its id alone brings its unit. */
static bool want_what_breaches_are_about(struct desk *desk, struct niva_error *err)
{
    const char **units = NULL;
    size_t count = 0;
    if (desk->wanted_breach_count == 0)
        return true;
    if (!store_breach_units(niva_batch_pg(desk->batch), desk->wanted_breaches,
                            desk->wanted_breach_count, desk->arena, &count, &units, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!desk_want_unit(desk, units[i]))
            return niva_fail_memory(err);
    }
    return true;
}

static const char **names_of(const struct desk *desk, const struct places *places)
{
    const char **names = niva_arena_array(desk->arena, places->count, sizeof *names);
    for (size_t i = 0; names != NULL && i < places->count; i++)
        names[i] = places->list[i].name;
    return names;
}

/* Lays records into their places. */
static bool distribute(struct desk *desk, struct places *places, bool by_unit,
                       const struct records *found, struct niva_error *err)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct niva_fact *fact = &found->list[i].fact;
        struct place *place = find_place(places, by_unit ? fact->unit : fact->region);
        if (place == NULL)
            continue;
        if (!records_reserve(&place->records, desk->arena, err))
            return false;
        records_push(&place->records, &found->list[i]);
    }
    return true;
}

static bool read_units(struct desk *desk, struct niva_error *err)
{
    struct places *units = &desk->units;
    struct niva_pg *pg = niva_batch_pg(desk->batch);
    struct records found;
    units->count = unique(units->list, units->count, sizeof *units->list, compare_places);
    if (units->count == 0)
        return true;
    const char **names = names_of(desk, units);
    if (names == NULL)
        return niva_fail_memory(err);
    if (!store_units(pg, names, units->count, desk->arena, &found, err) ||
        !distribute(desk, units, true, &found, err) ||
        !store_said(pg, names, units->count, desk->arena, &desk->said_count, &desk->said, err))
        return false;
    for (size_t i = 0; i < units->count; i++) {
        const pb_unit *unit = records_unit(&units->list[i].records, INT64_MAX);
        if (unit != NULL && !desk_want_region(desk, unit->region_code))
            return niva_fail_memory(err);
    }
    return true;
}

static bool read_regions(struct desk *desk, struct niva_error *err)
{
    struct places *regions = &desk->regions;
    struct records found;
    regions->count = unique(regions->list, regions->count, sizeof *regions->list, compare_places);
    if (regions->count == 0)
        return true;
    const char **names = names_of(desk, regions);
    if (names == NULL)
        return niva_fail_memory(err);
    return store_regions(niva_batch_pg(desk->batch), names, regions->count, desk->arena, &found,
                         err) &&
           distribute(desk, regions, false, &found, err);
}

bool desk_read(struct desk *desk, struct niva_error *err)
{
    if (!store_day(niva_batch_pg(desk->batch), desk->arena, &desk->day, err))
        return false;
    if (desk->day.begun && niva_batch_rehearsal(desk->batch))
        niva_batch_set_day(desk->batch, desk->day.day);
    return read_facts(desk, err) && want_what_facts_are_about(desk, err) &&
           want_what_breaches_are_about(desk, err) && read_units(desk, err) &&
           read_regions(desk, err);
}

/* ---- what is decided ---- */

/* Where a fact is laid: with its unit, or with its region where it is about no unit. */
static struct place *place_of(const struct desk *desk, const struct niva_fact *fact)
{
    if (fact->unit != NULL && fact->unit[0] != '\0')
        return find_place(&desk->units, fact->unit);
    return find_place(&desk->regions, fact->region);
}

/* The first fact of all begins the first day: in a rehearsal the local day of its record. */
static bool begin_first_day(struct desk *desk, const struct niva_item *item, struct niva_error *err)
{
    if (desk->day.begun)
        return true;
    niva_day day =
        niva_batch_rehearsal(desk->batch) ? niva_local_day(item->recorded_at) : desk->day.calendar;
    return desk_begin_day(desk, day, err);
}

static void complete(struct niva_fact *fact)
{
    fact->unit = fact->unit != NULL ? fact->unit : "";
    fact->group = fact->group != NULL ? fact->group : "";
    fact->region = fact->region != NULL ? fact->region : "";
    fact->refers_to = fact->refers_to != NULL ? fact->refers_to : "";
}

bool desk_append(struct desk *desk, const struct niva_item *item, enum record_kind kind,
                 struct niva_fact *fact, const ProtobufCMessage *message, const char **ret_by,
                 struct niva_error *err)
{
    struct place *place = place_of(desk, fact);
    struct wanted_fact *wanted = find_fact(desk, kind, fact->id);
    struct record *record = niva_arena_alloc(desk->arena, sizeof *record);
    const char *by = niva_arena_printf(desk->arena, "%s/%s/%d", record_kind_name(kind), fact->id,
                                       (int)fact->version);
    if (record == NULL || by == NULL)
        return niva_fail_memory(err);
    if (place != NULL && !records_reserve(&place->records, desk->arena, err))
        return false;
    complete(fact);
    fact->kind = record_kind_name(kind);
    if (fact->recorded_at == 0)
        fact->recorded_at = item->recorded_at;
    if (!niva_wire_pack(message, desk->arena, &fact->body, err) ||
        !begin_first_day(desk, item, err) || !niva_batch_fact(desk->batch, fact, err))
        return false;
    *record = (struct record){kind, *fact, message};
    if (place != NULL)
        records_push(&place->records, record);
    if (wanted != NULL)
        wanted->last = record;
    *ret_by = by;
    return true;
}

bool desk_mark(struct desk *desk, struct dirty_list *list, const struct dirty *row,
               struct niva_error *err)
{
    struct dirty *rows = desk_grown(desk, list->list, list->count, &list->capacity, sizeof *rows);
    if (rows == NULL)
        return niva_fail_memory(err);
    list->list = rows;
    rows[list->count++] = *row;
    return true;
}

bool desk_touch(struct desk *desk, const struct niva_item *item, const char *unit,
                const char *group, pb_cause cause, const char *by, struct niva_error *err)
{
    const struct dirty row = {unit, group, cause, by, item};
    bool here = desk_unit(desk, unit) != NULL;
    return desk_mark(desk, here ? &desk->touched : &desk->later, &row, err);
}

bool desk_touch_region(struct desk *desk, const char *region, const char *group, pb_cause cause,
                       const char *by, struct niva_error *err)
{
    const struct dirty row = {region, group, cause, by, NULL};
    return desk_mark(desk, &desk->regions_later, &row, err);
}

bool desk_touch_dirty(struct desk *desk, const struct dirty *dirty, size_t count,
                      struct niva_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!desk_mark(desk, &desk->touched, &dirty[i], err))
            return false;
    }
    return true;
}

bool desk_add_component(struct desk *desk, int64_t position, const pb_component *component,
                        struct niva_error *err)
{
    struct component_row *rows = desk_grown(desk, desk->components, desk->component_count,
                                            &desk->component_capacity, sizeof *rows);
    if (rows == NULL)
        return niva_fail_memory(err);
    desk->components = rows;
    rows[desk->component_count++] = (struct component_row){position, component};
    return true;
}

bool desk_add_adjustment(struct desk *desk, const struct adjustment_row *row,
                         struct niva_error *err)
{
    struct adjustment_row *rows = desk_grown(desk, desk->adjustments, desk->adjustment_count,
                                             &desk->adjustment_capacity, sizeof *rows);
    if (rows == NULL)
        return niva_fail_memory(err);
    desk->adjustments = rows;
    rows[desk->adjustment_count++] = *row;
    return true;
}

bool desk_begin_day(struct desk *desk, niva_day day, struct niva_error *err)
{
    Niva__Compliance__V1__DayBegun *event =
        niva_wire_new(&niva__compliance__v1__day_begun__descriptor, desk->arena);
    char text[16];
    niva_day_format(day, text);
    if (event == NULL || (event->day = niva_arena_strdup(desk->arena, text)) == NULL)
        return niva_fail_memory(err);
    if (niva_batch_rehearsal(desk->batch))
        niva_batch_set_day(desk->batch, day);
    if (!niva_batch_event(desk->batch, "se.niva.compliance.day.begun.v1", "", &event->base, NULL,
                          err))
        return false;
    if (!desk->day.begun || desk->day.target < day)
        desk->day.target = day;
    desk->day.begun = true;
    desk->day.day = day;
    desk->day_moved = true;
    return true;
}

void desk_set_target(struct desk *desk, niva_day target)
{
    desk->day.target = target;
    desk->day_moved = true;
}

/* ---- writing ---- */

/* By unit and group, of equal ones the later first. */
static int compare_dirty(const void *left, const void *right)
{
    const struct dirty *a = *(const struct dirty *const *)left;
    const struct dirty *b = *(const struct dirty *const *)right;
    int order = strcmp(a->unit, b->unit);
    if (order == 0)
        order = strcmp(a->group, b->group);
    return order != 0 ? order : (a > b ? -1 : 1);
}

bool dirty_unique(const struct desk *desk, struct dirty_list *list, struct niva_error *err)
{
    const struct dirty **rows = niva_arena_array(desk->arena, list->count, sizeof *rows);
    struct dirty *kept = niva_arena_array(desk->arena, list->count, sizeof *kept);
    size_t count = 0;
    if (rows == NULL || kept == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < list->count; i++)
        rows[i] = &list->list[i];
    if (list->count > 1)
        qsort(rows, list->count, sizeof *rows, compare_dirty);
    for (size_t i = 0; i < list->count; i++) {
        if (count == 0 || strcmp(kept[count - 1].unit, rows[i]->unit) != 0 ||
            strcmp(kept[count - 1].group, rows[i]->group) != 0)
            kept[count++] = *rows[i];
    }
    *list = (struct dirty_list){count, count, kept};
    return true;
}

static bool write_marks(struct desk *desk)
{
    for (size_t i = 0; i < desk->regions_later.count; i++) {
        const struct dirty *row = &desk->regions_later.list[i];
        if (!store_write_dirty_region(desk->batch, row->unit, row->group, row->cause,
                                      row->caused_by))
            return false;
    }
    return store_write_dirty(desk->batch, desk->later.list, desk->later.count) &&
           store_write_clean(desk->batch, desk->settled.list, desk->settled.count);
}

bool desk_write(struct desk *desk, struct niva_error *err)
{
    if (!dirty_unique(desk, &desk->later, err) || !dirty_unique(desk, &desk->regions_later, err))
        return false;
    if (desk->day_moved && !store_write_day(desk->batch, desk->day.day, desk->day.target))
        return niva_fail_memory(err);
    if (!store_write_components(desk->batch, desk->components, desk->component_count, err) ||
        !store_write_adjustments(desk->batch, desk->adjustments, desk->adjustment_count, err))
        return false;
    if (!write_marks(desk) ||
        !store_write_breaches(desk->batch, desk->breaches, desk->breach_count) ||
        !store_write_months(desk->batch, desk->months, desk->month_count) ||
        !store_write_states(desk->batch, desk->states, desk->state_count))
        return niva_fail_memory(err);
    if (desk->later.count + desk->regions_later.count > 0 ||
        (desk->day_moved && desk->day.target > desk->day.day))
        niva_batch_ask_work(desk->batch);
    return true;
}
