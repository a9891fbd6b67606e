/* REPORT_OVERDUE against a restatement that looks at each day by itself, over random reports,
 * corrections, withdrawals, confirmations, calls and rule sets. `test_compliance_overdue_random
 * [SEED]` runs one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "tests/support/casebook.h"
#include "tests/support/random_facts.h"

enum { ROUNDS = 400, DAYS = 200, REPORTS = 9, CALLS = 3, CONFIRMATIONS = 5 };

static uint64_t only_seed;
static const niva_day zero = 18993; /* 2022-01-01 */

static const char *text_of(struct casebook *book, niva_day day)
{
    char text[16];
    niva_day_format(day, text);
    char *copy = niva_arena_strdup(book->arena, text);
    assert_non_null(copy);
    return copy;
}

static niva_day any_day(struct random_source *source)
{
    return zero + random_in(source, 0, DAYS - 1);
}

/* ---- random facts ---- */

static void rule_set_put(struct casebook *book, struct random_source *source, const char *id,
                         const char *first, const char *last)
{
    pb_rule_set *rule_set = casebook_rule_set(book, id, 1, first, last);
    if (random_once_in(source, 5))
        return;
    pb_reporting *duties = niva_wire_new(&niva__compliance__v1__reporting__descriptor, book->arena);
    assert_non_null(duties);
    rule_set->reporting = duties;
    duties->report_max_age_days = random_once_in(source, 3) ? 0 : random_in(source, 5, 60);
    if (random_once_in(source, 2))
        duties->current_since = (char *)(uintptr_t)text_of(book, any_day(source));
    if (random_once_in(source, 3))
        return;
    duties->confirm_case = NIVA__COMPLIANCE__V1__REPORTING__CONFIRM_CONFIRM_PLANNED_WITHIN_DAYS;
    duties->confirm_planned_within_days = random_in(source, 0, 10);
}

static void reports_put(struct casebook *book, struct random_source *source)
{
    int count = random_in(source, 0, REPORTS);
    char id[16];
    char corrected[16];
    for (int i = 0; i < count; i++) {
        bool corrects = i > 0 && random_once_in(source, 2);
        snprintf(id, sizeof id, "r%d", i);
        snprintf(corrected, sizeof corrected, "r%d", corrects ? random_in(source, 0, i - 1) : 0);
        casebook_received(book, text_of(book, any_day(source)));
        casebook_report(book, id, corrects ? corrected : "", text_of(book, any_day(source)),
                        random_in(source, 1, 3) * 1000);
        if (random_once_in(source, 3))
            casebook_withdrawal(book, id);
    }
    for (int i = random_in(source, 0, CONFIRMATIONS); count > 0 && i > 0; i--) {
        snprintf(id, sizeof id, "r%d", random_in(source, 0, count - 1));
        casebook_received(book, text_of(book, any_day(source)));
        casebook_confirmation(book, id, text_of(book, any_day(source)));
    }
}

static void facts_put(struct casebook *book, struct random_source *source)
{
    rule_set_put(book, source, "a", "2022-02-01", "2022-03-31");
    rule_set_put(book, source, "b", "2022-04-01", random_once_in(source, 3) ? "2022-05-31" : "");
    niva_day opened = any_day(source) - 60;
    casebook_unit(book, text_of(book, opened),
                  random_once_in(source, 3) ? text_of(book, opened + random_in(source, 0, DAYS))
                                            : "");
    casebook_contract(book, "2022-01-01", 2000);
    if (random_once_in(source, 3))
        casebook_contract(book, "2022-04-15", 0);
    reports_put(book, source);
    for (int i = random_in(source, 0, CALLS); i > 0; i--) {
        char id[16];
        snprintf(id, sizeof id, "c%d", i);
        casebook_call(book, id, 1, text_of(book, any_day(source)), text_of(book, any_day(source)));
    }
}

/* ---- the restatement ---- */

/* Whether report `i` is not there any more by what had been received up to a day: something that
 * was not withdrawn corrects it, or corrects a withdrawn correction of it. */
static bool naive_replaced(const struct dossier *dossier, const char *id, niva_day day)
{
    for (size_t i = 0; i < dossier->report_count; i++) {
        const struct filed_report *other = &dossier->reports[i];
        if (strcmp(other->message->corrects_report_id, id) != 0)
            continue;
        if (other->withdrawn ? naive_replaced(dossier, other->message->report_id, day)
                             : received_on(other->message->received_at, NULL) <= day)
            return true;
    }
    return false;
}

static bool naive_withdrawn(const struct dossier *dossier, const char *id)
{
    for (size_t i = 0; i < dossier->report_count; i++) {
        if (strcmp(dossier->reports[i].message->report_id, id) == 0)
            return dossier->reports[i].withdrawn;
    }
    return true;
}

static bool naive_plan_unconfirmed(const struct dossier *dossier, const pb_reporting *duties,
                                   niva_day day)
{
    const struct filed_report *stood = NULL;
    for (size_t i = 0; i < dossier->report_count; i++) {
        const struct filed_report *report = &dossier->reports[i];
        if (report->withdrawn || report->fact->effective_from > day ||
            received_on(report->message->received_at, NULL) > day ||
            naive_replaced(dossier, report->message->report_id, day))
            continue;
        if (stood == NULL || report->fact->effective_from >= stood->fact->effective_from)
            stood = report;
    }
    if (stood == NULL || duties->confirm_case == 0)
        return false;
    niva_day from = stood->fact->effective_from;
    if (received_on(stood->message->received_at, NULL) >= from ||
        day - from <= duties->confirm_planned_within_days)
        return false;
    for (size_t i = 0; i < dossier->confirmation_count; i++) {
        const pb_confirmation *confirmation = dossier->confirmations[i];
        if (!naive_withdrawn(dossier, confirmation->report_id) &&
            niva_day_read(confirmation->as_of) >= from &&
            received_on(confirmation->received_at, NULL) <= day)
            return false;
    }
    return true;
}

/* The last day up to this one on which anything came in that was not withdrawn. */
static niva_day naive_received(const struct dossier *dossier, niva_day day)
{
    for (niva_day past = day; past >= zero; past--) {
        for (size_t i = 0; i < dossier->report_count; i++)
            if (!dossier->reports[i].withdrawn &&
                received_on(dossier->reports[i].message->received_at, NULL) == past)
                return past;
        for (size_t i = 0; i < dossier->confirmation_count; i++)
            if (!naive_withdrawn(dossier, dossier->confirmations[i]->report_id) &&
                received_on(dossier->confirmations[i]->received_at, NULL) == past)
                return past;
    }
    return NIVA_DAY_NONE;
}

static bool naive_overdue(const struct dossier *dossier, niva_day day, bool required)
{
    const pb_rule_set *rule_set = dossier_rule_set_on(dossier, day);
    niva_day received = naive_received(dossier, day);
    if (rule_set == NULL || day < dossier->facts.open.from || day >= dossier->facts.open.until)
        return false;
    for (size_t i = 0; i < dossier->call_count; i++) {
        const pb_call *call = dossier->calls[i];
        if (day >= niva_day_read(call->issued_on) && day >= niva_day_read(call->current_since) &&
            received < niva_day_read(call->current_since))
            return true;
    }
    const pb_reporting *duties = rule_set->reporting;
    if (received == NIVA_DAY_NONE)
        return duties != NULL || required;
    if (duties == NULL)
        return false;
    niva_day since = niva_day_read(duties->current_since);
    return (duties->report_max_age_days > 0 && received + duties->report_max_age_days < day) ||
           (since != NIVA_DAY_NONE && since <= day && received < since) ||
           naive_plan_unconfirmed(dossier, duties, day);
}

/* ---- comparing ---- */

static bool in_run(const struct niva_span *runs, size_t count, niva_day day)
{
    for (size_t i = 0; i < count; i++)
        if (day >= runs[i].from && day < runs[i].until)
            return true;
    return false;
}

static size_t compare_days(struct casebook *book, uint64_t seed)
{
    struct dossier dossier = casebook_dossier(book, INT64_MAX);
    struct niva_span span = {zero - 31, niva_month_begin(zero + DAYS + 100)};
    struct niva_timeline timeline;
    struct reporting reporting;
    struct niva_error err;
    const struct niva_span *runs = NULL;
    size_t count = 0;
    size_t overdue = 0;
    assert_true(niva_timeline_compute(&dossier.facts, span, false, book->arena, &timeline, &err));
    assert_true(reporting_make(&dossier, book->arena, &reporting, &err));
    assert_true(reporting_runs(&reporting, &timeline, book->arena, &count, &runs, &err));
    for (size_t i = 1; i < count; i++)
        assert_true(runs[i - 1].until < runs[i].from);
    size_t segment = 0;
    for (niva_day day = span.from; day < span.until; day++) {
        segment += timeline.segments[segment].days.until <= day;
        bool required = timeline.segments[segment].status != NIVA_NOT_REQUIRED;
        bool expected = naive_overdue(&dossier, day, required);
        if (in_run(runs, count, day) != expected ||
            reporting_on(&reporting, day, required).overdue != expected)
            fail_msg("seed %llu, %s: expected overdue = %d", (unsigned long long)seed,
                     text_of(book, day), (int)expected);
        overdue += expected;
    }
    return overdue;
}

static void every_day_is_judged_as_by_itself(void **state)
{
    (void)state;
    size_t overdue = 0;
    size_t rounds = only_seed != 0 ? 1 : ROUNDS;
    for (size_t i = 0; i < rounds; i++) {
        uint64_t seed = only_seed != 0 ? only_seed : 20220623 + i;
        struct random_source source = random_seed(seed);
        struct casebook book;
        casebook_begin(&book, "2023-01-01");
        facts_put(&book, &source);
        overdue += compare_days(&book, seed);
        casebook_end(&book);
    }
    /* neither always nor never */
    print_message("%zu of %zu days overdue\n", overdue, rounds * DAYS);
    assert_true(only_seed != 0 || (overdue > rounds * 10 && overdue < rounds * DAYS));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_is_judged_as_by_itself),
    };
    only_seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed ? 1 : 0;
}
