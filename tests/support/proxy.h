/* A unix-socket proxy in front of PostgreSQL that cuts a connection at its COMMIT, or hangs. It
 * knows the statement by its name in the protocol ("pg_commit"). */
#ifndef TESTS_SUPPORT_PROXY_H
#define TESTS_SUPPORT_PROXY_H

struct proxy;

enum proxy_cut {
    PROXY_PASS,
    PROXY_CUT_BEFORE, /* COMMIT is not forwarded: certainly rolled back */
    PROXY_CUT_AT,     /* forwarded, and hung up at once: either */
    PROXY_STICK,     /* not forwarded, and nobody is hung up on: an open transaction, and silence */
    PROXY_CUT_AFTER, /* forwarded and carried out, the answer withheld: certainly committed */
};

/* Listens as .s.PGSQL.5432 in a directory of its own and forwards to the same in `directory`. */
struct proxy *proxy_new(const char *directory);
struct proxy *proxy_free(struct proxy *proxy);
/* The directory in which it listens: the host of a connection string. */
const char *proxy_directory(const struct proxy *proxy);
/* The next COMMIT of any connection is cut so, once. */
void proxy_arm(struct proxy *proxy, enum proxy_cut cut);
/* Whether it was. */
int proxy_cuts(struct proxy *proxy);
/* While held, nothing is forwarded and nobody is hung up on: a server that hangs. Once it returns
 * with `held`, nothing more is. */
void proxy_hold(struct proxy *proxy, int held);

#endif
