/* What changed since an amount was decided, or known: fact by fact, and whose fact it was. */
#ifndef NIVA_NIVACTL_CHANGES_H
#define NIVA_NIVACTL_CHANGES_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compliance/v1/change.pb-c.h"
#include "services/nivactl/session.h"

/* Since when, and what. */
struct changes {
    bool asked;                 /* false: there is no instant to look back to */
    const char *since;          /* as RFC 3339 */
    struct niva_error *refused; /* what was known then has been erased; NULL: it is whole */
    Niva__Compliance__V1__ListChangesResponse *list; /* NULL when refused */
};

/* What changed for the month of a line since --known-at or, without it, since the line was decided;
 * nothing is asked for a line that was not. Where what was known then has been erased, that is the
 * answer, not an error. */
bool changes_load(struct session *session, const Niva__Compensation__V1__Adjustment *line,
                  struct changes *ret_changes, struct niva_error *err) NIVA_MUST_CHECK;

/* Prints them: a table, a sentence for each, and what made no difference. INTERNAL when the changes
 * of the line's component do not add up. */
bool changes_print(struct session *session, const Niva__Compensation__V1__Adjustment *line,
                   const struct changes *changes, struct niva_error *err) NIVA_MUST_CHECK;

#endif
