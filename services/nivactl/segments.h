/* Days as tables: how they stand, and what of them was not counted. */
#ifndef NIVA_NIVACTL_SEGMENTS_H
#define NIVA_NIVACTL_SEGMENTS_H

#include "niva/compliance/v1/compliance.pb-c.h"
#include "services/nivactl/session.h"

const struct table *segments_table(const struct session *session, size_t count,
                                   Niva__Compliance__V1__Segment *const *segments);
const struct table *uncounted_table(const struct session *session, size_t count,
                                    Niva__Compliance__V1__Uncounted *const *uncounted);

#endif
