/* How the units of a region stand on a day. */
#ifndef NIVA_NIVACTL_STATUS_H
#define NIVA_NIVACTL_STATUS_H

#include "niva/compliance/v1/compliance.pb-c.h"
#include "services/nivactl/session.h"

/* The statuses of all units on a day ("": today) by the session's group, region and known-at. */
bool statuses_load(struct session *session, const char *day,
                   Niva__Compliance__V1__ListStatusesResponse **ret_statuses,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* Says that units wait to be computed anew, if any do. */
void pending_say(const struct session *session, int64_t pending);

#endif
