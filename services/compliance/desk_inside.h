/* The inside of the desk, for desk.c and settle.c alone. */
#ifndef NIVA_COMPLIANCE_DESK_INSIDE_H
#define NIVA_COMPLIANCE_DESK_INSIDE_H

#include "services/compliance/desk.h"

/* A fact that was wanted. */
struct wanted_fact {
    enum record_kind kind;
    const char *id;
    struct record *last;
};

/* The record of a unit or of a region. */
struct place {
    const char *name;
    struct records records;
};

/* Lists that grow in the arena of the batch. */
struct places {
    size_t count;
    size_t capacity;
    struct place *list;
};

struct dirty_list {
    size_t count;
    size_t capacity;
    struct dirty *list;
};

struct desk {
    struct niva_batch *batch;
    struct niva_arena *arena;
    struct store_day day;
    bool day_moved;
    size_t fact_count;
    size_t fact_capacity;
    struct wanted_fact *facts; /* once read: in order of kind and id */
    size_t wanted_breach_count;
    size_t wanted_breach_capacity;
    struct niva_uuid *wanted_breaches;
    struct places units; /* once read: in order of name */
    struct places regions;
    size_t said_count;
    struct said *said;
    struct dirty_list touched;       /* to settle */
    struct dirty_list later;         /* to mark */
    struct dirty_list regions_later; /* `unit` holds a region */
    struct dirty_list settled;
    size_t breach_count;
    size_t breach_capacity;
    struct breach_row *breaches;
    size_t month_count;
    size_t month_capacity;
    struct month_row *months;
    size_t state_count;
    size_t state_capacity;
    struct state_row *states;
    size_t component_count;
    size_t component_capacity;
    struct component_row *components;
    size_t adjustment_count;
    size_t adjustment_capacity;
    struct adjustment_row *adjustments;
};

/* A list with room for one more; NULL when the arena is out. */
void *desk_grown(const struct desk *desk, void *list, size_t count, size_t *capacity, size_t size);
/* The record of a unit that lies on the desk; NULL: it does not. */
struct place *desk_unit(const struct desk *desk, const char *unit);
/* Adds a row. */
bool desk_mark(struct desk *desk, struct dirty_list *list, const struct dirty *row,
               struct niva_error *err) NIVA_MUST_CHECK;
/* Leaves one row, the last, of each unit and group, in order of unit and group. */
bool dirty_unique(const struct desk *desk, struct dirty_list *list,
                  struct niva_error *err) NIVA_MUST_CHECK;

#endif
