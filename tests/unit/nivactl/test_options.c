#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/nivactl/options.h"

enum { MASK = OPTIONS_SYSTEM | OPTION_GROUP | OPTION_AFTER | OPTION_KNOWN_AT | OPTION_OPEN_ON };

/* Reads a line of arguments with the given environment. */
static struct niva_config *read_line(char **argv, char **variables, struct options *options,
                                     size_t *count, const char *const **rest,
                                     struct niva_error *err)
{
    int argc = 0;

    while (argv[argc] != NULL)
        argc++;
    niva_error_clear(err);
    return options_read(MASK, argc, argv, variables, options, count, rest, err);
}

static void flags_win_over_the_environment(void **state)
{
    char *argv[] = {"nivactl", "--group=arbetsterapeut", "x", "--after", "7", "-", NULL};
    char *variables[] = {"NIVA_GROUP=dietist", "NIVA_LANG=en",     "NIVA_TIMEOUT=5",
                         "NIVA_DATABASE=host", "NIVA_REGION=mine", "NIVA_AFTER=9",
                         "NIVA_TYPO=1",        "PATH=/bin",        NULL};
    struct options options;
    const char *const *rest;
    size_t count;
    struct niva_error err;
    struct niva_config *config = read_line(argv, variables, &options, &count, &rest, &err);

    (void)state;
    assert_non_null(config);
    assert_string_equal(options.group, "arbetsterapeut");
    assert_string_equal(options.lang, "en");
    assert_string_equal(options.output, "table");
    assert_int_equal(options.timeout, 5);
    assert_int_equal(options.after, 7);
    assert_string_equal(options.region, ""); /* not an option of this command */
    assert_string_equal(options.known_at, "");
    assert_int_equal(count, 2);
    assert_string_equal(rest[0], "x");
    assert_string_equal(rest[1], "-");
    niva_config_free(config);
}

static void without_flags_the_presets_hold(void **state)
{
    char *argv[] = {"nivactl", NULL};
    struct options options;
    const char *const *rest;
    size_t count;
    struct niva_error err;
    struct niva_config *config = read_line(argv, NULL, &options, &count, &rest, &err);

    (void)state;
    assert_non_null(config);
    assert_string_equal(options.group, "fysioterapeut");
    assert_string_equal(options.lang, "sv");
    assert_int_equal(options.timeout, 60);
    assert_int_equal(count, 0);
    niva_config_free(config);
}

static void what_a_command_does_not_take_is_refused(void **state)
{
    static char *lines[][4] = {
        {"nivactl", "--region=19", NULL},
        {"nivactl", "--check", NULL},
        {"nivactl", "--config=x", NULL},
        {"nivactl", "--grou=x", NULL},
        {"nivactl", "--groups=x", NULL},
        {"nivactl", "--lang=fr", NULL},
        {"nivactl", "--output", "xml"},
        {"nivactl", "--timeout=0", NULL},
        {"nivactl", "--timeout=1e3", NULL},
        {"nivactl", "-x", NULL},
        {"nivactl", "--group", NULL},
        {"nivactl", "--known-at=2022", NULL},
        {"nivactl", "--open-on=2022-02-30", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct options options;
        const char *const *rest;
        size_t count;
        struct niva_error err;

        if (read_line(lines[i], NULL, &options, &count, &rest, &err) != NULL)
            fail_msg("%s was read", lines[i][1]);
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_true(strlen(err.text_sv) > 0 && strlen(err.text_en) > 0);
    }
}

static void a_flag_that_does_not_belong_is_named(void **state)
{
    char *argv[] = {"nivactl", "--group", "x", "--region=19", NULL};
    struct options options;
    const char *const *rest;
    size_t count;
    struct niva_error err;

    (void)state;
    assert_null(read_line(argv, NULL, &options, &count, &rest, &err));
    assert_string_equal(err.text_sv, "Flaggan --region hör inte hit.");
    assert_string_equal(err.text_en, "Flag --region does not belong here.");
}

/* Behind "--" stands no flag, whatever it looks like. */
static void what_stands_behind_two_dashes_is_an_argument(void **state)
{
    char *argv[] = {"nivactl", "--", "--region=19", NULL};
    struct options options;
    const char *const *rest;
    size_t count;
    struct niva_error err;
    struct niva_config *config = read_line(argv, NULL, &options, &count, &rest, &err);

    (void)state;
    assert_non_null(config);
    assert_int_equal(count, 1);
    assert_string_equal(rest[0], "--region=19");
    niva_config_free(config);
}

static void the_command_stands_behind_its_options_too(void **state)
{
    char *first[] = {"nivactl", "status", "--lang", "en"};
    char *behind[] = {"nivactl", "--lang", "en", "--check", "--output=json", "status"};
    char *none[] = {"nivactl", "--help"};

    (void)state;
    assert_int_equal(options_argument_at(4, first), 1);
    assert_int_equal(options_argument_at(6, behind), 5);
    assert_int_equal(options_argument_at(2, none), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_win_over_the_environment),
        cmocka_unit_test(without_flags_the_presets_hold),
        cmocka_unit_test(what_a_command_does_not_take_is_refused),
        cmocka_unit_test(a_flag_that_does_not_belong_is_named),
        cmocka_unit_test(what_stands_behind_two_dashes_is_an_argument),
        cmocka_unit_test(the_command_stands_behind_its_options_too),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
