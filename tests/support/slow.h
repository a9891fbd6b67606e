/* Clients that do not behave, on bare sockets: they speak nng's wire themselves, as much of it as
 * they like. */
#ifndef NIVA_TESTS_SUPPORT_SLOW_H
#define NIVA_TESTS_SUPPORT_SLOW_H

#include <stddef.h>

struct slow;

/* Connects to "ipc://…" and goes no further; NULL when there is no room. Never blocks. */
struct slow *slow_connect(const char *url);
/* The same, and greets: from then on it is a client that may call. */
struct slow *slow_open(const char *url);
/* Sends up to `count` calls of a method without parameters and reads no answer; as many as go
 * without blocking for long. Returns how many went whole. */
int slow_call(struct slow *slow, const char *method, int count);
/* Sends bytes as they are; how many went without blocking, -1 when it was hung up on. */
long slow_send(struct slow *slow, const void *bytes, size_t size);
/* Whether the other end has hung up. Reads and drops what has come. */
int slow_ended(struct slow *slow);
/* Accepts NULL and returns NULL. */
struct slow *slow_close(struct slow *slow);

#endif
