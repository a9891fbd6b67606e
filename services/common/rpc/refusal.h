/* Inside the room: answers that need neither memory nor time: packed when the server is made. */
#ifndef NIVA_COMMON_RPC_REFUSAL_H
#define NIVA_COMMON_RPC_REFUSAL_H

#include "services/common/rpc/envelope.h"

enum refusal { REFUSE_BUSY, REFUSE_CLOSING, REFUSE_LARGE, REFUSALS };

/* The whole answer; NULL when memory is out. */
nng_msg *rpc_refusal_message(enum refusal refusal, const struct niva_rpc_server_options *options);

#endif
