/* Code page 437, in which SIE files are written. Pure. */
#ifndef NIVA_COMPENSATION_CP437_H
#define NIVA_COMPENSATION_CP437_H

#include "services/common/base/text.h"

/* Appends at most `most` characters of well-formed UTF-8 in code page 437. What it lacks is written
 * as near as ASCII comes: a letter without its mark (Š is S, õ is o; a mark by itself is left out),
 * straight quotes and dashes, "EUR" for the euro sign; anything else is "?". Control characters and
 * spaces of every kind are spaces. */
void cp437_append(struct niva_text *text, const char *utf8, size_t most);

#endif
