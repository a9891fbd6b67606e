/* Commands: checked on a worker, decided by the journal, answered after its COMMIT. */
#include "services/common/run/frame.h"
#include "services/common/wire/check.h"

static void command_done(struct niva_command *command, const ProtobufCBinaryData *reply,
                         const struct niva_error *err)
{
    struct niva_rpc_call *call = command->user;

    if (err == NULL)
        niva_rpc_reply_packed(call, *reply);
    else
        niva_rpc_fail(call, err);
}

static bool request_check(const struct niva_rpc_call *call, const struct route *route,
                          struct niva_error *err)
{
    const ProtobufCMessage *request = niva_rpc_call_request(call);
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_uuid(&check, "request_id", niva_wire_get_text(request, "request_id"));
    return niva_check_end(&check) && route->check(request, err);
}

static bool request_prepare(const struct frame *frame, struct niva_rpc_call *call,
                            const void **ret_prepared, struct niva_error *err)
{
    const struct niva_service *service = frame->service;

    return service->prepare == NULL ||
           service->prepare(niva_rpc_call_name(call), niva_rpc_call_request(call),
                            niva_rpc_call_arena(call), ret_prepared, err);
}

void command_run(struct frame *frame, struct niva_rpc_call *call, const struct route *route)
{
    struct niva_command *command;
    const void *prepared = NULL;
    struct niva_error err;

    if (!request_check(call, route, &err) || !request_prepare(frame, call, &prepared, &err)) {
        niva_rpc_fail(call, &err);
        return;
    }
    command = niva_arena_alloc(niva_rpc_call_arena(call), sizeof *command);
    if (command == NULL) {
        niva_fail_internal(&err, "out of memory for a command");
        niva_rpc_fail(call, &err);
        return;
    }
    *command = (struct niva_command){
        .method = niva_rpc_call_name(call),
        .request = niva_rpc_call_request(call),
        .prepared = prepared,
        .reply_type = niva_rpc_call_method(call)->output,
        .principal = niva_rpc_call_principal(call)->subject,
        .traceparent = niva_rpc_call_traceparent(call),
        .recorded_at = niva_rpc_call_recorded_at(call),
        .deadline_ms = niva_rpc_call_deadline_ms(call),
        .done = command_done,
        .user = call,
    };
    if (!niva_journal_submit(frame->journal, command, &err))
        niva_rpc_fail(call, &err);
}
