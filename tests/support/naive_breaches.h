/* Which breach a run of bad days is, restated from the paragraph under the table of model section 7
 * with sets of days and nothing else, for one unit and group. It shares no code with services/model
 * or services/compliance; what they say is compared with it as text. Days are counted from 0. */
#ifndef NIVA_TESTS_SUPPORT_NAIVE_BREACHES_H
#define NIVA_TESTS_SUPPORT_NAIVE_BREACHES_H

#include <stddef.h>

#include "services/common/base/day.h"
#include "services/compliance/messages.h"

enum {
    NAIVE_DAYS = 64,
    NAIVE_BREACHES_MAX = 256,
    NAIVE_TEXT = 640,
};

enum naive_breach_state { NAIVE_OPEN = 1, NAIVE_CLOSED, NAIVE_WITHDRAWN, NAIVE_MERGED };

/* `behind[day]` is 0 on a day that is not of the breach, else what makes it bad: a number that
 * stands for the shortfall and the facts it comes from. */
struct naive_breach {
    int behind[NAIVE_DAYS];
    enum naive_breach_state state;
    int version;
    int merged_into;  /* number of a breach; 0: none */
    int returns_from; /* the same */
};

/* The record; breaches have numbers from 1, in the order in which they were opened. */
struct naive_breaches {
    int today;
    int count;
    struct naive_breach list[NAIVE_BREACHES_MAX + 1];
};

/* What the rule did, for a test that must have seen everything. */
struct naive_fates {
    size_t opened;
    size_t over_when_found;
    size_t kept;
    size_t changed;
    size_t closed;
    size_t reopened;
    size_t split; /* a run overlapped only breaches that other runs had taken */
    size_t merged;
    size_t of_many; /* a run had a choice */
    size_t withdrawn;
    size_t returned;
    size_t returned_from_merged;
};

/* The next day begins: it belongs to a breach that is open. */
void naive_breaches_day(struct naive_breaches *breaches);
/* What makes each day bad is `behind` now; 0: nothing. Days after today are a forecast. */
void naive_breaches_update(struct naive_breaches *breaches, const int behind[NAIVE_DAYS],
                           struct naive_fates *fates);

/* A version of a breach as a line: number, version, state, days, segments with what lies behind
 * them, and the breaches that it names. */
void naive_breach_print(const struct naive_breaches *breaches, int number,
                        char ret_text[NAIVE_TEXT]);
/* The same of a message. `zero` is day 0, `numbers` the ids in the order of opening; what lies
 * behind a segment is its shortfall in milli-FTE. */
void breach_print(const pb_breach *breach, niva_day zero, size_t count, const char *const *ids,
                  char ret_text[NAIVE_TEXT]);

#endif
