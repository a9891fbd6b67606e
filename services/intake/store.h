/* All SQL of intake. Facts lie in the common table `fact`; what intake puts into its columns:
 *   unit          id = HSA-id, region, first_day = opened_on
 *   report        id = report_id, version 1 as it came, version 2 its withdrawal; refers_to = the
 *                 report that it corrects, first_day = effective_from
 *   original      id = report_id; refers_to = the import that it came with, if any
 *   import        id, a whole file; of no unit
 *   confirmation  id, refers_to = the report that stood, first_day = as_of
 *   absence       id, every version; refers_to = the notice itself in a cancellation
 *   erasure       id, first_day = the day before which things were erased; no group */
#ifndef NIVA_INTAKE_STORE_H
#define NIVA_INTAKE_STORE_H

#include "services/intake/intake.h"

extern const char *const kind_unit;
extern const char *const kind_report;
extern const char *const kind_original;
extern const char *const kind_import;
extern const char *const kind_confirmation;
extern const char *const kind_absence;
extern const char *const kind_erasure;

/* Texts that are wanted, borrowed. */
struct want_list {
    const char **texts;
    size_t count;
    size_t capacity;
};

/* What the items of a batch need to be decided. Ids are canonical. Begin with the arena alone; what
 * is wanted twice is read twice, which harms nothing. */
struct wants {
    struct niva_arena *arena;
    bool failed;            /* the arena is out: store_read says so */
    struct want_list kinds; /* present versions, with their content */
    struct want_list ids;
    struct want_list chains; /* reports with everything that corrects them */
    struct want_list units;  /* all reports of a unit and group */
    struct want_list groups;
    struct want_list erasures;  /* the erasures of a unit; with a chain those of its unit */
    struct want_list retained;  /* all reports, absences and originals of a unit */
    struct want_list twins;     /* units, and */
    struct want_list twin_days; /* days: their reports that stand, with their content */
};

void wants_fact(struct wants *wants, const char *kind, const char *id);
void wants_chain(struct wants *wants, const char *report_id);
void wants_group(struct wants *wants, const char *unit, const char *profession_group);
void wants_erasures(struct wants *wants, const char *unit);
void wants_retained(struct wants *wants, const char *unit);
void wants_twins(struct wants *wants, const char *unit, const char *day);

/* Reads all of it in one round trip into the state. */
bool store_read(struct niva_pg *pg, const struct wants *wants, struct niva_arena *arena,
                struct state *state, struct niva_error *err) NIVA_MUST_CHECK;

/* Which facts of a kind; zero values of the texts mean all. */
struct store_filter {
    const char *unit;
    const char *profession_group;
    const char *region;
    niva_day since;
    niva_instant known_at;
    bool include_history;
    int32_t page_size;
    int64_t after_no;      /* all but units: fact_no of the last one seen */
    const char *after_id;  /* units: the last one seen */
    int32_t after_version; /* units: its version */
};

/* A row of a list; lives in the arena. */
struct store_row {
    int64_t fact_no;
    const char *id;
    int32_t version;
    ProtobufCBinaryData body;
    const char *corrected_by; /* reports: "" for none */
};

/* A page: cut at page_size rows and at 4 MiB of content; `more` says that there is more. */
struct store_page {
    size_t count;
    struct store_row *rows;
    bool more;
};

bool store_list_units(struct niva_pg *pg, const struct store_filter *filter,
                      struct niva_arena *arena, struct store_page *ret_page,
                      struct niva_error *err) NIVA_MUST_CHECK;
bool store_list_reports(struct niva_pg *pg, const struct store_filter *filter,
                        struct niva_arena *arena, struct store_page *ret_page,
                        struct niva_error *err) NIVA_MUST_CHECK;
bool store_list_confirmations(struct niva_pg *pg, const struct store_filter *filter,
                              struct niva_arena *arena, struct store_page *ret_page,
                              struct niva_error *err) NIVA_MUST_CHECK;
bool store_list_absences(struct niva_pg *pg, const struct store_filter *filter,
                         struct niva_arena *arena, struct store_page *ret_page,
                         struct niva_error *err) NIVA_MUST_CHECK;
bool store_list_erasures(struct niva_pg *pg, const struct store_filter *filter,
                         struct niva_arena *arena, struct store_page *ret_page,
                         struct niva_error *err) NIVA_MUST_CHECK;

/* One report as known at an instant; an empty page when there is none. */
bool store_get_report(struct niva_pg *pg, const char *report_id, niva_instant known_at,
                      struct niva_arena *arena, struct store_page *ret_page,
                      struct niva_error *err) NIVA_MUST_CHECK;

/* For the proof: units that have facts, in their order, after one; or `unit` alone unless it is "".
 */
bool store_verify_units(struct niva_pg *pg, const char *unit, const char *after, int32_t limit,
                        struct niva_arena *arena, size_t *ret_count, const char ***ret_units,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* What a command would be recorded at now; in a rehearsal its clock. */
bool store_now(struct niva_read *read, niva_instant *ret_now,
               struct niva_error *err) NIVA_MUST_CHECK;
/* Adds what is left of what an erasure takes to the writes of a batch. `decision` is the number of
 * the fact that records it. False when the arena is out. */
bool store_erase(struct niva_batch *batch, int64_t decision, const struct effect *effect,
                 struct niva_error *err) NIVA_MUST_CHECK;

#endif
