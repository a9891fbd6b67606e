/* A reader that follows a service's stream all the while, as a consumer would: it asks for what
 * comes after the last position that it has, survives whatever is killed, and remembers every gap,
 * doubled position and changed event that it is shown. Had an event been committed behind one with
 * a higher position, it would be missed here. */
#ifndef NIVA_TESTS_SUPPORT_FOLLOWER_H
#define NIVA_TESTS_SUPPORT_FOLLOWER_H

#include "tests/support/system.h"

struct follower;

struct follower *follower_start(struct system *system, enum part part);
/* Lets it read up to `head`, and ends it; `ret_digest` is the MD5 of the ids that it saw, joined by
 * commas. Returns what was wrong; "" when nothing was. */
const char *follower_finish(struct follower *follower, int64_t head, char ret_digest[33]);
/* Accepts NULL and returns NULL. */
struct follower *follower_free(struct follower *follower);

#endif
