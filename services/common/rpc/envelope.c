#include "services/common/rpc/envelope.h"

#include <stdio.h>
#include <string.h>

#include "niva/rpc/v1/envelope.pb-c.h"
#include "services/common/base/clock.h"

enum {
    METADATA_MAX = 16,
    ERROR_ARENA_MAX = 256 * 1024,
    /* what a handler may use beside its request */
    CALL_ARENA_MAX = 96 << 20,
};

static bool method_find(struct niva_rpc_call *call, const char *name)
{
    const char *slash = name[0] == '/' ? strchr(name + 1, '/') : NULL;
    size_t length = slash == NULL ? 0 : (size_t)(slash - name - 1);

    for (size_t i = 0; slash != NULL && i < call->options->service_count; i++) {
        const ProtobufCServiceDescriptor *service = call->options->services[i];

        if (strlen(service->name) != length || memcmp(service->name, name + 1, length) != 0)
            continue;
        call->service = service;
        call->method = protobuf_c_service_descriptor_get_method_by_name(service, slash + 1);
        return call->method != NULL;
    }
    return false;
}

/* The name comes from a stranger: what is not plain ASCII does not go back in a sentence. */
static bool method_open(struct niva_rpc_call *call, const char *name, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];
    size_t plain = 0;

    if (method_find(call, name)) {
        snprintf(call->name, sizeof call->name, "%s", name);
        return true;
    }
    while (plain < 120 && name[plain] > ' ' && name[plain] < 0x7f)
        plain++;
    snprintf(text_sv, sizeof text_sv, "Metoden ”%.*s” finns inte.", (int)plain, name);
    snprintf(text_en, sizeof text_en, "There is no method \"%.*s\".", (int)plain, name);
    return niva_fail(err, NIVA_UNIMPLEMENTED, text_sv, text_en);
}

static bool deadline_open(struct niva_rpc_call *call, int32_t timeout_ms, struct niva_error *err)
{
    if (timeout_ms > NIVA_RPC_TIMEOUT_MAX_MS)
        timeout_ms = NIVA_RPC_TIMEOUT_MAX_MS;
    if (timeout_ms > 0)
        call->deadline_ms = call->received_ms + timeout_ms;
    if (timeout_ms > 0 && niva_clock_monotonic_ms() < call->deadline_ms)
        return true;
    return niva_fail(err, NIVA_DEADLINE_EXCEEDED,
                     "Tiden för anropet var ute innan det hann behandlas.",
                     "The call's time was up before it could be handled.");
}

/* Well-formed as in W3C Trace Context, version 00; anything else is as good as none. */
static bool traceparent_valid(const char *value)
{
    static const char shape[] = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";

    if (strlen(value) != sizeof shape - 1)
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool digit = (value[i] >= '0' && value[i] <= '9') || (value[i] >= 'a' && value[i] <= 'f');

        if (shape[i] == 'x' ? !digit : value[i] != shape[i])
            return false;
    }
    return strspn(value + 3, "0") < 32 && strspn(value + 36, "0") < 16;
}

static bool metadata_open(struct niva_rpc_call *call, const Niva__Rpc__V1__Request *envelope,
                          struct niva_error *err)
{
    if (envelope->n_metadata > METADATA_MAX)
        return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, "metadata", "TOO_MANY",
                                   "Ett anrop får ha högst 16 metadata.",
                                   "A call may carry at most 16 metadata.");
    for (size_t i = 0; i < envelope->n_metadata; i++)
        if (strcmp(envelope->metadata[i]->key, "traceparent") == 0 &&
            traceparent_valid(envelope->metadata[i]->value))
            memcpy(call->traceparent, envelope->metadata[i]->value, RPC_TRACEPARENT_SIZE);
    return true;
}

/* Characters that can be printed; C0, DEL and C1 (U+0080 … U+009F, in UTF-8 C2 80 … C2 9F) can't.
 */
static bool subject_valid(const char *subject)
{
    size_t length = strlen(subject);

    if (length == 0 || length >= sizeof((struct niva_principal *)0)->subject)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)subject[i];

        if (c < ' ' || c == 0x7f || (c == 0xc2 && (unsigned char)subject[i + 1] < 0xa0))
            return false;
    }
    return true;
}

static bool principal_open(struct niva_rpc_call *call, const Niva__Rpc__V1__Principal *principal,
                           struct niva_error *err)
{
    const char *subject = principal == NULL ? call->caller : principal->subject;

    if (principal != NULL && call->peer)
        return niva_fail(err, NIVA_PERMISSION_DENIED,
                         "Ingången för tjänster tar inte emot uppgift om vem som anropar.",
                         "The listener for services accepts no principal.");
    if (!subject_valid(subject))
        return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, "principal.subject", "MALFORMED",
                                   "Den som anropar ska anges med 1–127 byte skrivbara tecken.",
                                   "The principal must be 1 to 127 bytes of printable characters.");
    snprintf(call->principal.subject, sizeof call->principal.subject, "%s", subject);
    return true;
}

static bool recorded_at_open(struct niva_rpc_call *call, const Niva__Rpc__V1__Request *envelope,
                             struct niva_error *err)
{
    if (envelope->recorded_at == NULL)
        return true;
    if (!call->options->rehearsal)
        return niva_fail_violation(err, NIVA_FAILED_PRECONDITION, "recordedAt", "NOT_A_REHEARSAL",
                                   "Tidpunkten för registreringen får bara anges i en övning.",
                                   "When something was recorded may only be said in a rehearsal.");
    if (!niva_wire_instant(envelope->recorded_at, &call->recorded_at))
        return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, "recordedAt", "OUT_OF_RANGE",
                                   "Tidpunkten ska ligga inom åren 1900–2999.",
                                   "The instant must lie in the years 1900 to 2999.");
    return true;
}

static void call_clear(struct niva_rpc_call *call)
{
    call->service = NULL;
    call->method = NULL;
    call->name[0] = '\0';
    call->request = NULL;
    call->principal.subject[0] = '\0';
    call->traceparent[0] = '\0';
    call->deadline_ms = call->received_ms;
    call->recorded_at = INT64_MIN;
}

bool rpc_call_open(struct niva_rpc_call *call, const uint8_t *bytes, size_t size,
                   struct niva_error *err)
{
    Niva__Rpc__V1__Request *envelope;
    ProtobufCMessage *message;

    niva_error_clear(err);
    call_clear(call);
    call->arena = niva_arena_new(CALL_ARENA_MAX + 4 * call->options->request_max);
    if (call->arena == NULL)
        return niva_fail_internal(err, "out of memory for a call");
    if (!niva_wire_unpack(&niva__rpc__v1__request__descriptor, bytes, size, false, call->arena,
                          &message, err))
        return false;
    envelope = (Niva__Rpc__V1__Request *)message;
    return metadata_open(call, envelope, err) && deadline_open(call, envelope->timeout_ms, err) &&
           method_open(call, envelope->method, err) &&
           principal_open(call, envelope->principal, err) &&
           recorded_at_open(call, envelope, err) &&
           niva_wire_unpack(call->method->input, envelope->payload.data, envelope->payload.len,
                            true, call->arena, &call->request, err);
}

static nng_msg *message_of(const Niva__Rpc__V1__Reply *reply)
{
    nng_msg *message;

    if (nng_msg_alloc(&message, niva__rpc__v1__reply__get_packed_size(reply)) != 0)
        return NULL;
    niva__rpc__v1__reply__pack(reply, nng_msg_body(message));
    return message;
}

nng_msg *rpc_reply_message(ProtobufCBinaryData payload, bool rehearsal)
{
    Niva__Rpc__V1__Reply reply = NIVA__RPC__V1__REPLY__INIT;

    reply.payload = payload;
    reply.rehearsal = rehearsal;
    return message_of(&reply);
}

nng_msg *rpc_error_message(const struct niva_error *err, bool rehearsal)
{
    struct niva_arena *arena = niva_arena_new(ERROR_ARENA_MAX);
    Niva__Rpc__V1__Reply reply = NIVA__RPC__V1__REPLY__INIT;
    nng_msg *message;
    char text[512];

    snprintf(text, sizeof text, "%s / %s", err->text_sv, err->text_en);
    reply.code = err->code;
    reply.message = text;
    reply.rehearsal = rehearsal;
    /* Without memory for the details the code and the sentences must do. */
    if (arena == NULL || !niva_wire_error_details(err, arena, &reply.n_details, &reply.details)) {
        reply.n_details = 0;
        reply.details = NULL;
    }
    message = message_of(&reply);
    niva_arena_free(arena);
    return message;
}

const ProtobufCServiceDescriptor *niva_rpc_call_service(const struct niva_rpc_call *call)
{
    return call->service;
}

const ProtobufCMethodDescriptor *niva_rpc_call_method(const struct niva_rpc_call *call)
{
    return call->method;
}

const char *niva_rpc_call_name(const struct niva_rpc_call *call)
{
    return call->name;
}

const ProtobufCMessage *niva_rpc_call_request(const struct niva_rpc_call *call)
{
    return call->request;
}

const struct niva_principal *niva_rpc_call_principal(const struct niva_rpc_call *call)
{
    return &call->principal;
}

const char *niva_rpc_call_traceparent(const struct niva_rpc_call *call)
{
    return call->traceparent;
}

bool niva_rpc_call_peer(const struct niva_rpc_call *call)
{
    return call->peer;
}

int64_t niva_rpc_call_received_ms(const struct niva_rpc_call *call)
{
    return call->received_ms;
}

int64_t niva_rpc_call_deadline_ms(const struct niva_rpc_call *call)
{
    return call->deadline_ms;
}

niva_instant niva_rpc_call_recorded_at(const struct niva_rpc_call *call)
{
    return call->recorded_at;
}

struct niva_arena *niva_rpc_call_arena(struct niva_rpc_call *call)
{
    return call->arena;
}
