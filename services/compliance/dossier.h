/* The dossier: everything known of one unit and one profession group at an instant, as the model
 * takes it, beside the messages that it came from. Made from records; no I/O, no clock. */
#ifndef NIVA_COMPLIANCE_DOSSIER_H
#define NIVA_COMPLIANCE_DOSSIER_H

#include "services/compliance/record.h"
#include "services/model/timeline.h"

/* A report as it came, and whether it was withdrawn since. */
struct filed_report {
    const pb_report *message;
    const struct niva_report *fact;
    bool withdrawn;
    const char *by; /* who registered it */
};

struct dossier {
    const char *unit;
    const char *group;
    const pb_unit *registered; /* NULL: not registered; no rule set holds for it then */
    struct niva_facts facts;
    /* Present and past versions, in the order of the record. */
    size_t rule_set_count;
    const pb_rule_set *const *rule_sets;
    size_t report_count; /* facts.report_count */
    const struct filed_report *reports;
    size_t confirmation_count;
    const pb_confirmation *const *confirmations;
    const pb_absence *const *absences; /* the versions in facts.absences */
    /* Who registered the contracts, dispensations and findings in facts, version by version. */
    const char *const *contract_by;
    const char *const *dispensation_by;
    const char *const *finding_by;
    size_t call_count; /* present versions, without those voided */
    const pb_call *const *calls;
    size_t erased_absence_count; /* versions of which nothing is left but their ids */
    const char *const *erased_absences;
    const pb_erasure *erasure; /* that reaches furthest, of those known; NULL: none */
    const pb_erasure *hidden;  /* the same of those that were not known yet */
    bool hidden_absence;       /* what was known of an absence then is neither here nor frozen */
};

/* Makes the dossier of what was recorded up to `known_at`. `own` is the record of the unit,
 * `regional` that of its region, or of more regions: others than that in which the unit was
 * registered are passed over. Everything is borrowed from the records or in the arena. */
bool dossier_make(const char *unit, const char *group, niva_instant known_at,
                  const struct records *own, const struct records *regional,
                  struct niva_arena *arena, struct dossier *ret_dossier,
                  struct niva_error *err) NIVA_MUST_CHECK;

/* The message of a rule set that the model named; NULL for NULL. */
const pb_rule_set *dossier_rule_set(const struct dossier *dossier,
                                    const struct niva_rule_set *rule_set);
/* The message of the rule set in force on a day; NULL: none. */
const pb_rule_set *dossier_rule_set_on(const struct dossier *dossier, niva_day day);
/* The owner on a day; NULL: none. */
pb_owner *dossier_owner_on(const struct dossier *dossier, niva_day day);

/* The local day on which something came in: that of its record where it does not say. */
niva_day received_on(const struct Google__Protobuf__Timestamp *received_at,
                     const struct Google__Protobuf__Timestamp *recorded_at);

/* The days of whole calendar months on which something may be required: the unit is open and a rule
 * set of the group holds, roughly. Empty where there are none. */
struct niva_span dossier_span(const struct dossier *dossier);
/* From the first day on which something may be required to the end of the month of a day. */
struct niva_span dossier_span_until(const struct dossier *dossier, niva_day day);

/* The registration of a unit that was known at an instant; NULL: none. */
const pb_unit *records_unit(const struct records *own, niva_instant known_at);

#endif
