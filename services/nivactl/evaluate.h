/* The model offline: what follows from worked cases, and whether it is what was expected. */
#ifndef NIVA_NIVACTL_EVALUATE_H
#define NIVA_NIVACTL_EVALUATE_H

#include "niva/model/v1/vector.pb-c.h"
#include "services/nivactl/session.h"

/* The lists of an outcome. */
enum outcome_part { OUTCOME_TIMELINE, OUTCOME_BREACHES, OUTCOME_DEDUCTIONS };

/* Is told a difference: the line of its list, from 1, and what stands there on both sides, in words
 * that live until it returns. */
typedef void outcome_differs(void *user, enum outcome_part part, size_t line, const char *expected,
                             const char *actual);

/* Tells every difference of an outcome from what was expected; returns how many there are. */
size_t outcome_differences(const struct session *session, const Niva__Model__V1__Outcome *expected,
                           const Niva__Model__V1__Outcome *actual, outcome_differs *differs,
                           void *user);

/* Prints the first differences of an outcome from what was expected (nothing where the answer is
 * JSON); returns how many there are. */
size_t outcome_compare(const struct session *session, const char *name,
                       const Niva__Model__V1__Outcome *expected,
                       const Niva__Model__V1__Outcome *actual);

#endif
