/* A casebook: the facts of one unit and the group "fysioterapeut" in region 99, for tests of the
 * pure core of compliance. Facts are put in as people say them; `casebook_recompute` says what
 * follows and remembers it, as the database would. Everything here ends the test program when
 * memory is out or a fact can't be made. */
#ifndef TESTS_SUPPORT_CASEBOOK_H
#define TESTS_SUPPORT_CASEBOOK_H

#include "services/compliance/recompute.h"

#define CASEBOOK_UNIT  "SE2321000016-FIKTIV1"
#define CASEBOOK_GROUP "fysioterapeut"

struct casebook {
    struct niva_arena *arena;
    struct records own;
    struct records regional;
    int64_t fact_no;
    niva_instant now; /* of the next fact; a minute later each time */
    niva_day today;
    const char *by;    /* who registers the next fact */
    niva_day received; /* of what comes in; NIVA_DAY_NONE: when it is recorded */
    bool all_kinds;    /* set to see breaches of all kinds, not of BELOW_MINIMUM alone */
    size_t breach_count;
    struct known_breach breaches[32];
    size_t month_count;
    struct known_month months[64];
    bool forecasts; /* something was forecast, with the digest */
    uint8_t digest[DIGEST_SIZE];
};

/* An empty one; days are texts. */
void casebook_begin(struct casebook *book, const char *today);
void casebook_end(struct casebook *book);
/* Moves today. */
void casebook_today(struct casebook *book, const char *today);
/* Says on which local day the next reports, confirmations and absences were received; "": when they
 * are recorded. */
void casebook_received(struct casebook *book, const char *received);

/* Registers the unit, open from a day to a last day ("": until further notice), private. */
void casebook_unit(struct casebook *book, const char *opened_on, const char *closed_on);
/* A binding rule set: contracted minimum, FT and SG employed or as substitutes, 30 days, PRO_RATA.
 * Returned to be changed before the next call. */
pb_rule_set *casebook_rule_set(struct casebook *book, const char *id, int version,
                               const char *first_day, const char *last_day);
void casebook_contract(struct casebook *book, const char *first_day, int minimum_milli);
void casebook_listing(struct casebook *book, const char *as_of, int listed);
/* A report of so many milli-FTE, in as many positions as are needed: "p0", "p1" … Returned to be
 * changed before the next call. */
pb_report *casebook_report(struct casebook *book, const char *id, const char *corrects,
                           const char *effective_from, int milli);
void casebook_withdrawal(struct casebook *book, const char *report_id);
void casebook_confirmation(struct casebook *book, const char *report_id, const char *as_of);
void casebook_finding(struct casebook *book, const char *id, const char *first_day,
                      const char *last_day, int milli);
/* A version of an absence of the whole position, without cover or plan; returned to be changed
 * before the next call. */
pb_absence *casebook_absence(struct casebook *book, const char *id, int version,
                             const char *position_key, const char *first_day,
                             const char *expected_last_day);
/* A version of a call of the unit; returned to be changed before the next call. */
pb_call *casebook_call(struct casebook *book, const char *id, int version, const char *issued_on,
                       const char *current_since);
/* A dispensation of the whole region, full. */
void casebook_dispensation(struct casebook *book, const char *id, const char *first_day,
                           const char *last_day);

/* The dossier of what was put in, as known at an instant (INT64_MAX: all). */
struct dossier casebook_dossier(struct casebook *book, niva_instant known_at);
/* Recomputes today and remembers what was said. */
struct recomputed casebook_recompute(struct casebook *book, pb_cause cause);
/* The remembered breach, by its place in the order of opening. */
const pb_breach *casebook_breach(const struct casebook *book, size_t index);

#endif
