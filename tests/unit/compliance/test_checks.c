/* Bad requests: each names the path as in JSON, a code and both languages. Requests are written as
 * JSON: a good one, and what makes it bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/json.h"
#include "services/compliance/checks.h"

struct bad {
    const char *from; /* this part of the good request … */
    const char *to;   /* … becomes this */
    const char *field;
    const char *reason;
};

static const char *const good_rule_set =
    "{\"requestId\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"ruleSet\":{\"ruleSetId\":\"fysio\","
    "\"regionCode\":\"99\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"2022-01-01\","
    "\"lastDay\":\"2022-12-31\",\"severity\":\"BINDING\",\"sourceDocuments\":[\"35918\"],"
    "\"decisionReference\":\"Fiktivt beslut\","
    "\"requirement\":{\"kind\":\"STEP_TABLE\",\"personsPerFte\":0,\"steps\":[{\"listedFrom\":0,"
    "\"minimumMilli\":1000},{\"listedFrom\":5000,\"minimumMilli\":2000}]},"
    "\"counting\":{\"titleCodes\":[\"FT\",\"SG\"],\"employments\":[\"EMPLOYED\"],"
    "\"absenceThresholdDays\":30,\"exemptCategories\":[\"VACATION\"]},"
    "\"reporting\":{\"reportMaxAgeDays\":90,\"currentSince\":\"2022-01-01\"},"
    "\"regulation\":{\"formula\":\"STEP_TABLE\",\"steps\":[{\"belowPermille\":800,"
    "\"deductPermille\":50},{\"belowPermille\":900,\"deductPermille\":20}]}}}";

static const struct bad bad_rule_sets[] = {
    {"\"fysio\"", "\"\"", "ruleSet.ruleSetId", "RULE_SET_ID_MALFORMED"},
    {"\"fysio\"", "\"Fysio\"", "ruleSet.ruleSetId", "RULE_SET_ID_MALFORMED"},
    {"\"99\"", "\"9\"", "ruleSet.regionCode", ""},
    {"\"fysioterapeut\"", "\"Fysio\"", "ruleSet.professionGroup", "NAME_KEY_MALFORMED"},
    {"2022-01-01\",\"lastDay", "2022-01-02\",\"lastDay", "ruleSet.firstDay", "NOT_WHOLE_MONTHS"},
    {"2022-01-01\",\"lastDay", "2022-02-30\",\"lastDay", "ruleSet.firstDay", ""},
    {"2022-12-31", "2022-12-30", "ruleSet.lastDay", "NOT_WHOLE_MONTHS"},
    {"2022-12-31", "2021-12-31", "ruleSet.lastDay", ""},
    {"\"severity\":\"BINDING\",", "", "ruleSet.severity", ""},
    {"[\"35918\"]", "[\"\"]", "ruleSet.sourceDocuments[0]", ""},
    {"\"requirement\":{\"kind\":\"STEP_TABLE\"", "\"requirement\":{\"kind\":\"KIND_UNSPECIFIED\"",
     "ruleSet.requirement.kind", ""},
    {"\"kind\":\"STEP_TABLE\",\"personsPerFte\":0", "\"kind\":\"PER_LISTED\",\"personsPerFte\":0",
     "ruleSet.requirement.personsPerFte", ""},
    {"\"listedFrom\":5000", "\"listedFrom\":0", "ruleSet.requirement.steps[1].listedFrom",
     "STEPS_NOT_RISING"},
    {"\"listedFrom\":5000", "\"listedFrom\":-1", "ruleSet.requirement.steps[1].listedFrom", ""},
    {"\"steps\":[{\"listedFrom\":0,\"minimumMilli\":1000},{\"listedFrom\":5000,\"minimumMilli\":"
     "2000}]",
     "\"steps\":[]", "ruleSet.requirement.steps", "TOO_FEW"},
    {"\"personsPerFte\":0", "\"personsPerFte\":-1", "ruleSet.requirement.personsPerFte", ""},
    {"\"personsPerFte\":0", "\"roundingStepMilli\":1001", "ruleSet.requirement.roundingStepMilli",
     ""},
    {"\"personsPerFte\":0", "\"floorMilli\":-1", "ruleSet.requirement.floorMilli", ""},
    {"[\"FT\",\"SG\"]", "[]", "ruleSet.counting.titleCodes", "TOO_FEW"},
    {"[\"FT\",\"SG\"]", "[\"FT\",\"sg\"]", "ruleSet.counting.titleCodes[1]", "TITLE_MALFORMED"},
    {"[\"EMPLOYED\"]", "[]", "ruleSet.counting.employments", "TOO_FEW"},
    {"[\"EMPLOYED\"]", "[\"EMPLOYMENT_UNSPECIFIED\"]", "ruleSet.counting.employments[0]", ""},
    {"[\"VACATION\"]", "[\"CATEGORY_UNSPECIFIED\"]", "ruleSet.counting.exemptCategories[0]", ""},
    {"\"absenceThresholdDays\":30", "\"absenceThresholdDays\":-1",
     "ruleSet.counting.absenceThresholdDays", ""},
    {"\"absenceThresholdDays\":30", "\"hiredCapPermille\":1001",
     "ruleSet.counting.hiredCapPermille", ""},
    {"\"absenceThresholdDays\":30", "\"absenceJoinGapDays\":-1",
     "ruleSet.counting.absenceJoinGapDays", ""},
    {"\"currentSince\":\"2022-01-01\"", "\"currentSince\":\"i fjol\"",
     "ruleSet.reporting.currentSince", ""},
    {"\"reportMaxAgeDays\":90", "\"reportMaxAgeDays\":-1", "ruleSet.reporting.reportMaxAgeDays",
     ""},
    {"\"formula\":\"STEP_TABLE\"", "\"formula\":\"FORMULA_UNSPECIFIED\"",
     "ruleSet.regulation.formula", ""},
    {"\"belowPermille\":900", "\"belowPermille\":800", "ruleSet.regulation.steps[1].belowPermille",
     "STEPS_NOT_RISING"},
    {"\"deductPermille\":50}", "\"deductPermille\":50},{\"belowPermille\":700}",
     "ruleSet.regulation.steps[2].belowPermille", "STEPS_NOT_RISING"},
    {"\"deductPermille\":50", "\"deductPermille\":1001",
     "ruleSet.regulation.steps[0].deductPermille", ""},
    {"\"formula\":\"STEP_TABLE\"", "\"formula\":\"STEP_TABLE\",\"capPermille\":1001",
     "ruleSet.regulation.capPermille", ""},
    {"\"formula\":\"STEP_TABLE\"", "\"formula\":\"STEP_TABLE\",\"minimumOre\":\"-1\"",
     "ruleSet.regulation.minimumOre", ""},
    {"\"formula\":\"STEP_TABLE\"", "\"formula\":\"STEP_TABLE\",\"graceDays\":-1",
     "ruleSet.regulation.graceDays", ""},
};

static const char *const good_contract =
    "{\"requestId\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"contract\":{\"unit\":"
    "\"SE2321000016-FIKTIV1\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"2022-01-01\","
    "\"lastDay\":\"2022-12-31\",\"minimumMilli\":2000,\"bindingFrom\":\"2022-02-01\"}}";

static const struct bad bad_contracts[] = {
    {"SE2321000016-FIKTIV1", "", "contract.unit", "REQUIRED"},
    {"SE2321000016-FIKTIV1", "SE1-A", "contract.unit", "HSA_ID_MALFORMED"},
    {"fysioterapeut", "", "contract.professionGroup", ""},
    {"2022-01-01", "", "contract.firstDay", ""},
    {"2022-12-31", "2021-12-31", "contract.lastDay", ""},
    {"2000", "-1", "contract.minimumMilli", ""},
    {"2000", "1000001", "contract.minimumMilli", ""},
    {"2022-02-01", "2022-02-30", "contract.bindingFrom", ""},
};

static const char *const good_listings =
    "{\"requestId\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"listings\":[{\"unit\":"
    "\"SE2321000016-FIKTIV1\",\"asOf\":\"2022-01-31\",\"listed\":5000},{\"unit\":"
    "\"SE2321000016-FIKTIV1\",\"asOf\":\"2022-02-28\",\"listed\":5100,\"weightedMilli\":\"1\"}]}";

static const struct bad bad_listings[] = {
    {"2022-02-28", "2022-01-31", "listings[1].asOf", "LISTING_TWICE"},
    {"2022-02-28", "", "listings[1].asOf", ""},
    {"5000", "-1", "listings[0].listed", ""},
    {"\"1\"", "\"-1\"", "listings[1].weightedMilli", ""},
};

static const char *const good_indicators =
    "{\"indicators\":[{\"unit\":\"SE2321000016-FIKTIV1\",\"professionGroup\":\"fysioterapeut\","
    "\"code\":\"besök\",\"valueMilli\":\"-412000\",\"measure\":\"antal\",\"source\":\"Fiktivt "
    "uttag\","
    "\"period\":\"2022-01\"},{\"unit\":\"SE2321000016-FIKTIV1\",\"professionGroup\":"
    "\"fysioterapeut\","
    "\"code\":\"besök\",\"withdrawn\":true,\"measure\":\"antal\",\"source\":\"Fiktivt\","
    "\"period\":\"2022-02\"}]}";

static const struct bad bad_indicators[] = {
    {"2022-02", "2022-01", "indicators[1].period", "INDICATOR_TWICE"},
    {"2022-01", "", "indicators[0].period", "REQUIRED"},
    {"2022-01", "2022-13", "indicators[0].period", "MONTH_MALFORMED"},
    {"2022-01", "2022-01-01", "indicators[0].period", "MONTH_MALFORMED"},
    {"SE2321000016-FIKTIV1", "", "indicators[0].unit", "REQUIRED"},
    {"fysioterapeut", "", "indicators[0].professionGroup", ""},
    {"besök", "Besök!", "indicators[0].code", ""},
    {"\"valueMilli\":\"-412000\",", "", "indicators[0].valueMilli", "REQUIRED"},
    {"-412000", "-1000000000000001", "indicators[0].valueMilli", "NUMBER_OUT_OF_RANGE"},
    {"-412000", "1000000000000001", "indicators[0].valueMilli", "NUMBER_OUT_OF_RANGE"},
    {"\"withdrawn\":true", "\"withdrawn\":true,\"valueMilli\":\"0\"", "indicators[1].valueMilli",
     "WITHDRAWN_WITH_VALUE"},
    {"antal", "", "indicators[0].measure", ""},
    {"Fiktivt uttag", "", "indicators[0].source", ""},
    {"Fiktivt uttag", "Fiktivt\\nuttag", "indicators[0].source", "TEXT_NOT_ONE_LINE"},
};

static const char *const good_dispensation =
    "{\"requestId\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"dispensation\":{\"unit\":"
    "\"SE2321000016-FIKTIV1\",\"regionCode\":\"\",\"professionGroup\":\"fysioterapeut\","
    "\"firstDay\":\"2022-01-01\",\"lastDay\":\"2022-12-31\",\"reducedMinimumMilli\":500,"
    "\"decisionReference\":\"Fiktivt beslut\",\"reviewOn\":\"2022-06-01\"}}";

static const struct bad bad_dispensations[] = {
    {"\"regionCode\":\"\"", "\"regionCode\":\"99\"", "dispensation.unit", "UNIT_OR_REGION"},
    {"SE2321000016-FIKTIV1", "", "dispensation.unit", "UNIT_OR_REGION"},
    {"Fiktivt beslut", "", "dispensation.decisionReference", ""},
    {"500", "-1", "dispensation.reducedMinimumMilli", ""},
    {"2022-06-01", "juni", "dispensation.reviewOn", ""},
};

static const char *const good_finding =
    "{\"requestId\":\"0190163d-8694-739b-aea5-966c26f8ad91\",\"finding\":{\"unit\":"
    "\"SE2321000016-FIKTIV1\",\"professionGroup\":\"fysioterapeut\",\"firstDay\":\"2022-01-01\","
    "\"countedMilli\":1000,\"evidence\":\"Besök, fiktivt\",\"caseNumber\":\"FIKTIV-1\"}}";

static const struct bad bad_findings[] = {
    {"Besök, fiktivt", "", "finding.evidence", ""},
    {"FIKTIV-1\"", "\"", "finding.caseNumber", ""},
    {"\"countedMilli\":1000", "\"countedMilli\":-1", "finding.countedMilli", ""},
    {"\"unit\"", "\"findingId\":\"1\",\"unit\"", "finding.findingId", "UUID_MALFORMED"},
};

#define BREACH "\"breachId\":\"0190163d-8694-739b-aea5-966c26f8ad92\""

static const char *const good_open = "{" BREACH ",\"answerBy\":\"2022-07-10\",\"text\":\"Fiktivt\","
                                     "\"caseOfficer\":\"Fiktiv handläggare\","
                                     "\"receivedAt\":\"2022-06-23T08:00:00Z\"}";

static const struct bad bad_opens[] = {
    {"0190163d-8694-739b-aea5-966c26f8ad92", "", "breachId", "REQUIRED"},
    {"0190163d-8694-739b-aea5-966c26f8ad92", "1", "breachId", "UUID_MALFORMED"},
    {"2022-07-10", "2022-02-30", "answerBy", "DAY_MALFORMED"},
    {"\"Fiktivt\"", "\"Fik\\u0007tivt\"", "text", "TEXT_CONTROL"},
    {"\"Fiktivt\"", "\"Fik\\u202etivt\"", "text", "TEXT_CONTROL"},
    {"Fiktiv handläggare", "Fiktiv\\nhandläggare", "caseOfficer", "TEXT_NOT_ONE_LINE"},
    {"Fiktiv handläggare", "Fiktiv 850101-1234", "caseOfficer", "PERSONAL_DATA"},
    {"Fiktiv handläggare", "fiktiv@region.example", "caseOfficer", "PERSONAL_DATA"},
};

static const char *const good_note =
    "{" BREACH ",\"side\":\"PROVIDER\",\"text\":\"Fiktivt\",\"inability\":{\"steps\":[{\"kind\":"
    "\"ADVERTISED\",\"day\":\"2022-05-02\"},{\"kind\":\"ADVERTISED\",\"day\":\"2022-06-02\"},"
    "{\"kind\":\"AGENCY_ASKED\",\"day\":\"2022-06-02\"}]}}";

static const struct bad bad_notes[] = {
    {"\"side\":\"PROVIDER\",", "", "side", "REQUIRED"},
    {"\"PROVIDER\"", "\"PURCHASER\"", "inability", "OTHER_SIDE"},
    {"Fiktivt\"", "Fiktivt\",\"caseOfficer\":\"Fiktiv\"", "caseOfficer", "OTHER_SIDE"},
    {"Fiktivt", "", "text", "REQUIRED"},
    {"\"ADVERTISED\"", "\"KIND_UNSPECIFIED\"", "inability.steps[0].kind", "REQUIRED"},
    {"2022-05-02", "", "inability.steps[0].day", "REQUIRED"},
    {"2022-05-02", "i maj", "inability.steps[0].day", "DAY_MALFORMED"},
    {"2022-05-02", "2022-06-02", "inability.steps[1].day", "DUPLICATE"},
};

static const char *const good_answer = "{" BREACH ",\"text\":\"Fiktivt\",\"inability\":{}}";

static const struct bad bad_answers[] = {
    {"Fiktivt", "", "text", "REQUIRED"},
    {"Fiktivt", " \\n", "text", "TEXT_BLANK"},
    {"{}", "{\"steps\":[{}]}", "inability.steps[0].kind", "REQUIRED"},
};

static const char *const good_measure =
    "{" BREACH ",\"side\":\"PURCHASER\",\"dueOn\":\"2022-09-01\","
    "\"promisedMilli\":500,\"text\":\"Fiktivt\"}";

static const struct bad bad_measures[] = {
    {"\"side\":\"PURCHASER\",", "", "side", "REQUIRED"},
    {"2022-09-01", "", "dueOn", "REQUIRED"},
    {"500", "-1", "promisedMilli", "NUMBER_OUT_OF_RANGE"},
    {"500", "1000001", "promisedMilli", "NUMBER_OUT_OF_RANGE"},
    {"Fiktivt", "", "text", "REQUIRED"},
};

static const char *const good_end =
    "{" BREACH ",\"measureId\":\"0190163d-8694-739b-aea5-966c26f8ad93\",\"outcome\":\"MISSED\","
    "\"endedOn\":\"2022-09-02\"}";

static const struct bad bad_ends[] = {
    {"0190163d-8694-739b-aea5-966c26f8ad93", "x", "measureId", "UUID_MALFORMED"},
    {"\"outcome\":\"MISSED\",", "", "outcome", "REQUIRED"},
    {"2022-09-02", "2022-09-31", "endedOn", "DAY_MALFORMED"},
};

static bool check(const ProtobufCMessageDescriptor *type, const char *json,
                  bool (*function)(const ProtobufCMessage *, struct niva_error *),
                  struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(1 << 20);
    ProtobufCMessage *message = NULL;
    if (!niva_json_parse(type, json, strlen(json), arena, &message, err))
        fail_msg("%s: %s\n%s", err->violations[0].field, err->text_en, json);
    bool good = function(message, err);
    niva_arena_free(arena);
    return good;
}

static void assert_bad(const ProtobufCMessageDescriptor *type, const char *good,
                       const struct bad *bad,
                       bool (*function)(const ProtobufCMessage *, struct niva_error *))
{
    char json[4096];
    struct niva_error err;
    const char *at = strstr(good, bad->from);
    assert_non_null(at);
    snprintf(json, sizeof json, "%.*s%s%s", (int)(at - good), good, bad->to,
             at + strlen(bad->from));
    if (check(type, json, function, &err))
        fail_msg("%s -> %s: expected to be refused", bad->from, bad->to);
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    assert_string_equal(err.violations[0].field, bad->field);
    if (bad->reason[0] != '\0')
        assert_string_equal(err.violations[0].reason, bad->reason);
    assert_true(strlen(err.violations[0].text_sv) > 10 && strlen(err.violations[0].text_en) > 10);
    assert_string_not_equal(err.violations[0].text_sv, err.violations[0].text_en);
}

#define CHECK_TEST(test, type, function, good, bads)                                               \
    static void test(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        struct niva_error err;                                                                     \
        if (!check(&type, good, function, &err))                                                   \
            fail_msg("%s: %s", err.violations[0].field, err.text_en);                              \
        for (size_t i = 0; i < sizeof(bads) / sizeof *(bads); i++)                                 \
            assert_bad(&type, good, &(bads)[i], function);                                         \
    }

CHECK_TEST(bad_rule_sets_are_named, niva__compliance__v1__put_rule_set_request__descriptor,
           check_put_rule_set, good_rule_set, bad_rule_sets)
CHECK_TEST(bad_contracts_are_named, niva__compliance__v1__put_contract_request__descriptor,
           check_put_contract, good_contract, bad_contracts)
CHECK_TEST(bad_listings_are_named, niva__compliance__v1__put_listings_request__descriptor,
           check_put_listings, good_listings, bad_listings)
CHECK_TEST(bad_indicators_are_named, niva__compliance__v1__put_indicators_request__descriptor,
           check_put_indicators, good_indicators, bad_indicators)
CHECK_TEST(bad_dispensations_are_named,
           niva__compliance__v1__grant_dispensation_request__descriptor, check_grant_dispensation,
           good_dispensation, bad_dispensations)
CHECK_TEST(bad_findings_are_named, niva__compliance__v1__put_finding_request__descriptor,
           check_put_finding, good_finding, bad_findings)

CHECK_TEST(bad_openings_are_named, niva__compliance__v1__open_dialogue_request__descriptor,
           check_open_dialogue, good_open, bad_opens)
CHECK_TEST(bad_notes_are_named, niva__compliance__v1__add_note_request__descriptor, check_add_note,
           good_note, bad_notes)
CHECK_TEST(bad_answers_are_named, niva__compliance__v1__answer_request__descriptor, check_answer,
           good_answer, bad_answers)
CHECK_TEST(bad_measures_are_named, niva__compliance__v1__agree_measure_request__descriptor,
           check_agree_measure, good_measure, bad_measures)
CHECK_TEST(bad_ends_of_measures_are_named,
           niva__compliance__v1__complete_measure_request__descriptor, check_complete_measure,
           good_end, bad_ends)

/* A text of 4000 characters is as long as it may be, whatever bytes they take. */
static void a_long_text_is_counted_in_characters(void **state)
{
    (void)state;
    for (int length = 4000; length <= 4001; length++) {
        static char text[3 * 4002];
        Niva__Compliance__V1__AnswerRequest answer = NIVA__COMPLIANCE__V1__ANSWER_REQUEST__INIT;
        struct niva_error err;
        text[0] = '\0';
        for (int i = 0; i < length; i++)
            memcpy(text + 2 * i, "å", 3);
        answer.breach_id = (char *)"0190163d-8694-739b-aea5-966c26f8ad92";
        answer.text = text;
        assert_int_equal(check_answer(&answer.base, &err), length == 4000);
        if (length > 4000)
            assert_string_equal(err.violations[0].reason, "TEXT_TOO_LONG");
    }
}

/* Steps that fall are as sorted as steps that rise. */
static void steps_may_fall(void **state)
{
    (void)state;
    char json[4096];
    struct niva_error err;
    const char *at = strstr(good_rule_set, "800");
    assert_non_null(at);
    snprintf(json, sizeof json, "%.*s950%s", (int)(at - good_rule_set), good_rule_set, at + 3);
    if (!check(&niva__compliance__v1__put_rule_set_request__descriptor, json, check_put_rule_set,
               &err))
        fail_msg("%s: %s", err.violations[0].field, err.text_en);
}

static void what_is_missing_altogether_is_named(void **state)
{
    (void)state;
    struct niva_error err;
    assert_false(check(&niva__compliance__v1__put_rule_set_request__descriptor, "{}",
                       check_put_rule_set, &err));
    assert_string_equal(err.violations[0].field, "ruleSet");
    assert_false(check(&niva__compliance__v1__put_listings_request__descriptor, "{}",
                       check_put_listings, &err));
    assert_string_equal(err.violations[0].field, "listings");
    assert_false(check(&niva__compliance__v1__revoke_dispensation_request__descriptor, "{}",
                       check_revoke_dispensation, &err));
    assert_string_equal(err.violations[0].field, "dispensationId");
    assert_string_equal(err.violations[1].field, "fromDay");
    assert_false(check(&niva__compliance__v1__void_dispensation_request__descriptor, "{}",
                       check_void_dispensation, &err));
    assert_string_equal(err.violations[1].field, "reason");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_rule_sets_are_named),
        cmocka_unit_test(bad_contracts_are_named),
        cmocka_unit_test(bad_listings_are_named),
        cmocka_unit_test(bad_indicators_are_named),
        cmocka_unit_test(bad_dispensations_are_named),
        cmocka_unit_test(bad_findings_are_named),
        cmocka_unit_test(bad_openings_are_named),
        cmocka_unit_test(bad_notes_are_named),
        cmocka_unit_test(bad_answers_are_named),
        cmocka_unit_test(bad_measures_are_named),
        cmocka_unit_test(bad_ends_of_measures_are_named),
        cmocka_unit_test(a_long_text_is_counted_in_characters),
        cmocka_unit_test(steps_may_fall),
        cmocka_unit_test(what_is_missing_altogether_is_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
