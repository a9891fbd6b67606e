#include "tests/unit/rpc/echo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 10000, LARGE = NIVA_RPC_REPLY_MAX + 1 };

const struct niva_rpc_options echo_plain = {.timeout_ms = TIMEOUT_MS, .recorded_at = INT64_MIN};

static void answer_day(struct niva_rpc_call *call, const char *day)
{
    Niva__Control__V1__MoveTodayResponse reply = NIVA__CONTROL__V1__MOVE_TODAY_RESPONSE__INIT;

    reply.day = (char *)day;
    niva_rpc_reply(call, &reply.base);
}

static void answer_large(struct niva_rpc_call *call)
{
    ProtobufCBinaryData bytes = {.len = LARGE, .data = calloc(1, LARGE)};

    niva_rpc_reply_packed(call, bytes);
    free(bytes.data);
}

static void answer_violation(struct niva_rpc_call *call)
{
    struct niva_error err;

    niva_error_clear(&err);
    niva_fail_violation(&err, NIVA_INVALID_ARGUMENT, "day", "MALFORMED", "Dagen är fel.",
                        "The day is wrong.");
    niva_rpc_fail(call, &err);
}

static const char *day_of(const struct niva_rpc_call *call)
{
    return ((const Niva__Control__V1__MoveTodayRequest *)niva_rpc_call_request(call))->day;
}

static void wait_at_gate(struct echo *echo)
{
    pthread_mutex_lock(&echo->lock);
    echo->waiting++;
    pthread_cond_broadcast(&echo->changed);
    while (!echo->gate)
        pthread_cond_wait(&echo->changed, &echo->lock);
    pthread_mutex_unlock(&echo->lock);
}

static void keep_for_later(struct echo *echo, struct niva_rpc_call *call)
{
    pthread_mutex_lock(&echo->lock);
    echo->later[echo->later_count++] = call;
    echo->waiting++;
    pthread_cond_broadcast(&echo->changed);
    pthread_mutex_unlock(&echo->lock);
}

static void *answer_later(void *argument)
{
    struct echo *echo = argument;

    pthread_mutex_lock(&echo->lock);
    while (!echo->gate)
        pthread_cond_wait(&echo->changed, &echo->lock);
    for (int i = 0; i < echo->later_count; i++)
        answer_day(echo->later[i], day_of(echo->later[i]));
    pthread_mutex_unlock(&echo->lock);
    return NULL;
}

static void handle(struct niva_rpc_call *call, void *user)
{
    struct echo *echo = user;
    const char *word =
        ((const Niva__Control__V1__MoveTodayRequest *)niva_rpc_call_request(call))->request_id;

    pthread_mutex_lock(&echo->lock);
    echo->handled++;
    pthread_mutex_unlock(&echo->lock);
    if (strcmp(word, "who") == 0) {
        answer_day(call, niva_rpc_call_principal(call)->subject);
    } else if (strcmp(word, "trace") == 0) {
        answer_day(call, niva_rpc_call_traceparent(call));
    } else if (strcmp(word, "large") == 0) {
        answer_large(call);
    } else if (strcmp(word, "fail") == 0) {
        answer_violation(call);
    } else if (strcmp(word, "later") == 0) {
        keep_for_later(echo, call);
    } else {
        if (strcmp(word, "wait") == 0)
            wait_at_gate(echo);
        answer_day(call, day_of(call));
    }
}

bool echo_serve(struct echo *echo, int workers, int queue, struct niva_error *err)
{
    static const ProtobufCServiceDescriptor *const services[] = {
        &niva__control__v1__control_service__descriptor};
    const struct niva_rpc_listener listeners[] = {{echo->url, false}, {echo->peer_url, true}};
    const struct niva_rpc_server_options options = {
        .services = services,
        .service_count = 1,
        .listeners = listeners,
        .listener_count = 2,
        .workers = workers,
        .queue = queue,
        .request_max = NIVA_RPC_REQUEST_MAX,
        .rehearsal = echo->rehearsal,
        .handler = handle,
        .user = echo,
    };

    echo->server = niva_rpc_server_new(&options, err);
    return echo->server != NULL;
}

bool echo_start(struct echo *echo, int workers, int queue)
{
    struct niva_error err;

    pthread_mutex_init(&echo->lock, NULL);
    pthread_cond_init(&echo->changed, NULL);
    snprintf(echo->directory, sizeof echo->directory, "/tmp/niva-rpc-XXXXXX");
    if (mkdtemp(echo->directory) == NULL)
        return false;
    snprintf(echo->url, sizeof echo->url, "ipc://%s/user", echo->directory);
    snprintf(echo->peer_url, sizeof echo->peer_url, "ipc://%s/peer", echo->directory);
    echo->answering = pthread_create(&echo->answerer, NULL, answer_later, echo) == 0;
    if (echo_serve(echo, workers, queue, &err))
        return true;
    fprintf(stderr, "echo: %s (%s)\n", err.text_en, err.cause);
    return false;
}

void echo_open_gate(struct echo *echo)
{
    pthread_mutex_lock(&echo->lock);
    echo->gate = true;
    pthread_cond_broadcast(&echo->changed);
    pthread_mutex_unlock(&echo->lock);
}

void echo_await_waiting(struct echo *echo, int count)
{
    pthread_mutex_lock(&echo->lock);
    while (echo->waiting < count)
        pthread_cond_wait(&echo->changed, &echo->lock);
    pthread_mutex_unlock(&echo->lock);
}

int echo_handled(struct echo *echo)
{
    int handled;

    pthread_mutex_lock(&echo->lock);
    handled = echo->handled;
    pthread_mutex_unlock(&echo->lock);
    return handled;
}

void echo_stop(struct echo *echo)
{
    echo_open_gate(echo);
    if (echo->answering)
        pthread_join(echo->answerer, NULL);
    echo->server = niva_rpc_server_free(echo->server);
    unlink(echo->url + strlen("ipc://"));
    unlink(echo->peer_url + strlen("ipc://"));
    rmdir(echo->directory);
    pthread_cond_destroy(&echo->changed);
    pthread_mutex_destroy(&echo->lock);
}

bool echo_call(struct niva_rpc_client *client, const char *word, const char *day,
               const struct niva_rpc_options *options, char ret_day[64], struct niva_error *err)
{
    Niva__Control__V1__MoveTodayRequest request = NIVA__CONTROL__V1__MOVE_TODAY_REQUEST__INIT;
    struct niva_arena *arena = niva_arena_new(64 << 20);
    ProtobufCMessage *reply;
    bool good;

    niva_error_clear(err);
    request.request_id = (char *)word;
    request.day = (char *)day;
    good = niva_rpc_call(client, ECHO_METHOD, &request.base,
                         &niva__control__v1__move_today_response__descriptor, options, arena,
                         &reply, NULL, err);
    if (good && ret_day != NULL)
        snprintf(ret_day, 64, "%s", ((Niva__Control__V1__MoveTodayResponse *)reply)->day);
    niva_arena_free(arena);
    return good;
}

void assert_echo(struct niva_rpc_client *client)
{
    struct niva_error err;

    if (!echo_call(client, "echo", "2022-06-23", &echo_plain, NULL, &err))
        fail_msg("a plain call: %s, %s (%s)", niva_code_name(err.code), err.text_en, err.cause);
}

static void *caller_run(void *argument)
{
    struct caller *caller = argument;

    caller->good = echo_call(caller->client, caller->word, "2022-06-23", &caller->options,
                             caller->day, &caller->err);
    return NULL;
}

void caller_start(struct caller *caller, struct niva_rpc_client *client, const char *word)
{
    *caller = (struct caller){.client = client, .word = word, .options = echo_plain};
    if (pthread_create(&caller->thread, NULL, caller_run, caller) != 0)
        abort();
}

void caller_join(struct caller *caller)
{
    pthread_join(caller->thread, NULL);
}
