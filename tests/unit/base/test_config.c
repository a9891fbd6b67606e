#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "services/common/base/config.h"
#include "services/common/base/text.h"

struct settings {
    const char *database;
    const char *listen_user;
    int64_t workers;
    bool rehearsal;
    bool help;
};

enum { ENTRIES = 5, ARGUMENTS_MAX = 8 };

struct attempt {
    const char *arguments[ARGUMENTS_MAX];   /* behind the program's name, closed by NULL */
    const char *environment[ARGUMENTS_MAX]; /* closed by NULL */
    const char *file;                       /* contents; NULL: no file */
    struct settings settings;
    struct niva_config *config;
    size_t rest_count;
    const char *const *rest;
    struct niva_error err;
    char path[32];
};

static void entries_fill(struct niva_config_entry entries[ENTRIES], struct settings *settings)
{
    const struct niva_config_entry table[ENTRIES] = {
        {"database", NIVA_CONFIG_TEXT, NULL, 0, 0, "Where the data are.", &settings->database},
        {"listen-user", NIVA_CONFIG_TEXT, "niva", 0, 0, "Who may call.", &settings->listen_user},
        {"workers", NIVA_CONFIG_INTEGER, "4", 1, 64, "Threads.", &settings->workers},
        {"rehearsal", NIVA_CONFIG_SWITCH, "0", 0, 0, "Days by hand.", &settings->rehearsal},
        {"help", NIVA_CONFIG_SWITCH, "0", 0, 0, "This page.", &settings->help},
    };

    memcpy(entries, table, sizeof table);
}

static void file_write(struct attempt *attempt)
{
    int file;

    strcpy(attempt->path, "/tmp/niva-config-XXXXXX");
    file = mkstemp(attempt->path);
    assert_true(file >= 0);
    assert_int_equal(write(file, attempt->file, strlen(attempt->file)), strlen(attempt->file));
    close(file);
}

static bool attempt_read(struct attempt *attempt)
{
    struct niva_config_entry entries[ENTRIES];
    char *argv[ARGUMENTS_MAX + 1] = {(char *)(uintptr_t) "niva-test"};
    char *variables[ARGUMENTS_MAX] = {NULL};
    int argc = 1;

    entries_fill(entries, &attempt->settings);
    for (; attempt->arguments[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)attempt->arguments[argc - 1];
    for (size_t i = 0; attempt->environment[i] != NULL; i++)
        variables[i] = (char *)(uintptr_t)attempt->environment[i];
    if (attempt->file != NULL)
        file_write(attempt);
    attempt->config =
        niva_config_read(entries, ENTRIES, attempt->file == NULL ? NULL : attempt->path, argc, argv,
                         variables, &attempt->rest_count, &attempt->rest, &attempt->err);
    if (attempt->file != NULL)
        unlink(attempt->path);
    return attempt->config != NULL;
}

static void attempt_end(struct attempt *attempt)
{
    attempt->config = niva_config_free(attempt->config);
    assert_null(attempt->config);
}

static void the_later_source_wins(void **state)
{
    (void)state;
    struct attempt attempt = {
        .file = "# where\n\n database = from file \r\nworkers=2\nlisten-user = file\n",
        .environment = {"PATH=/bin", "NIVA_WORKERS=3", "NIVA_LISTEN_USER=environment"},
        .arguments = {"call", "--workers", "5", "--rehearsal", "method", "-", "--", "--workers"},
    };

    attempt.arguments[7] = NULL;
    if (!attempt_read(&attempt))
        fail_msg("%s", attempt.err.text_en);
    assert_string_equal(attempt.settings.database, "from file");
    assert_string_equal(attempt.settings.listen_user, "environment");
    assert_int_equal(attempt.settings.workers, 5);
    assert_true(attempt.settings.rehearsal);
    assert_false(attempt.settings.help);
    assert_int_equal(attempt.rest_count, 3);
    assert_string_equal(attempt.rest[0], "call");
    assert_string_equal(attempt.rest[1], "method");
    assert_string_equal(attempt.rest[2], "-");
    attempt_end(&attempt);
}

static void flags_after_two_hyphens_are_arguments(void **state)
{
    (void)state;
    struct attempt attempt = {
        .arguments = {"--database=x", "--rehearsal=no", "--", "--unknown", "-x"}};

    assert_true(attempt_read(&attempt));
    assert_false(attempt.settings.rehearsal);
    assert_int_equal(attempt.settings.workers, 4);
    assert_int_equal(attempt.rest_count, 2);
    assert_string_equal(attempt.rest[0], "--unknown");
    assert_string_equal(attempt.rest[1], "-x");
    attempt_end(&attempt);
}

static void the_file_can_be_named_by_flag_and_environment(void **state)
{
    (void)state;
    struct attempt file = {.file = "database = named\n"};
    struct attempt attempt = {0};
    char flag[64];
    char variable[64];

    file_write(&file);
    snprintf(flag, sizeof flag, "--config=%s", file.path);
    snprintf(variable, sizeof variable, "NIVA_CONFIG=%s", file.path);
    attempt.arguments[0] = flag;
    attempt.environment[0] = "NIVA_CONFIG=/nowhere";
    assert_true(attempt_read(&attempt));
    assert_string_equal(attempt.settings.database, "named");
    attempt_end(&attempt);
    attempt.arguments[0] = NULL;
    attempt.environment[0] = variable;
    assert_true(attempt_read(&attempt));
    assert_string_equal(attempt.settings.database, "named");
    attempt_end(&attempt);
    unlink(file.path);
}

static void help_needs_no_required_setting(void **state)
{
    (void)state;
    struct attempt attempt = {.arguments = {"--help"}};

    assert_true(attempt_read(&attempt));
    assert_true(attempt.settings.help);
    assert_null(attempt.settings.database);
    attempt_end(&attempt);
}

static void every_mistake_is_named_and_changes_nothing(void **state)
{
    (void)state;
    struct {
        struct attempt attempt;
        const char *named;
    } cases[] = {
        {{.arguments = {NULL}}, "\"database\""},
        {{.arguments = {"--databas=x"}}, "--databas"},
        {{.arguments = {"--database"}}, "--database"},
        {{.arguments = {"--database", "--workers=2"}}, "--database"},
        {{.arguments = {"-d"}}, "-d"},
        {{.arguments = {"--database=x", "--workers=0"}}, "1–64"},
        {{.arguments = {"--database=x", "--workers=65"}}, "--workers"},
        {{.arguments = {"--database=x", "--workers=4 "}}, "\"workers\""},
        {{.arguments = {"--database=x", "--workers="}}, "\"workers\""},
        {{.arguments = {"--database=x", "--workers=99999999999999999999"}}, "\"workers\""},
        {{.arguments = {"--database=x", "--rehearsal=maybe"}}, "\"rehearsal\""},
        {{.arguments = {"--database=\xff"}}, "UTF-8"},
        {{.arguments = {"--config=/nowhere", "--database=x"}}, "/nowhere"},
        {{.environment = {"NIVA_DATABAS=x"}}, "NIVA_DATABAS"},
        {{.environment = {"NIVA_DATABASE=x", "NIVA_WORKERS=many"}}, "NIVA_WORKERS"},
        {{.file = "database = x\ncolour = red\n"}, "\"colour\""},
        {{.file = "database\n"}, ":1"},
        {{.file = "database = x\n\ndatabase = y"}, ":3"},
        {{.file = "database = x\nworkers = 1000"}, ":2"},
        {{.file = "database = \xff\n"}, "config"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attempt *attempt = &cases[i].attempt;

        attempt->settings.workers = 77;
        if (attempt_read(attempt))
            fail_msg("case %zu was accepted", i);
        assert_int_equal(attempt->err.code, NIVA_INVALID_ARGUMENT);
        if (strstr(attempt->err.text_en, cases[i].named) == NULL)
            fail_msg("case %zu: expected %s in: %s", i, cases[i].named, attempt->err.text_en);
        assert_true(attempt->err.text_sv[0] != '\0');
        assert_int_equal(attempt->settings.workers, 77);
    }
}

static void the_help_names_every_setting(void **state)
{
    (void)state;
    struct niva_config_entry entries[ENTRIES];
    struct settings settings;
    struct niva_text text = {0};

    entries_fill(entries, &settings);
    niva_config_help(entries, 3, &text);
    assert_string_equal(text.data, "  --database  (NIVA_DATABASE, krävs/required)\n"
                                   "      Where the data are.\n"
                                   "  --listen-user  (NIVA_LISTEN_USER, niva)\n"
                                   "      Who may call.\n"
                                   "  --workers  (NIVA_WORKERS, 4)\n"
                                   "      Threads.\n");
    niva_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_later_source_wins),
        cmocka_unit_test(flags_after_two_hyphens_are_arguments),
        cmocka_unit_test(the_file_can_be_named_by_flag_and_environment),
        cmocka_unit_test(help_needs_no_required_setting),
        cmocka_unit_test(every_mistake_is_named_and_changes_nothing),
        cmocka_unit_test(the_help_names_every_setting),
    };
    int failed = cmocka_run_group_tests_name("config", tests, NULL, NULL);

    return failed ? 1 : 0;
}
