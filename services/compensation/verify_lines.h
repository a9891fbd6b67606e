/* The lines of a unit and their versions, on their way through the proof. Internal to the proof. */
#ifndef NIVA_COMPENSATION_VERIFY_LINES_H
#define NIVA_COMPENSATION_VERIFY_LINES_H

#include "services/common/pg/facts.h"
#include "services/common/run/service.h"
#include "services/compensation/store_verify.h"

/* A line or a version of one, read. */
struct proved_line {
    const struct stored_line *row;
    char id[37];
    const Niva__Compensation__V1__Adjustment *body; /* NULL: it can't be read */
    bool told;
    const struct niva_fact *fact; /* a person made this version; NULL: it was computed */
};

/* One unit on its way. */
struct proof {
    struct niva_read *read;
    struct niva_verify *verify;
    struct niva_arena *arena; /* of this unit */
    const char *unit;
    niva_day today;
    size_t line_count;
    struct proved_line *lines; /* as they are */
    size_t version_count;
    struct proved_line *versions;
};

/* The version of a line before this one; NULL: there is none. */
const struct proved_line *proof_version_before(const struct proof *proof,
                                               const struct proved_line *version);
/* A version of a line; NULL: there is none. */
struct proved_line *proof_version_find(const struct proof *proof, const char *id, int32_t number);

/* Reads the lines and versions of the unit. */
bool proof_lines_read(struct proof *proof, struct niva_error *err) NIVA_MUST_CHECK;

/* Columns against bodies, versions against each other and against the events that told of them. */
bool proof_lines_check(struct proof *proof, struct niva_error *err) NIVA_MUST_CHECK;

/* Adds a difference about a line. */
void proof_line_differs(const struct proof *proof, const struct niva_difference_kind *kind,
                        const struct proved_line *line, const char *field, const char *expected,
                        const char *actual);

#endif
