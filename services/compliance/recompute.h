/* The pure core: from what is known of a unit and group, what was said of it before and today, to
 * what must be said now: new versions of breaches and contents of months (model sections 6 and 7).
 * What has not changed is not said again. No I/O, no clock. */
#ifndef NIVA_COMPLIANCE_RECOMPUTE_H
#define NIVA_COMPLIANCE_RECOMPUTE_H

#include "services/compliance/forecast.h"
#include "services/compliance/runs.h"

enum { DIGEST_SIZE = 32 };

/* A breach as it is on record. */
struct known_breach {
    const pb_breach *message; /* its present version */
    int64_t opened_order;     /* rises with the order of opening */
};

/* A month as it was last said. */
struct known_month {
    niva_day month; /* its first day */
    uint8_t digest[DIGEST_SIZE];
};

struct recompute {
    const struct dossier *dossier;
    niva_day today;
    niva_instant recorded_at; /* of what is said now */
    pb_cause cause;           /* PB_NEW_DAY: no fact moved it, a day began */
    const char *caused_by;    /* the fact or the day, e.g. "finding/<id>/1", "day/2022-07-01" */
    size_t breach_count;      /* in the order of opening */
    const struct known_breach *breaches;
    size_t month_count; /* in the order of the months */
    const struct known_month *months;
    const uint8_t *forecast; /* digest of what was last forecast; NULL: nothing was */
};

/* What happened to a breach. A breach that ended before it was found is opened and closed at once,
 * in one version. */
struct breach_change {
    bool opened;
    bool changed;
    bool closed;
    bool withdrawn;
    bool merged;
    pb_breach *version; /* the new version */
};

struct month_change {
    niva_day month;
    uint8_t digest[DIGEST_SIZE];
    pb_timeline_changed *content;
};

struct forecast_change {
    bool said; /* it is another than was last said */
    bool any;  /* something is forecast: it has a digest to keep */
    uint8_t digest[DIGEST_SIZE];
    pb_forecast_changed *content;
};

struct recomputed {
    size_t breach_count;
    const struct breach_change *breaches;
    size_t month_count;
    const struct month_change *months;
    struct forecast_change forecast;
    niva_day next_change_day; /* after today; NIVA_DAY_NONE: no day changes anything by itself */
};

/* Recomputes. Everything in the answer is in the arena or borrowed from the input. False when the
 * arena is out. */
bool recompute(const struct recompute *input, struct niva_arena *arena,
               struct recomputed *ret_recomputed, struct niva_error *err) NIVA_MUST_CHECK;

/* The parts of it. `runs` are those up to and with today; `breach_ids` are the ids of their
 * breaches, in their order, so that those of BELOW_MINIMUM come first, in the order of days. */
bool breaches_update(const struct recompute *input, const struct niva_timeline *timeline,
                     const struct breach_runs *runs, struct niva_arena *arena, size_t *ret_count,
                     const struct breach_change **ret_changes, char *const **ret_breach_ids,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* What everybody may read of a breach, in an event: the days of one about an absence, and that a
 * day changed it, would tell its dates. NULL when the arena is out. */
pb_breach *breach_shown(const pb_breach *breach, struct niva_arena *arena) NIVA_MUST_CHECK;

/* The months of `said` (whole months) as they are to be said, those that differ from what was said
 * before. */
bool months_update(const struct recompute *input, const struct niva_timeline *timeline,
                   struct niva_span said, char *const *breach_ids, size_t breach_id_count,
                   struct niva_arena *arena, size_t *ret_count,
                   const struct month_change **ret_changes, struct niva_error *err) NIVA_MUST_CHECK;

/* The forecast as it is to be said. `ret_next`: the first day after today on which it will be
 * another although no fact changes; NIVA_DAY_NONE: none. */
bool forecast_update(const struct recompute *input, struct niva_arena *arena,
                     struct forecast_change *ret_change, niva_day *ret_next,
                     struct niva_error *err) NIVA_MUST_CHECK;

/* SHA-256 of a content. */
bool content_digest(const ProtobufCMessage *content, struct niva_arena *arena,
                    uint8_t ret_digest[DIGEST_SIZE], struct niva_error *err) NIVA_MUST_CHECK;

#endif
