#include "services/compliance/verify.h"

#include <string.h>

#include "services/common/base/text.h"
#include "services/common/wire/wire.h"
#include "services/compliance/recompute.h"
#include "services/compliance/snapshot.h"
#include "services/compliance/store_verify.h"
#include "services/compliance/verify_breaches.h"
#include "services/compliance/verify_components.h"
#include "services/compliance/verify_dialogue.h"
#include "services/compliance/verify_imports.h"

enum { UNITS_MOST = 50, UNIT_ARENA_BYTES = 256 << 20, DIGEST_SHOWN = 8 };

#define DAY_BEGUN        "se.niva.compliance.day.begun.v1"
#define TIMELINE_CHANGED "se.niva.compliance.timeline.changed.v1"

static const struct niva_difference_kind day_wrong = {
    "BUSINESS_DAY", "Affärsdagen är inte den dag som började sist.",
    "The business day is not the day that was begun last."};
static const struct niva_difference_kind day_leaps = {
    "DAY_LEAPS", "Dagen som började följer inte på dagen före.",
    "The day that was begun does not follow the day before it."};
static const struct niva_difference_kind breach_differs = {
    "BREACH_DIFFERS", "Bristen är inte den som följer av alla fakta.",
    "The breach is not what follows from all facts."};
static const struct niva_difference_kind month_differs = {
    "MONTH_DIFFERS", "Det som sades om månaden är inte det som följer av alla fakta.",
    "What was said of the month is not what follows from all facts."};
static const struct niva_difference_kind forecast_differs = {
    "FORECAST_DIFFERS", "Det som sades om dagarna som kommer är inte det som följer av alla fakta.",
    "What was said of the days to come is not what follows from all facts."};
static const struct niva_difference_kind state_differs = {
    "STATE_DIFFERS", "Dagen då enheten ska räknas om är inte den som följer av alla fakta.",
    "The day on which the unit is to be recomputed is not what follows from all facts."};
static const struct niva_difference_kind unit_unreadable = {
    "UNIT_UNREADABLE", "Det som är sparat om enheten går inte att räkna på: ett faktum är trasigt.",
    "What is kept of the unit cannot be computed: a fact is broken."};
static const struct niva_difference_kind unit_unregistered = {
    "UNIT_UNREGISTERED", "Det finns fakta om enheten, men den är inte registrerad.",
    "There are facts about the unit, but it is not registered."};

/* ---- today ---- */

static void day_differs(struct niva_verify *verify, const struct niva_difference_kind *kind,
                        int64_t position, const char *expected, const char *actual)
{
    niva_verify_differs(verify, kind,
                        NIVA_DIFFERENCE(.position = position, .kind = (char *)"business_day",
                                        .field = (char *)"day", .expected = (char *)expected,
                                        .actual = (char *)actual));
}

/* Days begin one after the other, each once. Returns the last one, "" for none. */
static const char *begun_check(struct niva_verify *verify, const struct niva_told *events,
                               size_t count, struct niva_arena *arena)
{
    const char *last = "";
    char next[16] = "";

    for (size_t i = 0; i < count; i++) {
        ProtobufCMessage *message;
        struct niva_error ignored;
        niva_day day;

        verify->checked++;
        if (!niva_wire_unpack(&niva__compliance__v1__day_begun__descriptor, events[i].data.data,
                              events[i].data.len, false, arena, &message, &ignored))
            continue; /* the proof of the chain says so */
        last = ((const Niva__Compliance__V1__DayBegun *)message)->day;
        if (i > 0 && strcmp(last, next) != 0)
            day_differs(verify, &day_leaps, events[i].position, next, last);
        if (niva_day_parse(last, &day))
            niva_day_format(day + 1, next);
    }
    return last;
}

static bool days_check(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                       struct niva_verify *verify, const char **ret_next, struct niva_error *err)
{
    struct niva_told *events;
    size_t count;
    struct store_day day;
    struct niva_items today = {.arena = read->arena};
    const char *begun;
    char text[16] = "";

    (void)unit;
    (void)after;
    (void)limit;
    *ret_next = NULL;
    if (!niva_verify_told(read->pg, DAY_BEGUN, read->arena, &count, &events, err) ||
        !store_day(read->pg, read->arena, &day, err))
        return false;
    begun = begun_check(verify, events, count, read->arena);
    if (day.begun)
        niva_day_format(day.day, text);
    verify->checked++;
    if (strcmp(begun, text) != 0)
        day_differs(verify, &day_wrong, count > 0 ? events[count - 1].position : 0, begun, text);
    return !day.begun || (niva_items_add(&today, text, strlen(text), err) &&
                          niva_verify_holds(verify, "compliance", "", &today, err));
}

/* ---- units ---- */

/* Copies of intake's facts, as they came in its events. */
static const struct niva_held_kind copied[] = {
    {"unit", false}, {"report", true}, {"confirmation", false}, {"absence", false}};

/* One unit on its way. */
struct proof {
    struct niva_read *read;
    struct niva_verify *verify;
    struct niva_arena *arena; /* of this unit */
    const char *unit;
    niva_day today;
    struct records own;
    struct records regional;
    size_t said_count;
    struct said *said;
    size_t state_count;
    struct stored_state *states;
    size_t dirty_count;
    const char **dirty;
};

static void proof_differs(const struct proof *proof, const struct niva_difference_kind *kind,
                          niva_difference *difference)
{
    difference->unit = (char *)(uintptr_t)proof->unit;
    niva_verify_differs(proof->verify, kind, difference);
}

/* "2022-07-01 – 2022-07-31"; an open end is left out. */
static char *days_words(const struct proof *proof, const pb_breach *breach)
{
    return niva_arena_printf(proof->arena, "%s – %s", breach->first_day, breach->last_day);
}

static const pb_breach *known_find(const struct said *said, const char *breach_id)
{
    for (size_t i = 0; i < said->breach_count; i++)
        if (strcmp(said->breaches[i].message->breach_id, breach_id) == 0)
            return said->breaches[i].message;
    return NULL;
}

/* A version that would be made now, and should have been made then. */
static void breach_report(const struct proof *proof, const struct said *said,
                          const struct breach_change *change)
{
    const pb_breach *version = change->version;
    const pb_breach *known = known_find(said, version->breach_id);
    niva_difference difference = NIVA__CONTROL__V1__DIFFERENCE__INIT;

    difference.kind = (char *)"breach";
    difference.profession_group = version->profession_group;
    difference.field = (char *)"segments";
    if (known != NULL) {
        difference.id = version->breach_id;
        difference.version = known->version;
        difference.actual = days_words(proof, known);
    }
    if (!change->withdrawn && !change->merged)
        difference.expected = days_words(proof, version);
    proof_differs(proof, &breach_differs, &difference);
}

static void month_report(const struct proof *proof, const struct said *said,
                         const struct month_change *change)
{
    niva_difference difference = NIVA__CONTROL__V1__DIFFERENCE__INIT;
    char expected[2 * DIGEST_SHOWN + 1];
    char actual[2 * DIGEST_SHOWN + 1] = "";
    char month[16];

    niva_month_format(change->month, month);
    niva_hex(change->digest, DIGEST_SHOWN, expected);
    for (size_t i = 0; i < said->month_count; i++)
        if (said->months[i].month == change->month)
            niva_hex(said->months[i].digest, DIGEST_SHOWN, actual);
    difference.kind = (char *)"month";
    difference.id = month;
    difference.profession_group = change->content->profession_group;
    difference.field = (char *)"digest";
    difference.expected = expected;
    difference.actual = actual;
    proof_differs(proof, &month_differs, &difference);
}

static void forecast_report(const struct proof *proof, const struct said *said, const char *group,
                            const struct forecast_change *change)
{
    niva_difference difference = NIVA__CONTROL__V1__DIFFERENCE__INIT;
    char expected[2 * DIGEST_SHOWN + 1] = "";
    char actual[2 * DIGEST_SHOWN + 1] = "";

    if (change->any)
        niva_hex(change->digest, DIGEST_SHOWN, expected);
    if (said->forecast != NULL)
        niva_hex(said->forecast, DIGEST_SHOWN, actual);
    difference.kind = (char *)"forecast";
    difference.profession_group = (char *)(uintptr_t)group;
    difference.field = (char *)"digest";
    difference.expected = expected;
    difference.actual = actual;
    proof_differs(proof, &forecast_differs, &difference);
}

static void state_check(const struct proof *proof, const char *group, niva_day next_change_day)
{
    niva_difference difference = NIVA__CONTROL__V1__DIFFERENCE__INIT;
    niva_day stored = NIVA_DAY_NONE;

    for (size_t i = 0; i < proof->state_count; i++)
        if (strcmp(proof->states[i].group, group) == 0)
            stored = proof->states[i].next_change_day;
    if (stored == next_change_day)
        return;
    difference.kind = (char *)"unit_group_state";
    difference.profession_group = (char *)(uintptr_t)group;
    difference.field = (char *)"next_change_day";
    difference.expected = niva_verify_day(proof->verify, next_change_day);
    difference.actual = niva_verify_day(proof->verify, stored);
    proof_differs(proof, &state_differs, &difference);
}

static bool is_dirty(const struct proof *proof, const char *group)
{
    for (size_t i = 0; i < proof->dirty_count; i++)
        if (proof->dirty[i][0] == '\0' || strcmp(proof->dirty[i], group) == 0)
            return true;
    return false;
}

static const struct said *said_of(const struct proof *proof, const char *group)
{
    static const struct said nothing;

    for (size_t i = 0; i < proof->said_count; i++)
        if (strcmp(proof->said[i].group, group) == 0)
            return &proof->said[i];
    return &nothing;
}

/* Recomputes a group as the writer would: it must have nothing to say. */
static bool group_check(const struct proof *proof, const char *group, struct niva_error *err)
{
    const struct said *said = said_of(proof, group);
    struct dossier dossier;
    struct recomputed done;

    if (is_dirty(proof, group))
        return true;
    if (!dossier_make(proof->unit, group, INT64_MAX, &proof->own, &proof->regional, proof->arena,
                      &dossier, err))
        return false;
    const struct recompute input = {
        .dossier = &dossier,
        .today = proof->today,
        .recorded_at = niva_local_midnight(proof->today),
        .cause = PB_PURCHASER_FACT,
        .caused_by = "",
        .breach_count = said->breach_count,
        .breaches = said->breaches,
        .month_count = said->month_count,
        .months = said->months,
        .forecast = said->forecast,
    };
    if (!recompute(&input, proof->arena, &done, err))
        return false;
    for (size_t i = 0; i < done.breach_count; i++)
        breach_report(proof, said, &done.breaches[i]);
    for (size_t i = 0; i < done.month_count; i++)
        month_report(proof, said, &done.months[i]);
    if (done.forecast.said)
        forecast_report(proof, said, group, &done.forecast);
    state_check(proof, group, done.next_change_day);
    proof->verify->checked += (int64_t)(said->month_count + 1);
    return true;
}

/* ---- which groups ---- */

struct groups {
    size_t count;
    const char **names;
};

static void group_add(struct groups *groups, const char *name)
{
    if (name[0] == '\0')
        return;
    for (size_t i = 0; i < groups->count; i++)
        if (strcmp(groups->names[i], name) == 0)
            return;
    groups->names[groups->count++] = name;
}

/* Every group of the unit: of its facts, of its region's rule sets, and those of which something is
 * kept. */
static bool groups_collect(const struct proof *proof, const pb_unit *registered,
                           struct groups *ret_groups, struct niva_error *err)
{
    size_t most = proof->own.count + proof->regional.count + proof->said_count + proof->state_count;
    struct groups groups = {.names = niva_arena_array(proof->arena, most, sizeof *groups.names)};

    if (groups.names == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < proof->own.count; i++)
        group_add(&groups, proof->own.list[i].fact.group);
    for (size_t i = 0; registered != NULL && i < proof->regional.count; i++)
        if (proof->regional.list[i].kind == RECORD_RULE_SET &&
            strcmp(proof->regional.list[i].fact.region, registered->region_code) == 0)
            group_add(&groups, proof->regional.list[i].fact.group);
    for (size_t i = 0; i < proof->said_count; i++)
        group_add(&groups, proof->said[i].group);
    for (size_t i = 0; i < proof->state_count; i++)
        group_add(&groups, proof->states[i].group);
    *ret_groups = groups;
    return true;
}

static bool groups_check(struct proof *proof, struct niva_error *err)
{
    const pb_unit *registered;
    struct groups groups = {0};

    if (!snapshot_records(proof->read, &proof->unit, 1, proof->arena, &proof->own, &proof->regional,
                          err) ||
        !store_said(proof->read->pg, &proof->unit, 1, proof->arena, &proof->said_count,
                    &proof->said, err) ||
        !verify_dialogue(proof->read, proof->unit, &proof->own, proof->said, proof->said_count,
                         proof->arena, proof->verify, err))
        return false;
    registered = records_unit(&proof->own, INT64_MAX);
    if (registered == NULL)
        niva_verify_notes(proof->verify, &unit_unregistered,
                          NIVA_DIFFERENCE(.unit = (char *)(uintptr_t)proof->unit));
    if (!groups_collect(proof, registered, &groups, err))
        return false;
    for (size_t i = 0; i < groups.count; i++)
        if (!group_check(proof, groups.names[i], err))
            return false;
    return true;
}

/* What of the own stream its follower keeps: months, and where dialogues stand, with the position
 * of what was told of them. */
static const struct {
    const char *type;
    bool placed;
} followed[] = {{TIMELINE_CHANGED, false},
                {"se.niva.compliance.dialogue.opened.v1", true},
                {"se.niva.compliance.dialogue.answered.v1", true},
                {"se.niva.compliance.breach.merged.v1", true}};

static bool followed_add(const struct proof *proof, size_t which, struct niva_items *items,
                         struct niva_error *err)
{
    struct niva_told *events;
    size_t count;

    if (!niva_verify_told_of(proof->read->pg, proof->unit, followed[which].type, proof->arena,
                             &count, &events, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (followed[which].placed
                ? !niva_items_add_event(items, events[i].position, events[i].data, err)
                : !niva_items_add(items, events[i].data.data, events[i].data.len, err))
            return false;
    return true;
}

/* What is had of intake's stream, and what was said of the unit in the own one. */
static bool holdings_collect(const struct proof *proof, struct niva_error *err)
{
    struct niva_items items = {.arena = proof->arena};

    if (!niva_verify_holds_facts(proof->read->pg, "intake", copied, sizeof copied / sizeof *copied,
                                 proof->unit, proof->arena, proof->verify, err))
        return false;
    for (size_t i = 0; i < sizeof followed / sizeof *followed; i++)
        if (!followed_add(proof, i, &items, err))
            return false;
    return niva_verify_holds(proof->verify, "compliance", proof->unit, &items, err);
}

static bool unit_check(struct proof *proof, struct niva_error *err)
{
    struct niva_pg *pg = proof->read->pg;
    bool readable = false;

    if (!holdings_collect(proof, err) ||
        !verify_components(proof->read, proof->unit, proof->arena, proof->verify, err) ||
        !verify_imported(proof->read, proof->unit, proof->arena, proof->verify, err) ||
        !store_verify_states(pg, proof->unit, proof->arena, &proof->state_count, &proof->states,
                             err) ||
        !store_verify_dirty(pg, proof->unit, proof->arena, &proof->dirty_count, &proof->dirty,
                            err) ||
        !verify_breaches(proof->read, proof->unit, proof->arena, proof->verify, &readable, err))
        return false;
    if (readable && groups_check(proof, err))
        return true;
    if (readable && !niva_verify_content_broken(proof->read->pg, err))
        return false;
    niva_error_clear(err);
    proof_differs(proof, &unit_unreadable,
                  &(niva_difference){
                      .base = PROTOBUF_C_MESSAGE_INIT(&niva__control__v1__difference__descriptor)});
    return true;
}

static bool units_check(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                        struct niva_verify *verify, const char **ret_next, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(UNIT_ARENA_BYTES);
    int32_t most = limit < UNITS_MOST ? limit : UNITS_MOST;
    struct store_day day;
    const char **units;
    size_t count = 0;
    bool good = arena != NULL || niva_fail_memory(err);

    good = good && store_day(read->pg, read->arena, &day, err) &&
           store_verify_units(read->pg, unit, after, most, read->arena, &count, &units, err);
    for (size_t i = 0; good && i < count; i++) {
        struct proof proof = {
            .read = read, .verify = verify, .arena = arena, .unit = units[i], .today = day.day};

        niva_arena_reset(arena);
        good = unit_check(&proof, err);
    }
    niva_arena_free(arena);
    *ret_next = good && unit[0] == '\0' && count == (size_t)most ? units[count - 1] : NULL;
    return good;
}

const struct niva_verify_part compliance_verify_parts[COMPLIANCE_VERIFY_PARTS] = {
    {"days", days_check}, {"imports", verify_imports}, {"units", units_check}};
