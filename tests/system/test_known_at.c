/* Two time axes (model section 2): over a year of facts of every kind, at each of 200 instants all
 * services are asked everything, and the answers are kept. At the end the same is asked with
 * `known_at` each instant: the answers are the same, field for field. `system_known_at [SEED]`. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/settlement.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/follow_up.pb-c.h"
#include "niva/compliance/v1/requirement.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "services/nivactl/commands.h"
#include "tests/support/process.h"
#include "tests/support/year.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ExplainAdjustmentResponse Explanation;
typedef Niva__Compensation__V1__ListAdjustmentsResponse Adjustments;
typedef Niva__Compliance__V1__ListBreachesResponse Breaches;
typedef Niva__Intake__V1__ListReportsResponse Reports;

enum {
    SEED = 1000,
    INSTANTS = 200,
    ASKED_MAX = 48, /* questions at an instant */
    A_LOOK = 10,    /* every so manieth instant the present answer is looked at too */
    ARENA_BYTES = 64 << 20,
};

#define INTAKE       "niva.intake.v1."
#define COMPLIANCE   "niva.compliance.v1."
#define COMPENSATION "niva.compensation.v1."

/* A question and what was answered. */
struct asked {
    const char *method;
    char json[256]; /* without its closing brace */
    enum niva_code code;
    ProtobufCBinaryData answer; /* packed; malloc */
};

struct moment {
    niva_instant instant;
    size_t count;
    struct asked asked[ASKED_MAX];
};

struct world {
    struct system *system;
    struct year *year;
    struct niva_arena *arena;
    struct moment moments[INSTANTS];
    size_t answers;
    size_t bytes;
    size_t explained; /* preliminary amounts, computed anew */
    size_t vanished;  /* preliminary lines that are gone */
    size_t looked;
    size_t moved; /* answers that are others now */
};

/* ---- asking ---- */

/* A preliminary amount has no history: of lists it is left out, of an explanation the lines and the
 * amount must be the same, the rest of the line says that it was computed anew. */
static void adjustments_strip(Adjustments *reply)
{
    size_t kept = 0;

    for (size_t i = 0; i < reply->n_adjustments; i++)
        if (reply->adjustments[i]->state != NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY)
            reply->adjustments[kept++] = reply->adjustments[i];
    reply->n_adjustments = kept;
}

static void explanation_strip(Explanation *reply)
{
    Adjustment line = NIVA__COMPENSATION__V1__ADJUSTMENT__INIT;

    if (reply->adjustment->state != NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY)
        return;
    line.adjustment_id = reply->adjustment->adjustment_id;
    line.deduction_ore = reply->adjustment->deduction_ore;
    line.below_days = reply->adjustment->below_days;
    line.state = reply->adjustment->state;
    *reply->adjustment = line;
}

/* What belongs to the asking and not to the answer. A page must hold everything. */
static void strip(ProtobufCMessage *reply, bool with_preliminary)
{
    const ProtobufCFieldDescriptor *applied = niva_wire_field(reply->descriptor, "applied");

    assert_non_null(applied);
    *(size_t *)((char *)reply + applied->quantifier_offset) = 0;
    niva_wire_set_int64(reply, "pending", 0);
    assert_string_equal(niva_wire_get_text(reply, "next_page_token"), "");
    if (with_preliminary)
        return;
    if (reply->descriptor == &niva__compensation__v1__list_adjustments_response__descriptor)
        adjustments_strip((Adjustments *)reply);
    if (reply->descriptor == &niva__compensation__v1__explain_adjustment_response__descriptor)
        explanation_strip((Explanation *)reply);
}

/* Asks, as known at an instant (INT64_MAX: now). NULL with the code of the refusal. */
static ProtobufCMessage *ask(struct world *world, const char *method, const char *json,
                             niva_instant known_at, enum niva_code *ret_code)
{
    char text[384];
    char instant[32];
    ProtobufCMessage *reply;
    struct niva_error err;
    const char *comma = json[strlen(json) - 1] == '{' ? "" : ", ";

    niva_instant_format(known_at, instant);
    if (known_at == INT64_MAX)
        snprintf(text, sizeof text, "%s}", json);
    else
        snprintf(text, sizeof text, "%s%s'knownAt': '%s'}", json, comma, instant);
    *ret_code = NIVA_OK;
    if (system_call(world->system, method, text, NULL, world->arena, &reply, &err))
        return reply;
    *ret_code = err.code;
    if (err.code != NIVA_NOT_FOUND)
        fail_msg("%s %s: %s: %s (%s)", method, text, niva_code_name((int)err.code), err.text_en,
                 err.cause);
    return NULL;
}

static void answer_keep(struct world *world, struct asked *asked, ProtobufCMessage *reply)
{
    if (reply == NULL)
        return;
    strip(reply, false);
    asked->answer.len = protobuf_c_message_get_packed_size(reply);
    asked->answer.data = malloc(asked->answer.len + 1);
    assert_non_null(asked->answer.data);
    protobuf_c_message_pack(reply, asked->answer.data);
    world->bytes += asked->answer.len;
}

/* Asks, keeps the answer and hands it out as it came. */
__attribute__((format(printf, 4, 5))) static const ProtobufCMessage *
put(struct world *world, struct moment *moment, const char *method, const char *json, ...)
{
    struct asked *asked = &moment->asked[moment->count++];
    ProtobufCMessage *reply;
    ProtobufCMessage *copy;
    va_list arguments;
    int length;

    assert_true(moment->count <= ASKED_MAX);
    asked->method = method;
    va_start(arguments, json);
    length = vsnprintf(asked->json, sizeof asked->json, json, arguments);
    va_end(arguments);
    assert_true(length > 0 && (size_t)length < sizeof asked->json);
    reply = ask(world, method, asked->json, INT64_MAX, &asked->code);
    copy = reply == NULL ? NULL : niva_wire_copy(reply, world->arena);
    assert_true(reply == NULL || copy != NULL);
    answer_keep(world, asked, copy);
    world->answers++;
    return reply;
}

/* ---- everything ---- */

/* Every method at every instant; by turns of all units, of one, with history, of a state. */
static void intake_ask(struct world *world, struct moment *moment, const char *unit, size_t turn)
{
    const Reports *reports;

    put(world, moment, INTAKE "UnitService/GetUnit", "{'hsaId': '%s'", unit);
    put(world, moment, INTAKE "ReportService/ListConfirmations", "{'pageSize': 1000");
    put(world, moment, INTAKE "RetentionService/ListErasures", "{'pageSize': 1000");
    put(world, moment, INTAKE "UnitService/ListUnits",
        turn % 2 == 0 ? "{" : "{'includeHistory': true");
    if (turn % 2 == 0)
        put(world, moment, INTAKE "AbsenceService/ListAbsences", "{'pageSize': 1000");
    else
        put(world, moment, INTAKE "AbsenceService/ListAbsences",
            "{'unit': '%s', 'includeHistory': true, 'pageSize': 1000", unit);
    if (turn % 3 == 0)
        put(world, moment, INTAKE "ReportService/ListReports", "{'pageSize': 1000");
    reports = (const Reports *)put(world, moment, INTAKE "ReportService/ListReports",
                                   "{'unit': '%s', 'includeHistory': true, 'pageSize': 1000", unit);
    if (reports->n_reports == 0)
        return;
    const char *id = reports->reports[turn % reports->n_reports]->report_id;
    put(world, moment, INTAKE "ReportService/GetReport", "{'reportId': '%s'", id);
    put(world, moment, INTAKE "ReportService/GetOriginal", "{'reportId': '%s'", id);
}

static void breaches_ask(struct world *world, struct moment *moment, const char *unit, size_t turn)
{
    static const char *const method = COMPLIANCE "ComplianceService/ListBreaches";
    const Breaches *breaches;
    char day[16];

    niva_day_format(niva_local_day(moment->instant) - 20, day);
    if (turn % 3 == 0)
        put(world, moment, method, "{'unit': '%s', 'includeHistory': true, 'pageSize': 1000", unit);
    else if (turn % 3 == 1)
        put(world, moment, method, "{'state': 'OPEN', 'pageSize': 1000");
    else
        put(world, moment, method, "{'openOn': '%s', 'pageSize': 1000", day);
    breaches = (const Breaches *)put(world, moment, method, "{'pageSize': 1000");
    put(world, moment, COMPLIANCE "DialogueService/ListDialogue", "{'pageSize': 1000");
    if (breaches->n_breaches == 0)
        return;
    const char *id = breaches->breaches[turn % breaches->n_breaches]->breach_id;
    put(world, moment, COMPLIANCE "ComplianceService/GetBreach", "{'breachId': '%s'", id);
    put(world, moment, COMPLIANCE "DialogueService/ListDialogue", "{'breachId': '%s'", id);
}

static void verdicts_ask(struct world *world, struct moment *moment, const char *unit, size_t turn)
{
    char day[16];
    char since[32];

    niva_day_format(niva_local_day(moment->instant) - 20, day);
    put(world, moment, COMPLIANCE "ComplianceService/GetTimeline",
        "{'unit': '%s', 'professionGroup': 'fysioterapeut', 'firstDay': '2021-12-01', 'lastDay':"
        " '2022-12-31'",
        unit);
    niva_instant_format(moment->instant - 30 * INT64_C(86400000000), since);
    put(world, moment, COMPLIANCE "ChangeService/ListChanges",
        "{'unit': '%s', 'professionGroup': 'fysioterapeut', 'firstDay': '%s', 'lastDay':"
        " '2022-12-31', 'knownFrom': '%s', 'pageSize': 1000",
        unit, day, since);
    if (turn % 3 != 0)
        put(world, moment, COMPLIANCE "ComplianceService/ListStatuses",
            "{'professionGroup': 'fysioterapeut'");
    else
        put(world, moment, COMPLIANCE "ComplianceService/ListStatuses",
            "{'professionGroup': 'fysioterapeut', 'regionCode': '99', 'day': '%s'", day);
}

/* All months, and month by month; small groups too. */
static void follow_up_ask(struct world *world, struct moment *moment, size_t turn)
{
    put(world, moment, COMPLIANCE "FollowUpService/GetFollowUp",
        "{'regionCode': '99', 'professionGroup': 'fysioterapeut', 'firstPeriod': '2021-12',"
        " 'lastPeriod': '2022-12', 'leastUnits': 3, 'division': '%s'",
        turn % 2 == 0 ? "WHOLE" : "MONTH");
}

static void reporting_ask(struct world *world, struct moment *moment, size_t turn)
{
    char day[16];

    niva_day_format(niva_local_day(moment->instant) - 40, day);
    put(world, moment, COMPLIANCE "ComplianceService/ListOverdueReports",
        "{'professionGroup': 'fysioterapeut', 'day': '%s'", turn % 2 == 0 ? "" : day);
}

static void forecasts_ask(struct world *world, struct moment *moment, const char *unit, size_t turn)
{
    static const char *const method = COMPLIANCE "ComplianceService/ListForecasts";

    if (turn % 2 == 0)
        put(world, moment, method,
            "{'professionGroup': 'fysioterapeut', 'withinDays': 366, 'pageSize': 1000");
    else
        put(world, moment, method, "{'professionGroup': 'fysioterapeut', 'unit': '%s'", unit);
}

/* The file of a listing that came in one. */
static void originals_ask(struct world *world, struct moment *moment, size_t turn)
{
    const Niva__Compliance__V1__ListListingsResponse *list = (const void *)put(
        world, moment, COMPLIANCE "RequirementService/ListListings", "{'pageSize': 1000");

    for (size_t i = 0; i < list->n_listings; i++) {
        const char *id = list->listings[(turn + i) % list->n_listings]->import_id;

        if (*id == '\0')
            continue;
        put(world, moment, COMPLIANCE "RequirementService/GetOriginal", "{'importId': '%s'", id);
        return;
    }
}

static void decisions_ask(struct world *world, struct moment *moment, const char *unit, size_t turn)
{
    static const char *const lists[] = {
        COMPLIANCE "RuleService/ListRuleSets",
        COMPLIANCE "RequirementService/ListContracts",
        COMPLIANCE "RequirementService/ListListings",
        COMPLIANCE "FollowUpService/ListIndicators",
        COMPLIANCE "DispensationService/ListDispensations",
        COMPLIANCE "FindingService/ListFindings",
        COMPLIANCE "ComplianceService/ListCalls",
        COMPENSATION "ComponentService/ListComponents",
        COMPENSATION "SettlementService/ListSettlementConfigs",
        COMPENSATION "SettlementService/ListSettlements",
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        put(world, moment, lists[i], "{'pageSize': 1000%s",
            (turn + i) % 2 == 0 ? "" : ", 'includeHistory': true");
    put(world, moment, COMPLIANCE "RetentionService/ListErasures", "{'pageSize': 1000");
    put(world, moment, COMPENSATION "RetentionService/ListErasures", "{'pageSize': 1000");
    put(world, moment, COMPLIANCE "DispensationService/ListDispensations",
        "{'unit': '%s', 'pageSize': 1000", unit);
    put(world, moment, COMPLIANCE "RuleService/GetRuleSet", "{'ruleSetId': 'fysioterapi-99'");
}

static void amounts_ask(struct world *world, struct moment *moment, const char *unit, size_t turn)
{
    static const char *const method = COMPENSATION "AdjustmentService/ListAdjustments";
    const Adjustments *all;

    if (turn % 2 == 0)
        put(world, moment, method, "{'unit': '%s', 'includeHistory': true, 'pageSize': 1000", unit);
    else
        put(world, moment, method, "{'state': 'SUPERSEDED', 'pageSize': 1000");
    all = (const Adjustments *)put(world, moment, method, "{'pageSize': 1000");
    for (size_t i = 0; i < 2 && all->n_adjustments > 0; i++) {
        /* the last ones are of the month under way */
        size_t at = i == 0 ? all->n_adjustments - 1 : turn % all->n_adjustments;
        const Adjustment *line = all->adjustments[at];
        put(world, moment, COMPENSATION "AdjustmentService/ExplainAdjustment",
            "{'adjustmentId': '%s'", line->adjustment_id);
        if (line->state != NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY)
            put(world, moment, COMPENSATION "AdjustmentService/GetAdjustment",
                "{'adjustmentId': '%s'", line->adjustment_id);
    }
}

/* One file of each settlement. */
static void settlements_ask(struct world *world, struct moment *moment, size_t turn)
{
    static const char *const formats[] = {"SIE4I", "CSV", "XLSX"};
    const Niva__Compensation__V1__ListSettlementsResponse *all = (const void *)put(
        world, moment, COMPENSATION "SettlementService/ListSettlements", "{'state': 'EXPORTED'");

    if (all->n_settlements > 0)
        put(world, moment, COMPENSATION "SettlementService/GetSettlement",
            "{'settlementId': '%s', 'format': '%s'",
            all->settlements[turn % all->n_settlements]->settlement_id, formats[turn % 3]);
}

/* Nothing is recorded after the present: asked as known now, preliminary amounts are there too. */
static void present_compare(struct world *world, const struct moment *moment)
{
    static const char *const method = COMPENSATION "AdjustmentService/ListAdjustments";
    ProtobufCBinaryData packed[2];
    struct niva_error err;

    for (int i = 0; i < 2; i++) {
        enum niva_code code;
        ProtobufCMessage *reply =
            ask(world, method, "{'pageSize': 1000", i == 0 ? INT64_MAX : moment->instant, &code);
        strip(reply, true);
        assert_true(niva_wire_pack(reply, world->arena, &packed[i], &err));
    }
    assert_int_equal(packed[0].len, packed[1].len);
    assert_memory_equal(packed[0].data, packed[1].data, packed[0].len);
}

static void the_year_passes(struct world *world)
{
    for (size_t i = 0; i < INSTANTS; i++) {
        struct moment *moment = &world->moments[i];
        char unit[32];

        niva_arena_reset(world->arena);
        moment->instant = year_go_on(world->year);
        snprintf(unit, sizeof unit, "%s", year_unit(i % load_unit_count));
        intake_ask(world, moment, unit, i);
        verdicts_ask(world, moment, unit, i);
        breaches_ask(world, moment, unit, i);
        reporting_ask(world, moment, i);
        follow_up_ask(world, moment, i);
        forecasts_ask(world, moment, unit, i);
        decisions_ask(world, moment, unit, i);
        originals_ask(world, moment, i);
        amounts_ask(world, moment, unit, i);
        settlements_ask(world, moment, i);
        if (i % A_LOOK == 0)
            present_compare(world, moment);
    }
}

/* ---- comparing ---- */

static char *json_of(struct world *world, const char *method, const ProtobufCBinaryData *packed)
{
    struct niva_text text = {0};
    struct method found;
    ProtobufCMessage *message;
    struct niva_error err;

    if (!method_find(method, &found) ||
        !niva_wire_unpack(found.type->output, packed->data, packed->len, false, world->arena,
                          &message, &err) ||
        !niva_json_print(message, NIVA_JSON_INDENT, &text, &err))
        give_up("%s: the answer can't be shown", method);
    return text.data;
}

/* Prints the first lines in which two texts differ, with the line before. */
static void difference_print(const char *expected, const char *actual)
{
    const char *line = expected;
    size_t same = 0;

    while (expected[same] == actual[same] && expected[same] != '\0')
        if (expected[same++] == '\n')
            line = expected + same;
    same = (size_t)(line - expected);
    print_error("expected …%.700s\nactual   …%.700s\n", expected + same, actual + same);
}

static bool is_preliminary_explained(struct world *world, const struct asked *asked)
{
    ProtobufCMessage *message;
    struct niva_error err;

    if (strcmp(asked->method, COMPENSATION "AdjustmentService/ExplainAdjustment") != 0 ||
        !niva_wire_unpack(&niva__compensation__v1__explain_adjustment_response__descriptor,
                          asked->answer.data, asked->answer.len, false, world->arena, &message,
                          &err))
        return false;
    return ((Explanation *)message)->adjustment->state ==
           NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY;
}

static bool answer_same(const struct asked *asked, enum niva_code code,
                        const ProtobufCBinaryData *answer)
{
    return code == asked->code && answer->len == asked->answer.len &&
           (answer->len == 0 || memcmp(answer->data, asked->answer.data, answer->len) == 0);
}

/* Asks again and says whether the answer is the same. */
static bool compare(struct world *world, const struct asked *asked, niva_instant known_at)
{
    bool preliminary = is_preliminary_explained(world, asked);
    ProtobufCBinaryData answer = {0};
    struct niva_error err;
    enum niva_code code;
    ProtobufCMessage *reply = ask(world, asked->method, asked->json, known_at, &code);
    char instant[32];

    if (reply != NULL) {
        strip(reply, false);
        assert_true(niva_wire_pack(reply, world->arena, &answer, &err));
    }
    world->explained += preliminary && reply != NULL;
    world->vanished += preliminary && reply == NULL;
    if (answer_same(asked, code, &answer) || (preliminary && reply == NULL))
        return true;
    if (known_at == INT64_MAX)
        return false;
    niva_instant_format(known_at, instant);
    print_error("%s %s}, known at %s: expected %s, actual %s\n", asked->method, asked->json,
                instant, niva_code_name((int)asked->code), niva_code_name((int)code));
    if (asked->code == NIVA_OK && code == NIVA_OK)
        difference_print(json_of(world, asked->method, &asked->answer),
                         json_of(world, asked->method, &answer));
    return false;
}

static void what_was_answered_then_is_answered_of_then(void **state)
{
    struct world *world = *state;
    size_t differing = 0;

    for (size_t i = 0; i < INSTANTS; i++) {
        const struct moment *moment = &world->moments[i];
        niva_arena_reset(world->arena);
        for (size_t j = 0; j < moment->count && differing < 10; j++)
            differing += !compare(world, &moment->asked[j], moment->instant);
    }
    assert_int_equal(differing, 0);
    assert_true(world->explained > 20);
}

/* A test of the past proves nothing where the past is as the present. */
static void the_present_is_another(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < INSTANTS; i += A_LOOK) {
        const struct moment *moment = &world->moments[i];
        niva_arena_reset(world->arena);
        for (size_t j = 0; j < moment->count; j++, world->looked++)
            world->moved += !compare(world, &moment->asked[j], INT64_MAX);
    }
    assert_true(world->moved * 2 > world->looked);
}

/* A follow-up of nothing: no unit was there. */
static bool knows_nothing(const ProtobufCMessage *reply)
{
    const Niva__Compliance__V1__GetFollowUpResponse *follow_up = (const void *)reply;

    if (reply == NULL)
        return true;
    if (reply->descriptor != &niva__compliance__v1__get_follow_up_response__descriptor)
        return false;
    for (size_t i = 0; i < follow_up->n_periods; i++)
        if (follow_up->periods[i]->n_rows != 1 || follow_up->periods[i]->rows[0]->units != 0)
            return false;
    return true;
}

/* Before it was recorded, nothing is known of it. */
static void what_came_later_was_not_known(void **state)
{
    struct world *world = *state;
    const niva_instant before = niva_local_midnight(niva_day_from_civil(2022, 1, 2));
    size_t unknown = 0;

    for (size_t i = 0; i < INSTANTS; i += A_LOOK) {
        const struct moment *moment = &world->moments[i];
        niva_arena_reset(world->arena);
        for (size_t j = 0; j < moment->count; j++) {
            const char *name = strrchr(moment->asked[j].method, '/') + 1;
            enum niva_code code;
            if (strncmp(name, "Get", 3) != 0)
                continue;
            if (!knows_nothing(
                    ask(world, moment->asked[j].method, moment->asked[j].json, before, &code)))
                fail_msg("%s %s: known before it came", name, moment->asked[j].json);
            unknown++;
        }
    }
    assert_true(unknown > INSTANTS / A_LOOK);
}

static void facts_of_every_kind_came(void **state)
{
    struct world *world = *state;

    for (int kind = 0; kind < YEAR_KINDS; kind++)
        if (year_count(world->year, (enum year_kind)kind) == 0)
            fail_msg("no fact of kind %d came", kind);
}

static bool was_asked(const struct world *world, const char *method)
{
    for (size_t i = 0; i < INSTANTS; i++)
        for (size_t j = 0; j < world->moments[i].count; j++)
            if (strcmp(world->moments[i].asked[j].method, method) == 0)
                return true;
    return false;
}

/* Whoever adds a query adds it here, and `known_at` to it; today alone has no past. */
static void every_query_takes_an_instant_and_was_asked(void **state)
{
    struct world *world = *state;
    struct method method;

    for (size_t i = 0; method_at(i, &method); i++) {
        const char *name = strrchr(method.name, '/') + 1;
        bool query = strncmp(name, "Get", 3) == 0 || strncmp(name, "List", 4) == 0;
        if (method.service == ANY_SERVICE || !query || strcmp(name, "GetBusinessDay") == 0)
            continue;
        if (niva_wire_field(method.type->input, "known_at") == NULL)
            fail_msg("%s takes no known_at", method.name);
        if (!was_asked(world, method.name + 1))
            fail_msg("%s was never asked", method.name);
    }
}

int main(int argc, char **argv)
{
    static struct world world;
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : SEED;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(facts_of_every_kind_came, &world),
        cmocka_unit_test_prestate(every_query_takes_an_instant_and_was_asked, &world),
        cmocka_unit_test_prestate(what_was_answered_then_is_answered_of_then, &world),
        cmocka_unit_test_prestate(the_present_is_another, &world),
        cmocka_unit_test_prestate(what_came_later_was_not_known, &world),
    };
    int failed;

    printf("seed %" PRIu64 "\n", seed);
    world.arena = niva_arena_new(ARENA_BYTES);
    world.system = system_new(true);
    world.year = year_new(world.system, seed);
    the_year_passes(&world);
    printf("%zu answers, %zu bytes; heads: %s\n", world.answers, world.bytes,
           system_heads(world.system));
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    printf("%zu of %zu answers are others now; %zu preliminary amounts explained, %zu are gone\n",
           world.moved, world.looked, world.explained, world.vanished);
    if (failed != 0)
        system_show_logs(world.system);
    year_free(world.year);
    system_free(world.system);
    for (size_t i = 0; i < INSTANTS; i++)
        for (size_t j = 0; j < world.moments[i].count; j++)
            free(world.moments[i].asked[j].answer.data);
    niva_arena_free(world.arena);
    return failed ? 1 : 0;
}
