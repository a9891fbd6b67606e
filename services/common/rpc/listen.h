/* Inside the room: a socket of a server begins to listen. */
#ifndef NIVA_COMMON_RPC_LISTEN_H
#define NIVA_COMMON_RPC_LISTEN_H

#include <nng/nng.h>

#include "services/common/rpc/rpc.h"

/* At "ipc:///path", mode 0600. A stale socket is replaced; FAILED_PRECONDITION when somebody
 * listens there or something else lies there, INVALID_ARGUMENT for another address. */
bool rpc_listen(nng_socket socket, const char *url, struct niva_error *err) NIVA_MUST_CHECK;

#endif
