/* The types of events that compliance writes; all are external. */
#ifndef NIVA_COMPLIANCE_EVENTS_H
#define NIVA_COMPLIANCE_EVENTS_H

#include "services/common/bus/event.h"

enum { COMPLIANCE_EVENT_COUNT = 12 };
extern const struct niva_event_type compliance_events[COMPLIANCE_EVENT_COUNT];

#endif
