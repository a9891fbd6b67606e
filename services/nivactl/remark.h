/* What a rule set says of the amounts that follow from it: that a formula is an assumption. */
#ifndef NIVA_NIVACTL_REMARK_H
#define NIVA_NIVACTL_REMARK_H

#include "services/nivactl/session.h"

/* Prints a remark in the session's language; "" is none. */
void remark_print(const struct session *session, const char *remark_sv, const char *remark_en);

/* Prints the remarks of rule sets by their ids, as known at --known-at, each once; "" and NULL are
 * passed over. */
bool remarks_print(struct session *session, size_t count, const char *const *rule_set_ids,
                   struct niva_error *err) NIVA_MUST_CHECK;

#endif
