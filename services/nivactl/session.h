/* One run of nivactl: what was asked for, the services it speaks with, where it writes. A command
 * is a function of a session; it returns an exit code. */
#ifndef NIVA_NIVACTL_SESSION_H
#define NIVA_NIVACTL_SESSION_H

#include <stdio.h>

#include "niva/intake/v1/report.pb-c.h"
#include "services/common/rpc/client.h"
#include "services/nivactl/methods.h"
#include "services/nivactl/options.h"
#include "services/nivactl/place.h"
#include "services/nivactl/show.h"
#include "services/nivactl/table.h"

enum exit_code {
    EXIT_YES = 0,
    EXIT_NO = 1,     /* the answer is no: a difference, a refusal, nothing found */
    EXIT_USAGE = 2,  /* the command line or a file cannot be used */
    EXIT_SERVER = 3, /* nobody answers, or who answers is in trouble */
};

struct session {
    struct options options;
    enum language language;
    bool json; /* --output json */
    struct niva_arena *arena;
    FILE *out;
    FILE *err;
    bool placed;
    struct place place;
    struct niva_rpc_client *clients[SERVICE_COUNT];
    bool rehearsal; /* an answer said so */
};

/* Opens a session over options that were read. False when memory is out. */
bool session_open(struct session *session, const struct options *options, FILE *out,
                  FILE *err) NIVA_MUST_CHECK;
/* Closes the clients and frees the arena. */
void session_close(struct session *session);

/* The Swedish or the English sentence. */
const char *session_pick(const struct session *session, const char *sv, const char *en)
    __attribute__((format_arg(2), format_arg(3)));

/* Prints an error on the error stream, in words or as JSON; returns the exit code that fits it. */
int session_fail(const struct session *session, const struct niva_error *err);
/* The same for a command line that cannot be used: EXIT_USAGE. */
int session_refuse(const struct session *session, const char *text_sv, const char *text_en);

/* Whether arguments are days: EXIT_YES, or EXIT_USAGE when one was refused. */
int session_days(const struct session *session, size_t count, const char *const *arguments);

/* How one call differs from the next. */
struct call {
    const char *principal;    /* NULL: as said by --as */
    niva_instant recorded_at; /* INT64_MIN: not given */
    int timeout_ms;           /* 0: as said by --timeout */
};

/* Calls a method of a service. The reply lives in `arena`. */
bool session_call(struct session *session, enum service service, const struct method *method,
                  const ProtobufCMessage *request, const struct call *call,
                  struct niva_arena *arena, ProtobufCMessage **ret_reply,
                  struct niva_error *err) NIVA_MUST_CHECK;

/* Calls a method by name, of the one service that has it; the reply lives in the session's arena.
 */
bool session_ask(struct session *session, const char *method, const ProtobufCMessage *request,
                 ProtobufCMessage **ret_reply, struct niva_error *err) NIVA_MUST_CHECK;

/* Calls a list method until its last page. The reply is the first one with the entries of all
 * pages. `request` (with page_size set by the caller) is changed. */
bool session_list(struct session *session, const char *method, ProtobufCMessage *request,
                  ProtobufCMessage **ret_reply, struct niva_error *err) NIVA_MUST_CHECK;

/* Today of the system, YYYY-MM-DD; asked once. */
bool session_today(struct session *session, const char **ret_day,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* Says on the output, above tables, that this is a rehearsal, if an answer said so. */
bool session_say_rehearsal(struct session *session, struct niva_error *err) NIVA_MUST_CHECK;

/* Says on the error stream what a reply warns of. */
void session_warn(const struct session *session, size_t count,
                  Niva__Intake__V1__Warning *const *warnings);

/* Prints a message as JSON in proto spelling, indented. */
bool session_print_json(const struct session *session, const ProtobufCMessage *message,
                        struct niva_error *err) NIVA_MUST_CHECK;
/* The same with another message as its member `name`. */
bool session_print_json_with(const struct session *session, const ProtobufCMessage *message,
                             const char *name, const ProtobufCMessage *member,
                             struct niva_error *err) NIVA_MUST_CHECK;
/* Prints a table. */
bool session_print_table(const struct session *session, const struct table *table,
                         struct niva_error *err) NIVA_MUST_CHECK;

/* Reads a whole file, "-" for standard input, into the arena. INVALID_ARGUMENT names it. */
bool session_read_file(const struct session *session, const char *path, struct niva_arena *arena,
                       const char **ret_bytes, size_t *ret_size,
                       struct niva_error *err) NIVA_MUST_CHECK;

/* --known-at as a message: an instant, or a day, whose end it is; NULL when it was not given. */
bool session_known_at(struct session *session, struct Google__Protobuf__Timestamp **ret_known_at,
                      struct niva_error *err) NIVA_MUST_CHECK;

#endif
