/* Dialogues: what was told of them, folded to where each stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "services/compensation/dialogue.h"
#include "tests/support/timelines.h"

#define OPENED   DIALOGUE_OPENED
#define ANSWERED DIALOGUE_ANSWERED
#define MERGED   DIALOGUE_MERGED
#define DAY      INT64_C(86400000000) /* µs */

static struct niva_arena *arena;

/* Entries in order; each is recorded at its place, from 1, and said at `at`. */
struct said {
    enum dialogue_kind kind;
    const char *breach_id;
    const char *merged_into;
    niva_instant at;
    niva_day answer_by;
};

static struct dialogue of(const struct said *said, size_t count, niva_instant known_at,
                          const char *first, const char *second)
{
    char *ids[] = {(char *)(uintptr_t)first, (char *)(uintptr_t)second};
    const struct dialogue_entry **entries = niva_arena_array(arena, count, sizeof *entries);
    struct dialogue dialogue;
    struct niva_error err;

    assert_non_null(entries);
    for (size_t i = 0; i < count; i++) {
        struct dialogue_entry *entry = niva_arena_alloc(arena, sizeof *entry);

        assert_non_null(entry);
        *entry = (struct dialogue_entry){.kind = said[i].kind,
                                         .breach_id = said[i].breach_id,
                                         .merged_into = said[i].merged_into,
                                         .at = said[i].at,
                                         .answer_by = said[i].answer_by,
                                         .recorded_at = (niva_instant)i + 1};
        entries[i] = entry;
    }
    assert_true(
        dialogue_of(entries, count, known_at, ids, second == NULL ? 1 : 2, arena, &dialogue, &err));
    return dialogue;
}

static void is(struct dialogue dialogue, niva_instant communicated_at, niva_day answer_by,
               niva_instant answered_at)
{
    assert_int_equal(dialogue.communicated_at, communicated_at);
    assert_int_equal(dialogue.answer_by, answer_by);
    assert_int_equal(dialogue.answered_at, answered_at);
}

static void test_opened_and_answered(void **state)
{
    static const struct said said[] = {{OPENED, "a", NULL, 100, 20}, {ANSWERED, "a", NULL, 200, 0}};

    (void)state;
    is(of(said, 2, 0, "a", NULL), INT64_MIN, NIVA_DAY_NONE, INT64_MIN);
    is(of(said, 2, 1, "a", NULL), 100, 20, INT64_MIN);
    is(of(said, 2, 2, "a", NULL), 100, 20, 200);
    is(of(said, 2, 2, "b", NULL), INT64_MIN, NIVA_DAY_NONE, INT64_MIN);
    /* an answer to nothing opens nothing */
    is(of(said + 1, 1, 9, "a", NULL), INT64_MIN, NIVA_DAY_NONE, INT64_MIN);
}

/* Told when told of all, answered when all are answered, at the last of them. */
static void test_two_breaches(void **state)
{
    static const struct said said[] = {{OPENED, "a", NULL, 100, 20},
                                       {OPENED, "b", NULL, 50, 30},
                                       {ANSWERED, "a", NULL, 500, 0},
                                       {ANSWERED, "b", NULL, 400, 0}};

    (void)state;
    is(of(said, 4, 1, "a", "b"), INT64_MIN, NIVA_DAY_NONE, INT64_MIN);
    is(of(said, 4, 2, "a", "b"), 100, 30, INT64_MIN);
    is(of(said, 4, 3, "a", "b"), 100, 30, INT64_MIN);
    is(of(said, 4, 4, "b", "a"), 100, 30, 500);
}

/* The dialogue of a breach that goes up in another goes on there. */
static void test_merged(void **state)
{
    static const struct said said[] = {{OPENED, "a", NULL, 100, 20},
                                       {MERGED, "a", "b", 0, 0},
                                       {ANSWERED, "b", NULL, 300, 0},
                                       {MERGED, "b", "c", 0, 0}};

    (void)state;
    is(of(said, 4, 1, "b", NULL), INT64_MIN, NIVA_DAY_NONE, INT64_MIN);
    is(of(said, 4, 2, "b", NULL), 100, 20, INT64_MIN);
    is(of(said, 4, 3, "b", NULL), 100, 20, 300);
    is(of(said, 4, 4, "c", NULL), 100, 20, 300);
    is(of(said, 4, 4, "a", NULL), 100, 20, INT64_MIN); /* as it was when it ended */
}

/* Where both were told, the one that comes out was told last of the two, and has answered when both
 * have. */
static void test_merged_into_one_in_dialogue(void **state)
{
    static const struct said said[] = {{OPENED, "a", NULL, 100, 20},
                                       {ANSWERED, "a", NULL, 150, 0},
                                       {OPENED, "b", NULL, 120, 15},
                                       {MERGED, "b", "a", 0, 0},
                                       {ANSWERED, "a", NULL, 400, 0}};

    (void)state;
    is(of(said, 5, 3, "a", NULL), 100, 20, 150);
    is(of(said, 5, 4, "a", NULL), 120, 20, INT64_MIN);
    is(of(said, 5, 5, "a", NULL), 120, 20, 400);
}

/* It has answered with its first answer to what it was told last, in whatever order answers are
 * recorded; one to what it was told before is none. */
static void test_answered_again(void **state)
{
    static const struct said said[] = {
        {OPENED, "a", NULL, 2 * DAY, 20},  {ANSWERED, "a", NULL, 5 * DAY, 0},
        {ANSWERED, "a", NULL, 7 * DAY, 0}, {ANSWERED, "a", NULL, 4 * DAY, 0},
        {OPENED, "b", NULL, 6 * DAY, 20},  {MERGED, "b", "a", 0, 0},
        {ANSWERED, "a", NULL, 3 * DAY, 0}, {ANSWERED, "a", NULL, 6 * DAY, 0}};

    (void)state;
    is(of(said, 8, 2, "a", NULL), 2 * DAY, 20, 5 * DAY);
    is(of(said, 8, 3, "a", NULL), 2 * DAY, 20, 5 * DAY);
    is(of(said, 8, 4, "a", NULL), 2 * DAY, 20, 4 * DAY);
    is(of(said, 8, 6, "a", NULL), 6 * DAY, 20, INT64_MIN);
    is(of(said, 8, 7, "a", NULL), 6 * DAY, 20, INT64_MIN);
    is(of(said, 8, 8, "a", NULL), 6 * DAY, 20, 6 * DAY);
}

static void test_read(void **state)
{
    Niva__Compliance__V1__DialogueEntry said = NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__INIT;
    Niva__Compliance__V1__DialogueOpened opened = NIVA__COMPLIANCE__V1__DIALOGUE_OPENED__INIT;
    struct dialogue_entry entry = {.position = 7};
    struct niva_error err;

    (void)state;
    assert_true(dialogue_kind_of("se.niva.compliance.dialogue.opened.v1", &entry.kind));
    assert_int_equal(entry.kind, OPENED);
    assert_false(dialogue_kind_of("se.niva.compliance.dialogue.note-added.v1", &entry.kind));
    assert_false(dialogue_entry_read(NULL, &entry, &err));
    assert_false(dialogue_entry_read(&opened.base, &entry, &err));
    opened.entry = &said;
    said.breach_id = (char *)"a";
    assert_false(dialogue_entry_read(&opened.base, &entry, &err)); /* when? */
    said.recorded_at = niva_wire_timestamp(2000000, arena);
    said.answer_by = (char *)"2022-08-20";
    assert_true(dialogue_entry_read(&opened.base, &entry, &err));
    assert_int_equal(entry.at, 2000000);
    said.received_at = niva_wire_timestamp(1000000, arena);
    assert_true(niva_wire_pack(&opened.base, arena, &entry.body, &err));
    assert_true(dialogue_entry_unpack(&entry, arena, &err));
    assert_int_equal(entry.at, 1000000);
    assert_int_equal(entry.answer_by, niva_day_read("2022-08-20"));
    assert_string_equal(entry.breach_id, "a");
    said.answer_by = (char *)"i morgon";
    assert_false(dialogue_entry_read(&opened.base, &entry, &err));
}

static int setup(void **state)
{
    (void)state;
    arena = niva_arena_new(1 << 20);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_opened_and_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_breaches, setup, teardown),
        cmocka_unit_test_setup_teardown(test_merged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_merged_into_one_in_dialogue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answered_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
