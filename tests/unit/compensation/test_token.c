/* Page tokens: what was written is read, everything else is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/compensation/token.h"

static struct niva_arena *arena;

static struct store_key key_make(void)
{
    struct store_key key = {.period = 19174, /* 2022-07-01 */
                            .unit = "SE2321000016-1001",
                            .component = "särskild-fysioterapi",
                            .group = "fysioterapeut",
                            .version = 3};

    assert_true(niva_uuid_parse("0190163d-8694-739b-aea5-966c26f8ad91", &key.id));
    return key;
}

static void test_adjustment(void **state)
{
    struct store_key key = key_make();
    const char *token = token_of_adjustment(&key, arena);
    const struct store_key *read = NULL;

    (void)state;
    assert_true(token_read_adjustment(token, arena, &read));
    assert_int_equal(read->period, key.period);
    assert_string_equal(read->unit, key.unit);
    assert_string_equal(read->component, key.component);
    assert_string_equal(read->group, key.group);
    assert_memory_equal(&read->id, &key.id, sizeof key.id);
    assert_int_equal(read->version, 3);
    assert_true(token_read_adjustment("", arena, &read));
    assert_null(read);
}

/* Every token with one character changed or cut is refused or still a key: nothing breaks. */
static void test_adjustment_garbage(void **state)
{
    struct store_key key = key_make();
    const char *token = token_of_adjustment(&key, arena);
    size_t length = strlen(token);
    const struct store_key *read;

    (void)state;
    for (size_t i = 1; i < length; i++) {
        char *cut = niva_arena_copy(arena, token, i);

        /* the version is the end: it stays a number with fewer digits only when it had more */
        if (token_read_adjustment(cut, arena, &read))
            fail_msg("a token cut at %zu was taken", i);
    }
    assert_false(token_read_adjustment("zz", arena, &read));
    assert_false(token_read_adjustment("1", arena, &read));
    assert_false(token_read_adjustment("00", arena, &read));
    assert_false(token_read_adjustment("c3", arena, &read));
    assert_false(token_read_adjustment("6e3a37", arena, &read)); /* of a fact: "n:7" */
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
        cmocka_unit_test_setup_teardown(test_adjustment, setup, teardown),
        cmocka_unit_test_setup_teardown(test_adjustment_garbage, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
