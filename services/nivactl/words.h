/* The words that people read: Swedish first, English on demand. Enumerations of the protos become
 * words here and nowhere else. Everything returned is a constant. */
#ifndef NIVA_NIVACTL_WORDS_H
#define NIVA_NIVACTL_WORDS_H

#include <stdbool.h>
#include <stdint.h>

enum language { SWEDISH, ENGLISH };

/* One of two sentences. */
const char *words_pick(enum language language, const char *sv, const char *en)
    __attribute__((format_arg(2), format_arg(3)));

/* Enumerations with words. */
enum vocabulary {
    WORDS_STATUS,           /* Segment.Status */
    WORDS_UNCOUNTED,        /* Uncounted.Reason */
    WORDS_BREACH_KIND,      /* Breach.Kind */
    WORDS_BREACH_STATE,     /* Breach.State */
    WORDS_FORECAST_CAUSE,   /* Forecast.Cause.Kind */
    WORDS_ADJUSTMENT_STATE, /* Adjustment.State */
    WORDS_FORM,             /* Owner.Form */
    WORDS_CHANNEL,          /* Adjustment.Channel */
    WORDS_LINE_KIND,        /* ExplanationLine.Kind */
    WORDS_ENTRY,            /* DialogueEntry.Kind */
    WORDS_SIDE,             /* DialogueEntry.Side */
    WORDS_OUTCOME,          /* DialogueEntry.Outcome */
    WORDS_INABILITY,        /* Inability.Kind */
    WORDS_REASON,           /* Adjustment.ReasonCode */
    WORDS_SETTLEMENT_STATE, /* Settlement.State */
    WORDS_CHANGE_KIND,      /* Change.Kind */
    WORDS_CHANGE_ACTION,    /* Change.Action */
    WORDS_CAUSE,            /* Change.Cause */
};

/* The word of a value; "okänt" / "unknown" for one that is not in the vocabulary. */
const char *words_value(enum language language, enum vocabulary vocabulary, int value);

#endif
