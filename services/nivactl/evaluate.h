/* The model offline: what follows from worked cases, and whether it is what was expected. */
#ifndef NIVA_NIVACTL_EVALUATE_H
#define NIVA_NIVACTL_EVALUATE_H

#include "niva/model/v1/vector.pb-c.h"
#include "services/nivactl/session.h"

/* Prints the first differences of an outcome from what was expected (nothing where the answer is
 * JSON); returns how many there are. */
size_t outcome_compare(const struct session *session, const char *name,
                       const Niva__Model__V1__Outcome *expected,
                       const Niva__Model__V1__Outcome *actual);

#endif
