/* The states of a line and what moves it from one to the next: from amount to money (model section
 * 9). One table, so that code, proof, tests and the page of the room say the same; whoever moves a
 * line looks its edge up here. Pure. */
#ifndef NIVA_COMPENSATION_LINE_STATES_H
#define NIVA_COMPENSATION_LINE_STATES_H

#include <stdbool.h>
#include <stddef.h>

/* Where a line is; the numbers are those of Adjustment.State, 0: there is none. */
enum line_state {
    LINE_NONE = 0,
    LINE_PRELIMINARY = 1,
    LINE_PROPOSED = 2,
    LINE_IN_DIALOGUE = 3,
    LINE_DECIDED = 4,
    LINE_WAIVED = 5,
    LINE_EXPORTED = 6,
    LINE_BOOKED = 7,
    LINE_SUPERSEDED = 8,
};

/* What happens to a line. When its month is computed: what is due of it beside what the line says,
 * as long as the month is under way, and when it has ended. */
enum line_event {
    LINE_RUNS_FREE = 1, /* nothing is due */
    LINE_RUNS_SAME,
    LINE_RUNS_OTHER,
    LINE_ENDED_FREE,
    LINE_ENDED_SAME,
    LINE_ENDED_OTHER,
    LINE_TOLD,   /* the unit has been told all that it follows from */
    LINE_UNTOLD, /* a breach is behind it of which the unit has not been told */
    LINE_PREPARE,
    LINE_APPROVE,
    LINE_REVISE,
    LINE_WAIVE,
    LINE_EXPORT,
    LINE_VOID, /* the settlement that it is in is voided */
    LINE_BOOK,
    LINE_EVENTS, /* one more than the last */
};

struct line_edge {
    enum line_state from;
    enum line_event event;
    enum line_state to;
    const char *sentence;
};

/* The whole table. */
const struct line_edge *line_edges(size_t *ret_count);

/* The edge that is to be taken; NULL: the event cannot happen to such a line. */
const struct line_edge *line_edge_find(enum line_state from, enum line_event event);

/* A state's name, as in the proto, "–" for LINE_NONE; an event in words. */
const char *line_state_name(enum line_state state);
const char *line_event_words(enum line_event event);

/* Not decided yet: there is at most one such line of a component and month. */
bool line_is_open(enum line_state state);
/* Decided, whatever became of the money. */
bool line_is_decided(enum line_state state);

#endif
