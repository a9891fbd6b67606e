/* A follow-up as its message, with what is hidden left out. Pure. */
#ifndef NIVA_COMPLIANCE_FOLLOW_UP_MESSAGE_H
#define NIVA_COMPLIANCE_FOLLOW_UP_MESSAGE_H

#include "services/compliance/follow_up.h"
#include "services/compliance/messages.h"

typedef Niva__Compliance__V1__FollowUpPeriod pb_follow_period;

/* A period with its rows; `codes` are the indicators' in order. Samples are put in order. */
bool follow_period_message(struct follow_up *follow, size_t index, const char *const *codes,
                           int32_t least, struct niva_arena *arena, pb_follow_period **ret_message,
                           struct niva_error *err) NIVA_MUST_CHECK;

#endif
