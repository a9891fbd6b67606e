/* Progress of long work on the error stream: a bar that is drawn again on a terminal, one plain
 * line at the end anywhere. */
#ifndef NIVA_NIVACTL_PROGRESS_H
#define NIVA_NIVACTL_PROGRESS_H

#include "services/nivactl/session.h"

struct progress {
    const struct session *session;
    bool terminal;
    size_t all;
    size_t done;
    int64_t begun_ms; /* monotonic */
    int64_t drawn_ms;
};

void progress_begin(struct progress *progress, const struct session *session, size_t all);
/* One more line is done; `note` stands behind the bar (a day), "" for none. */
void progress_step(struct progress *progress, const char *note);
/* The same for several lines at once. */
void progress_advance(struct progress *progress, size_t count, const char *note);
/* Takes the bar away: the work stopped, or another text is to be written. */
void progress_clear(const struct progress *progress);
/* Takes the bar away and says how many lines, how long, how fast. */
void progress_end(const struct progress *progress, const char *what);

/* "1 234" with U+00A0; at most 32 bytes. */
void progress_count(size_t count, char ret_text[32]);

#endif
