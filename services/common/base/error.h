/* Errors. An error is made once, where it is known, carried by value in a fixed-size structure, and
 * logged once at the top. Functions that can fail return false and fill `err`; what they return
 * through `ret_` stays untouched then. Nothing here allocates or does I/O. */
#ifndef NIVA_COMMON_BASE_ERROR_H
#define NIVA_COMMON_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NIVA_MUST_CHECK                  __attribute__((warn_unused_result))
#define NIVA_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

/* Canonical codes; the numbers are those of google.rpc.Code. */
enum niva_code {
    NIVA_OK = 0,
    NIVA_CANCELLED = 1,
    NIVA_INVALID_ARGUMENT = 3,
    NIVA_DEADLINE_EXCEEDED = 4,
    NIVA_NOT_FOUND = 5,
    NIVA_ALREADY_EXISTS = 6,
    NIVA_PERMISSION_DENIED = 7,
    NIVA_RESOURCE_EXHAUSTED = 8,
    NIVA_FAILED_PRECONDITION = 9,
    NIVA_ABORTED = 10,
    NIVA_UNIMPLEMENTED = 12,
    NIVA_INTERNAL = 13,
    NIVA_UNAVAILABLE = 14,
    NIVA_UNAUTHENTICATED = 16,
};

enum { NIVA_VIOLATIONS_MAX = 16 };

/* One thing that is wrong. With INVALID_ARGUMENT `field` is the path as in JSON
 * ("report.positions[2].fteMilli"); with FAILED_PRECONDITION it is what blocks (an id, a name).
 * `reason` is a stable UPPER_SNAKE_CASE code. The sentences say what is wrong and, where something
 * blocks, who can lift it. */
struct niva_violation {
    char field[160];
    char reason[48];
    char text_sv[240];
    char text_en[240];
};

/* `code` NIVA_OK means no error. The sentences are for people; `cause` is for the log alone and
 * never leaves the process (SQLSTATE, errno, library text). */
struct niva_error {
    enum niva_code code;
    char text_sv[240];
    char text_en[240];
    char cause[240];
    int32_t retry_after_ms; /* with RESOURCE_EXHAUSTED and UNAVAILABLE; 0: not said */
    size_t violation_count;
    struct niva_violation violations[NIVA_VIOLATIONS_MAX];
};

/* Makes `err` an error of `code` with one sentence in each language. Always returns false, so that
 * a caller can write `return niva_fail(err, ...)`. Texts that are too long are cut at a character.
 */
bool niva_fail(struct niva_error *err, enum niva_code code, const char *text_sv,
               const char *text_en);

/* The same with a cause for the log, printf-like. */
bool niva_fail_cause(struct niva_error *err, enum niva_code code, const char *text_sv,
                     const char *text_en, const char *cause, ...) NIVA_PRINTF(5, 6);

/* INTERNAL with standard sentences and a cause for the log. */
bool niva_fail_internal(struct niva_error *err, const char *cause, ...) NIVA_PRINTF(2, 3);

/* Adds a violation to `err`, which must have been cleared or filled before: sets its code
 * (INVALID_ARGUMENT, FAILED_PRECONDITION, or NOT_FOUND and ALREADY_EXISTS of what a field names; an
 * error of another code is replaced) and, from the first violation, its sentences. More than
 * NIVA_VIOLATIONS_MAX are dropped. Always returns false. */
bool niva_fail_violation(struct niva_error *err, enum niva_code code, const char *field,
                         const char *reason, const char *text_sv, const char *text_en);

/* Makes `err` anew with one violation of `field` (a path; with FAILED_PRECONDITION what blocks).
 * Both sentences, printf-like, take the same arguments in the same order. Always returns false. */
bool niva_refuse(struct niva_error *err, enum niva_code code, const char *field, const char *reason,
                 const char *format_sv, const char *format_en, ...)
    __attribute__((format(printf, 5, 7), format(printf, 6, 7)));

/* RESOURCE_EXHAUSTED: the memory of one call is out. Always returns false. */
bool niva_fail_memory(struct niva_error *err);

/* Makes `err` say that there is no error. */
void niva_error_clear(struct niva_error *err);

/* Name of a code as in google.rpc.Code, e.g. "INVALID_ARGUMENT"; "UNKNOWN" for another number. */
const char *niva_code_name(int code);

#endif
