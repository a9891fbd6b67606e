/* Inside the room: who is connected to a server, and who misuses it. A client that does not read
 * its answers is hung up on after 2 s (½ s while others need its place), so that it cannot hold the
 * contexts that all share; one that says nothing for a minute is hung up on too, with what it has
 * sent in part: a living client dials again at once. */
#ifndef NIVA_COMMON_RPC_CONNECTIONS_H
#define NIVA_COMMON_RPC_CONNECTIONS_H

#include <nng/nng.h>
#include <stdbool.h>

struct connections;
struct connection;

/* NULL when memory or threads are out. */
struct connections *connections_new(void);
/* After the sockets are closed. Accepts NULL and returns NULL. */
struct connections *connections_free(struct connections *connections);

/* nng's word on a pipe that has come or is gone. */
void connections_add(struct connections *connections, nng_pipe pipe);
void connections_remove(struct connections *connections, nng_pipe pipe);

/* A request has come: the connection has one more call. NULL when it is gone already. */
struct connection *connection_take(struct connections *connections, nng_pipe pipe);
/* Its answer goes to nng, and is away. All accept a NULL connection. */
void connection_sending(struct connections *connections, struct connection *connection);
void connection_sent(struct connections *connections, struct connection *connection);

/* Whether places are scarce. */
void connections_press(struct connections *connections, bool pressed);

#endif
