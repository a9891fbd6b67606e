/* For the tests of nivactl's commands: three servers at real sockets that answer what a test tells
 * them to, a session that speaks with them, and what the session printed. */
#ifndef NIVA_TESTS_UNIT_NIVACTL_FAKE_H
#define NIVA_TESTS_UNIT_NIVACTL_FAKE_H

#include "services/common/rpc/server.h"
#include "services/nivactl/commands.h"

struct fake;

/* Answers one call, exactly once, on a server's thread; `seen` counts the calls before it. */
typedef void fake_answer(struct fake *fake, enum service service, struct niva_rpc_call *call,
                         size_t seen);

enum { FAKE_CALLS_MAX = 256, FAKE_LINE_MAX = 1000 };

struct fake_service {
    struct fake *fake;
    enum service service;
};

struct fake {
    char folder[64];
    bool rehearsal;
    fake_answer *answer;
    int64_t number; /* the test's own */
    struct fake_service services[SERVICE_COUNT];
    struct niva_rpc_server *servers[SERVICE_COUNT];
    size_t call_count;
    char calls[FAKE_CALLS_MAX][FAKE_LINE_MAX]; /* "intake UnitService/GetUnit principal
                                                  recorded-at-day {request}" */
    struct session session;
    char *out;
    size_t out_size;
    char *err;
    size_t err_size;
};

/* Starts the servers; the session comes with the presets. False with a line on stderr. */
bool fake_start(struct fake *fake, bool rehearsal, fake_answer *answer);
void fake_stop(struct fake *fake);

/* Runs a command line ("status --output=json"), split at spaces; returns its exit code. `out` and
 * `err` are what it printed. */
int fake_run(struct fake *fake, const char *line);

/* The request of a call as one of a type is at `niva_rpc_call_request`. Answers with a message from
 * JSON, or with an error. */
void fake_reply(struct niva_rpc_call *call, const char *json);
void fake_refuse(struct niva_rpc_call *call, enum niva_code code, const char *field);

/* Whether the call is of this method ("UnitService/ListUnits"). */
bool fake_is(const struct niva_rpc_call *call, const char *method);

#endif
