/* Moving the day of a rehearsal. */
#ifndef NIVA_NIVACTL_TODAY_H
#define NIVA_NIVACTL_TODAY_H

#include "services/nivactl/session.h"

/* Moves the day forward on intake, then on compliance, and waits until compliance has begun it;
 * what came before should have been applied (wait.h). Intake's move counts as recorded at
 * `recorded_at`; INT64_MIN: by the clock. FAILED_PRECONDITION outside a rehearsal and for an
 * earlier day. */
bool today_move(struct session *session, niva_day day, niva_instant recorded_at,
                struct niva_error *err) NIVA_MUST_CHECK;

/* Today, and whether this is a rehearsal. */
bool today_read(struct session *session, niva_day *ret_today, bool *ret_rehearsal,
                struct niva_error *err) NIVA_MUST_CHECK;

#endif
