/* The lines of a file for `apply`: {"method", "request", "recorded_at"?, "as"?, "principal"?}.
 * A file is read and checked whole before anything of it is sent. */
#ifndef NIVA_NIVACTL_LINES_H
#define NIVA_NIVACTL_LINES_H

#include <jansson.h>

#include "services/common/base/arena.h"
#include "services/common/base/day.h"
#include "services/nivactl/methods.h"

struct line {
    size_t number; /* from 1 */
    struct method method;
    json_t *json;             /* the whole line; owned */
    const json_t *request;    /* of it */
    niva_instant recorded_at; /* INT64_MIN: not given */
    const char *label;        /* NULL: none */
    const char *principal;    /* NULL: none */
};

struct lines {
    const char *path;
    size_t count;
    struct line *lines; /* in the arena; empty lines of the file are left out */
    const char *bytes;
    size_t size;
};

/* Reads `size` bytes of the file `path`. INVALID_ARGUMENT names file and line: not JSON, an unknown
 * member, an unknown method, a request that does not fit it, a label that is not known yet or known
 * twice. */
bool lines_read(const char *path, const char *bytes, size_t size, struct niva_arena *arena,
                struct lines *ret_lines, struct niva_error *err) NIVA_MUST_CHECK;

/* Gives the JSON back. */
void lines_free(struct lines *lines);

/* Puts "path:number: " before the sentences of an error. */
void line_blame(const char *path, size_t number, struct niva_error *err);

/* The request of a line as a message; `replies` as in labels.h. */
bool line_request(const struct line *line, const json_t *replies, struct niva_arena *arena,
                  ProtobufCMessage **ret_request, struct niva_error *err) NIVA_MUST_CHECK;

#endif
