#include "services/nivactl/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "niva/compliance/v1/compliance.pb-c.h"

enum { ARENA_MAX = 1 << 30, FILE_MAX = 256 << 20, READ_STEP = 64 << 10 };

bool session_open(struct session *session, const struct options *options, FILE *out, FILE *err)
{
    *session = (struct session){
        .options = *options,
        .language = strcmp(options->lang, "en") == 0 ? ENGLISH : SWEDISH,
        .json = strcmp(options->output, "json") == 0,
        .arena = niva_arena_new(ARENA_MAX),
        .out = out,
        .err = err,
    };
    return session->arena != NULL;
}

void session_close(struct session *session)
{
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        session->clients[i] = niva_rpc_client_free(session->clients[i]);
    session->arena = niva_arena_free(session->arena);
}

const char *session_pick(const struct session *session, const char *sv, const char *en)
{
    return words_pick(session->language, sv, en);
}

/* ---- calls ---- */

static bool client_open(struct session *session, enum service service, struct niva_error *err)
{
    char url[128];

    if (session->clients[service] != NULL)
        return true;
    if (!session->placed && !place_find(session->options.run_dir, &session->place, err))
        return false;
    session->placed = true;
    if (!place_check(&session->place, service, err))
        return false;
    place_url(&session->place, service, url);
    session->clients[service] = niva_rpc_client_new(url, err);
    return session->clients[service] != NULL;
}

bool session_call(struct session *session, enum service service, const struct method *method,
                  const ProtobufCMessage *request, const struct call *call,
                  struct niva_arena *arena, ProtobufCMessage **ret_reply, struct niva_error *err)
{
    struct niva_rpc_options options = {
        .timeout_ms = call->timeout_ms,
        .principal = call->principal,
        .recorded_at = call->recorded_at,
    };
    bool rehearsal = false;

    if (!client_open(session, service, err))
        return false;
    if (options.timeout_ms == 0)
        options.timeout_ms = session->options.timeout * 1000 < NIVA_RPC_TIMEOUT_MAX_MS
                                 ? (int)session->options.timeout * 1000
                                 : NIVA_RPC_TIMEOUT_MAX_MS;
    if (options.principal == NULL && *session->options.as != '\0')
        options.principal = session->options.as;
    if (!niva_rpc_call(session->clients[service], method->name, request, method->type->output,
                       &options, arena, ret_reply, &rehearsal, err))
        return false;
    session->rehearsal = session->rehearsal || rehearsal;
    return true;
}

bool session_ask(struct session *session, const char *name, const ProtobufCMessage *request,
                 ProtobufCMessage **ret_reply, struct niva_error *err)
{
    static const struct call plain = {.recorded_at = INT64_MIN};
    struct method method;

    if (!method_find(name, &method) || method.service == ANY_SERVICE)
        return niva_fail_internal(err, "no single service has %s", name);
    return session_call(session, method.service, &method, request, &plain, session->arena,
                        ret_reply, err);
}

/* The entries of a page: its one repeated field of messages beside `applied`. */
static const ProtobufCFieldDescriptor *entries_field(const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++)
        if (type->fields[i].label == PROTOBUF_C_LABEL_REPEATED &&
            type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE &&
            strcmp(type->fields[i].name, "applied") != 0)
            return &type->fields[i];
    return NULL;
}

/* Appends the entries of a page to those of the first. */
static bool page_join(ProtobufCMessage *first, const ProtobufCMessage *page,
                      struct niva_arena *arena, struct niva_error *err)
{
    const ProtobufCFieldDescriptor *field = entries_field(first->descriptor);
    void *count_at = (char *)first + field->quantifier_offset;
    void *entries_at = (char *)first + field->offset;
    size_t count;
    size_t more;
    void **entries;
    void *const *old;
    void *const *new;

    memcpy(&count, count_at, sizeof count);
    memcpy(&old, entries_at, sizeof old);
    memcpy(&more, (const char *)page + field->quantifier_offset, sizeof more);
    memcpy(&new, (const char *)page + field->offset, sizeof new);
    entries = niva_arena_array(arena, count + more, sizeof *entries);
    if (entries == NULL)
        return niva_fail(err, NIVA_RESOURCE_EXHAUSTED, "Svaret är för stort.",
                         "The answer is too large.");
    if (count > 0)
        memcpy(entries, old, count * sizeof *entries);
    if (more > 0)
        memcpy(entries + count, new, more * sizeof *entries);
    count += more;
    memcpy(count_at, &count, sizeof count);
    memcpy(entries_at, &entries, sizeof entries);
    return true;
}

bool session_list(struct session *session, const char *method, ProtobufCMessage *request,
                  ProtobufCMessage **ret_reply, struct niva_error *err)
{
    ProtobufCMessage *first = NULL;
    ProtobufCMessage *page;
    const char *token;

    do {
        if (!session_ask(session, method, request, &page, err))
            return false;
        if (first == NULL)
            first = page;
        else if (!page_join(first, page, session->arena, err))
            return false;
        token = niva_wire_get_text(page, "next_page_token");
        if (!niva_wire_set_text(request, "page_token", token))
            return niva_fail_internal(err, "%s has no pages", method);
    } while (*token != '\0');
    if (!niva_wire_set_text(first, "next_page_token", ""))
        return niva_fail_internal(err, "%s has no pages", method);
    *ret_reply = first;
    return true;
}

bool session_today(struct session *session, const char **ret_day, struct niva_error *err)
{
    Niva__Compliance__V1__GetBusinessDayRequest request =
        NIVA__COMPLIANCE__V1__GET_BUSINESS_DAY_REQUEST__INIT;
    ProtobufCMessage *reply;

    if (!session_ask(session, "niva.compliance.v1.ComplianceService/GetBusinessDay", &request.base,
                     &reply, err))
        return false;
    *ret_day = niva_wire_get_text(reply, "day");
    return true;
}

int session_days(const struct session *session, size_t count, const char *const *arguments)
{
    niva_day day;

    for (size_t i = 0; i < count; i++)
        if (!niva_day_parse(arguments[i], &day))
            return session_refuse(
                session, "Dagen ska finnas i almanackan 1900–2999 och skrivas som 2022-09-30.",
                "The day must be one of the calendar 1900–2999, written like 2022-09-30.");
    return EXIT_YES;
}

bool session_known_at(struct session *session, struct Google__Protobuf__Timestamp **ret_known_at,
                      struct niva_error *err)
{
    const char *text = session->options.known_at;
    niva_instant instant;
    niva_day day;

    *ret_known_at = NULL;
    if (*text == '\0')
        return true;
    if (niva_day_parse(text, &day))
        instant = niva_local_midnight(day + 1) - 1;
    else if (!niva_instant_parse(text, &instant))
        return niva_fail_internal(err, "--known-at was not checked");
    *ret_known_at = niva_wire_timestamp(instant, session->arena);
    return *ret_known_at != NULL || niva_fail_internal(err, "out of memory");
}

/* ---- files ---- */

static bool file_refuse(const char *path, const char *sv, const char *en, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv, "Filen %.160s: %s.", path, sv);
    snprintf(text_en, sizeof text_en, "File %.160s: %s.", path, en);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

static bool stream_read(FILE *stream, struct niva_text *text)
{
    char buffer[READ_STEP];
    size_t size;

    while ((size = fread(buffer, 1, sizeof buffer, stream)) > 0 && text->length <= FILE_MAX)
        niva_text_append(text, buffer, size);
    return ferror(stream) == 0 && !text->failed;
}

bool session_read_file(const struct session *session, const char *path, struct niva_arena *arena,
                       const char **ret_bytes, size_t *ret_size, struct niva_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *stream = standard ? stdin : fopen(path, "re");
    struct niva_text text = {0};
    char *copy = NULL;
    bool read;

    (void)session;
    if (stream == NULL)
        return file_refuse(path, errno == ENOENT ? "finns inte" : "går inte att läsa",
                           errno == ENOENT ? "does not exist" : "cannot be read", err);
    read = stream_read(stream, &text);
    if (!standard)
        fclose(stream);
    if (read && text.length <= FILE_MAX)
        copy = niva_arena_copy(arena, text.length == 0 ? "" : text.data, text.length);
    *ret_size = text.length;
    niva_text_free(&text);
    if (!read)
        return file_refuse(path, "går inte att läsa", "cannot be read", err);
    if (copy == NULL)
        return file_refuse(path, "är för stor (högst 256 MiB)", "is too large (at most 256 MiB)",
                           err);
    *ret_bytes = copy;
    return true;
}
