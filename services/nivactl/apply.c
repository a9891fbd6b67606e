#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/clock.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/lines.h"
#include "services/nivactl/progress.h"
#include "services/nivactl/request.h"
#include "services/nivactl/today.h"
#include "services/nivactl/wait.h"

enum { ARENA_BYTES = 64 << 20, RETRY_MS = 50 };

struct apply {
    struct session *session;
    const struct lines *lines;
    struct niva_uuid name_space;
    json_t *replies;          /* of labelled lines, by label */
    struct niva_arena *arena; /* of one line */
    niva_day reached;         /* the latest day on which a line was recorded */
    struct progress progress;
};

/* History is replayed as it happened: what was recorded on a day is judged before the next begins.
 * The first fact of an empty system begins its first day, so today is asked for after the wait. */
static bool day_reach(struct apply *apply, niva_instant recorded_at, struct niva_error *err)
{
    struct wait wait = {.last = COMPENSATION, .deadline_ms = wait_deadline(apply->session)};
    niva_day day = recorded_at == INT64_MIN ? NIVA_DAY_NONE : niva_local_day(recorded_at);
    niva_day today;
    bool rehearsal;

    if (day <= apply->reached)
        return true;
    if (!wait_applied(apply->session, &wait, err) ||
        !today_read(apply->session, &today, &rehearsal, err))
        return false;
    if (rehearsal && day > today && !today_move(apply->session, day, niva_local_midnight(day), err))
        return false;
    apply->reached = day;
    return true;
}

static bool reply_keep(const struct apply *apply, const char *label, const ProtobufCMessage *reply,
                       struct niva_error *err)
{
    struct niva_text text = {0};
    json_t *json = NULL;

    if (niva_json_print(reply, NIVA_JSON_PROTO_NAMES, &text, err) && !text.failed)
        json = json_loadb(text.data, text.length, 0, NULL);
    niva_text_free(&text);
    return (json != NULL && json_object_set_new(apply->replies, label, json) == 0) ||
           niva_fail_internal(err, "a reply cannot be kept");
}

/* The same request_id again asks for nothing new, so what may pass by itself is tried again. */
static bool line_send(const struct apply *apply, const struct line *line,
                      const ProtobufCMessage *request, ProtobufCMessage **ret_reply,
                      struct niva_error *err)
{
    struct call call = {.principal = line->principal, .recorded_at = line->recorded_at};
    int64_t deadline_ms = wait_deadline(apply->session);

    for (;;) {
        niva_error_clear(err);
        if (session_call(apply->session, line->method.service, &line->method, request, &call,
                         apply->arena, ret_reply, err))
            return true;
        if ((err->code != NIVA_UNAVAILABLE && err->code != NIVA_RESOURCE_EXHAUSTED &&
             err->code != NIVA_ABORTED) ||
            niva_clock_monotonic_ms() >= deadline_ms)
            return false;
        rest_ms(err->retry_after_ms > RETRY_MS ? err->retry_after_ms : RETRY_MS);
    }
}

static bool line_apply(struct apply *apply, const struct line *line, struct niva_error *err)
{
    struct niva_uuid id = request_id_of_line(apply->name_space, line->number);
    ProtobufCMessage *request;
    ProtobufCMessage *reply;

    return day_reach(apply, line->recorded_at, err) &&
           line_request(line, apply->replies, apply->arena, &request, err) &&
           request_give_id(request, id, apply->arena, err) &&
           line_send(apply, line, request, &reply, err) &&
           (line->label == NULL || reply_keep(apply, line->label, reply, err));
}

static bool lines_apply(struct apply *apply, struct niva_error *err)
{
    char day[16] = "";

    for (size_t i = 0; i < apply->lines->count; i++) {
        const struct line *line = &apply->lines->lines[i];

        if (!line_apply(apply, line, err)) {
            line_blame(apply->lines->path, line->number, err);
            return false;
        }
        niva_arena_reset(apply->arena);
        if (line->recorded_at != INT64_MIN)
            niva_day_format(niva_local_day(line->recorded_at), day);
        progress_step(&apply->progress, day);
    }
    return true;
}

/* How far it came: what was loaded stays loaded, and the unchanged file goes on from there. */
static void stop_say(const struct apply *apply)
{
    char done[32];

    progress_clear(&apply->progress);
    progress_count(apply->progress.done, done);
    if (!apply->session->json)
        fprintf(apply->session->err,
                session_pick(apply->session,
                             "%s: %s rader är inlästa och står kvar; samma fil fortsätter där.\n",
                             "%s: %s lines are loaded and stay; the same file goes on there.\n"),
                apply->lines->path, done);
}

static int file_apply(struct session *session, const struct lines *lines)
{
    struct apply apply = {
        .session = session,
        .lines = lines,
        .name_space = request_namespace(lines->bytes, lines->size),
        .replies = json_object(),
        .arena = niva_arena_new(ARENA_BYTES),
        .reached = NIVA_DAY_NONE,
    };
    struct niva_error err;
    int code = EXIT_YES;

    niva_error_clear(&err);
    progress_begin(&apply.progress, session, lines->count);
    if (apply.replies == NULL || apply.arena == NULL)
        niva_fail_internal(&err, "out of memory");
    else if (lines_apply(&apply, &err))
        progress_end(&apply.progress, lines->path);
    if (err.code != NIVA_OK) {
        stop_say(&apply);
        code = session_fail(session, &err);
    }
    niva_arena_free(apply.arena);
    json_decref(apply.replies);
    return code;
}

static int path_apply(struct session *session, const char *path, size_t *applied)
{
    struct niva_error err;
    struct lines lines;
    const char *bytes;
    size_t size;
    int code;

    niva_error_clear(&err);
    if (!session_read_file(session, path, session->arena, &bytes, &size, &err) ||
        !lines_read(path, bytes, size, session->arena, &lines, &err)) {
        session_fail(session, &err);
        return EXIT_USAGE;
    }
    code = file_apply(session, &lines);
    *applied += lines.count;
    lines_free(&lines);
    return code;
}

int command_apply(struct session *session, size_t count, const char *const *arguments)
{
    size_t applied = 0;

    for (size_t i = 0; i < count; i++) {
        int code = path_apply(session, arguments[i], &applied);

        if (code != EXIT_YES)
            return code;
    }
    if (session->json)
        fprintf(session->out, "{\"files\": %zu, \"lines\": %zu}\n", count, applied);
    return EXIT_YES;
}
