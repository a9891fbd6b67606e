/* What the files of a settlement call things, in Swedish, and how they write figures. Pure. */
#ifndef NIVA_COMPENSATION_SETTLEMENT_WORDS_H
#define NIVA_COMPENSATION_SETTLEMENT_WORDS_H

#include "services/compensation/settlement.h"

/* "" for a value that has no word. */
const char *word_of_form(Niva__Intake__V1__Owner__Form form);
const char *word_of_channel(Niva__Compensation__V1__Adjustment__Channel channel);
const char *word_of_kind(Niva__Compensation__V1__Adjustment__Kind kind);
const char *word_of_explanation(Niva__Compensation__V1__ExplanationLine__Kind kind);
const char *word_of_status(Niva__Compliance__V1__Segment__Status status);

/* Kronor with two decimals after `point`: "-1234.50". */
void kronor_write(int64_t ore, char point, char ret_text[32]);

/* The local day of a decision, YYYY-MM-DD; "" where none is on record. */
void decided_day_write(const Niva__Compensation__V1__Adjustment *adjustment, char ret_text[16]);

#endif
