/* Moving the day of a rehearsal. */
#ifndef NIVA_NIVACTL_TODAY_H
#define NIVA_NIVACTL_TODAY_H

#include "services/nivactl/session.h"

/* Waits until everything is applied, moves the day forward on intake, then on compliance, and waits
 * until compliance has begun it. FAILED_PRECONDITION outside a rehearsal and for an earlier day. */
bool today_move(struct session *session, const char *day, int64_t deadline_ms,
                struct niva_error *err) NIVA_MUST_CHECK;

#endif
