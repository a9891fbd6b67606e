/* Reads: each in a snapshot of its own, after what it asked to wait for. */
#include <string.h>

#include "niva/common/v1/common.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/run/frame.h"
#include "services/common/wire/check.h"

typedef Niva__Common__V1__StreamPosition StreamPosition;

enum { AFTER_MAX = 16, TRIES = 2 };

/* A repeated message field of positions by its name; none when the type has no such field. */
static StreamPosition *const *positions_get(const ProtobufCMessage *message, const char *name,
                                            size_t *ret_count)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(message->descriptor, name);
    const char *bytes = (const char *)message;
    StreamPosition *const *positions = NULL;

    *ret_count = 0;
    if (field == NULL || field->label != PROTOBUF_C_LABEL_REPEATED ||
        field->descriptor != &niva__common__v1__stream_position__descriptor)
        return NULL;
    memcpy(ret_count, bytes + field->quantifier_offset, sizeof *ret_count);
    memcpy(&positions, bytes + field->offset, sizeof positions);
    return positions;
}

static bool after_check(StreamPosition *const *after, size_t count, struct niva_error *err)
{
    struct niva_check check;

    niva_check_begin(&check, err);
    if (count > AFTER_MAX)
        niva_check_fail(&check, "after", "TOO_MANY", "Högst 16 positioner får anges.",
                        "At most 16 positions may be given.");
    for (size_t i = 0; i < count && count <= AFTER_MAX; i++) {
        size_t mark = niva_check_enter(&check, "after", (long)i);

        niva_check_range(&check, "position", after[i]->position, 0, INT64_MAX);
        niva_check_leave(&check, mark);
    }
    return niva_check_end(&check);
}

bool read_after(struct frame *frame, const ProtobufCMessage *request, struct niva_error *err)
{
    size_t count;
    StreamPosition *const *after = positions_get(request, "after", &count);

    if (count == 0)
        return true;
    if (!after_check(after, count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!niva_journal_wait(frame->journal, after[i]->stream, after[i]->position, 0, err))
            return false;
    return true;
}

/* The own stream first, then those that are followed, in their order. */
static bool applied_fill(const struct frame *frame, const struct niva_applied *applied,
                         ProtobufCMessage *reply, struct niva_arena *arena)
{
    const ProtobufCFieldDescriptor *field = niva_wire_field(reply->descriptor, "applied");
    const struct niva_upstreams *upstreams = &frame->service->upstreams;
    size_t count = 1 + upstreams->count;
    StreamPosition **positions;

    if (field == NULL)
        return true;
    positions = niva_arena_array(arena, count, sizeof(StreamPosition *));
    for (size_t i = 0; positions != NULL && i < count; i++) {
        positions[i] = niva_wire_new(&niva__common__v1__stream_position__descriptor, arena);
        if (positions[i] == NULL)
            return false;
        positions[i]->stream =
            (char *)(i == 0 ? frame->service->name : upstreams->list[i - 1].stream);
        positions[i]->position = i == 0 ? applied->head : applied->cursors[i - 1];
    }
    if (positions == NULL)
        return false;
    memcpy((char *)reply + field->quantifier_offset, &count, sizeof count);
    memcpy((char *)reply + field->offset, &positions, sizeof positions);
    return true;
}

static bool statement_run(struct niva_pg *pg, const struct niva_statement *statement,
                          struct niva_arena *arena, struct niva_error *err)
{
    struct niva_query query = {.statement = statement, .params.arena = arena};
    bool good = niva_pg_run(pg, &query, 1, err);

    niva_queries_clear(&query, 1);
    return good;
}

/* The snapshot is taken by the first query behind BEGIN; it says what is applied in it. */
static bool snapshot_begin(const struct frame *frame, struct niva_read *read,
                           struct niva_applied *ret_applied, struct niva_error *err)
{
    const struct niva_upstreams *upstreams = &frame->service->upstreams;
    struct niva_query queries[2] = {
        {.statement = &niva_pg_begin_snapshot, .params.arena = read->arena},
    };
    bool good;

    niva_applied_query(&queries[1], upstreams, read->arena);
    good = niva_pg_run(read->pg, queries, 2, err) &&
           niva_applied_read(&queries[1], upstreams, ret_applied, err);
    niva_queries_clear(queries, 2);
    return good;
}

static bool snapshot_read(struct frame *frame, struct niva_rpc_call *call,
                          const struct route *route, struct niva_read *read,
                          ProtobufCMessage *reply, struct niva_error *err)
{
    struct niva_applied applied;

    if (!snapshot_begin(frame, read, &applied, err) ||
        !route->read(frame, call, route, read, &applied, reply, err))
        return false;
    if (!applied_fill(frame, &applied, reply, read->arena))
        return niva_fail_internal(err, "out of memory for a reply");
    return statement_run(read->pg, &niva_pg_commit, read->arena, err);
}

/* One try; `ret_again` when the connection broke under it and another try may do. */
static bool read_try(struct frame *frame, struct niva_rpc_call *call, const struct route *route,
                     ProtobufCMessage **ret_reply, bool *ret_again, struct niva_error *err)
{
    struct niva_read read = {
        .arena = niva_rpc_call_arena(call),
        .principal = niva_rpc_call_principal(call)->subject,
        .deadline_ms = niva_rpc_call_deadline_ms(call),
        .rehearsal = frame->settings->rehearsal,
        .self = frame->service->rules.self,
    };
    struct niva_error ignored;
    bool good;

    *ret_again = false;
    *ret_reply = niva_wire_new(niva_rpc_call_method(call)->output, read.arena);
    if (*ret_reply == NULL)
        return niva_fail_internal(err, "out of memory for a reply");
    read.pg = niva_pg_pool_take(frame->pool, read.deadline_ms, err);
    if (read.pg == NULL)
        return false;
    good = snapshot_read(frame, call, route, &read, *ret_reply, err);
    *ret_again = !good && niva_pg_transient(read.pg);
    /* a connection that cannot even roll back is closed when it is given back */
    if (!good && niva_pg_alive(read.pg))
        (void)!statement_run(read.pg, &niva_pg_rollback, read.arena, &ignored);
    niva_pg_pool_give(frame->pool, read.pg);
    return good;
}

static void read_answer(struct frame *frame, struct niva_rpc_call *call, const struct route *route)
{
    ProtobufCMessage *reply = NULL;
    struct niva_error err;
    bool good = false;
    bool again = true;

    for (int i = 0; i < TRIES && !good && again; i++)
        good = read_try(frame, call, route, &reply, &again, &err);
    if (!good && err.code == NIVA_UNAVAILABLE && route->without_database != NULL && reply != NULL) {
        struct niva_applied applied;

        niva_journal_applied(frame->journal, &applied);
        reply = niva_wire_new(reply->descriptor, niva_rpc_call_arena(call));
        good = reply != NULL && applied_fill(frame, &applied, reply, niva_rpc_call_arena(call));
        if (good)
            route->without_database(frame, reply);
    }
    if (good)
        niva_rpc_reply(call, reply);
    else
        niva_rpc_fail(call, &err);
}

void read_run(struct frame *frame, struct niva_rpc_call *call, const struct route *route)
{
    struct niva_error err;

    if (read_after(frame, niva_rpc_call_request(call), &err))
        read_answer(frame, call, route);
    else if (err.code != NIVA_DEADLINE_EXCEEDED ||
             niva_clock_monotonic_ms() >= niva_rpc_call_deadline_ms(call) ||
             !waiting_add(frame->waiting, call, &err))
        niva_rpc_fail(call, &err);
}
