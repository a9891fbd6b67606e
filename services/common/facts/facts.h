/* From messages to the facts of the model, and back. What is read here is what the model needs:
 * days, enumerations, figures, ids, with the defaults of the model document filled in. Each reader
 * takes one message and says by INVALID_ARGUMENT, with the path as in JSON, what it cannot use.
 * Units and profession groups are not read: the caller has chosen the records of one unit and one
 * group. Strings are borrowed from the messages, which must outlive the facts; arrays are in the
 * arena. No I/O, no clock.
 *
 * A message without recorded_at is recorded before everything else (INT64_MIN), so that it is
 * always known. An id is set only where a later record with the same id replaces an earlier one. */
#ifndef NIVA_COMMON_FACTS_FACTS_H
#define NIVA_COMMON_FACTS_FACTS_H

#include "niva/compensation/v1/component.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dispensation.pb-c.h"
#include "niva/compliance/v1/requirement.pb-c.h"
#include "niva/compliance/v1/retention.pb-c.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "niva/model/v1/vector.pb-c.h"
#include "services/common/base/arena.h"
#include "services/model/timeline.h"

/* Open days of a unit; without opened_on since ever, without closed_on until further notice. NULL:
 * always open. */
bool niva_facts_open(const Niva__Intake__V1__Unit *message, struct niva_span *ret_open,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* A rule set with the defaults of its parts; empty title codes or employments, persons_per_fte 0
 * where a ratio is used and unsorted or empty steps are refused. Version 0 stands alone. */
bool niva_facts_rule_set(const Niva__Compliance__V1__RuleSet *message, struct niva_arena *arena,
                         struct niva_rule_set *ret_rule_set,
                         struct niva_error *err) NIVA_MUST_CHECK;

/* A contract. One with a version is identified by its first day; without, it stands alone. */
bool niva_facts_contract(const Niva__Compliance__V1__Contract *message,
                         struct niva_contract *ret_contract,
                         struct niva_error *err) NIVA_MUST_CHECK;

bool niva_facts_listing(const Niva__Compliance__V1__Listing *message,
                        struct niva_listing *ret_listing, struct niva_error *err) NIVA_MUST_CHECK;

bool niva_facts_report(const Niva__Intake__V1__StaffingReport *message, struct niva_arena *arena,
                       struct niva_report *ret_report, struct niva_error *err) NIVA_MUST_CHECK;

/* One version of an absence. */
bool niva_facts_absence(const Niva__Intake__V1__Absence *message, struct niva_arena *arena,
                        struct niva_absence *ret_absence, struct niva_error *err) NIVA_MUST_CHECK;

bool niva_facts_dispensation(const Niva__Compliance__V1__Dispensation *message,
                             struct niva_dispensation *ret_dispensation,
                             struct niva_error *err) NIVA_MUST_CHECK;

bool niva_facts_finding(const Niva__Compliance__V1__Finding *message,
                        struct niva_finding *ret_finding, struct niva_error *err) NIVA_MUST_CHECK;

/* Adds what was frozen to facts that have their reports and absences: ids become the report and the
 * present version of the absence, or, where they are not there, erased ones that have the id alone.
 */
bool niva_facts_frozen(Niva__Compliance__V1__FrozenGroup *const *groups, size_t count,
                       struct niva_arena *arena, struct niva_facts *facts,
                       struct niva_error *err) NIVA_MUST_CHECK;

/* A dated amount. One with a version is identified by its name and first day; without, it stands
 * alone. */
bool niva_facts_component(const Niva__Compensation__V1__Component *message,
                          struct niva_component *ret_component,
                          struct niva_error *err) NIVA_MUST_CHECK;

/* A segment as a message; last_day empty where it has no end. NULL when the arena is out. */
Niva__Compliance__V1__Segment *niva_segment_message(const struct niva_segment *segment,
                                                    bool planned,
                                                    struct niva_arena *arena) NIVA_MUST_CHECK;

/* All segments of a timeline, the one over `today` cut after it and those after it marked planned
 * (NIVA_DAY_END: none is). */
bool niva_timeline_messages(const struct niva_timeline *timeline, niva_day today,
                            struct niva_arena *arena, size_t *ret_count,
                            Niva__Compliance__V1__Segment ***ret_segments,
                            struct niva_error *err) NIVA_MUST_CHECK;

/* A frozen run as a message. NULL when the arena is out. */
Niva__Compliance__V1__FrozenRun *niva_frozen_message(const struct niva_frozen *frozen,
                                                     struct niva_arena *arena) NIVA_MUST_CHECK;

/* A position or cover that was not counted, as a message. NULL when the arena is out. */
Niva__Compliance__V1__Uncounted *niva_uncounted_message(const struct niva_uncounted *uncounted,
                                                        struct niva_arena *arena) NIVA_MUST_CHECK;

/* The facts of a scenario. Rule sets, components and the unit are not bitemporal in it: their
 * recorded_at is not read. `ret_components` in the order of the list. */
bool niva_facts_scenario(const Niva__Model__V1__Scenario *scenario, struct niva_arena *arena,
                         struct niva_facts *ret_facts, size_t *ret_component_count,
                         const struct niva_component **ret_components,
                         struct niva_error *err) NIVA_MUST_CHECK;

/* What follows from a scenario (model section 10): the timeline with runs that differ only in the
 * facts behind them as one, the breaches inside the horizon, the deductions by period as listed,
 * then component name. Today is the horizon's last day. */
bool niva_evaluate(const Niva__Model__V1__Scenario *scenario, struct niva_arena *arena,
                   Niva__Model__V1__Outcome **ret_outcome, struct niva_error *err) NIVA_MUST_CHECK;

#endif
