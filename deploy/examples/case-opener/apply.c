#include "deploy/examples/case-opener/apply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "niva/compensation/v1/events.pb-c.h"
#include "niva/compliance/v1/events.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/wire/wire.h"

typedef Niva__Compliance__V1__Breach Breach;
typedef Niva__Compensation__V1__Adjustment Adjustment;

enum { ARENA_BYTES = 1 << 20, RECONNECT_MS = 2000, QUERIES_MAX = 4 };

/* Whoever moves the cursor holds its row until COMMIT: of two openers on one database one waits
 * here, then finds the event applied. */
static const struct niva_statement cursor_move = {
    "cursor_move", "UPDATE cursor SET position = $2 WHERE stream = $1 AND position < $2"
                   " RETURNING position"};
static const struct niva_statement cursor_read = {"cursor_read",
                                                  "SELECT position FROM cursor WHERE stream = $1"};
static const struct niva_statement todo_put = {
    "todo_put",
    "INSERT INTO todo (breach_id, kind, unit, profession_group, first_day, last_day, opened_at,"
    " closed_at, closed_because, merged_into, returns_from)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT (breach_id) DO UPDATE SET first_day = excluded.first_day,"
    " last_day = excluded.last_day, closed_at = excluded.closed_at,"
    " closed_because = excluded.closed_because, merged_into = excluded.merged_into"};
static const struct niva_statement entry_add = {
    "entry_add", "INSERT INTO todo_entry (position, breach_id, happened_at, text_sv)"
                 " VALUES ($1, $2, $3, $4)"};
static const struct niva_statement hold_add = {
    "hold_add", "INSERT INTO hold (adjustment_id, position, unit, component, period, ore,"
                " decided_by, delegation, case_number, decided_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
static const struct niva_statement account_add = {
    "account_add", "INSERT INTO account (unit, held_ore) VALUES ($1, $2)"
                   " ON CONFLICT (unit) DO UPDATE SET held_ore = account.held_ore + $2"};

/* The statements of one event. */
struct change {
    struct niva_arena *arena;
    struct niva_query queries[QUERIES_MAX];
    size_t count;
};

static struct niva_params *change_add(struct change *change, const struct niva_statement *statement)
{
    struct niva_query *query = &change->queries[change->count++];

    *query = (struct niva_query){.statement = statement, .params.arena = change->arena};
    return &query->params;
}

/* An event that says what it cannot mean is refused: nothing after it is applied until someone has
 * looked. */
static bool refuse(struct niva_error *err, const char *field)
{
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, field, "EVENT_DATA",
                               "Händelsen har inget användbart värde för fältet.",
                               "The event has no usable value for the field.");
}

/* ---- breaches become to-dos ---- */

/* All events about breaches have one field, the whole breach. */
static const Breach *breach_of(const struct niva_event *event)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(event->data->descriptor, "breach");

    return *(const Breach *const *)(const void *)((const char *)event->data + field->offset);
}

/* "" is none. */
static bool uuid_param(struct niva_params *params, const char *text)
{
    struct niva_uuid id;

    if (*text != '\0' && !niva_uuid_parse(text, &id))
        return false;
    niva_param_uuid(params, *text == '\0' ? NULL : &id);
    return true;
}

static bool day_param(struct niva_params *params, const char *text)
{
    niva_day day = NIVA_DAY_NONE;

    if (*text != '\0' && !niva_day_parse(text, &day))
        return false;
    niva_param_day(params, day);
    return true;
}

/* INT64_MIN, which is SQL's NULL, when it is not given. */
static niva_instant instant_of(const Google__Protobuf__Timestamp *timestamp)
{
    niva_instant instant;

    return timestamp != NULL && niva_wire_instant(timestamp, &instant) ? instant : INT64_MIN;
}

static const char *enum_name(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);

    return found == NULL ? NULL : found->name;
}

static bool todo_follow(struct change *change, const struct niva_event *event, const char *text,
                        struct niva_error *err)
{
    const Breach *breach = breach_of(event);
    bool open = breach != NULL && breach->state == NIVA__COMPLIANCE__V1__BREACH__STATE__OPEN;
    struct niva_params *todo = change_add(change, &todo_put);
    struct niva_params *entry = change_add(change, &entry_add);

    if (breach == NULL || *breach->breach_id == '\0' || !uuid_param(todo, breach->breach_id))
        return refuse(err, "breach.breachId");
    niva_param_text(todo, enum_name(&niva__compliance__v1__breach__kind__descriptor, breach->kind));
    niva_param_text(todo, breach->unit);
    niva_param_text(todo, breach->profession_group);
    if (!day_param(todo, breach->first_day) || !day_param(todo, breach->last_day))
        return refuse(err, "breach.firstDay");
    niva_param_instant(todo, instant_of(breach->opened_at));
    niva_param_instant(todo, open ? INT64_MIN : instant_of(breach->closed_at));
    niva_param_text(
        todo,
        open ? NULL : enum_name(&niva__compliance__v1__breach__state__descriptor, breach->state));
    if (!uuid_param(todo, breach->merged_into) || !uuid_param(todo, breach->returns_from))
        return refuse(err, "breach.mergedInto");
    niva_param_int64(entry, event->position);
    if (!uuid_param(entry, breach->breach_id))
        return refuse(err, "breach.breachId");
    niva_param_instant(entry, event->time);
    niva_param_text(entry, text);
    return true;
}

/* ---- decisions become holds ---- */

/* Only what is decided is held back: a proposal is nobody's decision. */
static bool hold_book(struct change *change, const struct niva_event *event, const char *text,
                      struct niva_error *err)
{
    const Niva__Compensation__V1__AdjustmentDecided *decided = (const void *)event->data;
    const Adjustment *adjustment = decided->adjustment;
    struct niva_params *hold = change_add(change, &hold_add);
    struct niva_params *account = change_add(change, &account_add);

    (void)text;
    if (adjustment == NULL ||
        adjustment->state != NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED)
        return refuse(err, "adjustment.state");
    if (*adjustment->adjustment_id == '\0' || !uuid_param(hold, adjustment->adjustment_id))
        return refuse(err, "adjustment.adjustmentId");
    niva_param_int64(hold, event->position);
    niva_param_text(hold, adjustment->unit);
    niva_param_text(hold, adjustment->component);
    niva_param_text(hold, adjustment->period);
    niva_param_int64(hold, adjustment->deduction_ore);
    niva_param_text(hold, adjustment->decided_by);
    niva_param_text(hold, adjustment->delegation);
    niva_param_text(hold, adjustment->case_number);
    niva_param_instant(hold, instant_of(adjustment->decided_at));
    niva_param_text(account, adjustment->unit);
    niva_param_int64(account, adjustment->deduction_ore);
    return true;
}

/* ---- the table of what is reacted to ---- */

static const struct reaction {
    const char *stream;
    const char *type;
    const ProtobufCMessageDescriptor *data;
    bool (*react)(struct change *change, const struct niva_event *event, const char *text,
                  struct niva_error *err);
    const char *text_sv; /* of the to-do's entry */
} reactions[] = {
    {"compliance", "se.niva.compliance.breach.opened.v1",
     &niva__compliance__v1__breach_opened__descriptor, todo_follow, "Bristen har uppstått."},
    {"compliance", "se.niva.compliance.breach.changed.v1",
     &niva__compliance__v1__breach_changed__descriptor, todo_follow, "Bristens dagar har ändrats."},
    {"compliance", "se.niva.compliance.breach.closed.v1",
     &niva__compliance__v1__breach_closed__descriptor, todo_follow, "Bristen har upphört."},
    {"compliance", "se.niva.compliance.breach.withdrawn.v1",
     &niva__compliance__v1__breach_withdrawn__descriptor, todo_follow,
     "Bristen har bortfallit: fakta har rättats."},
    {"compliance", "se.niva.compliance.breach.merged.v1",
     &niva__compliance__v1__breach_merged__descriptor, todo_follow,
     "Bristen har gått upp i en annan."},
    {"compensation", "se.niva.compensation.adjustment.decided.v1",
     &niva__compensation__v1__adjustment_decided__descriptor, hold_book, NULL},
};

size_t ledger_types(const char *stream, const char *ret_types[LEDGER_TYPES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof reactions / sizeof *reactions; i++)
        if (strcmp(reactions[i].stream, stream) == 0)
            ret_types[count++] = reactions[i].type;
    return count;
}

static const struct reaction *reaction_find(const char *type)
{
    for (size_t i = 0; i < sizeof reactions / sizeof *reactions; i++)
        if (strcmp(reactions[i].type, type) == 0)
            return &reactions[i];
    return NULL;
}

/* ---- one event, one transaction ---- */

static bool run(struct ledger *ledger, struct niva_query *queries, size_t count,
                struct niva_error *err)
{
    bool done = niva_pg_run(ledger->pg, queries, count, err);

    niva_queries_clear(queries, count);
    return done;
}

/* Begins a transaction and moves the cursor in it; `ret_moved` false: another opener was there. */
static bool cursor_take(struct ledger *ledger, int64_t position, bool *ret_moved,
                        struct niva_error *err)
{
    struct niva_query queries[] = {
        {.statement = &niva_pg_begin},
        {.statement = &cursor_move, .params.arena = ledger->arena},
    };
    bool done;

    niva_param_text(&queries[1].params, ledger->stream);
    niva_param_int64(&queries[1].params, position);
    done = niva_pg_run(ledger->pg, queries, 2, err);
    if (done)
        *ret_moved = niva_rows(&queries[1]) == 1;
    niva_queries_clear(queries, 2);
    return done;
}

/* The change that an event makes, up to COMMIT. Data that was erased says nothing any more. */
static bool change_make(struct ledger *ledger, const struct niva_event *event,
                        struct niva_error *err)
{
    struct change change = {.arena = ledger->arena};
    const struct reaction *reaction = reaction_find(event->type);

    if (reaction == NULL || (event->data != NULL && event->data->descriptor != reaction->data))
        return refuse(err, "type");
    if (event->data != NULL && !reaction->react(&change, event, reaction->text_sv, err))
        return false;
    change_add(&change, &niva_pg_commit);
    return run(ledger, change.queries, change.count, err);
}

/* Says in the log which event it was. */
static void blame(struct niva_error *err, const struct niva_event *event)
{
    char cause[sizeof err->cause];

    snprintf(cause, sizeof cause, "%s %" PRId64 " %s: %.150s", event->stream, event->position,
             event->type, err->cause);
    memcpy(err->cause, cause, sizeof cause);
}

static bool event_apply(struct ledger *ledger, const struct niva_event *event,
                        struct niva_error *err)
{
    struct niva_query rollback = {.statement = &niva_pg_rollback};
    struct niva_error ignored;
    bool moved = false;
    bool good;

    niva_arena_reset(ledger->arena);
    good = cursor_take(ledger, event->position, &moved, err) &&
           (!moved || change_make(ledger, event, err));
    if (good && moved)
        return true;
    if (!good)
        blame(err, event);
    if (niva_pg_alive(ledger->pg) && !run(ledger, &rollback, 1, good ? err : &ignored))
        return false;
    return good;
}

/* ---- the ledger as a sink ---- */

/* A connection that was lost is made again: nobody knows whether its COMMIT came through, so the
 * cursor is always asked for, never remembered. */
static bool ledger_cursor(void *self, int64_t *ret_position, struct niva_error *err)
{
    struct ledger *ledger = self;
    struct niva_query query = {.statement = &cursor_read, .params.arena = ledger->arena};
    bool good;

    if (!niva_pg_alive(ledger->pg) &&
        !niva_pg_reopen(ledger->pg, niva_clock_monotonic_ms() + RECONNECT_MS, err))
        return false;
    niva_arena_reset(ledger->arena);
    niva_param_text(&query.params, ledger->stream);
    good = niva_pg_run(ledger->pg, &query, 1, err);
    if (good && niva_rows(&query) != 1)
        good = niva_fail_internal(err, "no cursor for %s", ledger->stream);
    if (good)
        *ret_position = niva_row_int64(&query, 0, 0);
    niva_queries_clear(&query, 1);
    return good;
}

static bool ledger_apply(void *self, const struct niva_event *const *events, size_t count,
                         int64_t next, struct niva_error *err)
{
    struct ledger *ledger = self;
    struct niva_query move = {.statement = &cursor_move, .params.arena = ledger->arena};

    for (size_t i = 0; i < count; i++)
        if (!event_apply(ledger, events[i], err))
            return false;
    if (count > 0 && events[count - 1]->position == next)
        return true;
    niva_arena_reset(ledger->arena);
    niva_param_text(&move.params, ledger->stream);
    niva_param_int64(&move.params, next);
    return run(ledger, &move, 1, err);
}

struct niva_sink ledger_sink(struct ledger *ledger)
{
    return (struct niva_sink){ledger, ledger_cursor, ledger_apply};
}

bool ledger_open(struct ledger *ledger, const char *stream, const char *database,
                 struct niva_error *err)
{
    char application[64];

    snprintf(application, sizeof application, "case-opener %s", stream);
    *ledger = (struct ledger){.stream = stream, .arena = niva_arena_new(ARENA_BYTES)};
    if (ledger->arena == NULL)
        return niva_fail_internal(err, "no memory for a ledger");
    ledger->pg = niva_pg_open(database, "case_opener", application, err);
    return ledger->pg != NULL;
}

void ledger_close(struct ledger *ledger)
{
    ledger->pg = niva_pg_close(ledger->pg);
    ledger->arena = niva_arena_free(ledger->arena);
}
