/* Inside the room: see nng_guard.c. */
#ifndef NIVA_COMMON_RPC_NNG_GUARD_H
#define NIVA_COMMON_RPC_NNG_GUARD_H

/* Whoever opens a socket calls this, so that the file is linked. Does nothing. */
void rpc_nng_guard_linked(void);

#endif
