/* The proof of what compliance told of dialogues: the rows are what the messages in them say. */
#ifndef NIVA_COMPENSATION_VERIFY_DIALOGUE_H
#define NIVA_COMPENSATION_VERIFY_DIALOGUE_H

#include "services/compensation/verify_lines.h"

/* Proves the rows of a unit, and adds each to `items` as what is had of compliance's stream, which
 * must be what that service has. */
bool proof_dialogue_check(const struct proof *proof, struct niva_items *items,
                          struct niva_error *err) NIVA_MUST_CHECK;

#endif
