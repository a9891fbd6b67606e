/* Retention: what of a unit is old enough to be erased, and what is left of it. Pure; the state
 * knows all reports, absences and originals of the unit (`state_retained`). */
#ifndef NIVA_INTAKE_RETENTION_H
#define NIVA_INTAKE_RETENTION_H

#include "niva/intake/v1/retention.pb-c.h"
#include "services/intake/intake.h"

enum {
    RETENTION_CLASSES_MAX = 3,
    RETENTION_RECENT_DAYS = 30, /* what was recorded later than so long ago is kept */
    RETENTION_CHAIN_DAYS = 366, /* absences of a position with no more days between are a chain */
};

/* A report, absence or original as it lies in the record: one version. */
struct retained {
    int64_t fact_no;
    const char *kind;
    const char *id;
    int32_t version;
    const char *unit;
    const char *profession_group;
    niva_day first_day; /* of a report: effective_from */
    niva_instant recorded_at;
    bool answered; /* a caller's stored answer has its content */
    bool erased;
    const char *file; /* of an original: the import that it came in, while that is whole; or NULL */
    const ProtobufCMessage *message; /* a StaffingReport, an Absence; of an original NULL */
    struct retained *next;           /* the state's own */
};

/* What an erasure asks for. */
struct retention {
    const char *unit;
    size_t class_count;
    const Niva__Intake__V1__Erasure__Class *classes;
    niva_day before;
    niva_instant now;
};

/* What it takes. */
struct retention_plan {
    size_t count;
    struct retained **rows;
    size_t capacity;                     /* the plan's own */
    Niva__Intake__V1__Erasure *protocol; /* without id, decision, instant and principal */
};

/* FAILED_PRECONDITION for a class that must be kept longer, with the day that is allowed. */
bool retention_allowed(const struct retention *retention, struct niva_error *err) NIVA_MUST_CHECK;

/* Finds what is to be erased. False when the arena is out. */
bool retention_plan(const struct state *state, const struct retention *retention,
                    struct niva_arena *arena, struct retention_plan *ret_plan,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* What is left of a row; NULL when the arena is out. */
const ProtobufCMessage *retained_redacted(const struct retained *row, const char *erasure_id,
                                          struct niva_arena *arena) NIVA_MUST_CHECK;

/* ---- the state's part ---- */

bool state_add_retained(struct state *state, const struct retained *row) NIVA_MUST_CHECK;
/* The rows of all units that were read, the latest first; NULL: none. */
struct retained *state_retained(const struct state *state);
bool state_add_erasure(struct state *state,
                       const Niva__Intake__V1__Erasure *erasure) NIVA_MUST_CHECK;

/* FAILED_PRECONDITION, with `field`, for a day of the unit and group that is erased: what was
 * counted then stands. */
bool day_whole(const struct state *state, const char *field, const char *unit,
               const char *profession_group, niva_day day, struct niva_error *err) NIVA_MUST_CHECK;

#endif
