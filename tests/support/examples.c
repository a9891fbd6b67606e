#include "tests/support/examples.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "niva/events/v1/events.pb-c.h"
#include "services/common/wire/event_types.h"
#include "tests/support/process.h"

typedef Io__Cloudevents__V1__CloudEvent CloudEvent;

enum { ARENA_BYTES = 512 << 20, CALL_MS = 30000, PAGE = 1000, PATH = 512, TEXT = 1 << 18 };

/* What differs from run to run. */
#define HEX "[0-9a-f]"
#define CHANGING                                                                                   \
    HEX "{8}-" HEX "{4}-" HEX "{4}-" HEX "{4}-" HEX "{12}"                                         \
        "|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*Z|\"position\": \"[0-9]*\""                           \
        "|\"(actor|causationid)\": \"[^\"]*\",[[:space:]]*"

/* The events of one stream. */
struct told {
    struct niva_arena *arena;
    CloudEvent **events;
    size_t count;
};

static struct told stream_read(struct system *system, enum part part)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    Niva__Events__V1__ReadEventsRequest request = NIVA__EVENTS__V1__READ_EVENTS_REQUEST__INIT;
    struct told told = {.arena = niva_arena_new(ARENA_BYTES)};
    struct niva_error err;
    struct niva_rpc_client *client = niva_rpc_client_new(system_url(system, part, "peer"), &err);
    const Niva__Events__V1__ReadEventsResponse *answer;
    ProtobufCMessage *reply;

    if (told.arena == NULL || client == NULL)
        give_up("no memory");
    request.stream = (char *)(uintptr_t)service_name((enum service)part);
    request.limit = PAGE;
    do {
        if (!niva_rpc_call(client, "/niva.events.v1.EventService/ReadEvents", &request.base,
                           &niva__events__v1__read_events_response__descriptor, &options,
                           told.arena, &reply, NULL, &err))
            give_up("%s: %s (%s)", request.stream, err.text_en, err.cause);
        answer = (const void *)reply;
        told.events =
            realloc(told.events, (told.count + answer->n_events + 1) * sizeof *told.events);
        if (told.events == NULL)
            give_up("no memory");
        memcpy(told.events + told.count, answer->events, answer->n_events * sizeof *told.events);
        told.count += answer->n_events;
        request.after_position = answer->next_position;
    } while (answer->next_position < answer->head_position);
    niva_rpc_client_free(client);
    return told;
}

static void told_free(struct told *told)
{
    niva_arena_free(told->arena);
    free(told->events);
}

static char *printed(const CloudEvent *event)
{
    struct niva_text text = {0};
    struct niva_error err;

    if (!niva_json_print(&event->base, NIVA_JSON_INDENT, &text, &err))
        give_up("%s: %s", event->type, err.text_en);
    niva_text_puts(&text, "\n");
    return text.data;
}

/* Cuts out what differs from run to run: also who caused it, for what a day brings is told by the
 * day or by the next change of the unit, whichever is worked off first. */
static void mask(char *text)
{
    regex_t changing;
    regmatch_t match;

    if (regcomp(&changing, CHANGING, REG_EXTENDED) != 0)
        give_up("the pattern cannot be used");
    for (; regexec(&changing, text, 1, &match, 0) == 0; text += match.rm_so)
        memmove(text + match.rm_so, text + match.rm_eo, strlen(text + match.rm_eo) + 1);
    regfree(&changing);
}

static const char *path_of(const char *type)
{
    static char path[PATH];

    snprintf(path, sizeof path, "%s/proto/examples/%s.json", SOURCE_ROOT, type);
    return path;
}

/* The example of a type; NULL when it has none. Valid until the next call. */
static char *example_read(const char *type)
{
    static char text[TEXT];
    FILE *file = fopen(path_of(type), "r");

    if (file == NULL)
        return NULL;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static bool example_told(const struct told *told, const char *type, const char *example,
                         bool *ret_any)
{
    bool found = false;

    *ret_any = false;
    for (size_t i = 0; !found && i < told->count; i++) {
        char *text;

        if (strcmp(told->events[i]->type, type) != 0)
            continue;
        *ret_any = true;
        if (example == NULL)
            return false;
        text = printed(told->events[i]);
        mask(text);
        found = strcmp(text, example) == 0;
        free(text);
    }
    return found;
}

static bool type_check(const struct told *told, const char *type, char *ret_wrong, size_t capacity)
{
    char *example = example_read(type);
    bool any;

    if (example != NULL)
        mask(example);
    if (example_told(told, type, example, &any) || (example == NULL && !any))
        return true;
    snprintf(ret_wrong, capacity, "%s: %s; run test_sample --update, then the events page", type,
             example == NULL ? "was told and has no example in proto/examples"
                             : "its example in proto/examples was not told");
    return false;
}

const char *examples_check(struct system *system)
{
    static char wrong[256];
    const struct niva_event_type *type;
    const char *stream;

    wrong[0] = '\0';
    for (int part = 0; part < PART_DATABASE; part++) {
        struct told told = stream_read(system, (enum part)part);

        for (size_t i = 0; (type = niva_event_type_at(i, &stream)) != NULL; i++)
            if (wrong[0] == '\0' && strcmp(stream, service_name((enum service)part)) == 0)
                type_check(&told, type->name, wrong, sizeof wrong);
        told_free(&told);
    }
    return wrong;
}

static void example_write(const CloudEvent *event)
{
    char *text = printed(event);
    FILE *file = fopen(path_of(event->type), "w");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        give_up("%s cannot be written", path_of(event->type));
    free(text);
}

void examples_write(struct system *system)
{
    const struct niva_event_type *type;

    for (int part = 0; part < PART_DATABASE; part++) {
        struct told told = stream_read(system, (enum part)part);

        for (size_t i = 0; (type = niva_event_type_at(i, NULL)) != NULL; i++)
            for (size_t k = told.count; k > 0; k--)
                if (strcmp(told.events[k - 1]->type, type->name) == 0) {
                    example_write(told.events[k - 1]);
                    break;
                }
        told_free(&told);
    }
}
