/* What the tests of sheets share: an arena, and a sheet as one text. */
#ifndef NIVA_TESTS_UNIT_SHEETS_SHEET_RIG_H
#define NIVA_TESTS_UNIT_SHEETS_SHEET_RIG_H

#include "services/common/sheets/sheet.h"

extern struct niva_arena *arena;
int arena_open(void **state);
int arena_close(void **state);

/* Reads bytes and compares the sheet, written as "1: Enhet|Andel\n3: A|n0.75\n": rows by number,
 * cells between bars; numbers begin with n, dates with d and their day, truths with b, broken ones
 * with !, and a number that could be a date is only its text. */
void sheet_expect(const void *bytes, size_t size, const char *expected);
/* The same for a string. */
void text_expect(const char *text, const char *expected);
/* Reads bytes that must be refused for a reason, with sentences in both languages. */
void sheet_refused(const void *bytes, size_t size, const char *reason);

#endif
