/* A year in a rehearsed system: facts of every kind about the units of load.h, drawn from a seed,
 * and days that begin between them. Everything is recorded at instants of the year's own, so that
 * the same seed tells the same. */
#ifndef NIVA_TESTS_SUPPORT_YEAR_H
#define NIVA_TESTS_SUPPORT_YEAR_H

#include "tests/support/load.h"

struct year;

/* What comes beside the facts of load.h. */
enum year_kind {
    YEAR_RECEIVED_EARLIER, /* a report that was received days before it was recorded */
    YEAR_ORIGINAL,         /* a report with its document */
    YEAR_CONFIRMATION,
    YEAR_LISTINGS,
    YEAR_INDICATORS,
    YEAR_DISPENSATION, /* of a region, too */
    YEAR_REVOCATION,
    YEAR_VOIDING,
    YEAR_FINDING_CHANGE,
    YEAR_RULE_SET,
    YEAR_UNIT_CHANGE,
    YEAR_CALL,
    YEAR_CALL_VOIDED,
    YEAR_DIALOGUE,
    YEAR_STATEMENT,
    YEAR_MEASURE,
    YEAR_MEASURE_ENDED,
    YEAR_DECISION,
    YEAR_SETTLEMENT,
    YEAR_SETTLEMENT_ENDED, /* voided or booked */
    YEAR_KINDS
};

/* Begins: a new year of a new system, with units, rule sets, contracts and components. Ends the
 * test program where a service refuses what it should take. */
struct year *year_new(struct system *system, uint64_t seed);
/* Accepts NULL and returns NULL. */
struct year *year_free(struct year *year);

/* Some facts more, on the same day or a later one; waits until they are applied everywhere. Answers
 * an instant after everything that is recorded so far and before everything that will be. */
niva_instant year_go_on(struct year *year);
/* How many facts of a kind came. */
size_t year_count(const struct year *year, enum year_kind kind);
/* The HSA-id of a unit, index below load_unit_count. Valid until the next call. */
const char *year_unit(size_t index);

#endif
