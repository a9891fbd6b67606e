#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/ids.h"

static void uuids_of_an_instant_rise_strictly(void **state)
{
    (void)state;
    struct niva_uuid last = niva_uuid_v7(1655978400000000);

    for (int i = 0; i < 100000; i++) {
        struct niva_uuid next = niva_uuid_v7(1655978400000000 + i % 1000);

        assert_true(memcmp(last.bytes, next.bytes, 16) < 0);
        last = next;
    }
}

static void a_v7_uuid_has_its_time_version_and_variant(void **state)
{
    (void)state;
    char text[37];

    niva_uuid_format(niva_uuid_v7(0x0123456789ab * INT64_C(1000) + 999), text);
    assert_memory_equal(text, "01234567-89ab-7", 15);
    assert_non_null(strchr("89ab", text[19]));
    niva_uuid_format(niva_uuid_v7(-1), text);
    assert_memory_equal(text, "00000000-0000-7", 15);
}

enum { PER_THREAD = 20000, THREADS = 4 };

static void *uuids_make(void *context)
{
    struct niva_uuid *uuids = context;

    for (int i = 0; i < PER_THREAD; i++)
        uuids[i] = niva_uuid_v7(1655978400000000);
    return NULL;
}

static int uuid_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct niva_uuid));
}

static void uuids_of_many_threads_differ(void **state)
{
    (void)state;
    static struct niva_uuid uuids[THREADS * PER_THREAD];
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, uuids_make, uuids + i * PER_THREAD), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    qsort(uuids, THREADS * PER_THREAD, sizeof *uuids, uuid_order);
    for (size_t i = 1; i < THREADS * PER_THREAD; i++)
        assert_true(uuid_order(&uuids[i - 1], &uuids[i]) < 0);
}

/* The example of RFC 9562, appendix A.4. */
static void a_v5_uuid_is_that_of_the_standard(void **state)
{
    (void)state;
    struct niva_uuid dns;
    char text[37];

    assert_true(niva_uuid_parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8", &dns));
    niva_uuid_format(niva_uuid_v5(dns, "www.example.com", 15), text);
    assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void uuids_are_read_and_written(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "00000000-0000-0000-0000-000000000000",
        "2ed6657d-e927-568b-95e1-2665a8aea6a",
        "2ed6657d-e927-568b-95e1-2665a8aea6a22",
        "2ed6657d-e927-568b-95e1-2665a8aea6ag",
        "2ed6657de927-568b-95e1-2665a8aea6a2-",
        "{2ed6657d-e927-568b-95e1-2665a8aea6}",
        "2ed6657d-e927-568b-95e1_2665a8aea6a2",
        " ed6657d-e927-568b-95e1-2665a8aea6a2",
    };
    struct niva_uuid uuid;
    char text[37];

    assert_true(niva_uuid_parse("2ED6657D-E927-568b-95e1-2665A8AEA6A2", &uuid));
    niva_uuid_format(uuid, text);
    assert_string_equal(text, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (niva_uuid_parse(bad[i], &uuid))
            fail_msg("\"%s\" was read as a UUID", bad[i]);
    assert_int_equal(uuid.bytes[0], 0x2e);
}

struct verdict {
    const char *text;
    bool good;
};

static void judge(bool (*valid)(const char *), const struct verdict *verdicts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (valid(verdicts[i].text) != verdicts[i].good)
            fail_msg("\"%s\": expected %s", verdicts[i].text, verdicts[i].good ? "yes" : "no");
}

static void hsa_ids_are_judged(void **state)
{
    (void)state;
    static const struct verdict verdicts[] = {
        {"SE2321000016-A1", true},
        {"SE2321000016-abcdefghijklmnopqr", true},
        {"SE2321000016-abcdefghijklmnopqrs", false},
        {"SE2321000016-", false},
        {"SE232100016-A1", false},
        {"SE23210000161-A1", false},
        {"se2321000016-A1", false},
        {"SE2321000016-Å1", false},
        {"SE2321000016-A 1", false},
        {"SE2321000016_A1", false},
        {"S", false},
        {"", false},
        {"SE", false},
        {"SE2321000016", false},
    };

    judge(niva_hsa_id_valid, verdicts, sizeof verdicts / sizeof *verdicts);
}

static void organisation_numbers_are_judged(void **state)
{
    (void)state;
    static const struct verdict verdicts[] = {
        {"2321000172", true}, {"5560125790", true},   {"2321000173", false},
        {"232100017", false}, {"23210001720", false}, {"232100-0172", false},
        {"", false},          {"232100017x", false},
    };

    judge(niva_org_number_valid, verdicts, sizeof verdicts / sizeof *verdicts);
}

static void name_keys_are_judged(void **state)
{
    (void)state;
    static const struct verdict verdicts[] = {
        {"fysioterapeut", true},
        {"läkare", true},
        {"ökad_fast-1", true},
        {"å", true},
        {"a234567890123456789012345678901234567890", true},
        {"a2345678901234567890123456789012345678901", false},
        {"åååååååååååååååååååååååååååååååååååååååå", true},
        {"ååååååååååååååååååååååååååååååååååååååååå", false},
        {"", false},
        {"1a", false},
        {"_a", false},
        {"Fysio", false},
        {"fysio terapeut", false},
        {"é", false},
        {"fysioé", false},
        {"fysioÅ", false},
    };

    judge(niva_name_key_valid, verdicts, sizeof verdicts / sizeof *verdicts);
}

static void personal_numbers_are_recognised(void **state)
{
    (void)state;
    static const struct verdict verdicts[] = {
        {"8001011234", true},
        {"198001011234", true},
        {"800101-1234", true},
        {"19800101-1234", true},
        {"800101+1234", true},
        {"800161-1234", true},
        {"200002291234", true},
        {"0002291234", true},
        {"8002291234", true},
        {"8102291234", false},
        {"8013011234", false},
        {"8001321234", false},
        {"8001001234", false},
        {"8001921234", false},
        {"8000011234", false},
        {"2321000172", false},
        {"178001011234", false},
        {"218001011234", false},
        {"800101_1234", false},
        {"80010112345", false},
        {"800101-123", false},
        {"800101-12345", false},
        {"", false},
        {"p8001011234", false},
        {"8001-011234", false},
        {"-1234", false},
        {"1234", false},
    };

    judge(niva_looks_like_personal_number, verdicts, sizeof verdicts / sizeof *verdicts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuids_of_an_instant_rise_strictly),
        cmocka_unit_test(a_v7_uuid_has_its_time_version_and_variant),
        cmocka_unit_test(uuids_of_many_threads_differ),
        cmocka_unit_test(a_v5_uuid_is_that_of_the_standard),
        cmocka_unit_test(uuids_are_read_and_written),
        cmocka_unit_test(hsa_ids_are_judged),
        cmocka_unit_test(organisation_numbers_are_judged),
        cmocka_unit_test(name_keys_are_judged),
        cmocka_unit_test(personal_numbers_are_recognised),
    };
    int failed = cmocka_run_group_tests_name("ids", tests, NULL, NULL);

    return failed ? 1 : 0;
}
