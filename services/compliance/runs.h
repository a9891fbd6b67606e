/* The breaches that the facts mean: for every kind the runs of days of model section 7, whatever is
 * on record. What a run becomes is decided in breaches.c. Pure. */
#ifndef NIVA_COMPLIANCE_RUNS_H
#define NIVA_COMPLIANCE_RUNS_H

#include "services/compliance/reporting.h"

/* A run of days that is a breach. Runs of one kind and subject do not overlap; what has another
 * subject never is the same breach. */
struct breach_run {
    pb_breach_kind kind;
    const char *subject; /* the report or absence that it is about; "" for none */
    struct niva_span days;
    bool settled;         /* nothing can lengthen it: it is over on its last day already */
    size_t first_segment; /* of the timeline; of BELOW_MINIMUM alone */
    size_t segment_count;
};

/* What can't be judged again since facts behind it are erased: of this kind and subject no run is
 * found, and breaches on record stay as they are. */
struct closed_subject {
    pb_breach_kind kind;
    const char *subject;
};

/* A list of runs that grows in an arena. */
struct breach_runs {
    struct niva_arena *arena;
    size_t count;
    size_t capacity;
    struct breach_run *list;
    size_t closed_count;
    size_t closed_capacity;
    struct closed_subject *closed;
};

/* Closes a subject. */
bool breach_runs_close(struct breach_runs *runs, pb_breach_kind kind, const char *subject,
                       struct niva_error *err) NIVA_MUST_CHECK;

/* Appends a run, cut to the open days of the unit; one without a day is passed over. */
bool breach_runs_add(struct breach_runs *runs, const struct dossier *dossier,
                     const struct breach_run *run, struct niva_error *err) NIVA_MUST_CHECK;

/* All runs up to and with today in order of kind, subject and day, and the first day after today on
 * which one that is known begins or ends (NIVA_DAY_NONE: none; those of BELOW_MINIMUM are the
 * timeline's affair). `timeline` is that of the days on which something may be required, up to the
 * end of the month of today or later. False when the arena is out. */
bool breach_runs_find(const struct dossier *dossier, const struct niva_timeline *timeline,
                      niva_day today, struct niva_arena *arena, struct breach_runs *ret_runs,
                      niva_day *ret_next, struct niva_error *err) NIVA_MUST_CHECK;

/* Parts of it; runs to come are found too. REPORT_LATE (late_reports.c): */
bool late_reports_find(const struct reporting *reporting, struct breach_runs *runs,
                       struct niva_error *err) NIVA_MUST_CHECK;
/* Changes of staffing that were reported: the reports that stand and whose positions differ from
 * those that stood on their effective day before; the local day on which that was told, as
 * REPORT_LATE judges it. Without those that compare positions which are erased (late_reports.c). */
struct reported_change {
    niva_day effective;
    niva_day told;
};
bool reported_changes_find(const struct reporting *reporting, struct niva_arena *arena,
                           size_t *ret_count, const struct reported_change **ret_changes,
                           struct niva_error *err) NIVA_MUST_CHECK;
/* ABSENCE_LATE and ABSENCE_PLAN_MISSING (late_absences.c): */
bool late_absences_find(const struct dossier *dossier, struct breach_runs *runs,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* The reporting duties of the rule set in force on a day; NULL: none. */
const pb_reporting *duties_on(const struct dossier *dossier, niva_day day);

#endif
