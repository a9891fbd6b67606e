/* The facts of one unit and one profession group, as the model takes them (model section 3). Plain
 * values: nothing here is owned; strings and arrays are borrowed and must outlive the call. Spans
 * are half-open days; NIVA_DAY_END means "until further notice". Enumerations have the numbers of
 * the protos.
 *
 * Every record has the instant at which it was recorded; records of a list are given in the order
 * of the record, so that of equal instants the later in the list is the later one. A record is
 * known when recorded_at ≤ known_at. Where a record has an `id`, later records with the same id are
 * versions of it: of the known ones the last holds, whole. A NULL id stands alone. */
#ifndef NIVA_MODEL_FACTS_H
#define NIVA_MODEL_FACTS_H

#include <stddef.h>

#include "services/common/base/day.h"

enum niva_employment { NIVA_EMPLOYED = 1, NIVA_SUBSTITUTE, NIVA_HIRED, NIVA_SUBCONTRACTED };
enum niva_absence_category { NIVA_VACATION = 1, NIVA_LOANED_OUT, NIVA_OTHER_ABSENCE };

struct niva_position {
    const char *key;
    const char *title_code;
    enum niva_employment employment;
    int32_t fte_milli;
    bool licensed;
    struct niva_span active; /* from NIVA_DAY_NONE where not given */
};

struct niva_report {
    const char *id;
    const char *corrects; /* id of the report that it replaces, or NULL */
    niva_day effective_from;
    niva_instant recorded_at;
    bool erased; /* its positions are gone */
    size_t position_count;
    const struct niva_position *positions;
};

struct niva_withdrawal {
    const char *report_id;
    niva_instant recorded_at;
};

/* One version of an absence. */
struct niva_absence {
    const char *id;
    const char *position_key;
    struct niva_span days; /* until NIVA_DAY_END: unknown, longer than any threshold */
    int32_t absent_milli;  /* < 0: the whole position */
    enum niva_absence_category category;
    niva_day expected_since; /* NIVA_DAY_NONE: the default of model section 3 */
    bool cancelled;
    niva_instant recorded_at;
    size_t cover_count;
    const struct niva_position *cover;
};

/* What was counted on a run of days before the reports and absences behind it were erased. It takes
 * the place of counting: a finding still outranks it, and what is required is computed as ever. */
struct niva_frozen {
    struct niva_span days;
    int32_t counted_milli;
    const struct niva_report *report; /* that stood */
    niva_instant recorded_at;
    size_t absence_count; /* that bore on the count, as in a segment */
    const struct niva_absence *const *absences;
};

struct niva_finding {
    const char *id;
    struct niva_span days;
    int32_t counted_milli;
    niva_instant recorded_at;
};

struct niva_contract {
    const char *id;
    struct niva_span days;
    niva_day binding_from; /* NIVA_DAY_NONE: from its first day */
    int32_t minimum_milli;
    niva_instant recorded_at;
};

struct niva_listing {
    niva_day as_of;
    int32_t listed;
    int64_t weighted_milli; /* < 0: not given */
    niva_instant recorded_at;
};

struct niva_dispensation {
    const char *id;
    struct niva_span days;
    int32_t reduced_minimum_milli; /* < 0: full, nothing is required */
    niva_day revoked_from;         /* NIVA_DAY_NONE: not revoked */
    bool voided;
    niva_instant recorded_at;
};

enum niva_severity { NIVA_BINDING = 1, NIVA_GUIDE };
enum niva_requirement_kind {
    NIVA_REQUIRE_CONTRACTED = 1,
    NIVA_REQUIRE_PER_LISTED,
    NIVA_REQUIRE_PER_WEIGHTED,
    NIVA_REQUIRE_GREATER_OF,
    NIVA_REQUIRE_STEP_TABLE,
    NIVA_REQUIRE_NONE,
};
enum niva_rounding_mode { NIVA_ROUND_HALF_UP = 1, NIVA_ROUND_UP, NIVA_ROUND_DOWN };
enum niva_snapshot {
    NIVA_PREVIOUS_MONTH = 1,
    NIVA_PREVIOUS_QUARTER,
    NIVA_PREVIOUS_YEAR,
    NIVA_SAME_DAY,
};
enum niva_counts_from {
    NIVA_FROM_FIRST_DAY = 1,
    NIVA_FROM_AFTER_THRESHOLD,
    NIVA_FROM_EXPECTED_DAY
};
enum niva_formula {
    NIVA_PRO_RATA = 1,
    NIVA_ALL_OR_NOTHING,
    NIVA_PER_MISSING_FTE,
    NIVA_STEP_TABLE,
    NIVA_PER_STARTED_MONTH,
    NIVA_PER_STARTED_WEEK,
    NIVA_NO_DEDUCTION,
};

/* Defaults are already filled in (0 of the protos is never seen here). */
struct niva_requirement_rule {
    enum niva_requirement_kind kind;
    int32_t persons_per_fte;
    int32_t rounding_step_milli;
    enum niva_rounding_mode rounding_mode;
    int32_t floor_milli;
    enum niva_snapshot snapshot;
    size_t step_count; /* listed_from rising strictly */
    const struct niva_requirement_step {
        int32_t listed_from;
        int32_t minimum_milli;
    } * steps;
};

struct niva_counting_rule {
    size_t title_count;
    const char *const *titles;
    unsigned employments; /* bit 1 << enum niva_employment */
    bool count_unlicensed;
    int32_t absence_threshold_days;
    enum niva_counts_from counts_from;
    int32_t join_gap_days; /* < 0: each absence alone */
    unsigned exempt;       /* bit 1 << enum niva_absence_category */
    int32_t tolerance_milli;
    int32_t hired_cap_permille; /* < 0: no cap */
};

struct niva_regulation_rule {
    enum niva_formula formula;
    int64_t ore_per_fte_month;
    size_t step_count; /* below_permille rising strictly */
    const struct niva_regulation_step {
        int32_t below_permille;
        int32_t deduct_permille;
    } * steps;
    int32_t permille;
    int32_t max_periods; /* < 0: no limit */
    int32_t grace_days;
    int32_t cap_permille; /* < 0: no cap */
    int64_t minimum_ore;  /* < 0: no least amount */
    int32_t rounding_unit_ore;
};

struct niva_rule_set {
    const char *id;
    int32_t version; /* 0: it stands alone, whatever its id */
    struct niva_span days;
    enum niva_severity severity;
    struct niva_requirement_rule requirement;
    struct niva_counting_rule counting;
    struct niva_regulation_rule regulation;
    niva_instant recorded_at;
};

/* A dated monthly amount; versions of one share name and id. */
struct niva_component {
    const char *id;
    const char *name;
    struct niva_span days;
    int64_t monthly_ore;
    bool regulated;
    niva_instant recorded_at;
};

struct niva_facts {
    struct niva_span open; /* open days of the unit */
    niva_instant known_at; /* INT64_MAX: everything */
    size_t rule_set_count;
    const struct niva_rule_set *rule_sets;
    size_t contract_count;
    const struct niva_contract *contracts;
    size_t listing_count;
    const struct niva_listing *listings;
    size_t report_count;
    const struct niva_report *reports;
    size_t withdrawal_count;
    const struct niva_withdrawal *withdrawals;
    size_t absence_count;
    const struct niva_absence *absences;
    size_t dispensation_count;
    const struct niva_dispensation *dispensations;
    size_t finding_count;
    const struct niva_finding *findings;
    struct niva_span erased; /* days whose count is known only from findings and frozen runs */
    size_t frozen_count;     /* no two of the same day */
    const struct niva_frozen *frozen;
};

#endif
