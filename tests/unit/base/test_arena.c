#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "services/common/base/arena.h"

static void objects_are_aligned_zeroed_and_apart(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(1 << 20);
    unsigned char *objects[200];

    for (size_t i = 0; i < 200; i++) {
        objects[i] = niva_arena_alloc(arena, i);
        assert_non_null(objects[i]);
        assert_int_equal((uintptr_t)objects[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < i; k++)
            assert_int_equal(objects[i][k], 0);
        memset(objects[i], (int)i, i);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_equal(objects[i][k], i);
    niva_arena_free(arena);
}

static void the_cap_holds_also_against_empty_objects(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(1024);
    int given = 0;

    while (niva_arena_alloc(arena, 0) != NULL)
        given++;
    assert_in_range(given, 1, 1024);
    assert_true(niva_arena_used(arena) <= 1024);
    niva_arena_reset(arena);
    assert_int_equal(niva_arena_used(arena), 0);
    assert_null(niva_arena_alloc(arena, 1025));
    assert_non_null(niva_arena_alloc(arena, 1024));
    assert_null(niva_arena_alloc(arena, 1));
    niva_arena_free(arena);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(SIZE_MAX);

    assert_null(niva_arena_array(arena, SIZE_MAX / 2, 3));
    assert_null(niva_arena_alloc(arena, SIZE_MAX));
    assert_null(niva_arena_alloc(arena, SIZE_MAX - 3));
    assert_null(niva_arena_copy(arena, "x", SIZE_MAX));
    assert_non_null(niva_arena_array(arena, 0, 8));
    niva_arena_free(arena);
}

static void an_arena_is_used_again_after_a_reset(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(8 << 20);

    for (int round = 0; round < 20; round++) {
        for (size_t size = 1; size < 1 << 20; size *= 2) {
            unsigned char *object = niva_arena_alloc(arena, size);

            assert_non_null(object);
            assert_int_equal(object[size - 1], 0);
            memset(object, 0xff, size);
        }
        niva_arena_reset(arena);
    }
    niva_arena_free(arena);
}

static void texts_are_copied_with_their_end(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(4096);

    assert_string_equal(niva_arena_copy(arena, "vårdcentral", 5), "vård");
    assert_string_equal(niva_arena_copy(arena, NULL, 0), "");
    assert_string_equal(niva_arena_strdup(arena, "fysioterapeut"), "fysioterapeut");
    assert_string_equal(niva_arena_printf(arena, "%s %d", "FT", 1000), "FT 1000");
    niva_arena_free(arena);
}

static void nothing_is_freed_twice_and_null_is_fine(void **state)
{
    (void)state;
    assert_null(niva_arena_free(NULL));
    assert_null(niva_arena_free(niva_arena_new(16)));
}

static void an_allocation_fails_when_a_test_wants_it(void **state)
{
    (void)state;
    struct niva_arena *arena = niva_arena_new(4096);

    niva_arena_fail_after(2);
    assert_non_null(niva_arena_alloc(arena, 8));
    assert_null(niva_arena_alloc(arena, 8));
    assert_non_null(niva_arena_alloc(arena, 8));
    niva_arena_fail_after(1);
    assert_null(niva_arena_new(16));
    niva_arena_fail_after(1);
    niva_arena_fail_after(0);
    assert_non_null(niva_arena_alloc(arena, 8));
    niva_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_aligned_zeroed_and_apart),
        cmocka_unit_test(the_cap_holds_also_against_empty_objects),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(an_arena_is_used_again_after_a_reset),
        cmocka_unit_test(texts_are_copied_with_their_end),
        cmocka_unit_test(nothing_is_freed_twice_and_null_is_fine),
        cmocka_unit_test(an_allocation_fails_when_a_test_wants_it),
    };
    int failed = cmocka_run_group_tests_name("arena", tests, NULL, NULL);

    return failed ? 1 : 0;
}
