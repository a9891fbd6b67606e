#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "services/common/base/log.h"
#include "services/common/base/text.h"

/* Lines go to standard error: it is led into a pipe while one is written. */
struct capture {
    int saved;
    int ends[2];
    char line[8192];
};

static void capture_begin(struct capture *capture)
{
    capture->saved = dup(STDERR_FILENO);
    assert_true(capture->saved >= 0);
    assert_int_equal(pipe(capture->ends), 0);
    assert_true(dup2(capture->ends[1], STDERR_FILENO) >= 0);
}

/* What was written, without the time that it begins with. */
static const char *capture_end(struct capture *capture)
{
    ssize_t size;

    dup2(capture->saved, STDERR_FILENO);
    close(capture->saved);
    close(capture->ends[1]);
    size = read(capture->ends[0], capture->line, sizeof capture->line - 1);
    close(capture->ends[0]);
    capture->line[size < 0 ? 0 : size] = '\0';
    if (capture->line[0] == '{')
        return strstr(capture->line, "\"level\"");
    return strchr(capture->line, ' ') == NULL ? "" : strchr(capture->line, ' ') + 1;
}

static void a_line_has_level_event_and_pairs(void **state)
{
    (void)state;
    struct capture capture;

    niva_log_setup("niva-test", NIVA_LOG_INFO, false);
    capture_begin(&capture);
    errno = ENOENT;
    niva_log(NIVA_LOG_INFO, "batch.committed", "items", "12", "absent", NULL, "unit",
             "SE2321000016-A1", NULL);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(capture_end(&capture),
                        "info batch.committed service=niva-test items=12 unit=SE2321000016-A1\n");
}

static void values_are_quoted_where_they_must(void **state)
{
    (void)state;
    struct capture capture;

    niva_log_setup("niva-test", NIVA_LOG_INFO, false);
    capture_begin(&capture);
    niva_log(NIVA_LOG_WARNING, "x", "a", "", "b", "two words", "c", "k=v", "d", "\"\\\n", "e",
             "\xff!", "f", "å", NULL);
    assert_string_equal(capture_end(&capture),
                        "warning x service=niva-test a=\"\" b=\"two words\" c=\"k=v\" "
                        "d=\"\\\"\\\\\\u000a\" e=\"?!\" f=å\n");
}

static void lines_can_be_json(void **state)
{
    (void)state;
    struct capture capture;

    niva_log_setup("niva-test", NIVA_LOG_INFO, true);
    capture_begin(&capture);
    niva_log(NIVA_LOG_ERROR, "start", "port", "1", "text", "a \"b\"", NULL);
    assert_string_equal(capture_end(&capture),
                        "\"level\":\"error\",\"event\":\"start\",\"service\":\"niva-test\","
                        "\"port\":\"1\",\"text\":\"a \\\"b\\\"\"}\n");
    assert_int_equal(strncmp(capture.line, "{\"time\":\"20", 11), 0);
}

static void what_is_below_the_level_is_not_written(void **state)
{
    (void)state;
    struct capture capture;

    niva_log_setup("niva-test", NIVA_LOG_WARNING, false);
    capture_begin(&capture);
    niva_log(NIVA_LOG_INFO, "quiet", NULL);
    niva_log(NIVA_LOG_WARNING, "loud", NULL);
    assert_string_equal(capture_end(&capture), "warning loud service=niva-test\n");
}

/* One write of at most PIPE_BUF bytes is never mixed with another process's. */
static void a_line_stays_short_and_whole(void **state)
{
    (void)state;
    struct capture capture;
    char value[3000];
    size_t length;

    for (size_t i = 0; i + 2 < sizeof value; i += 2)
        memcpy(value + i, "å", 3);
    for (int json = 0; json < 2; json++) {
        niva_log_setup("niva-test", NIVA_LOG_INFO, json != 0);
        capture_begin(&capture);
        niva_log(NIVA_LOG_INFO, "x", "a", value, "b", value, "c", value, "d", value, "e", value,
                 "f", value, "g", value, "h", value, "i", value, "j", value, NULL);
        capture_end(&capture);
        length = strlen(capture.line);
        assert_in_range(length, 1000, 4096);
        assert_int_equal(capture.line[length - 1], '\n');
        assert_int_equal(capture.line[length - 2], json != 0 ? '}' : "å"[1]);
        assert_true(niva_utf8_valid(capture.line, length));
    }
}

static void an_error_is_written_with_its_cause(void **state)
{
    (void)state;
    struct capture capture;
    struct niva_error err;

    niva_log_setup("niva-test", NIVA_LOG_INFO, false);
    niva_error_clear(&err);
    niva_fail_violation(&err, NIVA_INVALID_ARGUMENT, "report.unit", "REQUIRED", "Fältet.",
                        "Field.");
    capture_begin(&capture);
    niva_log_error("call.failed", &err);
    assert_string_equal(capture_end(&capture),
                        "error call.failed service=niva-test code=INVALID_ARGUMENT text=Field. "
                        "field=report.unit reason=REQUIRED\n");
    niva_fail_internal(&err, "errno %d", 5);
    capture_begin(&capture);
    niva_log_error("call.failed", &err);
    assert_non_null(strstr(capture_end(&capture), "code=INTERNAL"));
    assert_non_null(strstr(capture.line, "cause=\"errno 5\"\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_level_event_and_pairs),
        cmocka_unit_test(values_are_quoted_where_they_must),
        cmocka_unit_test(lines_can_be_json),
        cmocka_unit_test(what_is_below_the_level_is_not_written),
        cmocka_unit_test(a_line_stays_short_and_whole),
        cmocka_unit_test(an_error_is_written_with_its_cause),
    };
    int failed = cmocka_run_group_tests_name("log", tests, NULL, NULL);

    return failed ? 1 : 0;
}
