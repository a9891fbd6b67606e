/* Waiting until what was committed has been applied. */
#ifndef NIVA_NIVACTL_WAIT_H
#define NIVA_NIVACTL_WAIT_H

#include "services/nivactl/session.h"

struct wait {
    enum service last;   /* wait for the services up to and with this one */
    int64_t deadline_ms; /* monotonic */
    bool patient;        /* a service that does not answer yet is waited for too */
};

/* The deadline that --timeout gives. */
int64_t wait_deadline(const struct session *session);

/* Returns when each service has applied what those that it follows had written when they were
 * asked, and has no work pending. DEADLINE_EXCEEDED says which service is not done. */
bool wait_applied(struct session *session, const struct wait *wait,
                  struct niva_error *err) NIVA_MUST_CHECK;

/* Rests for so many milliseconds: between two looks at something that is not ready. */
void rest_ms(int milliseconds);

#endif
