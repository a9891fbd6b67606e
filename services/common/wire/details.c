/* Types that may stand in an Any, and errors as google.rpc details. */
#include <string.h>

#include "google/protobuf/any.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "services/common/wire/event_types.h"
#include "services/common/wire/wire.h"

#define URL_PREFIX "type.googleapis.com/"

enum { DETAILS_MAX = 3 + NIVA_VIOLATIONS_MAX };

static const ProtobufCMessageDescriptor *const own_types[] = {
    &google__rpc__bad_request__descriptor,
    &google__rpc__precondition_failure__descriptor,
    &google__rpc__localized_message__descriptor,
    &google__rpc__retry_info__descriptor,
};

static const ProtobufCMessageDescriptor *event_data_find(const char *name)
{
    const struct niva_event_type *type;

    for (size_t i = 0; (type = niva_event_type_at(i, NULL)) != NULL; i++)
        if (strcmp(type->data->name, name) == 0)
            return type->data;
    return NULL;
}

const ProtobufCMessageDescriptor *niva_wire_type(const char *type_url)
{
    const char *name = type_url + strlen(URL_PREFIX);

    if (strncmp(type_url, URL_PREFIX, strlen(URL_PREFIX)) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof own_types / sizeof *own_types; i++)
        if (strcmp(own_types[i]->name, name) == 0)
            return own_types[i];
    return event_data_find(name);
}

struct Google__Protobuf__Any *niva_wire_any(const ProtobufCMessage *message,
                                            struct niva_arena *arena)
{
    Google__Protobuf__Any *any = niva_wire_new(&google__protobuf__any__descriptor, arena);
    struct niva_error ignored;

    if (any == NULL || !niva_wire_pack(message, arena, &any->value, &ignored))
        return NULL;
    any->type_url = niva_arena_printf(arena, URL_PREFIX "%s", message->descriptor->name);
    return any->type_url == NULL ? NULL : any;
}

/* ---- out ---- */

struct details {
    struct niva_arena *arena;
    Google__Protobuf__Any **items;
    size_t count;
};

static bool details_add(struct details *details, const ProtobufCMessage *message)
{
    Google__Protobuf__Any *any = niva_wire_any(message, details->arena);

    if (any == NULL)
        return false;
    details->items[details->count++] = any;
    return true;
}

/* The detail packs what it borrows at once, so constness is kept in deed. */
static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

static bool localized_add(struct details *details, const char *text_sv)
{
    Google__Rpc__LocalizedMessage localized = GOOGLE__RPC__LOCALIZED_MESSAGE__INIT;

    localized.locale = borrowed("sv");
    localized.message = borrowed(text_sv);
    return details_add(details, &localized.base);
}

static bool bad_request_add(struct details *details, const struct niva_error *err)
{
    Google__Rpc__BadRequest__FieldViolation items[NIVA_VIOLATIONS_MAX];
    Google__Rpc__BadRequest__FieldViolation *pointers[NIVA_VIOLATIONS_MAX];
    Google__Rpc__LocalizedMessage localized[NIVA_VIOLATIONS_MAX];
    Google__Rpc__BadRequest request = GOOGLE__RPC__BAD_REQUEST__INIT;

    for (size_t i = 0; i < err->violation_count; i++) {
        const struct niva_violation *violation = &err->violations[i];

        google__rpc__localized_message__init(&localized[i]);
        localized[i].locale = borrowed("sv");
        localized[i].message = borrowed(violation->text_sv);
        google__rpc__bad_request__field_violation__init(&items[i]);
        items[i].field = borrowed(violation->field);
        items[i].description = borrowed(violation->text_en);
        items[i].reason = borrowed(violation->reason);
        items[i].localized_message = &localized[i];
        pointers[i] = &items[i];
    }
    request.n_field_violations = err->violation_count;
    request.field_violations = pointers;
    return details_add(details, &request.base);
}

/* google.rpc's violation of a precondition has one sentence: the Swedish ones follow it as
 * localized messages, in the same order. */
static bool precondition_add(struct details *details, const struct niva_error *err)
{
    Google__Rpc__PreconditionFailure__Violation items[NIVA_VIOLATIONS_MAX];
    Google__Rpc__PreconditionFailure__Violation *pointers[NIVA_VIOLATIONS_MAX];
    Google__Rpc__PreconditionFailure failure = GOOGLE__RPC__PRECONDITION_FAILURE__INIT;

    for (size_t i = 0; i < err->violation_count; i++) {
        google__rpc__precondition_failure__violation__init(&items[i]);
        items[i].type = borrowed(err->violations[i].reason);
        items[i].subject = borrowed(err->violations[i].field);
        items[i].description = borrowed(err->violations[i].text_en);
        pointers[i] = &items[i];
    }
    failure.n_violations = err->violation_count;
    failure.violations = pointers;
    if (!details_add(details, &failure.base))
        return false;
    for (size_t i = 0; i < err->violation_count; i++)
        if (!localized_add(details, err->violations[i].text_sv))
            return false;
    return true;
}

static bool retry_add(struct details *details, int32_t milliseconds)
{
    Google__Rpc__RetryInfo__Delay delay = GOOGLE__RPC__RETRY_INFO__DELAY__INIT;
    Google__Rpc__RetryInfo retry = GOOGLE__RPC__RETRY_INFO__INIT;

    delay.seconds = milliseconds / 1000;
    delay.nanos = milliseconds % 1000 * 1000000;
    retry.retry_delay = &delay;
    return details_add(details, &retry.base);
}

bool niva_wire_error_details(const struct niva_error *err, struct niva_arena *arena,
                             size_t *ret_count, struct Google__Protobuf__Any ***ret_details)
{
    struct details details = {.arena = arena};
    bool precondition = err->code == NIVA_FAILED_PRECONDITION;

    details.items = niva_arena_array(arena, DETAILS_MAX, sizeof *details.items);
    if (details.items == NULL)
        return false;
    if (err->text_sv[0] != '\0' && !localized_add(&details, err->text_sv))
        return false;
    if (err->violation_count > 0 &&
        !(precondition ? precondition_add(&details, err) : bad_request_add(&details, err)))
        return false;
    if (err->retry_after_ms > 0 && !retry_add(&details, err->retry_after_ms))
        return false;
    *ret_count = details.count;
    *ret_details = details.items;
    return true;
}

/* ---- in ---- */

struct found {
    const char *text_sv; /* NULL while none was found */
    size_t localized;    /* sentences that came behind the violations */
    struct niva_error *err;
};

static void bad_request_read(const Google__Rpc__BadRequest *request, struct niva_error *err)
{
    for (size_t i = 0; i < request->n_field_violations; i++) {
        const Google__Rpc__BadRequest__FieldViolation *item = request->field_violations[i];
        const Google__Rpc__LocalizedMessage *localized = item->localized_message;

        niva_fail_violation(err, NIVA_INVALID_ARGUMENT, item->field, item->reason,
                            localized == NULL ? item->description : localized->message,
                            item->description);
    }
}

static void precondition_read(const Google__Rpc__PreconditionFailure *failure,
                              struct niva_error *err)
{
    for (size_t i = 0; i < failure->n_violations; i++) {
        const Google__Rpc__PreconditionFailure__Violation *item = failure->violations[i];

        niva_fail_violation(err, NIVA_FAILED_PRECONDITION, item->subject, item->type,
                            item->description, item->description);
    }
}

/* The first sentence is the error's; those that follow a precondition are its violations'. */
static void localized_read(const Google__Rpc__LocalizedMessage *localized, struct found *found)
{
    struct niva_violation *violation;

    if (found->err->violation_count == 0) {
        found->text_sv = localized->message;
        return;
    }
    if (found->localized >= found->err->violation_count)
        return;
    violation = &found->err->violations[found->localized++];
    niva_text_set(violation->text_sv, sizeof violation->text_sv, localized->message);
}

static int32_t retry_read(const Google__Rpc__RetryInfo *retry)
{
    const Google__Rpc__RetryInfo__Delay *delay = retry->retry_delay;

    if (delay == NULL || delay->seconds < 0 || delay->seconds > 86400 || delay->nanos < 0 ||
        delay->nanos > 999999999)
        return 0;
    return (int32_t)delay->seconds * 1000 + delay->nanos / 1000000;
}

static void detail_read(const ProtobufCMessage *detail, struct found *found)
{
    const void *message = detail;

    if (detail->descriptor == &google__rpc__bad_request__descriptor)
        bad_request_read(message, found->err);
    else if (detail->descriptor == &google__rpc__precondition_failure__descriptor)
        precondition_read(message, found->err);
    else if (detail->descriptor == &google__rpc__localized_message__descriptor)
        localized_read(message, found);
    else if (detail->descriptor == &google__rpc__retry_info__descriptor)
        found->err->retry_after_ms = retry_read(message);
}

/* The English sentence of a message: what stands behind the Swedish one and " / ". */
static const char *english_of(const char *message, const char *text_sv)
{
    size_t length = text_sv == NULL ? 0 : strlen(text_sv);

    if (length == 0 || strncmp(message, text_sv, length) != 0 ||
        strncmp(message + length, " / ", 3) != 0)
        return message;
    return message + length + 3;
}

void niva_wire_error_read(int code, const char *message, size_t count,
                          struct Google__Protobuf__Any *const *details, struct niva_arena *arena,
                          struct niva_error *ret_error)
{
    struct niva_error ignored;
    struct niva_error sentences;
    struct found found = {.err = ret_error};
    enum niva_code known =
        strcmp(niva_code_name(code), "UNKNOWN") == 0 ? NIVA_INTERNAL : (enum niva_code)code;

    niva_error_clear(ret_error);
    for (size_t i = 0; i < count && known != NIVA_OK; i++) {
        const ProtobufCMessageDescriptor *type = niva_wire_type(details[i]->type_url);
        ProtobufCMessage *detail;

        if (type != NULL && niva_wire_unpack(type, details[i]->value.data, details[i]->value.len,
                                             false, arena, &detail, &ignored))
            detail_read(detail, &found);
    }
    niva_fail(&sentences, known, found.text_sv == NULL ? message : found.text_sv,
              english_of(message, found.text_sv));
    ret_error->code = known;
    memcpy(ret_error->text_sv, sentences.text_sv, sizeof ret_error->text_sv);
    memcpy(ret_error->text_en, sentences.text_en, sizeof ret_error->text_en);
}
