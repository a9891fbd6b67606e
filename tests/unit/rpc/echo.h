/* For the tests of the rpc room: a server over real sockets whose handler does what the request
 * says, and callers on threads of their own. The service is ControlService; the request_id of
 * MoveToday is the word that says what to do:
 *   "echo"  answers the day as it came        "who"   answers the principal
 *   "trace" answers the traceparent           "large" answers more than 16 MiB
 *   "fail"  answers a violation               "wait"  waits for the gate, then echoes
 *   "later" is answered by another thread when the gate opens; no worker waits */
#ifndef NIVA_TESTS_UNIT_RPC_ECHO_H
#define NIVA_TESTS_UNIT_RPC_ECHO_H

#include <pthread.h>

#include "niva/control/v1/control.pb-c.h"
#include "services/common/rpc/client.h"
#include "services/common/rpc/server.h"

#define ECHO_METHOD "/niva.control.v1.ControlService/MoveToday"

enum { ECHO_LATER_MAX = 64 };

struct echo {
    char directory[64];
    char url[128];
    char peer_url[128];
    bool rehearsal;
    struct niva_rpc_server *server;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool gate;   /* open */
    int waiting; /* handlers that wait at the gate */
    int handled; /* calls that reached the handler */
    struct niva_rpc_call *later[ECHO_LATER_MAX];
    int later_count;
    pthread_t answerer;
    bool answering;
};

/* Makes the directory and starts the server; false with a line on stderr. */
bool echo_start(struct echo *echo, int workers, int queue);
/* Starts only the server, at the same address. */
bool echo_serve(struct echo *echo, int workers, int queue, struct niva_error *err);
void echo_open_gate(struct echo *echo);
/* Until so many handlers wait at the gate (or are kept for later). */
void echo_await_waiting(struct echo *echo, int count);
int echo_handled(struct echo *echo);
void echo_stop(struct echo *echo);

/* A call of MoveToday. `ret_day` (may be NULL) gets at most 63 bytes of the answer's day. */
bool echo_call(struct niva_rpc_client *client, const char *word, const char *day,
               const struct niva_rpc_options *options, char ret_day[64], struct niva_error *err);
extern const struct niva_rpc_options echo_plain; /* 10 s, nothing else */
/* Asserts that a plain call is answered; the test's own thread only. */
void assert_echo(struct niva_rpc_client *client);

/* A call on a thread of its own. */
struct caller {
    struct niva_rpc_client *client;
    const char *word;
    struct niva_rpc_options options;
    pthread_t thread;
    bool good;
    char day[64];
    struct niva_error err;
};
void caller_start(struct caller *caller, struct niva_rpc_client *client, const char *word);
void caller_join(struct caller *caller);

#endif
