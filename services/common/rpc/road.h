/* Inside the room: one road of a client to a service: a socket that dials one address, connects
 * again after a loss, and carries many calls at once. Knows nothing of envelopes, nor of other
 * roads. */
#ifndef NIVA_COMMON_RPC_ROAD_H
#define NIVA_COMMON_RPC_ROAD_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct road;

/* What the roads of a client share; made and unmade by road_shared_init and _fini. */
struct road_shared {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a road was connected or lost, or `halted` was set */
    bool halted;            /* under the lock */
};

bool road_shared_init(struct road_shared *shared);
void road_shared_fini(struct road_shared *shared);

/* Dials in the background. NULL and nng's code when the address can't be used or memory is out. */
struct road *road_open(const char *url, struct road_shared *shared, int *ret_result);
/* Exchanges must have ended. Accepts NULL and returns NULL. */
struct road *road_close(struct road *road);
/* Whether somebody is at the other end. Under the lock. */
bool road_connected(const struct road *road);
/* Under the lock, with `halted` set: exchanges under way end as lost, at once. */
void road_halt(struct road *road);

enum road_end {
    ROAD_ANSWERED,
    ROAD_ABSENT, /* never sent: nobody was there */
    ROAD_LOST,   /* sent, perhaps carried out; `ret_result` is nng's code */
    ROAD_LATE,   /* `until_ms` (monotonic) came before the answer */
};

/* Sends a request, which is taken over, and waits for its answer, which is the caller's then. From
 * any thread. */
enum road_end road_exchange(struct road *road, nng_msg *request, int64_t until_ms,
                            nng_msg **ret_reply, int *ret_result);

#endif
