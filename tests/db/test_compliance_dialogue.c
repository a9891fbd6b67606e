/* The dialogue about a breach, from the communication to the end of a measure, through merges and
 * withdrawals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/office.h"

#define UNIT "SE2321000016-TALK1"
#define MARK "kanarie"

typedef Niva__Compliance__V1__ListBreachesResponse list_breaches;
typedef Niva__Compliance__V1__ListDialogueResponse list_dialogue;
typedef Niva__Compliance__V1__OpenDialogueResponse opened;
typedef Niva__Compliance__V1__AgreeMeasureResponse agreed;

static struct cluster *cluster;

/* ---- what is on record ---- */

/* A minimum of 2000, 1500 reported from 20 February; the unit has 14 days for its statement. Today
 * is 5 March. */
static const char *begin(struct office *office)
{
    const char *database = office_database(cluster);
    office_open(office, cluster, database, "2022-01-03T08:00:00Z");
    office_do(office, "PutRuleSet",
              "{\"ruleSet\":{\"ruleSetId\":\"fysio\",\"regionCode\":\"99\",\"professionGroup\":"
              "\"fysioterapeut\",\"firstDay\":\"2022-01-01\",\"severity\":\"BINDING\","
              "\"requirement\":{\"kind\":\"CONTRACTED\"},\"counting\":{\"titleCodes\":[\"FT\"],"
              "\"employments\":[\"EMPLOYED\"],\"absenceThresholdDays\":30},\"regulation\":"
              "{\"formula\":\"PRO_RATA\",\"dialogueRequired\":true,\"statementDays\":14}}}");
    office_unit(office, UNIT, "2020-01-01");
    office_contract(office, UNIT, "2022-01-01", 2000);
    office_report(office, "r1", "", UNIT, "2022-01-01", 2000);
    office_report(office, "r2", "", UNIT, "2022-02-20", 1500);
    office_today(office, "2022-03-05");
    return database;
}

static const pb_breach *breach_of(struct office *office, const char *unit, const char *first_day)
{
    const list_breaches *list =
        office_see(office, "ListBreaches", "{\"kind\":\"BELOW_MINIMUM\",\"unit\":\"%s\"}", unit);
    for (size_t i = 0; i < list->n_breaches; i++) {
        if (strcmp(list->breaches[i]->first_day, first_day) == 0)
            return list->breaches[i];
    }
    fail_msg("no breach of %s from %s", unit, first_day);
    return NULL;
}

static const list_dialogue *dialogue(struct office *office, const char *breach_id,
                                     const char *known_at)
{
    return office_see(office, "ListDialogue", "{\"breachId\":\"%s\"%s%s%s}", breach_id,
                      known_at[0] != '\0' ? ",\"knownAt\":\"" : "", known_at,
                      known_at[0] != '\0' ? "\"" : "");
}

static void kinds_are(const list_dialogue *list, const int *kinds, size_t count)
{
    assert_int_equal(list->n_entries, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list->entries[i]->kind, kinds[i]);
}

static int64_t positions(const char *database)
{
    return office_count(cluster, database, "SELECT position + fact_no FROM compliance.stream_head");
}

/* Expects a refusal that changes nothing, and returns its Swedish sentence. */
__attribute__((format(printf, 7, 8))) static const char *
refused(struct office *office, const char *database, const char *method, enum niva_code code,
        const char *field, const char *reason, const char *json, ...)
{
    static struct niva_error err;
    int64_t before = positions(database);
    char text[1024];
    va_list arguments;
    va_start(arguments, json);
    vsnprintf(text, sizeof text, json, arguments);
    va_end(arguments);
    if (office_call(office, method, text, &err) != NULL)
        fail_msg("%s %s: expected %s", method, text, reason);
    if (err.code != code || strcmp(err.violations[0].field, field) != 0 ||
        strcmp(err.violations[0].reason, reason) != 0)
        fail_msg("%s %s\nexpected %s %s %s\nactual   %s %s %s", method, text,
                 niva_code_name((int)code), field, reason, niva_code_name((int)err.code),
                 err.violations[0].field, err.violations[0].reason);
    assert_string_not_equal(err.violations[0].text_sv, err.violations[0].text_en);
    assert_int_equal(positions(database), before);
    return err.violations[0].text_sv;
}

/* ---- the whole of it ---- */

static void a_dialogue_is_kept_as_it_was_said(void **state)
{
    (void)state;
    static const int kinds[] = {PB_OPENED, PB_NOTE, PB_ANSWERED, PB_MEASURE_AGREED,
                                PB_MEASURE_COMPLETED};
    struct office office;
    const char *database = begin(&office);
    const char *id = breach_of(&office, UNIT, "2022-02-20")->breach_id;
    const opened *open =
        office_do(&office, "OpenDialogue",
                  "{\"breachId\":\"%s\",\"text\":\"Underlag " MARK " (fiktivt)\"}", id);
    assert_string_equal(open->entry->answer_by, "2022-03-19");
    assert_int_equal(open->entry->breach_version, 1);
    assert_string_equal(open->entry->case_officer, "local:test");
    assert_int_equal(open->n_warnings, 0);
    office_do(&office, "AddNote",
              "{\"breachId\":\"%s\",\"side\":\"PURCHASER\",\"text\":\"Ringde " MARK "\"}", id);
    const Niva__Compliance__V1__AnswerResponse *answer = office_do(
        &office, "Answer",
        "{\"breachId\":\"%s\",\"text\":\"Skriv till " MARK "@fiktiv.example\",\"inability\":{"
        "\"steps\":[{\"kind\":\"ADVERTISED\",\"day\":\"2022-03-01\"},{\"kind\":\"AGENCY_ASKED\","
        "\"day\":\"2022-03-05\"}]}}",
        id);
    assert_int_equal(answer->n_warnings, 1);
    assert_string_equal(answer->warnings[0]->field, "text");
    assert_string_equal(answer->warnings[0]->code, "FREE_TEXT_PERSONAL");
    const agreed *measure =
        office_do(&office, "AgreeMeasure",
                  "{\"breachId\":\"%s\",\"side\":\"PROVIDER\",\"dueOn\":\"2022-04-01\","
                  "\"promisedMilli\":500,\"text\":\"Vikarie " MARK "\"}",
                  id);
    office_today(&office, "2022-04-02");
    office_do(&office, "CompleteMeasure",
              "{\"breachId\":\"%s\",\"measureId\":\"%s\",\"outcome\":\"MISSED\",\"text\":\"" MARK
              "\"}",
              id, measure->entry->entry_id);
    const list_dialogue *list = dialogue(&office, id, "");
    kinds_are(list, kinds, 5);
    assert_string_equal(list->breach_id, id);
    assert_string_equal(list->entries[0]->text, "Underlag " MARK " (fiktivt)");
    assert_int_equal(list->entries[2]->inability->n_steps, 2);
    assert_string_equal(list->entries[4]->ended_on, "2022-04-02");
    assert_int_equal(list->entries[4]->side, PB_PROVIDER);
    assert_string_equal(list->entries[4]->measure_id, list->entries[3]->entry_id);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.event WHERE"
                                  " type LIKE 'se.niva.compliance.dialogue.%'"),
                     5);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.event WHERE"
                                  " position('" MARK "'::bytea IN data) > 0"),
                     0);
    office_close(&office);
}

static void the_case_officer_is_the_breachs(void **state)
{
    (void)state;
    struct office office;
    begin(&office);
    const char *id = breach_of(&office, UNIT, "2022-02-20")->breach_id;
    office_do(&office, "OpenDialogue",
              "{\"breachId\":\"%s\",\"caseOfficer\":\"Fiktiv handläggare\"}", id);
    const pb_breach *breach = breach_of(&office, UNIT, "2022-02-20");
    assert_int_equal(breach->version, 2);
    assert_string_equal(breach->case_officer, "Fiktiv handläggare");
    assert_memory_equal(breach->caused_by, "dialogue/", 9);
    office_do(&office, "AddNote",
              "{\"breachId\":\"%s\",\"side\":\"PURCHASER\",\"text\":\"Byte (fiktivt)\","
              "\"caseOfficer\":\"Fiktiv efterträdare\"}",
              id);
    office_report(&office, "r3", "", UNIT, "2022-03-01", 1000);
    breach = breach_of(&office, UNIT, "2022-02-20");
    assert_int_equal(breach->version, 4);
    assert_string_equal(breach->case_officer, "Fiktiv efterträdare");
    assert_int_equal(breach->n_segments, 2);
    office_close(&office);
}

static void what_was_told_on_paper_counts_from_its_day(void **state)
{
    (void)state;
    struct office office;
    const char *database = begin(&office);
    const char *id = breach_of(&office, UNIT, "2022-02-20")->breach_id;
    refused(&office, database, "OpenDialogue", NIVA_INVALID_ARGUMENT, "receivedAt",
            "TOLD_BEFORE_BREACH", "{\"breachId\":\"%s\",\"receivedAt\":\"2022-02-19T22:59:59Z\"}",
            id);
    refused(&office, database, "OpenDialogue", NIVA_INVALID_ARGUMENT, "receivedAt",
            "RECEIVED_AFTER_RECORDED",
            "{\"breachId\":\"%s\",\"receivedAt\":\"2022-03-06T22:59:59Z\"}", id);
    assert_non_null(strstr(refused(&office, database, "OpenDialogue", NIVA_INVALID_ARGUMENT,
                                   "answerBy", "ANSWER_TOO_EARLY",
                                   "{\"breachId\":\"%s\",\"answerBy\":\"2022-03-06\","
                                   "\"receivedAt\":\"2022-02-20T23:00:00Z\"}",
                                   id),
                           "2022-03-07"));
    const opened *open =
        office_do(&office, "OpenDialogue",
                  "{\"breachId\":\"%s\",\"receivedAt\":\"2022-02-20T23:00:00Z\"}", id);
    assert_string_equal(open->entry->answer_by, "2022-03-07");
    refused(&office, database, "Answer", NIVA_INVALID_ARGUMENT, "receivedAt",
            "ANSWERED_BEFORE_TOLD",
            "{\"breachId\":\"%s\",\"text\":\"x\",\"receivedAt\":\"2022-02-20T22:59:59Z\"}", id);
    office_do(&office, "Answer",
              "{\"breachId\":\"%s\",\"text\":\"x\",\"receivedAt\":\"2022-02-20T23:00:00Z\"}", id);
    office_close(&office);
}

static void what_cannot_be_said_is_refused(void **state)
{
    (void)state;
    static const char *const unknown = "0190163d-8694-739b-aea5-966c26f8ad92";
    struct office office;
    struct niva_error err;
    const char *database = begin(&office);
    const char *id = breach_of(&office, UNIT, "2022-02-20")->breach_id;
    refused(&office, database, "OpenDialogue", NIVA_NOT_FOUND, "breachId", "BREACH_UNKNOWN",
            "{\"breachId\":\"%s\"}", unknown);
    refused(&office, database, "Answer", NIVA_FAILED_PRECONDITION, id, "DIALOGUE_NOT_OPENED",
            "{\"breachId\":\"%s\",\"text\":\"x\"}", id);
    const opened *open = office_do(&office, "OpenDialogue", "{\"breachId\":\"%s\"}", id);
    assert_non_null(strstr(refused(&office, database, "OpenDialogue", NIVA_FAILED_PRECONDITION, id,
                                   "DIALOGUE_OPEN", "{\"breachId\":\"%s\"}", id),
                           open->entry->entry_id));
    refused(&office, database, "Answer", NIVA_INVALID_ARGUMENT, "inability.steps[0].day",
            "DAY_TO_COME",
            "{\"breachId\":\"%s\",\"text\":\"x\",\"inability\":{\"steps\":[{\"kind\":\"OTHER\","
            "\"day\":\"2022-03-06\"}]}}",
            id);
    refused(&office, database, "AgreeMeasure", NIVA_INVALID_ARGUMENT, "dueOn", "DUE_BEFORE_AGREED",
            "{\"breachId\":\"%s\",\"side\":\"PROVIDER\",\"dueOn\":\"2022-03-04\",\"text\":\"x\"}",
            id);
    const agreed *measure = office_do(
        &office, "AgreeMeasure",
        "{\"breachId\":\"%s\",\"side\":\"PURCHASER\",\"dueOn\":\"2022-03-05\",\"text\":\"x\"}", id);
    const char *measure_id = measure->entry->entry_id;
    refused(&office, database, "CompleteMeasure", NIVA_NOT_FOUND, "measureId", "MEASURE_UNKNOWN",
            "{\"breachId\":\"%s\",\"measureId\":\"%s\",\"outcome\":\"COMPLETED\"}", id,
            open->entry->entry_id);
    refused(&office, database, "CompleteMeasure", NIVA_INVALID_ARGUMENT, "endedOn",
            "ENDED_BEFORE_AGREED",
            "{\"breachId\":\"%s\",\"measureId\":\"%s\",\"outcome\":\"COMPLETED\",\"endedOn\":"
            "\"2022-03-04\"}",
            id, measure_id);
    refused(&office, database, "CompleteMeasure", NIVA_INVALID_ARGUMENT, "endedOn", "DAY_TO_COME",
            "{\"breachId\":\"%s\",\"measureId\":\"%s\",\"outcome\":\"COMPLETED\",\"endedOn\":"
            "\"2022-03-06\"}",
            id, measure_id);
    office_do(&office, "CompleteMeasure",
              "{\"breachId\":\"%s\",\"measureId\":\"%s\",\"outcome\":\"COMPLETED\"}", id,
              measure_id);
    refused(&office, database, "CompleteMeasure", NIVA_FAILED_PRECONDITION, measure_id,
            "MEASURE_ENDED", "{\"breachId\":\"%s\",\"measureId\":\"%s\",\"outcome\":\"MISSED\"}",
            id, measure_id);
    assert_null(office_ask(&office, "ListDialogue",
                           "{\"breachId\":\"0190163d-8694-739b-aea5-966c26f8ad92\"}", &err));
    assert_int_equal(err.code, NIVA_NOT_FOUND);
    assert_string_equal(err.violations[0].field, "breachId");
    office_close(&office);
}

/* ---- breaches that go ---- */

static void find(struct office *office, const char *first_day, const char *last_day, int milli)
{
    office_do(office, "PutFinding",
              "{\"finding\":{\"unit\":\"" UNIT "\",\"professionGroup\":\"fysioterapeut\","
              "\"firstDay\":\"%s\",\"lastDay\":\"%s\",\"countedMilli\":%d,\"evidence\":"
              "\"Besök (fiktivt)\",\"caseNumber\":\"FIKTIV-1\"}}",
              first_day, last_day, milli);
}

static void a_merged_breachs_dialogue_goes_on_in_the_surviving_one(void **state)
{
    (void)state;
    static const int kinds[] = {PB_OPENED, PB_MEASURE_AGREED, PB_MEASURE_COMPLETED};
    struct office office;
    char then[32];
    const char *database = begin(&office);
    find(&office, "2022-02-25", "2022-02-26", 2000);
    const char *first = breach_of(&office, UNIT, "2022-02-20")->breach_id;
    const char *second = breach_of(&office, UNIT, "2022-02-27")->breach_id;
    office_do(&office, "OpenDialogue", "{\"breachId\":\"%s\",\"caseOfficer\":\"Fiktiv\"}", second);
    const agreed *measure = office_do(
        &office, "AgreeMeasure",
        "{\"breachId\":\"%s\",\"side\":\"PROVIDER\",\"dueOn\":\"2022-04-01\",\"text\":\"x\"}",
        second);
    niva_instant_format(office.now - 1, then);
    find(&office, "2022-02-25", "2022-02-26", 1500);

    assert_int_equal(breach_of(&office, UNIT, "2022-02-27")->state, PB_MERGED);
    assert_string_equal(breach_of(&office, UNIT, "2022-02-20")->case_officer, "Fiktiv");
    assert_non_null(strstr(refused(&office, database, "Answer", NIVA_FAILED_PRECONDITION, second,
                                   "BREACH_MERGED", "{\"breachId\":\"%s\",\"text\":\"x\"}", second),
                           first));
    refused(&office, database, "OpenDialogue", NIVA_FAILED_PRECONDITION, first, "DIALOGUE_OPEN",
            "{\"breachId\":\"%s\"}", first);
    office_do(&office, "CompleteMeasure",
              "{\"breachId\":\"%s\",\"measureId\":\"%s\",\"outcome\":\"COMPLETED\"}", first,
              measure->entry->entry_id);
    kinds_are(dialogue(&office, first, ""), kinds, 3);
    kinds_are(dialogue(&office, second, ""), kinds, 3);
    assert_string_equal(dialogue(&office, second, "")->breach_id, first);
    assert_string_equal(dialogue(&office, first, "")->entries[0]->breach_id, second);
    kinds_are(dialogue(&office, first, then), kinds, 0);
    kinds_are(dialogue(&office, second, then), kinds, 2);
    assert_string_equal(dialogue(&office, second, then)->breach_id, second);
    office_close(&office);
}

static void of_a_withdrawn_breach_only_the_file_is_closed(void **state)
{
    (void)state;
    struct office office;
    const char *database = begin(&office);
    const char *id = breach_of(&office, UNIT, "2022-02-20")->breach_id;
    office_do(&office, "OpenDialogue", "{\"breachId\":\"%s\"}", id);
    const agreed *measure = office_do(
        &office, "AgreeMeasure",
        "{\"breachId\":\"%s\",\"side\":\"PROVIDER\",\"dueOn\":\"2022-04-01\",\"text\":\"x\"}", id);
    office_report(&office, "r3", "r2", UNIT, "2022-02-20", 2000);
    refused(&office, database, "Answer", NIVA_FAILED_PRECONDITION, id, "BREACH_WITHDRAWN",
            "{\"breachId\":\"%s\",\"text\":\"x\"}", id);
    refused(&office, database, "AgreeMeasure", NIVA_FAILED_PRECONDITION, id, "BREACH_WITHDRAWN",
            "{\"breachId\":\"%s\",\"side\":\"PROVIDER\",\"dueOn\":\"2022-04-01\",\"text\":\"x\"}",
            id);
    office_do(&office, "AddNote",
              "{\"breachId\":\"%s\",\"side\":\"PURCHASER\",\"text\":\"Rättat (fiktivt)\"}", id);
    office_do(&office, "CompleteMeasure",
              "{\"breachId\":\"%s\",\"measureId\":\"%s\",\"outcome\":\"COMPLETED\"}", id,
              measure->entry->entry_id);
    office_withdrawal(&office, "r3", UNIT);
    const list_breaches *open =
        office_see(&office, "ListBreaches", "{\"kind\":\"BELOW_MINIMUM\",\"state\":\"OPEN\"}");
    assert_int_equal(open->n_breaches, 1);
    assert_non_null(strstr(refused(&office, database, "OpenDialogue", NIVA_FAILED_PRECONDITION, id,
                                   "BREACH_WITHDRAWN", "{\"breachId\":\"%s\"}", id),
                           open->breaches[0]->breach_id));
    office_do(&office, "OpenDialogue", "{\"breachId\":\"%s\"}", open->breaches[0]->breach_id);
    office_close(&office);
}

static void lists_are_paged_and_filtered(void **state)
{
    (void)state;
    struct office office;
    char page[128] = "";
    size_t seen = 0;
    begin(&office);
    const char *id = breach_of(&office, UNIT, "2022-02-20")->breach_id;
    office_do(&office, "OpenDialogue", "{\"breachId\":\"%s\"}", id);
    for (int i = 0; i < 4; i++)
        office_do(&office, "AddNote",
                  "{\"breachId\":\"%s\",\"side\":\"PURCHASER\",\"text\":\"%d\"}", id, i);
    do {
        const list_dialogue *list =
            office_see(&office, "ListDialogue",
                       "{\"breachId\":\"%s\",\"pageSize\":2,\"pageToken\":\"%s\"}", id, page);
        for (size_t i = 0; i < list->n_entries; i++, seen++)
            assert_int_equal(list->entries[i]->kind, seen == 0 ? PB_OPENED : PB_NOTE);
        snprintf(page, sizeof page, "%s", list->next_page_token);
    } while (page[0] != '\0');
    assert_int_equal(seen, 5);
    const list_dialogue *all = office_see(&office, "ListDialogue", "{\"unit\":\"" UNIT "\"}");
    assert_int_equal(all->n_entries, 5);
    assert_string_equal(all->breach_id, "");
    all = office_see(&office, "ListDialogue", "{\"unit\":\"SE2321000016-OTHER\"}");
    assert_int_equal(all->n_entries, 0);
    all = office_see(&office, "ListDialogue", "{\"professionGroup\":\"dietist\"}");
    assert_int_equal(all->n_entries, 0);
    office_close(&office);
}

/* ---- who may erase ---- */

static bool role_may(struct office *office, const struct niva_statement *statement)
{
    struct niva_query query = {.statement = statement};
    struct niva_error err;
    bool good = niva_pg_run(office->pg, &query, 1, &err);
    niva_queries_clear(&query, 1);
    return good;
}

static const struct niva_statement update_all = {"test_update", "UPDATE fact SET body = ''"};
static const struct niva_statement erase_all = {
    "test_erase", "SELECT erase_dialogue(1000, array_agg(fact_no), array_agg(''::bytea)) FROM fact"
                  " WHERE kind = 'dialogue'"};
static const struct niva_statement erase_report = {
    "test_erase_report",
    "SELECT erase_dialogue(1000, array_agg(fact_no), array_agg(''::bytea)) FROM fact"
    " WHERE kind = 'report'"};
#define DECISION(name, unit)                                                                       \
    static const struct niva_statement name = {                                                    \
        "test_" #name,                                                                             \
        "INSERT INTO fact (fact_no, kind, id, version, unit, profession_group, region, refers_to," \
        " recorded_at, recorded_by, digest, hash) VALUES (1000, 'erasure', 'x', 1, '" unit         \
        "', '', '', '', now(), 'x', sha256(''), sha256(''))"}
DECISION(decide_here, UNIT);
DECISION(decide_elsewhere, "SE2321000016-OTHER");

/* Whether the service's role may do it under a decision of the same transaction; it is undone. */
static bool role_may_under(struct office *office, const struct niva_statement *decision,
                           const struct niva_statement *erase)
{
    assert_true(role_may(office, &niva_pg_begin));
    assert_true(role_may(office, decision));
    bool may = role_may(office, erase);
    assert_true(role_may(office, &niva_pg_rollback));
    return may;
}

/* The erasure itself is tests/system/test_erasure.c's affair. */
static void the_role_can_erase_under_a_decision_alone(void **state)
{
    (void)state;
    struct office office;
    begin(&office);
    const char *id = breach_of(&office, UNIT, "2022-02-20")->breach_id;
    office_do(&office, "OpenDialogue", "{\"breachId\":\"%s\"}", id);
    assert_false(role_may(&office, &update_all));
    assert_false(role_may(&office, &erase_all));
    assert_false(role_may_under(&office, &decide_here, &erase_report));
    assert_false(role_may_under(&office, &decide_elsewhere, &erase_all));
    assert_true(role_may_under(&office, &decide_here, &erase_all));
    office_close(&office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dialogue_is_kept_as_it_was_said),
        cmocka_unit_test(the_case_officer_is_the_breachs),
        cmocka_unit_test(what_was_told_on_paper_counts_from_its_day),
        cmocka_unit_test(what_cannot_be_said_is_refused),
        cmocka_unit_test(a_merged_breachs_dialogue_goes_on_in_the_surviving_one),
        cmocka_unit_test(of_a_withdrawn_breach_only_the_file_is_closed),
        cmocka_unit_test(lists_are_paged_and_filtered),
        cmocka_unit_test(the_role_can_erase_under_a_decision_alone),
    };
    cluster = cluster_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
