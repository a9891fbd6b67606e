/* An office: compliance as a service without its sockets, against a real PostgreSQL. Commands go
 * through the checks and the journal, intake's events through the journal as the consumer hands
 * them over, reads through the handlers in a snapshot. Requests and events are written as JSON.
 * Two offices on one database are two replicas. What must not fail ends the test. */
#ifndef TESTS_SUPPORT_OFFICE_H
#define TESTS_SUPPORT_OFFICE_H

#include <pthread.h>

#include "services/common/bus/journal.h"
#include "services/compliance/messages.h"
#include "tests/support/cluster.h"

struct office {
    struct niva_journal *journal;
    struct niva_journal_options options;
    char conninfo[256];
    struct niva_pg *pg;
    struct niva_arena *arena; /* replies live until the office closes */
    niva_instant now;         /* of the next command or event, a minute later each time; INT64_MIN:
                                 the clock's */
    int64_t upstream;         /* position of the last event of intake */
    int64_t told;             /* of compensation */
    /* under the lock */
    pthread_mutex_t lock;
    pthread_cond_t committed;
    int64_t commits;
    bool held;
    int steps;    /* of work that are allowed although it is held */
    int refusals; /* steps that were not */
};

/* A new database with the schema of compliance. */
const char *office_database(struct cluster *cluster);
/* Opens; in a rehearsal commands and events are recorded from `from` on ("2022-01-01T08:00:00Z").
 */
void office_open(struct office *office, const struct cluster *cluster, const char *database,
                 const char *from);
void office_close(struct office *office);

/* Calls a command by the name of its method. NULL with the error. The request is given as JSON;
 * without an id it gets one. */
const void *office_call(struct office *office, const char *method, const char *json,
                        struct niva_error *err);
/* The same; a refusal ends the test. */
const void *office_do(struct office *office, const char *method, const char *json, ...)
    __attribute__((format(printf, 3, 4)));
/* Asks a read. */
const void *office_ask(struct office *office, const char *method, const char *json,
                       struct niva_error *err);
const void *office_see(struct office *office, const char *method, const char *json, ...)
    __attribute__((format(printf, 3, 4)));

/* Applies an event of intake with its data; must be good. */
void office_event(struct office *office, const char *type, const char *json, ...)
    __attribute__((format(printf, 3, 4)));
/* The same of compensation. */
void office_told(struct office *office, const char *type, const char *json, ...)
    __attribute__((format(printf, 3, 4)));
/* Events as intake tells them: a private unit of region 99; a report of so many milli-FTE in one
 * position for each 1000; its withdrawal. */
void office_unit(struct office *office, const char *unit, const char *opened_on);
void office_report(struct office *office, const char *id, const char *corrects, const char *unit,
                   const char *effective_from, int milli);
void office_withdrawal(struct office *office, const char *id, const char *unit);

/* The rule set "fysio": contracted minimum, FT, employed, 30 days, PRO_RATA. */
void office_rule_set(struct office *office, const char *first_day, const char *last_day);
void office_contract(struct office *office, const char *unit, const char *first_day, int milli);
/* Moves today (rehearsal) and waits until all is done. */
void office_today(struct office *office, const char *day);
/* Waits until nothing is pending. */
void office_settle(struct office *office);

/* Holds the work between batches: units stay dirty, days do not begin. When it returns, none is
 * under way. */
void office_hold(struct office *office);
/* Does so many steps of held work, each a transaction. */
void office_work(struct office *office, int steps);
void office_release(struct office *office);

/* A figure of the database. */
int64_t office_count(const struct cluster *cluster, const char *database, const char *sql);

#endif
