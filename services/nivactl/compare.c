#include <inttypes.h>
#include <string.h>

#include "services/nivactl/evaluate.h"

typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Model__V1__BreachRun BreachRun;
typedef Niva__Model__V1__Deduction Deduction;
typedef Niva__Model__V1__Outcome Outcome;

enum { SHOWN_MAX = 10, ENTRY_BYTES = 200 };

struct comparison {
    const struct session *session;
    outcome_differs *differs;
    void *user;
    size_t differences;
};

static void segment_words(const struct session *session, const Outcome *outcome, size_t i,
                          char ret_words[ENTRY_BYTES])
{
    const Segment *segment = outcome->timeline[i];
    char required[16];
    char counted[16];
    char shortfall[16];

    niva_text_fte(segment->required_milli, required);
    niva_text_fte(segment->counted_milli, counted);
    niva_text_fte(segment->shortfall_milli, shortfall);
    snprintf(ret_words, ENTRY_BYTES, "%.12s – %.12s %s %s %s %s", segment->first_day,
             segment->last_day, words_value(session->language, WORDS_STATUS, (int)segment->status),
             required, counted, shortfall);
}

static bool segment_equal(const Outcome *expected, const Outcome *actual, size_t i)
{
    const Segment *a = expected->timeline[i];
    const Segment *b = actual->timeline[i];

    return strcmp(a->first_day, b->first_day) == 0 && strcmp(a->last_day, b->last_day) == 0 &&
           a->status == b->status && a->required_milli == b->required_milli &&
           a->counted_milli == b->counted_milli && a->shortfall_milli == b->shortfall_milli;
}

static void breach_words(const struct session *session, const Outcome *outcome, size_t i,
                         char ret_words[ENTRY_BYTES])
{
    const BreachRun *breach = outcome->breaches[i];

    (void)session;
    snprintf(ret_words, ENTRY_BYTES, "%.12s – %.12s", breach->first_day, breach->last_day);
}

static bool breach_equal(const Outcome *expected, const Outcome *actual, size_t i)
{
    const BreachRun *a = expected->breaches[i];
    const BreachRun *b = actual->breaches[i];

    return strcmp(a->first_day, b->first_day) == 0 && strcmp(a->last_day, b->last_day) == 0;
}

static void deduction_words(const struct session *session, const Outcome *outcome, size_t i,
                            char ret_words[ENTRY_BYTES])
{
    const Deduction *deduction = outcome->deductions[i];
    char amount[48];

    (void)session;
    niva_text_kronor(deduction->deduction_ore, amount);
    snprintf(ret_words, ENTRY_BYTES, "%.60s %.8s %s", deduction->component, deduction->period,
             amount);
}

static bool deduction_equal(const Outcome *expected, const Outcome *actual, size_t i)
{
    const Deduction *a = expected->deductions[i];
    const Deduction *b = actual->deductions[i];

    return strcmp(a->component, b->component) == 0 && strcmp(a->period, b->period) == 0 &&
           a->deduction_ore == b->deduction_ore;
}

/* One list of an outcome. */
struct part {
    enum outcome_part name;
    size_t expected_count;
    size_t actual_count;
    bool (*equal)(const Outcome *expected, const Outcome *actual, size_t i);
    void (*words)(const struct session *session, const Outcome *outcome, size_t i,
                  char ret_words[ENTRY_BYTES]);
};

static void part_compare(struct comparison *comparison, const struct part *part,
                         const Outcome *expected, const Outcome *actual)
{
    const struct session *session = comparison->session;
    const char *none = session_pick(session, "inget", "nothing");
    size_t count =
        part->expected_count > part->actual_count ? part->expected_count : part->actual_count;

    for (size_t i = 0; i < count; i++) {
        char wanted[ENTRY_BYTES];
        char got[ENTRY_BYTES];

        if (i < part->expected_count && i < part->actual_count && part->equal(expected, actual, i))
            continue;
        comparison->differences++;
        snprintf(wanted, sizeof wanted, "%s", none);
        snprintf(got, sizeof got, "%s", none);
        if (i < part->expected_count)
            part->words(session, expected, i, wanted);
        if (i < part->actual_count)
            part->words(session, actual, i, got);
        comparison->differs(comparison->user, part->name, i + 1, wanted, got);
    }
}

size_t outcome_differences(const struct session *session, const Outcome *expected,
                           const Outcome *actual, outcome_differs *differs, void *user)
{
    struct comparison comparison = {.session = session, .differs = differs, .user = user};
    const struct part parts[] = {
        {OUTCOME_TIMELINE, expected->n_timeline, actual->n_timeline, segment_equal, segment_words},
        {OUTCOME_BREACHES, expected->n_breaches, actual->n_breaches, breach_equal, breach_words},
        {OUTCOME_DEDUCTIONS, expected->n_deductions, actual->n_deductions, deduction_equal,
         deduction_words},
    };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        part_compare(&comparison, &parts[i], expected, actual);
    return comparison.differences;
}

/* Where the first differences are printed. */
struct printing {
    const struct session *session;
    const char *name;
    size_t shown;
};

static const char *part_words(const struct session *session, enum outcome_part part)
{
    switch (part) {
    case OUTCOME_TIMELINE:
        return session_pick(session, "tidslinje", "timeline");
    case OUTCOME_BREACHES:
        return session_pick(session, "brister", "breaches");
    case OUTCOME_DEDUCTIONS:
        break;
    }
    return session_pick(session, "reglering", "deductions");
}

static void difference_print(void *user, enum outcome_part part, size_t line, const char *expected,
                             const char *actual)
{
    struct printing *printing = user;
    const struct session *session = printing->session;

    if (session->json || ++printing->shown > SHOWN_MAX)
        return;
    show(session->out,
         session_pick(session, "%s: %s, rad %zu\n  väntat: %s\n  räknat: %s\n",
                      "%s: %s, line %zu\n  expected: %s\n  actual:   %s\n"),
         printing->name, part_words(session, part), line, expected, actual);
}

size_t outcome_compare(const struct session *session, const char *name, const Outcome *expected,
                       const Outcome *actual)
{
    struct printing printing = {.session = session, .name = name};
    size_t differences =
        outcome_differences(session, expected, actual, difference_print, &printing);

    if (printing.shown > SHOWN_MAX)
        show(session->out,
             session_pick(session, "%s: %zu skillnader till\n", "%s: %zu more differences\n"), name,
             printing.shown - SHOWN_MAX);
    return differences;
}
