#include "tests/unit/nivactl/fake.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/component.pb-c.h"
#include "niva/compensation/v1/settlement.pb-c.h"
#include "niva/compliance/v1/change.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/compliance/v1/follow_up.pb-c.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "niva/events/v1/events.pb-c.h"
#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"

enum { WORDS_MAX = 16, DRAIN_MS = 1000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool fake_is(const struct niva_rpc_call *call, const char *method)
{
    const char *name = strrchr(niva_rpc_call_name(call), '.');

    return name != NULL && strcmp(name + 1, method) == 0;
}

static void call_note(char line[FAKE_LINE_MAX], enum service service,
                      const struct niva_rpc_call *call)
{
    niva_instant recorded_at = niva_rpc_call_recorded_at(call);
    struct niva_text request = {0};
    struct niva_error err;
    char instant[32] = "-";

    if (recorded_at != INT64_MIN)
        niva_instant_format(recorded_at, instant);
    if (!niva_json_print(niva_rpc_call_request(call), NIVA_JSON_PROTO_NAMES, &request, &err))
        niva_text_puts(&request, "?");
    snprintf(line, FAKE_LINE_MAX, "%s %s %s %s %s", service_name(service),
             strrchr(niva_rpc_call_name(call), '.') + 1, niva_rpc_call_principal(call)->subject,
             instant, request.data);
    niva_text_free(&request);
}

static void handle(struct niva_rpc_call *call, void *user)
{
    struct fake_service *service = user;
    struct fake *fake = service->fake;
    size_t seen;

    pthread_mutex_lock(&lock);
    seen = fake->call_count;
    if (seen < FAKE_CALLS_MAX)
        call_note(fake->calls[fake->call_count++], service->service, call);
    pthread_mutex_unlock(&lock);
    fake->answer(fake, service->service, call, seen);
}

void fake_reply(struct niva_rpc_call *call, const char *json)
{
    struct niva_error err;
    ProtobufCMessage *reply;

    niva_error_clear(&err);
    if (niva_json_parse(niva_rpc_call_method(call)->output, json, strlen(json),
                        niva_rpc_call_arena(call), &reply, &err))
        niva_rpc_reply(call, reply);
    else
        niva_rpc_fail(call, &err);
}

void fake_refuse(struct niva_rpc_call *call, enum niva_code code, const char *field)
{
    struct niva_error err;

    niva_error_clear(&err);
    if (*field == '\0')
        niva_fail(&err, code, "Det går inte.", "It does not work.");
    else
        niva_fail_violation(&err, code, field, "BAD", "Det är fel.", "It is wrong.");
    niva_rpc_fail(call, &err);
}

static bool server_start(struct fake *fake, enum service service)
{
    static const ProtobufCServiceDescriptor *const served[] = {
        &niva__intake__v1__unit_service__descriptor,
        &niva__intake__v1__report_service__descriptor,
        &niva__compliance__v1__rule_service__descriptor,
        &niva__compliance__v1__compliance_service__descriptor,
        &niva__compliance__v1__change_service__descriptor,
        &niva__compliance__v1__dialogue_service__descriptor,
        &niva__compliance__v1__follow_up_service__descriptor,
        &niva__compensation__v1__adjustment_service__descriptor,
        &niva__compensation__v1__settlement_service__descriptor,
        &niva__compensation__v1__component_service__descriptor,
        &niva__events__v1__event_service__descriptor,
        &niva__control__v1__control_service__descriptor,
    };
    char url[128];
    struct niva_rpc_listener listener = {.url = url};
    struct niva_rpc_server_options options = {
        .services = served,
        .service_count = sizeof served / sizeof *served,
        .listeners = &listener,
        .listener_count = 1,
        .workers = 2,
        .queue = 16,
        .request_max = NIVA_RPC_REQUEST_MAX,
        .rehearsal = fake->rehearsal,
        .handler = handle,
        .user = &fake->services[service],
    };
    struct niva_error err;

    snprintf(url, sizeof url, "ipc://%s/%s.user", fake->folder, service_name(service));
    fake->services[service] = (struct fake_service){fake, service};
    niva_error_clear(&err);
    fake->servers[service] = niva_rpc_server_new(&options, &err);
    if (fake->servers[service] == NULL)
        fprintf(stderr, "fake: %s (%s)\n", err.text_en, err.cause);
    return fake->servers[service] != NULL;
}

bool fake_start(struct fake *fake, bool rehearsal, fake_answer *answer)
{
    *fake = (struct fake){.rehearsal = rehearsal, .answer = answer};
    snprintf(fake->folder, sizeof fake->folder, "/tmp/niva-fake-XXXXXX");
    if (mkdtemp(fake->folder) == NULL)
        return false;
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (!server_start(fake, (enum service)i))
            return false;
    return true;
}

void fake_stop(struct fake *fake)
{
    for (int i = 0; i < SERVICE_COUNT; i++) {
        char path[128];

        fake->servers[i] = niva_rpc_server_free(fake->servers[i]);
        snprintf(path, sizeof path, "%s/%s.user", fake->folder, service_name((enum service)i));
        unlink(path);
    }
    rmdir(fake->folder);
    free(fake->out);
    free(fake->err);
}

/* Splits a line at its spaces; the words lie in `text`. */
static int line_split(char *text, char *words[WORDS_MAX])
{
    int count = 0;
    char *rest = text;

    while (count < WORDS_MAX - 1 && (words[count] = strsep(&rest, " ")) != NULL)
        count++;
    words[count] = NULL;
    return count;
}

int fake_run(struct fake *fake, const char *line)
{
    char *text = strdup(line);
    char *words[WORDS_MAX];
    int count = line_split(text, words);
    const struct command *command = command_find(words[0]);
    size_t first = options_argument_at(count, words);
    struct niva_config *config;
    struct options options;
    struct niva_error err;
    const char *const *rest;
    size_t rest_count;
    FILE *out;
    FILE *errors;
    int code = -1;

    free(fake->out);
    free(fake->err);
    out = open_memstream(&fake->out, &fake->out_size);
    errors = open_memstream(&fake->err, &fake->err_size);
    niva_error_clear(&err);
    config = options_read(command_options(command, first > 0 ? words[first] : NULL), count, words,
                          NULL, &options, &rest_count, &rest, &err);
    if (config != NULL) {
        options.run_dir = fake->folder;
        if (session_open(&fake->session, &options, out, errors))
            code = command->run(&fake->session, rest_count, rest);
        session_close(&fake->session);
    }
    niva_config_free(config);
    fclose(out);
    fclose(errors);
    free(text);
    return code;
}
