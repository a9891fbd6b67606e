/* `nivactl letter`: what the services answer, as the letters that a unit gets. The answers hold
 * what no letter may tell; it is looked for in every one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/pdf_reader.h"
#include "tests/unit/nivactl/fake.h"

#define LETTERS " --letters=" SOURCE "/deploy/letters/letters.conf"
#define UNIT    "SE4999000005-FIKTIVVC13"
#define ID      "0182f7aa-6aeb-768f-836f-12cdaa972bd0"

static struct fake fake;

/* How the answers of a test differ from the next one's. */
static struct {
    const char *adjustment; /* more members */
    const char *form;
    const char *rule_set_id;
    const char *lines; /* more of an explanation */
    const char *region;
    const char *formula;
    const char *overdue;
    const char *calls;
    const char *report; /* more members */
    const char *segments;
} world;

static int begin(void **state)
{
    (void)state;
    world.adjustment = "\"kind\":\"ORIGINAL\",\"state\":\"PROPOSED\",\"computed_ore\":\"2201613\","
                       "\"computed_total_ore\":\"2201613\",\"deduction_ore\":\"2201613\"";
    world.form = "PRIVATE";
    world.rule_set_id = "r";
    world.lines = "";
    world.region = "99";
    world.formula = "\"formula\":\"PRO_RATA\",\"statement_days\":21";
    world.overdue = "{\"unit\":\"" UNIT "\",\"unit_name\":\"Eken\",\"due_since\":\"2022-06-23\","
                    "\"unreported_days\":100,\"call_id\":\"" ID "\",\"last_report\":{"
                    "\"effective_from\":\"2021-11-01\",\"current_as_of\":\"2021-11-12\"}}";
    world.calls = "{\"call_id\":\"" ID "\",\"unit\":\"\",\"region_code\":\"99\","
                  "\"profession_group\":\"fysioterapeut\",\"issued_on\":\"2022-06-23\","
                  "\"current_since\":\"2022-06-23\",\"answer_by\":\"2022-07-07\","
                  "\"reference\":\"Information nr 8/22 (fiktiv)\"}";
    world.report = "\"effective_from\":\"2022-10-01\"";
    world.segments =
        "{\"first_day\":\"2020-10-01\",\"last_day\":\"2022-09-30\",\"status\":\"MET\","
        "\"required_milli\":2800,\"counted_milli\":2800,\"report_id\":\"x\"},"
        "{\"first_day\":\"2022-10-01\",\"last_day\":\"2022-11-30\",\"status\":\"BELOW_MINIMUM\","
        "\"required_milli\":2800,\"counted_milli\":2000,\"shortfall_milli\":800,\"planned\":true,"
        "\"report_id\":\"" ID "\",\"rule_set_id\":\"r\",\"rule_set_version\":1},"
        "{\"first_day\":\"2022-12-01\",\"last_day\":\"2022-12-31\",\"status\":\"BELOW_MINIMUM\","
        "\"required_milli\":2800,\"counted_milli\":2000,\"shortfall_milli\":800,\"planned\":true,"
        "\"report_id\":\"" ID "\",\"rule_set_id\":\"r\",\"absence_ids\":[\"HEMLIG-frånvaro\"]},"
        "{\"first_day\":\"2023-01-01\",\"last_day\":\"2023-10-01\",\"status\":\"MET\","
        "\"required_milli\":2800,\"counted_milli\":2800,\"planned\":true,"
        "\"report_id\":\"" ID "\",\"rule_set_id\":\"r\"}";
    return 0;
}

static int end(void **state)
{
    (void)state;
    fake_stop(&fake);
    return 0;
}

static void reply(struct niva_rpc_call *call, const char *format, ...) NIVA_PRINTF(2, 3);

static void reply(struct niva_rpc_call *call, const char *format, ...)
{
    char json[4096];
    va_list arguments;

    va_start(arguments, format);
    assert_in_range(vsnprintf(json, sizeof json, format, arguments), 1, sizeof json - 1);
    va_end(arguments);
    fake_reply(call, json);
}

static void explain(struct niva_rpc_call *call)
{
    reply(call,
          "{\"adjustment\":{\"adjustment_id\":\"" ID "\",\"unit\":\"" UNIT "\",\"component\":"
          "\"fysioterapi\",\"profession_group\":\"fysioterapeut\",\"period\":\"2022-08\","
          "\"rule_set_id\":\"%s\",\"rule_set_version\":1,\"owner\":\"5599000008\",\"form\":"
          "\"%s\",\"channel\":\"OFFSET\",\"below_days\":26,\"breach_ids\":[\"" ID "\"],%s},"
          "\"lines\":["
          "{\"kind\":\"RUN\",\"first_day\":\"2022-08-01\",\"last_day\":\"2022-08-26\",\"days\":26,"
          "\"required_milli\":2500,\"counted_milli\":1625,\"shortfall_milli\":875,"
          "\"status\":\"BELOW_MINIMUM\",\"ore\":\"68250000/31\",\"absence_ids\":"
          "[\"HEMLIG-frånvaro\"],\"text_sv\":\"26 × 75 000,00 kr / 31 × 0,875 / 2,50\","
          "\"text_en\":\"26 × 75 000,00 kr / 31 × 0,875 / 2,50\"},"
          "{\"kind\":\"RUN\",\"first_day\":\"2022-08-27\",\"last_day\":\"2022-08-31\",\"days\":5,"
          "\"required_milli\":2500,\"status\":\"NO_REPORT\",\"ore\":\"0\",\"text_sv\":"
          "\"krav 2,50, ej redovisat.\",\"text_en\":\"required 2,50, not reported.\"},"
          "{\"kind\":\"ROUNDING\",\"ore\":\"3/31\"}%s],"
          "\"remark_sv\":\"Fiktiv region: formeln är ett antagande.\","
          "\"remark_en\":\"Fictive region: the formula is an assumption.\"}",
          world.rule_set_id, world.form, world.adjustment, world.lines);
}

static void timeline(struct niva_rpc_call *call)
{
    reply(call,
          "{\"segments\":[%s],\"uncounted\":[{\"position_key\":\"HEMLIG-nyckel\",\"reason\":"
          "\"ABSENT\",\"fte_milli\":750}],\"today\":\"2022-09-30\"}",
          world.segments);
}

static void report(struct niva_rpc_call *call)
{
    reply(call,
          "{\"report\":{\"report_id\":\"" ID "\",\"unit\":\"" UNIT "\",\"profession_group\":"
          "\"fysioterapeut\",\"positions\":[{\"position_key\":\"HEMLIG-nyckel\"}],"
          "\"resolution_note\":\"HEMLIG-text\",\"certified_by\":{\"hsa_id\":\"HEMLIG-person\"},"
          "\"recorded_by\":\"HEMLIG-principal\",\"received_at\":\"2022-09-30T20:05:53Z\",%s},"
          "\"applied\":[{\"stream\":\"intake\",\"position\":\"454\"}]}",
          world.report);
}

static void office(struct fake *self, enum service service, struct niva_rpc_call *call, size_t seen)
{
    (void)self;
    (void)service;
    (void)seen;
    if (fake_is(call, "ComplianceService/GetBusinessDay"))
        fake_reply(call, "{\"day\":\"2022-09-30\"}");
    else if (fake_is(call, "UnitService/GetUnit"))
        reply(call,
              "{\"unit\":{\"hsa_id\":\"" UNIT "\",\"name\":\"Vårdcentralen Eken (fiktiv)\","
              "\"region_code\":\"%s\",\"owners\":[{\"org_number\":\"9990000005\",\"form\":"
              "\"REGION_RUN\",\"first_day\":\"2010-01-01\"},{\"org_number\":\"5599000008\","
              "\"form\":\"PRIVATE\",\"first_day\":\"2022-09-01\"}]}}",
              world.region);
    else if (fake_is(call, "RuleService/GetRuleSet"))
        reply(call,
              "{\"rule_set\":{\"rule_set_id\":\"fysioterapi-2022\",\"version\":2,\"region_code\":"
              "\"99\",\"profession_group\":\"fysioterapeut\",\"first_day\":\"2022-07-01\","
              "\"severity\":\"BINDING\",\"source_documents\":[\"Instruktion (fiktiv), dok.nr 1\","
              "\"Information nr 8/22 (fiktiv)\"],\"decision_reference\":\"HSN 1 (fiktivt)\","
              "\"requirement\":{\"kind\":\"CONTRACTED\"},\"counting\":{\"title_codes\":[\"FT\"],"
              "\"employments\":[\"EMPLOYED\"]},\"regulation\":{%s},\"remark_sv\":"
              "\"Fiktiv region: formeln är ett antagande.\",\"remark_en\":"
              "\"Fictive region: the formula is an assumption.\"}}",
              world.formula);
    else if (fake_is(call, "ComplianceService/GetBreach"))
        fake_reply(call, "{\"breach\":{\"first_day\":\"2022-07-11\"}}");
    else if (fake_is(call, "AdjustmentService/ExplainAdjustment"))
        explain(call);
    else if (fake_is(call, "ComplianceService/GetTimeline"))
        timeline(call);
    else if (fake_is(call, "ReportService/GetReport"))
        report(call);
    else if (fake_is(call, "ComponentService/ListComponents"))
        fake_reply(call, "{\"components\":[{\"component\":\"fysioterapi\",\"first_day\":"
                         "\"2022-01-01\",\"monthly_ore\":\"9300000\",\"regulated\":true},"
                         "{\"component\":\"grund\",\"first_day\":\"2022-01-01\",\"monthly_ore\":"
                         "\"61700000\",\"regulated\":false}]}");
    else if (fake_is(call, "ComplianceService/ListOverdueReports"))
        reply(call, "{\"day\":\"2022-09-30\",\"overdue\":[%s]}", world.overdue);
    else if (fake_is(call, "ComplianceService/ListCalls"))
        reply(call, "{\"calls\":[%s]}", world.calls);
    else
        fake_refuse(call, NIVA_NOT_FOUND, "");
}

/* The text of the letter that a command line writes, as poppler reads it; fails the test when there
 * is none. */
static char *letter_text(const char *line, const char *reader)
{
    struct niva_text pdf = {0};
    char whole[512];
    char *text;

    snprintf(whole, sizeof whole, "letter %s --file=-" LETTERS, line);
    if (fake_run(&fake, whole) != EXIT_YES)
        fail_msg("%s: %s", whole, fake.err);
    assert_string_equal(fake.err, "");
    niva_text_append(&pdf, fake.out, fake.out_size);
    text = pdf_ask(&pdf, reader);
    if (strstr(text, "HEMLIG") != NULL)
        fail_msg("told what no letter may tell:\n%s", text);
    niva_text_free(&pdf);
    return text;
}

static void assert_letter(const char *line, const char *golden)
{
    char *text = letter_text(line, "pdftotext -layout $PDF -");

    golden_check(golden, text);
    free(text);
}

static void assert_tells(const char *line, const char *part)
{
    char *text = letter_text(line, "pdftotext -raw $PDF - | tr -s '\\n' ' '");

    if (strstr(text, part) == NULL)
        fail_msg("%s: expected \"%s\" in:\n%s", line, part, text);
    free(text);
}

static void assert_silent(const char *line, const char *part)
{
    char *text = letter_text(line, "pdftotext -raw $PDF - | tr -s '\\n' ' '");

    if (strstr(text, part) != NULL)
        fail_msg("%s: \"%s\" in:\n%s", line, part, text);
    free(text);
}

static void assert_refused(const char *line, int code, const char *part)
{
    char whole[512];

    snprintf(whole, sizeof whole, "letter %s --file=-", line);
    assert_int_equal(fake_run(&fake, whole), code);
    if (strstr(fake.err, part) == NULL)
        fail_msg("%s: expected \"%s\" in:\n%s", line, part, fake.err);
    assert_int_equal(fake.out_size, 0);
}

static void a_communication_tells_the_whole_computation(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    assert_letter("communication " ID " --case-number=HSN-1", GOLDEN "/communication.sv.txt");
    assert_letter("communication " ID " --lang=en --by=2022-10-14", GOLDEN "/communication.en.txt");
}

static void a_communication_is_of_an_amount_that_can_be_answered(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, true, office));
    world.adjustment = "\"kind\":\"DIFFERENCE\",\"state\":\"IN_DIALOGUE\",\"computed_ore\":\"100\","
                       "\"computed_total_ore\":\"2201613\",\"deduction_ore\":\"100\"";
    assert_tells("communication " ID, "Det som anges ovan är skillnaden.");
    assert_tells("communication " ID, "Repetition: affärsdagen flyttas för hand");
    world.adjustment = "\"state\":\"PRELIMINARY\",\"deduction_ore\":\"100\"";
    assert_tells("communication " ID, "Månaden pågår: beloppet är preliminärt");
    world.adjustment = "\"state\":\"DECIDED\",\"deduction_ore\":\"100\"";
    assert_refused("communication " ID LETTERS, EXIT_NO, "beslutat eller ersatt");
    world.adjustment = "\"state\":\"PROPOSED\",\"deduction_ore\":\"-100\"";
    assert_refused("communication " ID LETTERS, EXIT_NO, "Pengar tillbaka");
    world.adjustment = "\"state\":\"PROPOSED\",\"deduction_ore\":\"100\"";
    world.formula = "\"formula\":\"PRO_RATA\"";
    assert_refused("communication " ID LETTERS, EXIT_NO, "ange --by");
    world.region = "19";
    assert_refused("communication " ID LETTERS, EXIT_NO, "hör till region 19");
}

static void a_contact_can_be_said(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    assert_tells("communication " ID " --contact=Anna,010-1,anna@example.org",
                 "besvaras av Anna. Telefon 010-1. E-post anna@example.org.");
    assert_tells("communication " ID " --contact=Anna", "besvaras av Anna. Telefon 010-000 00 01.");
}

#define DECIDED                                                                                     \
    "\"case_number\":\"HSN 2022-7\",\"decided_by\":\"beslutsfattare.1\",\"delegation\":"            \
    "\"Delegation 4.2 (fiktiv)\",\"decided_at\":\"2022-09-29T10:00:00Z\",\"prepared_by\":"          \
    "\"handläggare.1\",\"communicated_at\":\"2022-09-01T22:30:00Z\",\"answer_by\":\"2022-09-23\"," \
    "\"computed_ore\":\"2201613\",\"computed_total_ore\":\"2201613\","

static void a_decision_tells_all_that_it_stands_on(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    world.adjustment =
        "\"kind\":\"ORIGINAL\",\"state\":\"DECIDED\",\"deduction_ore\":\"1000000\"," DECIDED
        "\"answered_at\":\"2022-09-20T08:00:00Z\",\"statement\":\"Tjänsten är annonserad.\\nIngen "
        "sökte.\",\"statement_response\":\"Försöken är ett skäl att jämka.\",\"reason_code\":"
        "\"UNABLE_TO_RECRUIT\",\"reason\":\"Ni har visat att ni annonserat två gånger.\"";
    world.lines =
        ",{\"kind\":\"REVISED\",\"ore\":\"-1201613\",\"text_sv\":\"Jämkat till 10 000,00 kr.\","
        "\"text_en\":\"Revised to 10 000,00 kr.\"}";
    assert_letter("decision " ID, GOLDEN "/decision.sv.txt");
    assert_letter("decision " ID " --lang=en", GOLDEN "/decision.en.txt");
}

/* Each amount is rounded to öre for reading; what is left of that is said, so that they add up. */
static void the_amounts_of_a_letter_add_up(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    world.adjustment =
        "\"state\":\"DECIDED\",\"deduction_ore\":\"2201680\"," DECIDED "\"reason\":\"\"";
    world.lines =
        ",{\"kind\":\"PERIOD\",\"ore\":\"100/3\"},{\"kind\":\"PERIOD\",\"ore\":\"100/3\"}";
    assert_tells("decision " ID, "avrundning 0,01 kr");
}

static void a_decision_says_what_was_decided(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    world.adjustment =
        "\"state\":\"DECIDED\",\"deduction_ore\":\"2201613\"," DECIDED "\"reason\":\"\"";
    assert_tells("decision " ID, "Beslut om reglering av fast ersättning Fiktiv region");
    assert_tells("decision " ID, "avtalets bestämmelse om tvist");
    assert_tells("decision " ID, "en egen rad i månadens betalning");
    assert_tells("decision " ID, "Inget svar har kommit in.");
    assert_silent("decision " ID, "Skäl");
    world.form = "INTRAPRENAD";
    assert_tells("decision " ID, "enligt er överenskommelse om intraprenad");
    world.form = "REGION_RUN";
    assert_tells("decision " ID, "Regleringen är en intern åtgärd inom regionen. Synpunkter");
    world.adjustment = "\"state\":\"WAIVED\",\"deduction_ore\":\"0\"," DECIDED
                       "\"reason_code\":\"MINOR_AMOUNT\",\"reason\":\"Det är lite.\"";
    assert_tells("decision " ID, "Beslut att avstå från reglering");
    assert_tells("decision " ID, "Inget belopp regleras.");
    assert_tells("decision " ID, "Det är lite.");
    world.adjustment = "\"state\":\"BOOKED\",\"deduction_ore\":\"2201613\"," DECIDED
                       "\"settlement_id\":\"s\",\"voucher_number\":\"A 17\"";
    assert_tells("decision " ID, "Det är bokfört, verifikation A 17.");
    world.adjustment =
        "\"state\":\"EXPORTED\",\"deduction_ore\":\"2201613\"," DECIDED "\"settlement_id\":\"s\"";
    assert_tells("decision " ID, "överfört till ekonomi (avräkning s)");
    world.adjustment = "\"state\":\"PROPOSED\",\"deduction_ore\":\"2201613\"";
    assert_refused("decision " ID LETTERS, EXIT_NO, "inte beslutat");
}

static void money_back_is_said_as_money_back(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    world.adjustment =
        "\"kind\":\"DIFFERENCE\",\"state\":\"DECIDED\",\"computed_ore\":\"-120000\","
        "\"computed_total_ore\":\"2081613\",\"deduction_ore\":\"-120000\",\"case_number\":\"1\","
        "\"decided_by\":\"b\",\"delegation\":\"d\",\"decided_at\":\"2022-09-29T10:00:00Z\"";
    assert_tells("decision " ID, "Vi återför 1 200,00 kr av den fasta ersättningen");
    assert_tells("decision " ID, "Månadens belopp är nu beräknat till 20 816,13 kr");
    assert_silent("decision " ID, "Vad ni har svarat");
    world.rule_set_id = "";
    assert_silent("decision " ID, "Regelverket");
}

static void a_call_goes_to_a_unit_that_is_overdue(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    assert_letter("call " UNIT, GOLDEN "/call.sv.txt");
    assert_letter("call " ID " --unit=" UNIT " --lang=en", GOLDEN "/call.en.txt");
    assert_refused("call " ID LETTERS, EXIT_NO, "ange vårdcentralen med --unit");
    world.overdue = "{\"unit\":\"" UNIT "\",\"due_since\":\"2022-06-23\",\"unreported_days\":1,"
                    "\"call_id\":\"" ID "\"}";
    assert_tells("call " UNIT, "ingen redovisning har kommit in");
    world.overdue = "{\"unit\":\"" UNIT "\",\"due_since\":\"2022-06-23\",\"unreported_days\":1}";
    assert_refused("call " UNIT LETTERS, EXIT_NO, "Ingen uppmaning är utfärdad");
    world.overdue = "";
    assert_refused("call " UNIT LETTERS, EXIT_NO, "har en aktuell redovisning");
    world.calls = "";
    assert_refused("call " ID LETTERS, EXIT_NO, "ingen sådan uppmaning");
}

static void a_receipt_says_what_a_report_counts_as(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    /* 93 000 kr / 31 × 0,8 / 2,8 */
    assert_letter("receipt " ID, GOLDEN "/receipt.sv.txt");
    assert_letter("receipt " ID " --lang=en", GOLDEN "/receipt.en.txt");
}

/* The report may have come this very moment: compliance is to have it before it is asked. */
static void a_receipt_waits_for_its_report(void **state)
{
    (void)state;
    bool waited = false;

    assert_true(fake_start(&fake, false, office));
    assert_tells("receipt " ID, "Mottagen");
    for (size_t i = 0; i < fake.call_count; i++)
        waited |=
            strstr(fake.calls[i], "GetTimeline") != NULL && strstr(fake.calls[i], "454") != NULL;
    assert_true(waited);
}

static void a_receipt_says_what_follows_by_the_rules(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    world.formula = "\"formula\":\"ALL_OR_NOTHING\",\"grace_days\":5";
    assert_tells("receipt " ID, "Preliminär reglering 3 000,00 kr/dag.");
    assert_tells("receipt " ID, "De första 5 dagarna regleras inte.");
    world.formula = "\"formula\":\"PER_STARTED_WEEK\",\"permille\":100";
    assert_tells("receipt " ID, "Regleringen räknas inte per dag");
    assert_silent("receipt " ID, "Preliminär reglering");
    world.formula = "\"formula\":\"NONE\"";
    assert_tells("receipt " ID, "Ingen fast ersättning regleras");
    world.segments =
        "{\"first_day\":\"2020-10-01\",\"last_day\":\"2022-09-15\",\"status\":\"MET\"},"
        "{\"first_day\":\"2022-09-16\",\"last_day\":\"2022-09-30\",\"status\":\"BELOW_MINIMUM\","
        "\"report_id\":\"x\",\"required_milli\":2800,\"shortfall_milli\":2800},"
        "{\"first_day\":\"2022-10-01\",\"last_day\":\"2023-10-01\",\"status\":\"BELOW_MINIMUM\","
        "\"required_milli\":2800,\"counted_milli\":2000,\"shortfall_milli\":800,\"planned\":true,"
        "\"report_id\":\"" ID "\",\"rule_set_id\":\"r\"}";
    assert_tells("receipt " ID, "Under miniminivå från 2022-09-16.");
    world.segments =
        "{\"first_day\":\"2020-10-01\",\"last_day\":\"2023-10-01\",\"status\":\"MET\","
        "\"required_milli\":2800,\"counted_milli\":2800,\"finding_id\":\"f\",\"report_id\":\"" ID
        "\"}";
    assert_tells("receipt " ID, "bedöms på annat underlag");
    assert_silent("receipt " ID, "Räknas");
    world.segments = "{\"first_day\":\"2020-10-01\",\"last_day\":\"2023-10-01\",\"status\":"
                     "\"NOT_REQUIRED\",\"report_id\":\"" ID "\"}";
    assert_tells("receipt " ID, "Inget krav gäller");
    assert_silent("receipt " ID, "0,00");
}

static void a_report_that_does_not_count_has_no_receipt(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    world.report = "\"effective_from\":\"2022-10-01\",\"corrects_report_id\":\"x\"";
    assert_tells("receipt " ID, "rättar en tidigare");
    world.report = "\"effective_from\":\"2022-10-01\",\"withdrawn\":true";
    assert_refused("receipt " ID LETTERS, EXIT_NO, "återtagen eller rättad");
    world.report = "\"effective_from\":\"2022-10-01\",\"corrected_by_report_id\":\"y\"";
    assert_refused("receipt " ID LETTERS, EXIT_NO, "återtagen eller rättad");
}

static void a_letter_is_a_file(void **state)
{
    char path[128];
    char line[512];

    (void)state;
    assert_true(fake_start(&fake, false, office));
    snprintf(path, sizeof path, "%s/brev.pdf", fake.folder);
    snprintf(line, sizeof line, "letter receipt " ID LETTERS " --file=%s", path);
    assert_int_equal(fake_run(&fake, line), EXIT_YES);
    assert_non_null(strstr(fake.out, path));
    snprintf(line, sizeof line, "letter receipt " ID LETTERS " --output=json --file=%s", path);
    assert_int_equal(fake_run(&fake, line), EXIT_YES);
    assert_non_null(strstr(fake.out, "\"file\": \""));
    assert_int_equal(unlink(path), 0);
    snprintf(line, sizeof line, "letter receipt " ID LETTERS " --file=%s/nope/brev.pdf",
             fake.folder);
    assert_int_equal(fake_run(&fake, line), EXIT_NO);
    assert_non_null(strstr(fake.err, "kunde inte skrivas"));
}

static void what_cannot_be_used_is_refused(void **state)
{
    (void)state;
    assert_true(fake_start(&fake, false, office));
    assert_refused("postcard " ID LETTERS, EXIT_USAGE, "communication, decision, call");
    assert_refused("receipt ../x" LETTERS, EXIT_USAGE, "snedstreck");
    assert_refused("receipt " ID " --letters=/nowhere.conf", EXIT_NO, "/nowhere.conf");
    assert_int_equal(fake_run(&fake, "letter receipt " ID " --by=i-morgon"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_communication_tells_the_whole_computation, begin, end),
        cmocka_unit_test_setup_teardown(a_communication_is_of_an_amount_that_can_be_answered, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_contact_can_be_said, begin, end),
        cmocka_unit_test_setup_teardown(a_decision_tells_all_that_it_stands_on, begin, end),
        cmocka_unit_test_setup_teardown(the_amounts_of_a_letter_add_up, begin, end),
        cmocka_unit_test_setup_teardown(a_decision_says_what_was_decided, begin, end),
        cmocka_unit_test_setup_teardown(money_back_is_said_as_money_back, begin, end),
        cmocka_unit_test_setup_teardown(a_call_goes_to_a_unit_that_is_overdue, begin, end),
        cmocka_unit_test_setup_teardown(a_receipt_says_what_a_report_counts_as, begin, end),
        cmocka_unit_test_setup_teardown(a_receipt_waits_for_its_report, begin, end),
        cmocka_unit_test_setup_teardown(a_receipt_says_what_follows_by_the_rules, begin, end),
        cmocka_unit_test_setup_teardown(a_report_that_does_not_count_has_no_receipt, begin, end),
        cmocka_unit_test_setup_teardown(a_letter_is_a_file, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_used_is_refused, begin, end),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
