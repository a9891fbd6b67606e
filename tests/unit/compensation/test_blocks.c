/* What holds a signature or a decision back: each thing alone, with who can lift it, and several at
 * once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/base/text.h"
#include "services/common/wire/wire.h"
#include "services/compensation/blocks.h"
#include "tests/support/timelines.h"

#define LINE_ID "0190163d-8694-739b-aea5-966c26f8ad91"
/* more bytes than a sentence shows, in letters of two */
#define LONG_NAME "åäöåäöåäöåäöåäöåäöåäöåäöåäöåäöåäöåäöåäöåäöåäöåäö"

typedef Niva__Compensation__V1__Adjustment Adjustment;

static struct niva_arena *arena;

static const struct run_spec july[] = {RUN_MET(1, 3, 2800),
                                       RUN_BELOW(4, 31, 2800, 2000, "2022-07-04")};

/* A prepared proposal of July, and how it is to be decided. */
struct scene {
    Adjustment line;
    struct amounts amounts;
    struct line_basis basis;
    Niva__Compliance__V1__TimelineChanged *timeline;
    struct blocks_decision decision;
};

static struct Google__Protobuf__Timestamp *instant(const char *text)
{
    niva_instant at;

    assert_true(niva_instant_parse(text, &at));
    return niva_wire_timestamp(at, arena);
}

static void scene_make(struct scene *scene)
{
    struct niva_error err;

    *scene = (struct scene){
        .line = NIVA__COMPENSATION__V1__ADJUSTMENT__INIT,
        .timeline = timeline_make(arena, "SE2321000016-1001", "2022-07", july, 2),
    };
    scene->timeline->rule_set =
        rule_set_make(arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    assert_true(amounts_compute(scene->timeline, NULL, 0, niva_day_read("2022-08-20"), arena,
                                &scene->amounts, &err));
    scene->basis = (struct line_basis){.timeline = scene->timeline, .amounts = &scene->amounts};
    scene->line.adjustment_id = text_make(arena, LINE_ID);
    scene->line.period = text_make(arena, "2022-07");
    scene->line.state = NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PROPOSED;
    scene->line.computed_ore = 24000;
    scene->line.prepared_by = text_make(arena, "officer.1");
    scene->line.prepared_at = instant("2022-08-02T10:00:00Z");
    scene->decision = (struct blocks_decision){
        .of = {&scene->line, 24000},
        .basis = &scene->basis,
        .event = LINE_APPROVE,
        .decider = "decider.1",
        .decided_on = niva_day_read("2022-08-20"),
    };
    assert_true(niva_instant_parse("2022-08-20T10:00:00Z", &scene->decision.decided_at));
}

static void dialogue_require(struct scene *scene)
{
    scene->timeline->rule_set->regulation->dialogue_required = true;
    scene->timeline->rule_set->regulation->statement_days = 14;
}

static bool utf8(const char *text)
{
    return niva_utf8_valid(text, strlen(text));
}

/* What holds the decision back, its reasons beside each other; "" for nothing. */
static const char *reasons(const struct scene *scene)
{
    static char text[256];
    struct niva_error err;

    text[0] = '\0';
    niva_error_clear(&err);
    if (blocks_no_decision(&scene->decision, arena, &err))
        return text;
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    for (size_t i = 0; i < err.violation_count; i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, err.violations[i].reason);
        assert_true(strlen(err.violations[i].field) > 0);
        assert_true(strlen(err.violations[i].text_sv) > 30);
        assert_true(strlen(err.violations[i].text_en) > 30);
        assert_true(strlen(err.violations[i].text_sv) < sizeof err.violations[i].text_sv - 1);
        assert_true(utf8(err.violations[i].text_sv) && utf8(err.violations[i].text_en));
    }
    return text;
}

static void test_nothing_holds_it_back(void **state)
{
    struct scene scene;

    (void)state;
    scene_make(&scene);
    assert_string_equal(reasons(&scene), "");
    scene.decision.event = LINE_WAIVE;
    assert_string_equal(reasons(&scene), "");
}

/* Where the line is says enough: nothing else is asked. */
static void test_states(void **state)
{
    static const struct {
        int state;
        const char *reason;
    } cases[] = {
        {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__PRELIMINARY, "MONTH_UNDER_WAY"},
        {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__SUPERSEDED, "SUPERSEDED"},
        {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED, "ALREADY_DECIDED"},
        {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__WAIVED, "ALREADY_DECIDED"},
        {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__EXPORTED, "ALREADY_DECIDED"},
        {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__BOOKED, "ALREADY_DECIDED"},
        {NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__IN_DIALOGUE, ""},
    };
    struct scene scene;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct niva_error err;

        scene_make(&scene);
        scene.line.state = (Niva__Compensation__V1__Adjustment__State)cases[i].state;
        assert_string_equal(reasons(&scene), cases[i].reason);
        assert_int_equal(blocks_no_preparing(&scene.decision.of, &err), cases[i].reason[0] == '\0');
    }
    scene_make(&scene);
    scene.line.state = NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__SUPERSEDED;
    scene.line.superseded_by = text_make(arena, LINE_ID);
    assert_string_equal(reasons(&scene), "SUPERSEDED");
    /* a text that is shown in part is cut between two characters */
    scene.line.state = NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED;
    scene.line.case_number = text_make(arena, "F" LONG_NAME);
    assert_string_equal(reasons(&scene), "ALREADY_DECIDED");
}

static void test_amount_as_seen(void **state)
{
    struct scene scene;

    (void)state;
    scene_make(&scene);
    scene.decision.of.seen_ore = 12000;
    assert_string_equal(reasons(&scene), "AMOUNT_DIFFERS");
}

static void test_who(void **state)
{
    static char *behind[] = {(char *)"decider.1", (char *)"head.1"};
    struct scene scene;

    (void)state;
    scene_make(&scene);
    scene.decision.decider = "officer.1";
    assert_string_equal(reasons(&scene), "DECIDER_PREPARED");
    scene_make(&scene);
    scene.timeline->runs[0]->n_registered_by = 2; /* also of days that cost nothing */
    scene.timeline->runs[0]->registered_by = behind;
    assert_string_equal(reasons(&scene), "DECIDER_REGISTERED");
    scene.decision.decider = "decider.2";
    assert_string_equal(reasons(&scene), "");
    /* the letters of an HSA-id have no fixed case */
    scene.decision.decider = "Decider.1";
    assert_string_equal(reasons(&scene), "DECIDER_REGISTERED");
    scene.decision.decider = "OFFICER.1";
    assert_string_equal(reasons(&scene), "DECIDER_PREPARED");
    scene.line.prepared_by = behind[0] = text_make(arena, "f" LONG_NAME);
    scene.decision.decider = "f" LONG_NAME;
    assert_string_equal(reasons(&scene), "DECIDER_PREPARED DECIDER_REGISTERED");
    scene.decision.decider = "decider.2";
    scene.line.prepared_at = NULL;
    assert_string_equal(reasons(&scene), "NOT_PREPARED");
    scene_make(&scene);
    assert_true(niva_instant_parse("2022-08-01T10:00:00Z", &scene.decision.decided_at));
    assert_string_equal(reasons(&scene), "DECIDED_BEFORE_PREPARED");
}

static void test_money_back(void **state)
{
    struct scene scene;

    (void)state;
    scene_make(&scene);
    dialogue_require(&scene); /* it needs none */
    scene.line.computed_ore = scene.decision.of.seen_ore = -24000;
    assert_string_equal(reasons(&scene), "");
    scene.decision.event = LINE_REVISE;
    assert_string_equal(reasons(&scene), "MONEY_BACK");
    scene.decision.event = LINE_WAIVE;
    assert_string_equal(reasons(&scene), "MONEY_BACK");
}

/* Until it has answered, or for fourteen days and as long as it was promised. */
static void test_dialogue(void **state)
{
    struct scene scene;

    (void)state;
    scene_make(&scene);
    dialogue_require(&scene);
    assert_string_equal(reasons(&scene), "DIALOGUE_NOT_OPENED");
    scene.line.communicated_at = instant("2022-08-05T10:00:00Z");
    scene.decision.decided_on = niva_day_read("2022-08-18");
    assert_string_equal(reasons(&scene), "DIALOGUE_UNANSWERED");
    scene.decision.decided_on = niva_day_read("2022-08-19"); /* fourteen days have passed */
    assert_string_equal(reasons(&scene), "");
    scene.line.answer_by = text_make(arena, "2022-08-19"); /* on which it may still answer */
    assert_string_equal(reasons(&scene), "DIALOGUE_UNANSWERED");
    scene.decision.decided_on = niva_day_read("2022-08-20");
    assert_string_equal(reasons(&scene), "");
    scene.decision.decided_on = niva_day_read("2022-08-06");
    assert_string_equal(reasons(&scene), "DIALOGUE_UNANSWERED");
    scene.line.answered_at = instant("2022-08-06T08:00:00Z");
    assert_string_equal(reasons(&scene), "");
    assert_true(niva_instant_parse("2022-08-06T07:00:00Z", &scene.decision.decided_at));
    assert_string_equal(reasons(&scene), "DIALOGUE_UNANSWERED"); /* it had not answered then */
}

static void test_all_at_once(void **state)
{
    static char *behind[] = {(char *)"officer.1"};
    struct scene scene;

    (void)state;
    scene_make(&scene);
    dialogue_require(&scene);
    scene.decision.decider = "officer.1";
    scene.timeline->runs[1]->n_registered_by = 1;
    scene.timeline->runs[1]->registered_by = behind;
    assert_string_equal(reasons(&scene), "DECIDER_PREPARED DECIDER_REGISTERED DIALOGUE_NOT_OPENED");
}

static int setup(void **state)
{
    (void)state;
    arena = niva_arena_new(1 << 22);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_holds_it_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_states, setup, teardown),
        cmocka_unit_test_setup_teardown(test_amount_as_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who, setup, teardown),
        cmocka_unit_test_setup_teardown(test_money_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dialogue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_all_at_once, setup, teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
