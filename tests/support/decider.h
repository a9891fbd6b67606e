/* Tells decisions that compensation would not: a second replica on its schema, whose only rule
 * appends adjustment.decided to the stream. */
#ifndef NIVA_TESTS_SUPPORT_DECIDER_H
#define NIVA_TESTS_SUPPORT_DECIDER_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "tests/support/system.h"

struct decider;

struct decider *decider_new(struct system *system);
/* Appends the event and waits until it is committed. The adjustment is told in state `state`, by
 * whom and when it was decided filled in; it is not changed itself. */
void decider_tell(struct decider *decider, const Niva__Compensation__V1__Adjustment *adjustment,
                  Niva__Compensation__V1__Adjustment__State state);
/* Accepts NULL and returns NULL. */
struct decider *decider_free(struct decider *decider);

#endif
