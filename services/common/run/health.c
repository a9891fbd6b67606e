/* `niva-<name> health`: the question that a container engine asks, put to the running service as
 * any caller would. */
#include <stdio.h>

#include "niva/control/v1/control.pb-c.h"
#include "services/common/rpc/client.h"
#include "services/common/run/frame.h"

enum { HEALTH_MS = 3000, HEALTH_BYTES = 64 << 10 };

typedef Niva__Control__V1__GetStatusRequest GetStatusRequest;
typedef Niva__Control__V1__GetStatusResponse GetStatusResponse;

static bool status_ask(const struct frame *frame, struct niva_arena *arena,
                       const GetStatusResponse **ret_status, struct niva_error *err)
{
    const struct niva_rpc_options options = {.timeout_ms = HEALTH_MS, .recorded_at = INT64_MIN};
    GetStatusRequest request = NIVA__CONTROL__V1__GET_STATUS_REQUEST__INIT;
    struct niva_rpc_client *client;
    ProtobufCMessage *reply;
    char url[NIVA_URL_SIZE];
    bool good;

    if (!frame_own_url(frame, "user", url, err))
        return false;
    client = niva_rpc_client_new_alone(url, err);
    if (client == NULL)
        return false;
    good = niva_rpc_call(client, METHOD_GET_STATUS, &request.base,
                         &niva__control__v1__get_status_response__descriptor, &options, arena,
                         &reply, NULL, err);
    niva_rpc_client_free(client);
    if (good)
        *ret_status = (const GetStatusResponse *)(const void *)reply;
    return good;
}

int frame_health(const struct frame *frame)
{
    struct niva_arena *arena = niva_arena_new(HEALTH_BYTES);
    const char *name = frame->service->name;
    const GetStatusResponse *status;
    struct niva_error err;
    bool ready = false;

    niva_error_clear(&err);
    if (arena == NULL)
        fprintf(stderr, "niva-%s: Minnet tog slut. / Memory ran out.\n", name);
    else if (!status_ask(frame, arena, &status, &err))
        fprintf(stderr, "niva-%s: %s / %s\n", name, err.text_sv, err.text_en);
    else if (!status->ready)
        printf("niva-%s: inte redo / not ready\n", name);
    else
        ready = printf("niva-%s: redo / ready\n", name) > 0;
    niva_arena_free(arena);
    return ready ? 0 : 1;
}
