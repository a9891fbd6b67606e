/* Inside the room: see pipe_error.c. */
#ifndef NIVA_COMMON_RPC_PIPE_ERROR_H
#define NIVA_COMMON_RPC_PIPE_ERROR_H

/* Whoever opens a socket calls this, so that the file is linked. Does nothing. */
void rpc_pipe_error_linked(void);

#endif
