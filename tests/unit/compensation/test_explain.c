/* Explanations: every formula in words, and lines that add up exactly. In what is expected, ~ is a
 * no-break space and * the times sign. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gmp.h>

#include "services/common/base/text.h"
#include "services/common/wire/wire.h"
#include "services/compensation/explain.h"
#include "tests/support/timelines.h"

#define UNIT "SE2321000016-1001"

typedef Niva__Compensation__V1__ExplanationLine ExplanationLine;
typedef Niva__Compliance__V1__TimelineChanged TimelineChanged;

static struct niva_arena *arena;

static const struct run_spec july[] = {RUN_MET(1, 3, 2800),
                                       RUN_BELOW(4, 31, 2800, 2000, "2022-07-04")};

static struct niva_component components[] = {{.id = "a",
                                              .name = "fysioterapi",
                                              .days = {18262, NIVA_DAY_END}, /* 2020-01-01 */
                                              .monthly_ore = 8400000,
                                              .regulated = true},
                                             {.id = "b",
                                              .name = "rehab",
                                              .days = {18262, NIVA_DAY_END},
                                              .monthly_ore = 1000000,
                                              .regulated = true}};

static TimelineChanged *july_make(Niva__Compliance__V1__Regulation__Formula formula)
{
    TimelineChanged *timeline = timeline_make(arena, UNIT, "2022-07", july, 2);

    timeline->rule_set = rule_set_make(arena, formula);
    return timeline;
}

/* Explains a month as of a day, with the first components; the sum is the amount. */
static ExplanationLine **explain(const TimelineChanged *timeline, size_t component_count,
                                 const char *component, const char *today, size_t *ret_count)
{
    const struct niva_deduction *deduction;
    struct amounts amounts;
    const struct line_basis basis = {.timeline = timeline, .amounts = &amounts};
    ExplanationLine **lines;
    struct niva_error err;
    niva_day day;
    mpq_t sum;
    mpq_t ore;

    assert_true(niva_day_parse(today, &day));
    if (!amounts_compute(timeline, components, component_count, day, arena, &amounts, &err) ||
        !explain_line(&basis, component, NULL, arena, ret_count, &lines, &err))
        fail_msg("%s", err.cause);
    deduction = amounts_find(&amounts, component);
    mpq_inits(sum, ore, NULL);
    for (size_t i = 0; i < *ret_count; i++) {
        assert_int_equal(mpq_set_str(ore, lines[i]->ore, 10), 0);
        mpq_add(sum, sum, ore);
    }
    if (deduction != NULL && mpq_cmp_si(sum, deduction->ore, 1) != 0)
        fail_msg("the lines do not add up to %lld öre", (long long)deduction->ore);
    mpq_clears(sum, ore, NULL);
    return lines;
}

static const char *plain(const char *text)
{
    struct niva_text out = {0};
    char *copy;

    for (; *text != '\0'; text++) {
        if (*text == '~')
            niva_text_puts(&out, "\u00a0");
        else if (*text == '*')
            niva_text_puts(&out, "\u00d7");
        else
            niva_text_append(&out, text, 1);
    }
    copy = text_make(arena, out.data != NULL ? out.data : "");
    niva_text_free(&out);
    return copy;
}

struct expected {
    int kind;
    const char *ore;
    const char *sv;
    const char *en;
};

static void lines_are(ExplanationLine **lines, size_t count, const struct expected *expected,
                      size_t expected_count)
{
    for (size_t i = 0; i < count && i < expected_count; i++) {
        assert_int_equal(lines[i]->kind, expected[i].kind);
        assert_string_equal(lines[i]->ore, expected[i].ore);
        assert_string_equal(lines[i]->text_sv, plain(expected[i].sv));
        assert_string_equal(lines[i]->text_en, plain(expected[i].en));
    }
    assert_int_equal(count, expected_count);
}

#define LINES_ARE(lines, count, expected)                                                          \
    lines_are(lines, count, expected, sizeof expected / sizeof expected[0])

enum {
    RUN = 1,
    PERIOD,
    LIMIT,
    CAP,
    MINIMUM,
    ROUNDING,
    DECIDED_BEFORE,
    WAIVED_BEFORE,
    REVISED,
    WAIVED,
};

#define MET_SV   "2022-07-01–2022-07-03, 3 dagar: krav 2,80, räknat 2,80, uppfyllt."
#define MET_EN   "2022-07-01–2022-07-03, 3 days: required 2,80, counted 2,80, met."
#define BELOW_SV "2022-07-04–2022-07-31, 28 dagar: krav 2,80, räknat 2,00, brist 0,80."
#define BELOW_EN "2022-07-04–2022-07-31, 28 days: required 2,80, counted 2,00, short 0,80."

static void test_pro_rata(void **state)
{
    static const struct expected expected[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "67200000/31", BELOW_SV " 28 * 84~000,00~kr / 31 * 0,80 / 2,80 = 21~677,42~kr",
         BELOW_EN " 28 * 84~000,00~kr / 31 * 0,80 / 2,80 = 21~677,42~kr"},
        {ROUNDING, "2/31", "Avrundat till närmaste öre: 21~677,42~kr",
         "Rounded to the nearest öre: 21~677,42~kr"},
    };
    size_t count;
    ExplanationLine **lines =
        explain(july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA), 1, "fysioterapi",
                "2022-07-31", &count);

    (void)state;
    LINES_ARE(lines, count, expected);
    assert_string_equal(lines[1]->first_day, "2022-07-04");
    assert_string_equal(lines[1]->last_day, "2022-07-31");
    assert_int_equal(lines[1]->days, 28);
    assert_int_equal(lines[1]->required_milli, 2800);
    assert_int_equal(lines[1]->counted_milli, 2000);
    assert_int_equal(lines[1]->shortfall_milli, 800);
    assert_int_equal(lines[1]->status, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM);
    assert_string_equal(lines[1]->report_id, "r");
    assert_string_equal(lines[1]->breach_id, "b-2022-07-04");
    assert_string_equal(lines[1]->rule_set_id, "fysioterapi-2022");
    assert_int_equal(lines[1]->rule_set_version, 1);
    assert_string_equal(lines[2]->first_day, "2022-07-01");
    assert_string_equal(lines[2]->rule_set_id, "fysioterapi-2022");
}

static void test_one_day_cap_and_whole_kronor(void **state)
{
    static const struct expected expected[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "2400000/31",
         "2022-07-04, 1 dag: krav 2,80, räknat 2,00, brist 0,80."
         " 1 * 84~000,00~kr / 31 * 0,80 / 2,80 = 774,19~kr",
         "2022-07-04, 1 day: required 2,80, counted 2,00, short 0,80."
         " 1 * 84~000,00~kr / 31 * 0,80 / 2,80 = 774,19~kr"},
        {CAP, "-1879200/31",
         "Regleringen är högst 0,2~% av månadens fasta ersättning: 774,19~kr blir 168,00~kr",
         "The deduction is at most 0,2~% of the month's fixed compensation: 774,19~kr becomes "
         "168,00~kr"},
    };
    static const struct expected rounded[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "2400000/31", expected[1].sv, expected[1].en},
        {ROUNDING, "-600/31", "Avrundat till hela kronor: 774,00~kr",
         "Rounded to whole kronor: 774,00~kr"},
    };
    TimelineChanged *timeline = july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    Niva__Compliance__V1__Regulation *rule = timeline->rule_set->regulation;
    size_t count;
    ExplanationLine **lines;

    (void)state;
    rule->rounding_unit_ore = 100;
    lines = explain(timeline, 1, "fysioterapi", "2022-07-04", &count);
    LINES_ARE(lines, count, rounded);
    rule->cap_case = NIVA__COMPLIANCE__V1__REGULATION__CAP_CAP_PERMILLE;
    rule->cap_permille = 2;
    lines = explain(timeline, 1, "fysioterapi", "2022-07-04", &count);
    LINES_ARE(lines, count, expected);
}

static void test_minimum(void **state)
{
    static const struct expected expected[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "67200000/31", BELOW_SV " 28 * 84~000,00~kr / 31 * 0,80 / 2,80 = 21~677,42~kr",
         BELOW_EN " 28 * 84~000,00~kr / 31 * 0,80 / 2,80 = 21~677,42~kr"},
        {MINIMUM, "-67200000/31",
         "Belopp under 30~000,00~kr regleras inte: 21~677,42~kr blir 0,00~kr",
         "Amounts below 30~000,00~kr are not regulated: 21~677,42~kr becomes 0,00~kr"},
    };
    TimelineChanged *timeline = july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    size_t count;
    ExplanationLine **lines;

    (void)state;
    timeline->rule_set->regulation->least_case =
        NIVA__COMPLIANCE__V1__REGULATION__LEAST_MINIMUM_ORE;
    timeline->rule_set->regulation->minimum_ore = 3000000;
    lines = explain(timeline, 1, "fysioterapi", "2022-08-05", &count);
    LINES_ARE(lines, count, expected);
}

static void test_grace(void **state)
{
    static const struct expected expected[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "0",
         "2022-07-04–2022-07-08, 5 dagar: krav 2,80, räknat 2,00, brist 0,80."
         " Karens: dagarna kostar inget.",
         "2022-07-04–2022-07-08, 5 days: required 2,80, counted 2,00, short 0,80."
         " Grace: the days cost nothing."},
        {RUN, "193200000/31",
         "2022-07-09–2022-07-31, 23 dagar: krav 2,80, räknat 2,00, brist 0,80."
         " 23 * 84~000,00~kr / 31 = 62~322,58~kr",
         "2022-07-09–2022-07-31, 23 days: required 2,80, counted 2,00, short 0,80."
         " 23 * 84~000,00~kr / 31 = 62~322,58~kr"},
        {ROUNDING, "-2/31", "Avrundat till närmaste öre: 62~322,58~kr",
         "Rounded to the nearest öre: 62~322,58~kr"},
    };
    TimelineChanged *timeline =
        july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__ALL_OR_NOTHING);
    size_t count;
    ExplanationLine **lines;

    (void)state;
    timeline->runs[1]->grace_days = 5;
    lines = explain(timeline, 1, "fysioterapi", "2022-08-01", &count);
    LINES_ARE(lines, count, expected);
}

static void test_per_missing_fte(void **state)
{
    static const struct expected first[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "8400000",
         BELOW_SV " 28 * 130~000,00~kr * 0,80 / 31 = 93~935,48~kr,"
                  " varav 84~000,00~kr på denna komponent",
         BELOW_EN " 28 * 130~000,00~kr * 0,80 / 31 = 93~935,48~kr,"
                  " of which 84~000,00~kr on this component"},
    };
    static const struct expected second[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "30800000/31",
         BELOW_SV " 28 * 130~000,00~kr * 0,80 / 31 = 93~935,48~kr,"
                  " varav 9~935,48~kr på denna komponent",
         BELOW_EN " 28 * 130~000,00~kr * 0,80 / 31 = 93~935,48~kr,"
                  " of which 9~935,48~kr on this component"},
        {ROUNDING, "-12/31", "Avrundat till närmaste öre: 9~935,48~kr",
         "Rounded to the nearest öre: 9~935,48~kr"},
    };
    static const struct expected alone[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "291200000/31", BELOW_SV " 28 * 130~000,00~kr * 0,80 / 31 = 93~935,48~kr",
         BELOW_EN " 28 * 130~000,00~kr * 0,80 / 31 = 93~935,48~kr"},
        {LIMIT, "-30800000/31",
         "Regleringen är aldrig större än månadens fasta ersättning: 93~935,48~kr blir "
         "84~000,00~kr",
         "The deduction is never more than the month's fixed compensation: 93~935,48~kr becomes "
         "84~000,00~kr"},
    };
    TimelineChanged *timeline =
        july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PER_MISSING_FTE);
    size_t count;
    ExplanationLine **lines;

    (void)state;
    timeline->rule_set->regulation->ore_per_fte_month = 13000000;
    lines = explain(timeline, 2, "fysioterapi", "2022-08-01", &count);
    LINES_ARE(lines, count, first);
    lines = explain(timeline, 2, "rehab", "2022-08-01", &count);
    LINES_ARE(lines, count, second);
    lines = explain(timeline, 1, "fysioterapi", "2022-08-01", &count);
    LINES_ARE(lines, count, alone);
}

static void steps_set(Niva__Compliance__V1__Regulation *rule)
{
    static const int32_t steps[][2] = {{700, 500}, {750, 250}, {950, 100}};

    rule->n_steps = 3;
    rule->steps = niva_arena_array(arena, 3, sizeof(*rule->steps));
    for (size_t i = 0; i < 3; i++) {
        rule->steps[i] = niva_arena_alloc(arena, sizeof(**rule->steps));
        niva__compliance__v1__regulation__step__init(rule->steps[i]);
        rule->steps[i]->below_permille = steps[i][0];
        rule->steps[i]->deduct_permille = steps[i][1];
    }
}

static void test_step_table(void **state)
{
    /* (86,8 − 22,4) / 86,8 = 74,19 % */
    static const struct expected expected[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "0", BELOW_SV, BELOW_EN},
        {PERIOD, "2100000",
         "2022-07: uppfyllelsen är 74,1~%, under 75~%. 25~% av 84~000,00~kr = 21~000,00~kr",
         "2022-07: the fulfilment is 74,1~%, below 75~%. 25~% of 84~000,00~kr = 21~000,00~kr"},
    };
    TimelineChanged *timeline = july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__STEP_TABLE);
    size_t count;
    ExplanationLine **lines;

    (void)state;
    steps_set(timeline->rule_set->regulation);
    lines = explain(timeline, 1, "fysioterapi", "2022-08-01", &count);
    LINES_ARE(lines, count, expected);
    assert_string_equal(lines[2]->first_day, "2022-07-01");
    assert_string_equal(lines[2]->last_day, "2022-07-31");
}

static void test_started_month(void **state)
{
    static const struct expected expected[] = {
        {RUN, "0", "2022-07-01–2022-07-31, 31 dagar: krav 2,80, räknat 2,00, brist 0,80.",
         "2022-07-01–2022-07-31, 31 days: required 2,80, counted 2,00, short 0,80."},
        {PERIOD, "1050000",
         "2022-07: påbörjad månad nr 3 i bristen från 2022-05-30 (högst 3 månader regleras)."
         " 12,5~% av 84~000,00~kr = 10~500,00~kr",
         "2022-07: started month no. 3 of the shortfall since 2022-05-30 (at most 3 months are "
         "regulated). 12,5~% of 84~000,00~kr = 10~500,00~kr"},
    };
    static const struct run_spec runs[] = {RUN_BELOW(1, 31, 2800, 2000, "2022-05-20")};
    TimelineChanged *timeline = timeline_make(arena, UNIT, "2022-07", runs, 1);
    Niva__Compliance__V1__Regulation *rule;
    size_t count;
    ExplanationLine **lines;

    (void)state;
    timeline->rule_set =
        rule_set_make(arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PER_STARTED_MONTH);
    timeline->runs[0]->grace_days = 10;
    rule = timeline->rule_set->regulation;
    rule->permille = 125;
    rule->periods_case = NIVA__COMPLIANCE__V1__REGULATION__PERIODS_MAX_PERIODS;
    rule->max_periods = 3;
    lines = explain(timeline, 1, "fysioterapi", "2022-08-01", &count);
    LINES_ARE(lines, count, expected);
}

static void test_started_week(void **state)
{
    static const struct expected expected[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "0", "2022-07-04–2022-07-11, 8 dagar: krav 2,80, räknat 2,00, brist 0,80.",
         "2022-07-04–2022-07-11, 8 days: required 2,80, counted 2,00, short 0,80."},
        {PERIOD, "420000",
         "2022-07-04–2022-07-10: påbörjad vecka nr 1 i bristen från 2022-07-04."
         " 5~% av 84~000,00~kr = 4~200,00~kr",
         "2022-07-04–2022-07-10: started week no. 1 of the shortfall since 2022-07-04."
         " 5~% of 84~000,00~kr = 4~200,00~kr"},
        {PERIOD, "420000",
         "2022-07-11: påbörjad vecka nr 2 i bristen från 2022-07-04."
         " 5~% av 84~000,00~kr = 4~200,00~kr",
         "2022-07-11: started week no. 2 of the shortfall since 2022-07-04."
         " 5~% of 84~000,00~kr = 4~200,00~kr"},
    };
    TimelineChanged *timeline =
        july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PER_STARTED_WEEK);
    size_t count;
    ExplanationLine **lines;

    (void)state;
    timeline->rule_set->regulation->permille = 50;
    lines = explain(timeline, 1, "fysioterapi", "2022-07-11", &count);
    LINES_ARE(lines, count, expected);
}

/* A month whose amount changes is told by its mean. */
static void test_amount_changes_within_month(void **state)
{
    struct niva_component changing[] = {components[0], components[0]};
    TimelineChanged *timeline = july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__STEP_TABLE);
    struct amounts amounts;
    const struct line_basis basis = {.timeline = timeline, .amounts = &amounts};
    ExplanationLine **lines;
    struct niva_error err;
    niva_day day;
    size_t count;

    (void)state;
    steps_set(timeline->rule_set->regulation);
    assert_true(niva_day_parse("2022-07-16", &changing[1].days.from));
    changing[1].id = "c";
    changing[1].monthly_ore = 4200000;
    assert_true(niva_day_parse("2022-08-01", &day));
    assert_true(amounts_compute(timeline, changing, 2, day, arena, &amounts, &err));
    assert_true(explain_line(&basis, "fysioterapi", NULL, arena, &count, &lines, &err));
    assert_int_equal(count, 5);
    assert_string_equal(lines[2]->first_day, "2022-07-16");
    assert_string_equal(lines[3]->ore, "48300000/31");
    assert_string_equal(
        lines[3]->text_sv,
        plain("2022-07: uppfyllelsen är 74,1~%, under 75~%. 25~% av 62~322,58~kr = 15~580,65~kr"));
}

/* A line of July as it was decided. */
static Niva__Compensation__V1__Adjustment *decided_make(int64_t total_ore, int64_t computed_ore,
                                                        int64_t deduction_ore, const char *number)
{
    Niva__Compensation__V1__Adjustment *line =
        niva_wire_new(&niva__compensation__v1__adjustment__descriptor, arena);
    niva_instant at;

    assert_non_null(line);
    assert_true(niva_instant_parse("2022-09-02T10:00:00Z", &at));
    line->adjustment_id = text_make(arena, number);
    line->state = NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__DECIDED;
    line->computed_total_ore = total_ore;
    line->computed_ore = computed_ore;
    line->deduction_ore = deduction_ore;
    line->case_number = text_make(arena, number);
    line->decided_at = niva_wire_timestamp(at, arena);
    return line;
}

/* A difference: the month, what was decided of it, what stays away, and its own decision. */
static void test_difference(void **state)
{
    static const struct expected expected[] = {
        {DECIDED_BEFORE, "-1000000",
         "Beslut 2022-09-02 (diarienummer F-1): 10~000,00~kr har redan reglerats.",
         "Decision of 2022-09-02 (case number F-1): 10~000,00~kr were regulated already."},
        {DECIDED_BEFORE, "200000",
         "Beslut 2022-09-02 (diarienummer F-2): 2~000,00~kr har redan lämnats tillbaka.",
         "Decision of 2022-09-02 (case number F-2): 2~000,00~kr were given back already."},
        {WAIVED_BEFORE, "-1167742",
         "Beslut 2022-09-02 (diarienummer F-1): 11~677,42~kr av månadens belopp har avståtts från "
         "eller jämkats bort, och ligger kvar så.",
         "Decision of 2022-09-02 (case number F-1): 11~677,42~kr of the month's amount were waived "
         "or revised away, and stay so."},
        {REVISED, "-150000",
         "Beslut 2022-09-02 (diarienummer F-3): jämkat från 2~000,00~kr till 500,00~kr.",
         "Decision of 2022-09-02 (case number F-3): revised from 2~000,00~kr to 500,00~kr."},
    };
    const Niva__Compensation__V1__Adjustment *const before[] = {
        decided_make(3000000, 3000000, 1000000, "F-1"),
        decided_make(800000, -200000, -200000, "F-2")};
    Niva__Compensation__V1__Adjustment *line = decided_make(2167742, 200000, 50000, "F-3");
    TimelineChanged *timeline = july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    struct amounts amounts;
    const struct line_basis basis = {
        .timeline = timeline, .amounts = &amounts, .decided_count = 2, .decided = before};
    ExplanationLine **lines;
    struct niva_error err;
    size_t count;
    niva_day day;

    (void)state;
    assert_true(niva_day_parse("2022-08-01", &day));
    assert_true(amounts_compute(timeline, components, 1, day, arena, &amounts, &err));
    assert_true(explain_line(&basis, "fysioterapi", line, arena, &count, &lines, &err));
    assert_int_equal(count, 3 + 4);
    lines_are(lines + 3, count - 3, expected, 4);
    assert_string_equal(lines[3]->adjustment_id, "F-1");
    assert_string_equal(lines[5]->adjustment_id, "F-1");
    assert_string_equal(lines[3]->first_day, "2022-07-01");
    assert_string_equal(lines[3]->last_day, "2022-07-31");
    line->deduction_ore = 0;
    line->state = NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__WAIVED;
    assert_true(explain_line(&basis, "fysioterapi", line, arena, &count, &lines, &err));
    assert_int_equal(lines[6]->kind, WAIVED);
    assert_string_equal(lines[6]->ore, "-200000");
}

/* Every verdict in words; a finding and a dispensation are named. */
static void test_verdicts(void **state)
{
    static const struct run_spec runs[] = {
        {1, 1, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NOT_REQUIRED, 0, 0, 0, NULL, 0},
        {2, 2, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NO_REQUIREMENT_BASIS, 0, 0, 0, NULL, 0},
        {3, 3, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__NO_REPORT, 2875, 0, 0, NULL, 0},
        {4, 4, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__DISPENSED, 2800, 2000, 0, NULL, 0},
        {5, 31, NIVA__COMPLIANCE__V1__SEGMENT__STATUS__BELOW_MINIMUM, 2800, 2000, 400, "2022-07-05",
         0},
    };
    static const struct expected expected[] = {
        {RUN, "0", "2022-07-01, 1 dag: inget krav.", "2022-07-01, 1 day: nothing is required."},
        {RUN, "0", "2022-07-02, 1 dag: underlag för kravet saknas.",
         "2022-07-02, 1 day: there is no basis for the requirement."},
        {RUN, "0", "2022-07-03, 1 dag: krav 2,875, ej redovisat.",
         "2022-07-03, 1 day: required 2,875, not reported."},
        {RUN, "0", "2022-07-04, 1 dag: krav 2,80, räknat 2,00, dispens.",
         "2022-07-04, 1 day: required 2,80, counted 2,00, dispensed."},
        {RUN, "32400000/31",
         "2022-07-05–2022-07-31, 27 dagar: krav 2,80, räknat 2,00 enligt konstaterande, brist 0,40 "
         "mot dispensens gräns 2,40. 27 * 84~000,00~kr / 31 * 0,40 / 2,80 = 10~451,61~kr",
         "2022-07-05–2022-07-31, 27 days: required 2,80, counted 2,00 by a finding, short 0,40 "
         "of the dispensation's limit 2,40. 27 * 84~000,00~kr / 31 * 0,40 / 2,80 = "
         "10~451,61~kr"},
        {ROUNDING, "-9/31", "Avrundat till närmaste öre: 10~451,61~kr",
         "Rounded to the nearest öre: 10~451,61~kr"},
    };
    TimelineChanged *timeline = timeline_make(arena, UNIT, "2022-07", runs, 5);
    Niva__Compliance__V1__Segment *segment = timeline->runs[4]->segment;
    size_t count;
    ExplanationLine **lines;

    (void)state;
    timeline->rule_set = rule_set_make(arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    segment->finding_id = text_make(arena, "f");
    segment->dispensation_id = text_make(arena, "d");
    segment->n_absence_ids = 1;
    segment->absence_ids = niva_arena_array(arena, 1, sizeof *segment->absence_ids);
    segment->absence_ids[0] = text_make(arena, "a");
    lines = explain(timeline, 1, "fysioterapi", "2022-08-01", &count);
    LINES_ARE(lines, count, expected);
    assert_string_equal(lines[4]->finding_id, "f");
    assert_string_equal(lines[4]->dispensation_id, "d");
    assert_int_equal(lines[4]->n_absence_ids, 1);
    assert_string_equal(lines[4]->absence_ids[0], "a");
}

static void test_guide_and_unpaid_days(void **state)
{
    static const struct expected guide[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "0", BELOW_SV, BELOW_EN},
    };
    static const struct expected unpaid[] = {
        {RUN, "0", MET_SV, MET_EN},
        {RUN, "0", BELOW_SV " Ingen fast ersättning regleras dessa dagar.",
         BELOW_EN " No fixed compensation is regulated on these days."},
    };
    TimelineChanged *timeline = july_make(NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
    size_t count;
    ExplanationLine **lines;

    (void)state;
    timeline->rule_set->severity = NIVA__COMPLIANCE__V1__RULE_SET__SEVERITY__GUIDE;
    lines = explain(timeline, 1, "fysioterapi", "2022-08-01", &count);
    LINES_ARE(lines, count, guide);
    timeline->rule_set->severity = NIVA__COMPLIANCE__V1__RULE_SET__SEVERITY__BINDING;
    timeline->registered_unit = NULL;
    lines = explain(timeline, 1, "fysioterapi", "2022-08-01", &count);
    LINES_ARE(lines, count, unpaid);
    explain(timeline, 1, "annat", "2022-08-01", &count);
    assert_int_equal(count, 0);
}

/* Words never say vite or avdrag. */
static void test_words(void **state)
{
    (void)state;
    for (int formula = 1; formula <= 7; formula++) {
        TimelineChanged *timeline = july_make((Niva__Compliance__V1__Regulation__Formula)formula);
        ExplanationLine **lines;
        size_t count;

        steps_set(timeline->rule_set->regulation);
        timeline->rule_set->regulation->permille = 100;
        timeline->rule_set->regulation->ore_per_fte_month = INT64_MAX;
        timeline->rule_set->regulation->rounding_unit_ore = 1000;
        lines = explain(timeline, 2, "rehab", "2022-08-01", &count);
        for (size_t i = 0; i < count; i++) {
            assert_null(strstr(lines[i]->text_sv, "vite"));
            assert_null(strstr(lines[i]->text_sv, "avdrag"));
            assert_null(strstr(lines[i]->text_en, "penalty"));
        }
    }
}

static int setup(void **state)
{
    (void)state;
    arena = niva_arena_new(1 << 24);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pro_rata),
        TEST(test_one_day_cap_and_whole_kronor),
        TEST(test_minimum),
        TEST(test_grace),
        TEST(test_per_missing_fte),
        TEST(test_step_table),
        TEST(test_started_month),
        TEST(test_started_week),
        TEST(test_amount_changes_within_month),
        TEST(test_difference),
        TEST(test_verdicts),
        TEST(test_guide_and_unpaid_days),
        TEST(test_words),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
