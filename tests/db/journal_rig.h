/* For the tests of the one writer: a cluster for the program, and for each test a database of its
 * own with a toy service in it. */
#ifndef NIVA_TESTS_DB_JOURNAL_RIG_H
#define NIVA_TESTS_DB_JOURNAL_RIG_H

#include "tests/support/toy.h"

struct journal_rig {
    struct cluster *cluster;
    const char *database;
    struct toy toy;
};
extern struct journal_rig rig;

/* cmocka's fixtures, of the group and of a test. */
int rig_group_setup(void **state);
int rig_group_teardown(void **state);
int rig_setup(void **state);
int rig_teardown(void **state);

/* How the service connects. */
const char *rig_conninfo(void);
/* The first value that a statement of the owner answers. */
const char *rig_sql(const char *text);

/* The head, the rows and the counters say the same, and positions, fact numbers and instants rise
 * without gap. `expected` is the number of accepted items. */
void assert_record(long expected);
void assert_code(enum niva_code code, enum niva_code expected);

/* Sends calls so that they come into one batch (the first is held until all are queued). */
void batch_send(struct toy_call *calls, size_t count);
/* Each was answered once. */
void calls_free(struct toy_call *calls, size_t count);

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

#endif
