/* What a change was, in words: one sentence in Swedish and English, without position keys, days of
 * absence, or what somebody wrote. Pure. */
#ifndef NIVA_COMPLIANCE_CHANGE_WORDS_H
#define NIVA_COMPLIANCE_CHANGE_WORDS_H

#include "niva/compliance/v1/change.pb-c.h"
#include "services/compliance/changes.h"

typedef Niva__Compliance__V1__Change pb_change;

/* Fills in kind, action, cause and both texts of `message`, whose other fields stay. */
bool change_say(const struct change *change, struct niva_arena *arena, pb_change *message,
                struct niva_error *err) NIVA_MUST_CHECK;

#endif
