/* Calls between Nivå's processes over nng REQ/REP: the shared words of server and client. One
 * envelope each way (proto/niva/rpc/v1). Nothing here knows a service. */
#ifndef NIVA_COMMON_RPC_RPC_H
#define NIVA_COMMON_RPC_RPC_H

#include "services/common/wire/wire.h"

enum {
    NIVA_RPC_REQUEST_MAX = 1 << 20, /* packed envelope, of most services */
    NIVA_RPC_REQUEST_LARGE =
        17 << 20, /* the same with an original of 16 MiB: the transport's end */
    NIVA_RPC_REPLY_MAX = 16 << 20,
    NIVA_RPC_TIMEOUT_MAX_MS = 600000,
};

/* Who calls: "local:<user>" without a login. Bounded; a longer subject is refused. */
struct niva_principal {
    char subject[128];
};

#endif
