#include <inttypes.h>
#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/bus/consumer.h"

struct niva_doorbell {
    nng_socket socket;
};

static bool fail_nng(struct niva_error *err, const char *url, int result)
{
    if (result == NNG_EADDRINUSE)
        return niva_fail_cause(
            err, NIVA_FAILED_PRECONDITION, "Tjänsten körs redan: någon lyssnar på dess dörrklocka.",
            "The service is already running: someone listens on its doorbell.", "%s", url);
    return niva_fail_internal(err, "doorbell %s: %s", url, nng_strerror(result));
}

static int bell_listen(nng_socket socket, const char *url)
{
    nng_listener listener;
    int result = nng_listener_create(&listener, socket, url);

    if (result == 0 && strncmp(url, "ipc:", 4) == 0)
        result = nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, 0600);
    return result == 0 ? nng_listener_start(listener, 0) : result;
}

struct niva_doorbell *niva_doorbell_new(const char *url, struct niva_error *err)
{
    struct niva_doorbell *bell = calloc(1, sizeof *bell);
    int result;

    if (bell == NULL) {
        niva_fail_internal(err, "no memory for a doorbell");
        return NULL;
    }
    result = nng_pub0_open(&bell->socket);
    if (result != 0) {
        free(bell);
        fail_nng(err, url, result);
        return NULL;
    }
    result = bell_listen(bell->socket, url);
    if (result == 0)
        return bell;
    fail_nng(err, url, result);
    return niva_doorbell_free(bell);
}

struct niva_doorbell *niva_doorbell_free(struct niva_doorbell *bell)
{
    if (bell == NULL)
        return NULL;
    nng_close(bell->socket);
    free(bell);
    return NULL;
}

/* A ring that nobody hears is no loss: listeners look by themselves too. */
void niva_doorbell_ring(struct niva_doorbell *bell, int64_t head)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%" PRId64, head);

    if (length > 0)
        nng_send(bell->socket, text, (size_t)length, NNG_FLAG_NONBLOCK);
}
