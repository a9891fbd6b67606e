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

/* The verdict of one day. */
void naive_day_judge(const struct niva_facts *facts, niva_day day, struct naive_day *ret_day);

/* What the month takes from a component, with `days` the verdicts of the horizon's days; and its F
 * (an initialised mpq). */
int64_t naive_deduction(const struct niva_facts *facts, const struct niva_component *components,
                        size_t component_count, const struct naive_day *days,
                        struct niva_span horizon, struct niva_span month, const char *component,
                        mpq_t ret_full);

#endif
