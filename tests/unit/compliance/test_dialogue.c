/* Where a dialogue lives on when breaches are merged or withdrawn, and what of it may be told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "services/compliance/dialogue.h"
#include "tests/support/full.h"

enum { BREACHES = 6 };

/* A into B, B into C; D was withdrawn and returned as E, which went up in F. */
static struct breach_set set_make(pb_breach breaches[BREACHES], const pb_breach *list[BREACHES])
{
    static const struct {
        const char *id;
        const char *merged_into;
        const char *returns_from;
        int state;
    } rows[BREACHES] = {
        {"A", "B", "", PB_MERGED},   {"B", "C", "", PB_MERGED},  {"C", "", "", PB_OPEN},
        {"D", "", "", PB_WITHDRAWN}, {"E", "F", "D", PB_MERGED}, {"F", "", "", PB_CLOSED},
    };

    for (size_t i = 0; i < BREACHES; i++) {
        breaches[i] = (pb_breach)NIVA__COMPLIANCE__V1__BREACH__INIT;
        breaches[i].breach_id = (char *)(uintptr_t)rows[i].id;
        breaches[i].merged_into = (char *)(uintptr_t)rows[i].merged_into;
        breaches[i].returns_from = (char *)(uintptr_t)rows[i].returns_from;
        breaches[i].state = (Niva__Compliance__V1__Breach__State)rows[i].state;
        list[i] = &breaches[i];
    }
    return (struct breach_set){BREACHES, list};
}

static void a_dialogue_lives_on_at_the_end_of_the_merges(void **state)
{
    (void)state;
    pb_breach breaches[BREACHES];
    const pb_breach *list[BREACHES];
    const struct breach_set set = set_make(breaches, list);

    assert_ptr_equal(breach_survivor(&set, "A"), &breaches[2]);
    assert_ptr_equal(breach_survivor(&set, "B"), &breaches[2]);
    assert_ptr_equal(breach_survivor(&set, "C"), &breaches[2]);
    assert_ptr_equal(breach_survivor(&set, "D"), &breaches[3]);
    assert_null(breach_survivor(&set, "unknown"));
}

/* What was altered by hand must not keep anyone busy for ever. */
static void a_circle_of_merges_comes_to_an_end(void **state)
{
    (void)state;
    pb_breach breaches[BREACHES];
    const pb_breach *list[BREACHES];
    const struct breach_set set = set_make(breaches, list);

    breaches[2].merged_into = (char *)"A";
    assert_non_null(breach_survivor(&set, "A"));
}

static void the_breach_that_returned_is_found_where_it_lives(void **state)
{
    (void)state;
    pb_breach breaches[BREACHES];
    const pb_breach *list[BREACHES];
    const struct breach_set set = set_make(breaches, list);

    assert_ptr_equal(breach_successor(&set, "D"), &breaches[5]);
    assert_null(breach_successor(&set, "C"));
    breaches[5].state = PB_WITHDRAWN;
    assert_null(breach_successor(&set, "D"));
}

static void entries_of_merged_breaches_are_in_the_dialogue(void **state)
{
    (void)state;
    pb_breach breaches[BREACHES];
    const pb_breach *list[BREACHES];
    const struct breach_set set = set_make(breaches, list);
    pb_entry entry = NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__INIT;
    struct record record = {.kind = RECORD_DIALOGUE, .message = &entry.base};

    entry.breach_id = (char *)"A";
    assert_ptr_equal(dialogue_entry(&set, &breaches[2], &record), &entry);
    assert_null(dialogue_entry(&set, &breaches[5], &record));
    entry.breach_id = (char *)"unknown";
    assert_null(dialogue_entry(&set, &breaches[2], &record));
    record.message = NULL;
    assert_null(dialogue_entry(&set, &breaches[2], &record));
    record = (struct record){.kind = RECORD_CALL, .message = &entry.base};
    assert_null(dialogue_entry(&set, &breaches[2], &record));
}

static void what_was_said_is_not_told(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(1 << 16);
    pb_entry entry = NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__INIT;

    entry.entry_id = (char *)"x";
    entry.text = (char *)"Fiktivt";
    const pb_entry *shown = dialogue_shown(&entry, arena);
    assert_non_null(shown);
    assert_string_equal(shown->entry_id, "x");
    assert_string_equal(shown->text, "");
    assert_string_equal(entry.text, "Fiktivt");
    niva_arena_free(arena);
}

/* A dialogue goes when its breaches ended and all was said before the day. */
static void a_dialogue_is_past_when_all_of_it_is(void **state)
{
    (void)state;
    static const niva_day day = 18262; /* 2020-01-01 */
    pb_breach breaches[BREACHES];
    const pb_breach *list[BREACHES];
    const struct breach_set set = set_make(breaches, list);
    pb_entry entry = NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__INIT;
    struct record record = {.kind = RECORD_DIALOGUE,
                            .fact.recorded_at = niva_local_midnight(day) - 1,
                            .message = &entry.base};
    const struct records own = {1, 1, &record};

    entry.breach_id = (char *)"E";
    for (size_t i = 0; i < BREACHES; i++)
        breaches[i].last_day = (char *)"2019-12-31";
    assert_true(dialogue_is_before(&set, &breaches[5], &own, day));
    record.fact.recorded_at++;
    assert_false(dialogue_is_before(&set, &breaches[5], &own, day));
    record.fact.recorded_at--;
    breaches[4].last_day = (char *)"2020-01-01";
    assert_false(dialogue_is_before(&set, &breaches[5], &own, day));
    assert_true(dialogue_is_before(&set, &breaches[3], &own, day));
    assert_false(dialogue_is_before(&set, &breaches[2], &own, day)); /* it is open */
}

/* A field that is added goes, unless it is said that it stays. */
static void of_an_erased_entry_all_stays_but_its_text(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(1 << 20);
    pb_entry *entry =
        (pb_entry *)message_full(&niva__compliance__v1__dialogue_entry__descriptor, arena);
    ProtobufCBinaryData expected;
    ProtobufCBinaryData actual;
    struct niva_error err;

    assert_non_null(entry);
    const pb_entry *redacted = dialogue_redacted(entry, "gallring", arena);
    assert_non_null(redacted);
    entry->text = (char *)"";
    entry->erased_by = (char *)"gallring";
    assert_true(niva_wire_pack(&entry->base, arena, &expected, &err));
    assert_true(niva_wire_pack(&redacted->base, arena, &actual, &err));
    assert_int_equal(actual.len, expected.len);
    assert_memory_equal(actual.data, expected.data, expected.len);
    niva_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dialogue_lives_on_at_the_end_of_the_merges),
        cmocka_unit_test(a_circle_of_merges_comes_to_an_end),
        cmocka_unit_test(the_breach_that_returned_is_found_where_it_lives),
        cmocka_unit_test(entries_of_merged_breaches_are_in_the_dialogue),
        cmocka_unit_test(what_was_said_is_not_told),
        cmocka_unit_test(a_dialogue_is_past_when_all_of_it_is),
        cmocka_unit_test(of_an_erased_entry_all_stays_but_its_text),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
