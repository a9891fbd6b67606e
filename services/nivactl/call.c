#include <string.h>

#include "services/common/base/clock.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/request.h"

/* The text of the request: JSON as given, @file, or - for standard input; "{}" when none. */
static bool data_read(struct session *session, const char *data, const char **ret_json,
                      size_t *ret_size, struct niva_error *err)
{
    if (*data == '\0')
        data = "{}";
    if (*data == '@' || strcmp(data, "-") == 0)
        return session_read_file(session, data + (*data == '@'), session->arena, ret_json, ret_size,
                                 err);
    *ret_json = data;
    *ret_size = strlen(data);
    return true;
}

/* The service that answers: the method's own, --service, or that of the stream that is asked for.
 */
static bool service_choose(const struct session *session, const struct method *method,
                           const ProtobufCMessage *request, enum service *ret_service)
{
    const char *named = session->options.service;
    const char *stream = niva_wire_get_text(request, "stream");

    if (method->service != ANY_SERVICE) {
        *ret_service = method->service;
        return *named == '\0' || strcmp(named, service_name(method->service)) == 0;
    }
    return service_find(*named != '\0' ? named : stream, ret_service);
}

static int method_refuse(const struct session *session, const char *name)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv,
             "Metoden ”%.100s” finns inte; nivactl completion bash räknar upp dem.", name);
    snprintf(text_en, sizeof text_en,
             "There is no method \"%.100s\"; nivactl completion bash lists them.", name);
    return session_refuse(session, text_sv, text_en);
}

int command_call(struct session *session, size_t count, const char *const *arguments)
{
    static const struct call plain = {.recorded_at = INT64_MIN};
    struct niva_error err;
    struct method method;
    enum service service;
    const char *data = count > 1 ? arguments[1] : session->options.data;
    const char *json;
    size_t size;
    ProtobufCMessage *message;

    niva_error_clear(&err);
    if (!method_find(arguments[0], &method))
        return method_refuse(session, arguments[0]);
    if (count > 1 && *session->options.data != '\0')
        return session_refuse(session, "Begäran anges en gång: som argument eller med --data.",
                              "The request is given once: as an argument or by --data.");
    if (!data_read(session, data, &json, &size, &err)) {
        session_fail(session, &err);
        return EXIT_USAGE;
    }
    if (!niva_json_parse(method.type->input, json, size, session->arena, &message, &err))
        return session_fail(session, &err);
    if (!service_choose(session, &method, message, &service))
        return session_refuse(session,
                              "Vilken tjänst ska svara? Ange --service intake, compliance eller "
                              "compensation.",
                              "Which service is to answer? Give --service intake, compliance or "
                              "compensation.");
    if (!request_give_id(message, niva_uuid_v7(niva_clock_now()), session->arena, &err) ||
        !session_call(session, service, &method, message, &plain, session->arena, &message, &err) ||
        !session_print_json(session, message, &err))
        return session_fail(session, &err);
    return EXIT_YES;
}
