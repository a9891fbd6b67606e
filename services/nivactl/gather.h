/* All facts of a unit and group, read through the lists of the services, as a scenario of the
 * model: what anyone can see is enough to compute every verdict and amount again. */
#ifndef NIVA_NIVACTL_GATHER_H
#define NIVA_NIVACTL_GATHER_H

#include "niva/model/v1/vector.pb-c.h"
#include "services/nivactl/session.h"

/* The scenario of a unit and the session's group: the facts that stand now, from the first day of
 * the region's first rule set until `today`, and every month of it. NULL without a rule set: then
 * nothing is required and nothing is regulated. It lives in the session's arena. */
bool scenario_gather(struct session *session, const Niva__Intake__V1__Unit *unit, niva_day today,
                     Niva__Model__V1__Scenario **ret_scenario,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* What the services say of the same days, in the form in which the model says it: the timeline, the
 * open and closed breaches, the amounts that are not 0. Of a month of which everything is decided
 * they say what the model `expected`, if by what was decided nothing more is due of that. */
bool outcome_gather(struct session *session, const char *unit,
                    const Niva__Model__V1__Scenario *scenario,
                    const Niva__Model__V1__Outcome *expected,
                    Niva__Model__V1__Outcome **ret_outcome, struct niva_error *err) NIVA_MUST_CHECK;

#endif
