/* What is only supposed: taken out of a request with what may be left out, asked what intake asks
 * of what is filed, and added behind all facts. A report that is another unit's takes the database:
 * tests/system/test_preview.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compliance/v1/compliance.pb-c.h"
#include "services/common/wire/json.h"
#include "services/compliance/suppose.h"
#include "tests/support/casebook.h"

#define UNIT  CASEBOOK_UNIT
#define GROUP CASEBOOK_GROUP
#define UPPER "0190163D-8694-739B-AEA5-966C26F8AD91"
#define LOWER "0190163d-8694-739b-aea5-966c26f8ad91"

typedef Niva__Compliance__V1__PreviewRequest PreviewRequest;

/* ---- by itself ---- */

static const PreviewRequest *asked(struct casebook *book, const char *json)
{
    ProtobufCMessage *message;
    struct niva_error err;
    if (!niva_json_parse(&niva__compliance__v1__preview_request__descriptor, json, strlen(json),
                         book->arena, &message, &err))
        fail_msg("%s: %s", json, err.text_en);
    return (const PreviewRequest *)message;
}

/* Whether the checks pass; the violations are in `err`. */
static bool good(struct casebook *book, const char *json, struct supposition *ret_supposition,
                 struct niva_error *err)
{
    struct niva_check check;
    niva_check_begin(&check, err);
    assert_true(supposition_check(asked(book, json), &check, book->arena, ret_supposition));
    return niva_check_end(&check);
}

#define ASKED "{\"unit\":\"" UNIT "\",\"professionGroup\":\"" GROUP "\""
#define POSITION                                                                                   \
    "{\"positionKey\":\"p0\",\"titleCode\":\"FT\",\"employment\":\"EMPLOYED\","                    \
    "\"fteMilli\":500,\"licensed\":true}"
#define REPORT  "\"effectiveFrom\":\"2022-04-01\",\"positions\":[" POSITION "]"
#define ABSENCE "\"positionKey\":\"p0\",\"firstDay\":\"2022-04-01\""

static void what_is_left_out_is_the_questions(void **state)
{
    (void)state;
    struct casebook book;
    struct supposition supposed;
    struct niva_error err;
    casebook_begin(&book, "2022-03-15");
    assert_true(good(&book, ASKED "}", &supposed, &err));
    assert_null(supposed.report);
    assert_null(supposed.absence);

    assert_true(good(&book,
                     ASKED ",\"report\":{" REPORT ",\"correctsReportId\":\"" UPPER
                           "\"},\"absence\":{" ABSENCE "}}",
                     &supposed, &err));
    assert_string_equal(supposed.report->unit, UNIT);
    assert_string_equal(supposed.report->profession_group, GROUP);
    assert_string_equal(supposed.report->corrects_report_id, LOWER);
    assert_string_equal(supposed.absence->unit, UNIT);
    assert_string_equal(supposed.absence->profession_group, GROUP);
    casebook_end(&book);
}

/* A request belongs to whoever asked: it is looked at, not filled in. */
static void the_request_stays_as_it_was(void **state)
{
    (void)state;
    struct casebook book;
    struct supposition supposed;
    struct niva_check check;
    struct niva_error err;
    casebook_begin(&book, "2022-03-15");
    const PreviewRequest *request = asked(&book, ASKED ",\"report\":{" REPORT "}}");
    niva_check_begin(&check, &err);
    assert_true(supposition_check(request, &check, book.arena, &supposed));
    assert_ptr_not_equal(supposed.report, request->report);
    assert_string_equal(request->report->unit, "");
    casebook_end(&book);
}

static void what_could_not_be_filed_cannot_be_supposed(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char *field;
        const char *reason;
    } cases[] = {
        {"\"report\":{\"unit\":\"SE2321000016-X\"," REPORT "}", "report.unit", "ANOTHER_SUBJECT"},
        {"\"report\":{\"professionGroup\":\"dietist\"," REPORT "}", "report.professionGroup",
         "ANOTHER_SUBJECT"},
        {"\"absence\":{\"unit\":\"SE2321000016-X\"," ABSENCE "}", "absence.unit",
         "ANOTHER_SUBJECT"},
        {"\"absence\":{\"professionGroup\":\"dietist\"," ABSENCE "}", "absence.professionGroup",
         "ANOTHER_SUBJECT"},
        {"\"report\":{\"positions\":[" POSITION "]}", "report.effectiveFrom", NULL},
        {"\"report\":{\"effectiveFrom\":\"2022-04-01\",\"positions\":[" POSITION "," POSITION "]}",
         "report.positions[1].positionKey", "POSITION_KEY_DUPLICATE"},
        {"\"report\":{" REPORT ",\"correctsReportId\":\"r1\"}", "report.correctsReportId", NULL},
        {"\"absence\":{\"positionKey\":\"p0\"}", "absence.firstDay", NULL},
        {"\"absence\":{" ABSENCE ",\"expectedLastDay\":\"2022-03-31\"}", "absence.expectedLastDay",
         NULL},
        {"\"absence\":{\"positionKey\":\"Eva-Li\",\"firstDay\":\"2022-04-01\"}",
         "absence.positionKey", "NAME"},
    };
    struct casebook book;
    casebook_begin(&book, "2022-03-15");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[1024];
        struct supposition supposed;
        struct niva_error err;
        snprintf(json, sizeof json, ASKED ",%s}", cases[i].what);
        if (good(&book, json, &supposed, &err))
            fail_msg("%s is good", json);
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        assert_string_equal(err.violations[0].field, cases[i].field);
        if (cases[i].reason != NULL)
            assert_string_equal(err.violations[0].reason, cases[i].reason);
    }
    casebook_end(&book);
}

/* ---- beside what is on record ---- */

/* "r1" stands since January, "r2" was corrected by "r3" and that by "r4", "r5" was withdrawn, the
 * correction "r7" of "r6" too; the unit is open in 2022. */
static struct dossier begin(struct casebook *book)
{
    casebook_begin(book, "2022-03-15");
    casebook_rule_set(book, "fysio", 1, "2022-01-01", "");
    casebook_unit(book, "2022-01-01", "2022-12-31");
    casebook_contract(book, "2022-01-01", 2000);
    casebook_report(book, "r1", "", "2022-01-01", 2000);
    casebook_report(book, "r2", "", "2022-02-01", 2000);
    casebook_report(book, "r3", "r2", "2022-02-01", 2000);
    casebook_report(book, "r4", "r3", "2022-02-01", 2000);
    casebook_report(book, "r5", "", "2022-02-02", 2000);
    casebook_withdrawal(book, "r5");
    casebook_report(book, "r6", "", "2022-02-03", 2000);
    casebook_report(book, "r7", "r6", "2022-02-03", 1000);
    casebook_withdrawal(book, "r7");
    casebook_absence(book, "a1", 1, "p0", "2022-03-01", "2022-03-10");
    return casebook_dossier(book, INT64_MAX);
}

/* A report from a day on that corrects another one ("": none), as a request's check leaves it. */
static pb_report *report_of(struct casebook *book, const char *effective_from, const char *corrects)
{
    struct supposition supposed;
    struct niva_error err;
    char json[1024];
    snprintf(json, sizeof json,
             ASKED ",\"report\":{\"effectiveFrom\":\"%s\",\"positions\":[" POSITION "]}}",
             effective_from);
    assert_true(good(book, json, &supposed, &err));
    supposed.report->corrects_report_id = niva_arena_strdup(book->arena, corrects);
    return supposed.report;
}

static pb_absence *absence_of(struct casebook *book, const char *first_day, const char *last_day)
{
    struct supposition supposed;
    struct niva_error err;
    char json[1024];
    snprintf(json, sizeof json,
             ASKED ",\"absence\":{\"positionKey\":\"p0\",\"firstDay\":\"%s\","
                   "\"expectedLastDay\":\"%s\"}}",
             first_day, last_day);
    assert_true(good(book, json, &supposed, &err));
    return supposed.absence;
}

/* Why it can't stand beside the record; "" where it can. */
static const char *refusal(struct casebook *book, const struct dossier *dossier,
                           const struct supposition *supposed)
{
    static struct niva_error err;
    struct niva_read read = {.arena = book->arena};
    niva_error_clear(&err);
    if (supposition_allowed(&read, dossier, supposed, book->now, &err))
        return "";
    assert_true(err.violation_count > 0);
    return err.violations[0].reason;
}

static void a_correction_is_allowed_once(void **state)
{
    (void)state;
    static const struct {
        const char *corrects;
        const char *reason;
    } cases[] = {
        {"", ""},
        {"r1", ""},
        {"r2", "REPORT_ALREADY_CORRECTED"},
        {"r3", "REPORT_ALREADY_CORRECTED"},
        {"r4", ""},
        {"r5", "REPORT_WITHDRAWN"},
        {"r6", ""}, /* its correction was withdrawn and corrects nothing */
        {"r7", "REPORT_WITHDRAWN"},
    };
    struct casebook book;
    struct dossier dossier = begin(&book);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct supposition supposed = {.report = report_of(&book, "2022-02-01", cases[i].corrects)};
        assert_string_equal(refusal(&book, &dossier, &supposed), cases[i].reason);
    }
    casebook_end(&book);
}

/* Of a withdrawn correction what corrected it takes the place. */
static void what_took_a_withdrawn_corrections_place_stands(void **state)
{
    (void)state;
    struct casebook book;
    begin(&book);
    casebook_withdrawal(&book, "r3");
    struct dossier dossier = casebook_dossier(&book, INT64_MAX);
    struct supposition supposed = {.report = report_of(&book, "2022-02-01", "r2")};
    assert_string_equal(refusal(&book, &dossier, &supposed), "REPORT_ALREADY_CORRECTED");
    casebook_withdrawal(&book, "r4");
    dossier = casebook_dossier(&book, INT64_MAX);
    assert_string_equal(refusal(&book, &dossier, &supposed), "");
    casebook_end(&book);
}

static void it_is_of_days_on_which_the_unit_is_open(void **state)
{
    (void)state;
    static const struct {
        const char *first_day;
        const char *last_day; /* of an absence; NULL: a report */
        const char *reason;
    } cases[] = {
        {"2022-01-01", NULL, ""},
        {"2021-12-31", NULL, "UNIT_NOT_OPEN_YET"},
        {"2022-12-31", NULL, ""},
        {"2023-01-01", NULL, "UNIT_CLOSED"},
        {"2021-12-01", "2021-12-31", "UNIT_NOT_OPEN_YET"},
        {"2021-12-01", "2022-01-01", ""},
        {"2022-12-31", "2023-02-01", ""},
        {"2023-01-01", "2023-02-01", "UNIT_CLOSED"},
    };
    struct casebook book;
    struct dossier dossier = begin(&book);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct supposition supposed = {0};
        if (cases[i].last_day == NULL)
            supposed.report = report_of(&book, cases[i].first_day, "");
        else
            supposed.absence = absence_of(&book, cases[i].first_day, cases[i].last_day);
        assert_string_equal(refusal(&book, &dossier, &supposed), cases[i].reason);
    }
    casebook_end(&book);
}

static void it_was_not_received_before_it_is_supposed(void **state)
{
    (void)state;
    struct casebook book;
    struct dossier dossier = begin(&book);
    struct supposition report = {.report = report_of(&book, "2022-02-01", "")};
    struct supposition absence = {.absence = absence_of(&book, "2022-02-01", "2022-03-31")};
    report.report->received_at = niva_wire_timestamp(book.now, book.arena);
    absence.absence->received_at = report.report->received_at;
    assert_string_equal(refusal(&book, &dossier, &report), "");
    assert_string_equal(refusal(&book, &dossier, &absence), "");
    report.report->received_at = niva_wire_timestamp(book.now + 1, book.arena);
    absence.absence->received_at = report.report->received_at;
    assert_string_equal(refusal(&book, &dossier, &report), "RECEIVED_AFTER_RECORDED");
    assert_string_equal(refusal(&book, &dossier, &absence), "RECEIVED_AFTER_RECORDED");
    casebook_end(&book);
}

static void days_that_were_erased_stand(void **state)
{
    (void)state;
    struct casebook book;
    struct dossier dossier = begin(&book);
    pb_erasure erasure = NIVA__COMPLIANCE__V1__ERASURE__INIT;
    erasure.before = (char *)(uintptr_t) "2022-02-03";
    erasure.decision_reference = (char *)(uintptr_t) "Gallringsbeslut (fiktivt)";
    dossier.erasure = &erasure;
    dossier.facts.erased = (struct niva_span){NIVA_DAY_MIN, niva_day_read("2022-02-03")};
    const struct {
        struct supposition supposed;
        const char *reason;
    } cases[] = {
        {{.report = report_of(&book, "2022-02-02", "")}, "ERASED"},
        {{.report = report_of(&book, "2022-02-03", "")}, ""},
        {{.report = report_of(&book, "2022-02-03", "r6")}, ""},
        {{.report = report_of(&book, "2022-02-03", "r4")}, "ERASED"},
        {{.absence = absence_of(&book, "2022-02-02", "2022-06-30")}, "ERASED"},
        {{.absence = absence_of(&book, "2022-02-03", "2022-06-30")}, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(refusal(&book, &dossier, &cases[i].supposed), cases[i].reason);
    casebook_end(&book);
}

/* ---- as facts ---- */

static int32_t counted_on(struct casebook *book, const struct niva_facts *facts, const char *text,
                          const char **ret_report_id)
{
    niva_day day = niva_day_read(text);
    struct niva_timeline timeline;
    struct niva_error err;
    assert_true(niva_timeline_compute(facts, (struct niva_span){day, day + 1}, false, book->arena,
                                      &timeline, &err));
    *ret_report_id = timeline.segments[0].report->id;
    return timeline.segments[0].counted_milli;
}

static void it_stands_behind_all_facts_and_leaves_them_alone(void **state)
{
    (void)state;
    struct casebook book;
    struct dossier dossier = begin(&book);
    const struct supposition supposed = {
        .report = report_of(&book, "2022-02-03", ""), /* as r6, so the later one stands */
        .absence = absence_of(&book, "2022-05-01", "2022-05-31"),
    };
    struct niva_facts facts;
    struct niva_error err;
    const char *id;
    assert_true(supposition_facts(&dossier, &supposed, book.arena, &facts, &err));
    assert_int_equal(counted_on(&book, &facts, "2022-02-02", &id), 2000);
    assert_string_equal(id, "r4");
    assert_int_equal(counted_on(&book, &facts, "2022-04-30", &id), 500);
    assert_string_equal(id, SUPPOSED_ID);
    assert_int_equal(counted_on(&book, &facts, "2022-05-01", &id), 0);

    assert_int_equal(facts.report_count, dossier.facts.report_count + 1);
    assert_int_equal(facts.absence_count, dossier.facts.absence_count + 1);
    assert_int_equal(counted_on(&book, &dossier.facts, "2022-05-01", &id), 2000);
    assert_string_equal(id, "r6");
    assert_string_equal(supposed.report->report_id, ""); /* what was supposed is not touched */
    casebook_end(&book);
}

static void a_supposed_correction_replaces_and_nothing_supposed_changes_nothing(void **state)
{
    (void)state;
    struct casebook book;
    struct dossier dossier = begin(&book);
    struct supposition supposed = {.report = report_of(&book, "2022-02-10", "r6")};
    struct niva_facts facts;
    struct niva_error err;
    const char *id;
    assert_true(supposition_facts(&dossier, &supposed, book.arena, &facts, &err));
    assert_int_equal(counted_on(&book, &facts, "2022-02-09", &id), 2000);
    assert_string_equal(id, "r4");
    assert_int_equal(counted_on(&book, &facts, "2022-02-10", &id), 500);

    supposed.report = NULL;
    assert_true(supposition_facts(&dossier, &supposed, book.arena, &facts, &err));
    assert_memory_equal(&facts, &dossier.facts, sizeof facts);
    casebook_end(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_the_questions),
        cmocka_unit_test(the_request_stays_as_it_was),
        cmocka_unit_test(what_could_not_be_filed_cannot_be_supposed),
        cmocka_unit_test(a_correction_is_allowed_once),
        cmocka_unit_test(what_took_a_withdrawn_corrections_place_stands),
        cmocka_unit_test(it_is_of_days_on_which_the_unit_is_open),
        cmocka_unit_test(it_was_not_received_before_it_is_supposed),
        cmocka_unit_test(days_that_were_erased_stand),
        cmocka_unit_test(it_stands_behind_all_facts_and_leaves_them_alone),
        cmocka_unit_test(a_supposed_correction_replaces_and_nothing_supposed_changes_nothing),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
