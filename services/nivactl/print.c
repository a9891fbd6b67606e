/* What a session writes: answers on the output, errors on the error stream. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "services/nivactl/session.h"

/* An output that takes no more (a full disk, a closed pipe) is an error, not silence. */
static bool text_write(const struct session *session, struct niva_text *text,
                       struct niva_error *err)
{
    bool written = !text->failed && (text->length == 0 || fwrite(text->data, 1, text->length,
                                                                 session->out) == text->length);

    niva_text_free(text);
    return written || niva_fail(err, NIVA_INTERNAL, "Svaret kunde inte skrivas ut.",
                                "The answer could not be written.");
}

bool session_print_json(const struct session *session, const ProtobufCMessage *message,
                        struct niva_error *err)
{
    struct niva_text text = {0};

    if (!niva_json_print(message, NIVA_JSON_PROTO_NAMES | NIVA_JSON_INDENT, &text, err)) {
        niva_text_free(&text);
        return false;
    }
    niva_text_puts(&text, "\n");
    return text_write(session, &text, err);
}

/* A message as jansson has it; NULL with err. */
static json_t *message_json(const ProtobufCMessage *message, struct niva_error *err)
{
    struct niva_text text = {0};
    json_t *json = NULL;

    if (niva_json_print(message, NIVA_JSON_PROTO_NAMES, &text, err)) {
        json = text.failed ? NULL : json_loadb(text.data, text.length, 0, NULL);
        if (json == NULL)
            niva_fail_memory(err);
    }
    niva_text_free(&text);
    return json;
}

bool session_print_json_with(const struct session *session, const ProtobufCMessage *message,
                             const char *name, const ProtobufCMessage *member,
                             struct niva_error *err)
{
    struct niva_text text = {0};
    json_t *whole = message_json(message, err);
    json_t *part = whole == NULL ? NULL : message_json(member, err);
    char *printed = NULL;
    bool good = part != NULL;

    if (good) {
        good = json_object_set(whole, name, part) == 0 &&
               (printed = json_dumps(whole, JSON_INDENT(2))) != NULL;
        if (!good)
            niva_fail_memory(err);
    }
    if (good) {
        niva_text_printf(&text, "%s\n", printed);
        good = text_write(session, &text, err);
    }
    free(printed);
    json_decref(part);
    json_decref(whole);
    return good;
}

bool session_print_table(const struct session *session, const struct table *table,
                         struct niva_error *err)
{
    struct niva_text text = {0};

    if (!table_print(table, &text, err)) {
        niva_text_free(&text);
        return false;
    }
    return text_write(session, &text, err);
}

void session_warn(const struct session *session, size_t count,
                  Niva__Intake__V1__Warning *const *warnings)
{
    for (size_t i = 0; i < count; i++)
        show(session->err, "%s: %s\n", session_pick(session, "Obs", "Note"),
             session_pick(session, warnings[i]->text_sv, warnings[i]->text_en));
}

bool session_say_rehearsal(struct session *session, struct niva_error *err)
{
    const char *day;

    if (!session->rehearsal)
        return true;
    if (!session_today(session, &day, err))
        return false;
    fprintf(session->out,
            session_pick(session, "Repetition: dagen flyttas för hand. Affärsdag %s.\n",
                         "Rehearsal: the day is moved by hand. Business day %s.\n"),
            day);
    return true;
}

static int code_exit(enum niva_code code)
{
    switch (code) {
    case NIVA_OK:
        return EXIT_YES;
    case NIVA_INVALID_ARGUMENT:
    case NIVA_NOT_FOUND:
    case NIVA_ALREADY_EXISTS:
    case NIVA_PERMISSION_DENIED:
    case NIVA_FAILED_PRECONDITION:
    case NIVA_UNAUTHENTICATED:
        return EXIT_NO;
    case NIVA_CANCELLED:
    case NIVA_DEADLINE_EXCEEDED:
    case NIVA_RESOURCE_EXHAUSTED:
    case NIVA_ABORTED:
    case NIVA_UNIMPLEMENTED:
    case NIVA_INTERNAL:
    case NIVA_UNAVAILABLE:
        break;
    }
    return EXIT_SERVER;
}

static json_t *violations_json(const struct niva_error *err)
{
    json_t *list = json_array();

    for (size_t i = 0; i < err->violation_count; i++) {
        const struct niva_violation *violation = &err->violations[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "field", violation->field,
                                              "reason", violation->reason, "text_sv",
                                              violation->text_sv, "text_en", violation->text_en));
    }
    return list;
}

static void error_print_json(const struct session *session, const struct niva_error *err)
{
    json_t *json =
        json_pack("{s:{s:s, s:s, s:s, s:o}}", "error", "code", niva_code_name(err->code), "text_sv",
                  err->text_sv, "text_en", err->text_en, "violations", violations_json(err));
    char *text = json == NULL ? NULL : json_dumps(json, JSON_INDENT(2));

    fprintf(session->err, "%s\n", text == NULL ? "{\"error\": {\"code\": \"INTERNAL\"}}" : text);
    free(text);
    json_decref(json);
}

static void error_print(const struct session *session, const struct niva_error *err)
{
    show(session->err, "%s: %s (%s)\n", session_pick(session, "Fel", "Error"),
         session_pick(session, err->text_sv, err->text_en), niva_code_name(err->code));
    for (size_t i = 0; i < err->violation_count; i++) {
        const struct niva_violation *violation = &err->violations[i];

        show(session->err, "  %s: %s (%s)\n", violation->field,
             session_pick(session, violation->text_sv, violation->text_en), violation->reason);
    }
    if (err->code == NIVA_INTERNAL && *err->cause != '\0')
        show(session->err, "  %s\n", err->cause);
}

int session_fail(const struct session *session, const struct niva_error *err)
{
    fflush(session->out);
    if (session->json)
        error_print_json(session, err);
    else
        error_print(session, err);
    return code_exit(err->code);
}

int session_refuse(const struct session *session, const char *text_sv, const char *text_en)
{
    struct niva_error err;

    niva_error_clear(&err);
    niva_fail(&err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
    session_fail(session, &err);
    return EXIT_USAGE;
}
