/* nivactl settle: what is asked of the service, what is said, and the file that is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/nivactl/fake.h"

static struct fake fake;

#define SETTLEMENT                                                                                 \
    "\"settlement_id\":\"01830000-0000-7000-8000-000000000001\",\"region_code\":\"99\","           \
    "\"period\":\"2022-08\",\"adjustment_ids\":[\"a\",\"b\"],\"sum_ore\":\"4335484\","             \
    "\"sha256\":\"abc\",\"file_name\":\"niva-99.SI\",\"content\":\"U0lF\""

static void answer(struct fake *self, enum service service, struct niva_rpc_call *call, size_t seen)
{
    (void)self;
    (void)service;
    (void)seen;
    if (fake_is(call, "SettlementService/ExportSettlement"))
        fake_reply(call, "{\"settlement\":{\"state\":\"EXPORTED\"," SETTLEMENT
                         "},\"exported_before\":true}");
    else if (fake_is(call, "SettlementService/GetSettlement"))
        fake_reply(call, "{\"settlement\":{\"state\":\"VOIDED\",\"void_reason\":\"Fel konto.\","
                         "" SETTLEMENT "}}");
    else if (fake_is(call, "SettlementService/ListSettlements"))
        fake_reply(call, "{\"settlements\":[{\"state\":\"BOOKED\",\"voucher_number\":\"R 7\","
                         "" SETTLEMENT "}]}");
    else if (fake_is(call, "SettlementService/ConfirmBooking"))
        fake_reply(call, "{\"settlement\":{\"state\":\"BOOKED\"," SETTLEMENT "}}");
    else
        fake_refuse(call, NIVA_FAILED_PRECONDITION, "2022-08");
}

static void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("expected %s in:\n%s", part, text);
}

static void the_file_is_written_and_its_digest_said(void **state)
{
    char path[] = "/tmp/niva-settle-XXXXXX";
    int descriptor = mkstemp(path);
    char line[128];
    char content[8] = "";
    FILE *file;

    (void)state;
    assert_true(descriptor >= 0);
    close(descriptor);
    snprintf(line, sizeof line, "settle export 2022-08 %s --region 99 --format csv", path);
    if (fake_run(&fake, line) != EXIT_YES)
        fail_msg("%s", fake.err);
    assert_says(fake.calls[0], "\"region_code\":\"99\"");
    assert_says(fake.calls[0], "\"format\":\"CSV\"");
    assert_says(fake.out, "2 regleringar");
    assert_says(fake.out, "överförd till ekonomi");
    assert_says(fake.out, "samma fil");
    assert_says(fake.out, "SHA-256: abc");
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(content, 1, sizeof content, file), 3);
    fclose(file);
    unlink(path);
    assert_string_equal(content, "SIE");
}

static void the_output_is_the_file_alone(void **state)
{
    (void)state;
    assert_int_equal(fake_run(&fake, "settle get 01830000-0000-7000-8000-000000000001 -"),
                     EXIT_YES);
    assert_string_equal(fake.out, "SIE");
}

static void settlements_are_a_table(void **state)
{
    (void)state;
    assert_int_equal(fake_run(&fake, "settle list 2022-08"), EXIT_YES);
    assert_says(fake.out, "Bokföringsmånad");
    assert_says(fake.out, "R 7");
    assert_says(fake.out, "bokförd");
}

static void a_booking_is_told(void **state)
{
    (void)state;
    assert_int_equal(fake_run(&fake, "settle book 01830000-0000-7000-8000-000000000001 R7"),
                     EXIT_YES);
    assert_says(fake.calls[0], "\"voucher_number\":\"R7\"");
    assert_says(fake.out, "bokförd");
}

static void what_is_refused_is_said(void **state)
{
    (void)state;
    assert_int_equal(fake_run(&fake, "settle void 01830000-0000-7000-8000-000000000001 Fel"),
                     EXIT_NO);
    assert_int_equal(fake_run(&fake, "settle export 2022-08"), EXIT_USAGE);
    assert_says(fake.err, "--region");
    assert_int_equal(fake_run(&fake, "settle pay 2022-08"), EXIT_USAGE);
    assert_int_equal(fake_run(&fake, "settle void 01830000-0000-7000-8000-000000000001"),
                     EXIT_USAGE);
}

static int start(void **state)
{
    (void)state;
    return fake_start(&fake, false, answer) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    fake_stop(&fake);
    return 0;
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(the_file_is_written_and_its_digest_said),
        EACH(the_output_is_the_file_alone),
        EACH(settlements_are_a_table),
        EACH(a_booking_is_told),
        EACH(what_is_refused_is_said),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
