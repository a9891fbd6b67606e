/* What months would cost (model section 8), of what is asked in advance alone: from a timeline and
 * the amounts that compensation told. What a month does cost is compensation's to say. Pure. */
#ifndef NIVA_COMPLIANCE_COSTS_H
#define NIVA_COMPLIANCE_COSTS_H

#include "services/compliance/store.h"
#include "services/model/regulation.h"

/* The dated amounts of a unit and group, in the order of compensation's record. */
struct amounts {
    size_t count;
    const struct niva_component *list;
};

/* Reads those that were known at an instant; `rows` are in the order of the record, and of any
 * group. Borrowed from the arena. */
bool amounts_read(const struct stored_component *rows, size_t count, const char *group,
                  niva_instant known_at, struct niva_arena *arena, struct amounts *ret_amounts,
                  struct niva_error *err) NIVA_MUST_CHECK;

/* Which days are reckoned with: those of `days` up to and with `today`; all others cost nothing. */
struct costing {
    const struct niva_facts *facts;
    const struct niva_timeline *timeline; /* as costs_timeline makes it */
    const struct amounts *amounts;
    struct niva_span days;
    niva_day today;
};

/* The deductions of a calendar month, of which `month` is a day: every regulated component in name
 * order, zeros too. */
bool costs_of_month(const struct costing *costing, niva_day month, struct niva_arena *arena,
                    size_t *ret_count, const struct niva_deduction **ret_deductions,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* The timeline of `days`, and of those before them from `from` on where a breach reaches into them:
 * its first day bears on what it costs. */
bool costs_timeline(const struct niva_facts *facts, niva_day from, struct niva_span days,
                    struct niva_arena *arena, struct niva_timeline *ret_timeline,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* The BELOW_MINIMUM days of a timeline among these. */
int32_t below_days(const struct niva_timeline *timeline, struct niva_span days);

#endif
