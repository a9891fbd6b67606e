/* The model document restated day by day, sentence by sentence, with nothing in mind but to be
 * plainly right: every question is answered from the lists, for every day anew. It shares no code
 * with services/model but days and the structures of the facts, and is compared with it. */
#ifndef NIVA_TESTS_SUPPORT_NAIVE_MODEL_H
#define NIVA_TESTS_SUPPORT_NAIVE_MODEL_H

#include <gmp.h>

#include "services/model/timeline.h"

enum { NAIVE_ABSENCES_MAX = 64 };

struct naive_day {
    enum niva_status status;
    int32_t required_milli;
    int32_t counted_milli;
    int32_t shortfall_milli;
    const struct niva_report *report;
    const struct niva_finding *finding;
    const struct niva_rule_set *rule_set;
    const struct niva_dispensation *dispensation;
    size_t absence_count;
    const struct niva_absence *absences[NAIVE_ABSENCES_MAX]; /* in the order of the record */
};

/* What holds on a day; NULL: nothing. */
const struct niva_rule_set *naive_rule_set_on(const struct niva_facts *facts, niva_day day);
const struct niva_contract *naive_contract_on(const struct niva_facts *facts, niva_day day);
const struct niva_listing *naive_listing_on(const struct niva_facts *facts,
                                            enum niva_snapshot snapshot, niva_day day);
const struct niva_report *naive_report_on(const struct niva_facts *facts, niva_day day);
const struct niva_finding *naive_finding_on(const struct niva_facts *facts, niva_day day);
const struct niva_dispensation *naive_dispensation_on(const struct niva_facts *facts, niva_day day);
/* Whether absence i of the list counts on a day by a rule. */
bool naive_absence_counts(const struct niva_facts *facts, const struct niva_counting_rule *rule,
                          size_t i, niva_day day);

/* The verdict of one day. */
void naive_day_judge(const struct niva_facts *facts, niva_day day, struct naive_day *ret_day);

/* A day of which each part is as on a day of its own; the staff is the report with its positions,
 * an absence of the list comes with its cover. */
struct naive_mix {
    niva_day opening;
    niva_day rule_set;
    niva_day contract;
    niva_day listing;
    niva_day staff;
    niva_day finding;
    niva_day dispensation;
    niva_day absences[NAIVE_ABSENCES_MAX];
};

/* Everything as on one day. */
struct naive_mix naive_mix_of(niva_day day);
/* The verdict of a mixed day. */
void naive_mix_judge(const struct niva_facts *facts, const struct naive_mix *mix,
                     struct naive_day *ret_day);

/* What the month takes from a component, with `days` the verdicts of the horizon's days; and its F
 * (an initialised mpq). */
int64_t naive_deduction(const struct niva_facts *facts, const struct niva_component *components,
                        size_t component_count, const struct naive_day *days,
                        struct niva_span horizon, struct niva_span month, const char *component,
                        mpq_t ret_full);

#endif
