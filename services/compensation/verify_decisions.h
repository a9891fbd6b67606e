/* The proof of what people did to lines: every version that says that somebody signed, decided or
 * settled is a fact of its own, and was allowed. Internal to the proof. */
#ifndef NIVA_COMPENSATION_VERIFY_DECISIONS_H
#define NIVA_COMPENSATION_VERIFY_DECISIONS_H

#include "services/compensation/verify_lines.h"

/* Every fact about a line is a version of it, and no other version says anything of people that the
 * one before it did not. Lines are in states that the table leads to. */
bool proof_signatures_check(struct proof *proof, struct niva_error *err) NIVA_MUST_CHECK;

/* What a decided line must be, by the month that it follows from (model section 9.3). */
void proof_decision_check(const struct proof *proof, const struct proved_line *version,
                          const Niva__Compliance__V1__TimelineChanged *timeline);

#endif
