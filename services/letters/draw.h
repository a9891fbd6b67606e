/* A letter drawn page by page, with its structure. Private to the room. */
#ifndef NIVA_LETTERS_DRAW_H
#define NIVA_LETTERS_DRAW_H

#include "services/letters/flow.h"

/* Draws the letter on the surface of the press and appends to `scopes`, for each TH in order, 'C'
 * or 'R': whether it heads a column or a row. FAILED_PRECONDITION when the head of the first page
 * leaves no room. */
bool letter_draw(struct press *press, const struct document *document, struct niva_arena *arena,
                 struct niva_text *scopes, struct niva_error *err) NIVA_MUST_CHECK;

#endif
