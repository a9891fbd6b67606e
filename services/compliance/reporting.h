/* What had been received of the reporting of a unit and group, up to each day: whether there was a
 * current report (model section 7, REPORT_OVERDUE), and which report took whose place. What was
 * withdrawn was not received. Pure. */
#ifndef NIVA_COMPLIANCE_REPORTING_H
#define NIVA_COMPLIANCE_REPORTING_H

#include "services/compliance/dossier.h"

/* A report, in the order of the record. */
struct filing {
    const struct filed_report *filed;
    niva_day effective;
    niva_day received;    /* local day */
    niva_day replaced_on; /* the local day on which what replaced it was received; NIVA_DAY_END:
                             nothing did */
    size_t corrects;      /* index of the report that it corrects; NIVA_NO_INDEX: none */
    size_t root; /* index of the first report of its chain of corrections; may be its own */
};

struct reporting {
    const struct dossier *dossier;
    size_t filing_count; /* the reports of the dossier */
    struct filing *filings;
    size_t receipt_count; /* of reports and confirmations */
    niva_day *receipts;   /* local days, rising */
    size_t confirmation_count;
    struct confirmed {
        niva_day as_of;
        niva_day received;
    } * confirmations; /* of reports that were not withdrawn */
};

struct currency {
    const struct filing *last; /* the report that was received last up to the day; NULL: none */
    niva_day received;         /* local day on which the last report or confirmation came in, up to
                                  the day; NIVA_DAY_NONE: none ever */
    const pb_call *call; /* of the calls that are not answered the one issued last; NULL: none */
    bool overdue;
};

/* Makes it of a dossier, which must outlive it. False when the arena is out. */
bool reporting_make(const struct dossier *dossier, struct niva_arena *arena,
                    struct reporting *ret_reporting, struct niva_error *err) NIVA_MUST_CHECK;

/* Judges a day. `required`: something is required on it. A rule set without reporting duties asks
 * for one report at least, where something is required. Nothing is overdue while the unit is not
 * open or no rule set is in force. */
struct currency reporting_on(const struct reporting *reporting, niva_day day, bool required);

/* The maximal runs of days of a timeline that are overdue, also those to come. The cost is that of
 * the changes, not of the days. False when the arena is out. */
bool reporting_runs(const struct reporting *reporting, const struct niva_timeline *timeline,
                    struct niva_arena *arena, size_t *ret_count, const struct niva_span **ret_runs,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* Whether a report stands: it was not withdrawn, and nothing that was not replaced it. */
bool filing_stands(const struct filing *filing);

#endif
