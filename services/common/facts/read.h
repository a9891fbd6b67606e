/* Readers of messages inside a check, so that a whole scenario is told with its paths. Private to
 * the room. Each returns false only when the arena is out; what it cannot use is in the check. */
#ifndef NIVA_COMMON_FACTS_READ_H
#define NIVA_COMMON_FACTS_READ_H

#include "services/common/facts/facts.h"
#include "services/common/wire/check.h"

/* NULL for an empty id. */
const char *read_id(const char *id);

/* recorded_at; before everything else when it is absent. */
niva_instant read_recorded(struct niva_check *check,
                           const struct Google__Protobuf__Timestamp *timestamp);

/* first_day … last_day. */
struct niva_span read_span(struct niva_check *check, const char *first_day, const char *last_day);

struct niva_span read_open(struct niva_check *check, const Niva__Intake__V1__Unit *message);
bool read_rule_set(struct niva_check *check, const Niva__Compliance__V1__RuleSet *message,
                   struct niva_arena *arena, struct niva_rule_set *ret_rule_set) NIVA_MUST_CHECK;
void read_contract(struct niva_check *check, const Niva__Compliance__V1__Contract *message,
                   struct niva_contract *ret_contract);
void read_listing(struct niva_check *check, const Niva__Compliance__V1__Listing *message,
                  struct niva_listing *ret_listing);
bool read_report(struct niva_check *check, const Niva__Intake__V1__StaffingReport *message,
                 struct niva_arena *arena, struct niva_report *ret_report) NIVA_MUST_CHECK;
bool read_absence(struct niva_check *check, const Niva__Intake__V1__Absence *message,
                  struct niva_arena *arena, struct niva_absence *ret_absence) NIVA_MUST_CHECK;
void read_dispensation(struct niva_check *check, const Niva__Compliance__V1__Dispensation *message,
                       struct niva_dispensation *ret_dispensation);
void read_finding(struct niva_check *check, const Niva__Compliance__V1__Finding *message,
                  struct niva_finding *ret_finding);
void read_component(struct niva_check *check, const Niva__Compensation__V1__Component *message,
                    struct niva_component *ret_component);

/* RESOURCE_EXHAUSTED: the arena is out. Always false. */
bool facts_out(struct niva_error *err);

#endif
