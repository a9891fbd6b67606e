/* The services' own proofs: ControlService.Verify of each, to the end. */
#ifndef NIVA_NIVACTL_PROOF_H
#define NIVA_NIVACTL_PROOF_H

#include "services/nivactl/findings.h"
#include "services/nivactl/holdings.h"
#include "services/nivactl/progress.h"

struct proof {
    struct findings differences;
    struct findings notices;
    struct holdings holdings;
    int64_t checked; /* events, facts and rows */
    int64_t pending; /* work that was not done when it was asked for */
};

/* Lets every service prove what it keeps of `unit`, "" for everything, and compares what each has
 * of the stream before it, and how far it has followed it. What is found lives in the session's
 * arena. */
bool proof_services(struct session *session, const char *unit, struct progress *progress,
                    struct proof *proof, struct niva_error *err) NIVA_MUST_CHECK;

#endif
