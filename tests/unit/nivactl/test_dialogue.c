/* The dialogue on the command line: what is asked of the service, and how an answer reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/nivactl/fake.h"

#define BREACH  "0190163d-8694-739b-aea5-966c26f8ad91"
#define LIVING  "0190163d-8694-739b-aea5-966c26f8ad92"
#define MEASURE "0190163d-8694-739b-aea5-966c26f8ad93"

static struct fake fake;

static int stop(void **state)
{
    (void)state;
    fake_stop(&fake);
    return 0;
}

static void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("expected \"%s\" in:\n%s", part, text);
}

#define DIALOGUE                                                                                   \
    "{\"breach_id\":\"" LIVING "\",\"entries\":["                                                  \
    "{\"kind\":\"OPENED\",\"side\":\"PURCHASER\",\"answer_by\":\"2022-07-07\",\"case_officer\":"   \
    "\"Fiktiv\",\"received_at\":\"2022-06-22T22:00:00Z\",\"text\":\"Rad ett\\nRad två\"},"        \
    "{\"kind\":\"ANSWERED\",\"side\":\"PROVIDER\",\"received_at\":\"2022-06-30T08:00:00Z\","       \
    "\"erased_by\":\"gallring-1\",\"inability\":{\"steps\":[{\"kind\":\"ADVERTISED\",\"day\":"     \
    "\"2022-05-02\"},{\"kind\":\"AGENCY_ASKED\",\"day\":\"2022-06-01\"}]}},"                       \
    "{\"kind\":\"MEASURE_AGREED\",\"side\":\"PROVIDER\",\"due_on\":\"2022-09-01\","                \
    "\"promised_milli\":500,\"measure_id\":\"" MEASURE "\",\"text\":\"Vikarie\\u001b[31m\"},"      \
    "{\"kind\":\"MEASURE_COMPLETED\",\"side\":\"PROVIDER\",\"outcome\":\"MISSED\",\"ended_on\":"   \
    "\"2022-09-02\",\"measure_id\":\"" MEASURE "\"}]}"

static void answer(struct fake *self, enum service service, struct niva_rpc_call *call, size_t seen)
{
    (void)self;
    (void)service;
    (void)seen;
    if (fake_is(call, "DialogueService/ListDialogue"))
        fake_reply(call, DIALOGUE);
    else if (fake_is(call, "ComplianceService/GetBreach"))
        fake_reply(call, "{\"breach\":{\"breach_id\":\"" LIVING
                         "\",\"unit\":\"SE1\",\"profession_group\":\"fysioterapeut\",\"kind\":"
                         "\"BELOW_MINIMUM\",\"first_day\":\"2022-06-01\",\"state\":\"OPEN\","
                         "\"case_officer\":\"Fiktiv\"}}");
    else if (fake_is(call, "UnitService/ListUnits"))
        fake_reply(call, "{\"units\":[{\"hsa_id\":\"SE1\",\"name\":\"Kastanjen (fiktiv)\"}]}");
    else if (fake_is(call, "DialogueService/CompleteMeasure"))
        fake_refuse(call, NIVA_NOT_FOUND, "measureId");
    else
        fake_reply(call, "{\"entry\":{\"kind\":\"NOTE\",\"side\":\"PROVIDER\",\"text\":\"Sagt\","
                         "\"received_at\":\"2022-06-23T08:00:00Z\"},\"warnings\":[{\"field\":"
                         "\"text\",\"code\":\"FREE_TEXT_PERSONAL\",\"text_sv\":\"Uppgift.\","
                         "\"text_en\":\"Data.\"}]}");
}

static void a_dialogue_reads_in_its_order(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, answer));
    assert_int_equal(fake_run(&fake, "dialogue " BREACH), EXIT_YES);
    assert_says(fake.out, "Bristen har gått upp i " LIVING);
    assert_says(fake.out, "Kastanjen (fiktiv), fysioterapeut: under miniminivå, 2022-06-01 – ");
    assert_says(fake.out, "Handläggare: Fiktiv\n");
    assert_says(fake.out, "2022-06-23  underrättelse, beställaren: svar senast 2022-07-07; "
                          "handläggare Fiktiv\n            Rad ett\n            Rad två\n");
    assert_says(fake.out,
                "2022-06-30  yttrande, utföraren\n            Kan inte rekrytera. Prövat: "
                "annonserat 2022-05-02, rekryteringsföretag tillfrågat 2022-06-01\n"
                "            Texten är gallrad (gallring gallring-1).\n");
    assert_says(fake.out,
                "åtgärd, utföraren: klar senast 2022-09-01, ger 0,50 heltid (åtgärd " MEASURE
                ")\n            Vikarie?[31m\n");
    assert_says(fake.out,
                "avslutad åtgärd, utföraren: utebliven 2022-09-02 (åtgärd " MEASURE ")\n");
    assert_int_equal(fake_run(&fake, "dialogue " BREACH " --output json"), EXIT_YES);
    assert_says(fake.out, "\"promised_milli\": 500");
}

static void what_is_said_is_sent_as_it_was_meant(void **state)
{
    static const struct {
        const char *line;
        const char *sent;
    } cases[] = {
        {"dialogue open " BREACH " Underlag --by 2022-07-07 --officer=Fiktiv",
         "\"answer_by\":\"2022-07-07\",\"text\":\"Underlag\",\"case_officer\":\"Fiktiv\""},
        {"dialogue open " BREACH " --received 2022-06-23",
         "\"received_at\":\"2022-06-22T22:00:00Z\""},
        {"dialogue note " BREACH " Ringt", "\"side\":\"PURCHASER\",\"text\":\"Ringt\""},
        {"dialogue note " BREACH " Ringt --side provider --steps none",
         "\"side\":\"PROVIDER\",\"text\":\"Ringt\",\"inability\":{\"steps\":[]}"},
        {"dialogue answer " BREACH " Svar --steps advertised=2022-05-02,OTHER=2022-05-03",
         "\"steps\":[{\"kind\":\"ADVERTISED\",\"day\":\"2022-05-02\"},{\"kind\":\"OTHER\",\"day\":"
         "\"2022-05-03\"}]"},
        {"dialogue measure " BREACH " Vikarie --by 2022-09-01 --fte 0,75",
         "\"side\":\"PROVIDER\",\"due_on\":\"2022-09-01\",\"promised_milli\":750"},
        {"dialogue measure " BREACH " Vikarie --by 2022-09-01 --fte 2.5 --side purchaser",
         "\"side\":\"PURCHASER\",\"due_on\":\"2022-09-01\",\"promised_milli\":2500"},
    };

    (void)state;
    assert_true(fake_start(&fake, false, answer));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fake_run(&fake, cases[i].line), EXIT_YES);
        assert_int_equal(fake.call_count, i + 1);
        assert_says(fake.calls[i], cases[i].sent);
        assert_null(strstr(fake.calls[i], "\"request_id\":\"\""));
        assert_says(fake.out, "2022-06-23  anteckning, utföraren\n            Sagt\n");
        assert_says(fake.err, "Obs: Uppgift.");
    }
}

static void the_end_of_a_measure_is_sent_and_a_refusal_shown(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, answer));
    assert_int_equal(fake_run(&fake, "dialogue complete " BREACH " " MEASURE " --missed"), EXIT_NO);
    assert_says(fake.calls[0], "\"measure_id\":\"" MEASURE "\",\"outcome\":\"MISSED\"");
    assert_says(fake.err, "measureId");
    fake_run(&fake, "dialogue complete " BREACH " " MEASURE " Klart");
    assert_says(fake.calls[1], "\"outcome\":\"COMPLETED\"");
}

static void what_cannot_be_meant_is_not_sent(void **state)
{
    static const char *const lines[] = {
        "dialogue note",
        "dialogue note " BREACH,
        "dialogue " BREACH " text",
        "dialogue complete " BREACH,
        "dialogue open " BREACH " a b",
        "dialogue open " BREACH " @/nowhere",
        "dialogue open " BREACH " --by imorgon",
        "dialogue open " BREACH " --received imorgon",
        "dialogue note " BREACH " x --side both",
        "dialogue answer " BREACH " x --steps advertised",
        "dialogue answer " BREACH " x --steps prayed=2022-05-02",
        "dialogue measure " BREACH " x --fte halv",
        "dialogue measure " BREACH " x --fte -1",
        "dialogue measure " BREACH " x --fte 0,7555",
        "dialogue measure " BREACH " x --fte 1001",
        "dialogue " BREACH " --unit SE1",
        /* options of another verb */
        "dialogue " BREACH " --by 2022-07-07",
        "dialogue open " BREACH " x --fte 0,5",
        "dialogue note " BREACH " x --by 2022-07-07",
        "dialogue answer " BREACH " x --side provider",
        "dialogue --officer=Fiktiv answer " BREACH " x",
        "dialogue measure " BREACH " x --missed",
        "dialogue complete " BREACH " " MEASURE " --known-at 2022-07-07",
    };

    (void)state;
    assert_true(fake_start(&fake, false, answer));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        int code = fake_run(&fake, lines[i]); /* -1: an option was refused */

        if ((code != EXIT_USAGE && code != -1) || fake.call_count > 0)
            fail_msg("%s: expected to be refused, actual %s%s", lines[i], fake.out, fake.err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_dialogue_reads_in_its_order, stop),
        cmocka_unit_test_teardown(what_is_said_is_sent_as_it_was_meant, stop),
        cmocka_unit_test_teardown(the_end_of_a_measure_is_sent_and_a_refusal_shown, stop),
        cmocka_unit_test_teardown(what_cannot_be_meant_is_not_sent, stop),
    };
    int failed = cmocka_run_group_tests_name("nivactl dialogue", tests, NULL, NULL);

    return failed ? 1 : 0;
}
