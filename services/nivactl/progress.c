#include "services/nivactl/progress.h"

#include <inttypes.h>
#include <unistd.h>

#include "services/common/base/clock.h"

enum { BAR = 30, REDRAW_MS = 100 };

void progress_count(size_t count, char ret_text[32])
{
    size_t group = 1;
    int length;

    while (count / group >= 1000)
        group *= 1000;
    length = snprintf(ret_text, 32, "%zu", count / group);
    for (group /= 1000; group > 0; group /= 1000)
        length +=
            snprintf(ret_text + length, 32 - (size_t)length, "\u00a0%03zu", count / group % 1000);
}

void progress_begin(struct progress *progress, const struct session *session, size_t all)
{
    *progress = (struct progress){
        .session = session,
        .terminal = isatty(fileno(session->err)) == 1,
        .all = all,
        .begun_ms = niva_clock_monotonic_ms(),
    };
}

static size_t lines_per_second(const struct progress *progress, int64_t now_ms)
{
    int64_t passed = now_ms - progress->begun_ms;

    return progress->done * 1000 / (size_t)(passed > 0 ? passed : 1);
}

static void bar_draw(const struct progress *progress, int64_t now_ms, const char *note)
{
    FILE *err = progress->session->err;
    size_t filled = progress->done >= progress->all ? BAR : progress->done * BAR / progress->all;
    char done[32];
    char all[32];

    progress_count(progress->done, done);
    progress_count(progress->all, all);
    fputs("\r[", err);
    for (size_t i = 0; i < BAR; i++)
        fputs(i < filled ? "█" : " ", err);
    fprintf(err,
            session_pick(progress->session, "] %s av %s rader, %zu i sekunden  %s\033[K",
                         "] %s of %s lines, %zu a second  %s\033[K"),
            done, all, lines_per_second(progress, now_ms), note);
    fflush(err);
}

void progress_step(struct progress *progress, const char *note)
{
    progress_advance(progress, 1, note);
}

void progress_advance(struct progress *progress, size_t count, const char *note)
{
    int64_t now_ms = niva_clock_monotonic_ms();

    progress->done += count;
    if (!progress->terminal || now_ms - progress->drawn_ms < REDRAW_MS)
        return;
    progress->drawn_ms = now_ms;
    bar_draw(progress, now_ms, note);
}

void progress_clear(const struct progress *progress)
{
    if (!progress->terminal)
        return;
    fputs("\r\033[K", progress->session->err);
    fflush(progress->session->err);
}

void progress_end(const struct progress *progress, const char *what)
{
    int64_t now_ms = niva_clock_monotonic_ms();
    int64_t passed = now_ms - progress->begun_ms;
    char done[32];

    progress_clear(progress);
    progress_count(progress->done, done);
    fprintf(progress->session->err,
            session_pick(progress->session,
                         "%s: %s rader på %" PRId64 ",%" PRId64 " s, %zu i sekunden.\n",
                         "%s: %s lines in %" PRId64 ".%" PRId64 " s, %zu a second.\n"),
            what, done, passed / 1000, passed % 1000 / 100, lines_per_second(progress, now_ms));
}
