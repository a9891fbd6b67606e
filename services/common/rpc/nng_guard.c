/* Three weaknesses of nng 1.5.2, mended from outside: these functions stand before the C library's
 * and nng's own for the whole program, and nng is the one that calls them. tests/unit/rpc/ proves
 * the first (test_server.c) and the third (test_close.c), tests/system/test_crowd.c the second. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include "services/common/rpc/nng_guard.h"

#include <dlfcn.h>
#include <errno.h>
#include <nng/nng.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CLIENTS_MOST = 16384 };

void rpc_nng_guard_linked(void)
{
}

/* nng reads EPIPE, "the other end has closed", as its own closing. While a connection is being
 * greeted that is fatal: a listener then never accepts again, a dialer never dials again, without a
 * word to anybody. A client that is killed between connect and greeting, or anyone who connects and
 * goes away, would make a service deaf. So this process says ECONNRESET instead, which nng takes
 * for what it is: it goes on at once. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    ssize_t sent = syscall(SYS_sendmsg, fd, message, flags);

    if (sent < 0 && errno == EPIPE)
        errno = ECONNRESET;
    return sent;
}

/* The last eighth of the descriptors is not for clients: a service that cannot open a connection to
 * its database is of no use to those who got in. */
static int descriptors_most(void)
{
    struct rlimit limit;
    rlim_t most = CLIENTS_MOST;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < most)
        most = limit.rlim_cur;
    return (int)(most - most / 8);
}

/* nng accepts whoever comes, for as long as there are descriptors and memory, and keeps ten seconds
 * for a greeting that need not come. Who comes beyond the most is hung up on, which nng passes
 * over, and a client of ours dials again. */
int accept(int fd, struct sockaddr *addr, socklen_t *addr_len)
{
    int accepted = (int)syscall(SYS_accept4, fd, addr, addr_len, SOCK_CLOEXEC);

    if (accepted < descriptors_most())
        return accepted;
    close(accepted);
    errno = ECONNABORTED;
    return -1;
}

/* A connection that is closed while a message has come, or gone, in part goes on with the rest: an
 * operation on a stopped aio, which nng drops without a word to anybody. The thread that ends
 * connections then waits for it for ever: this socket never closes, and no connection of the
 * process ends any more. So whoever starts such an operation is told that it has ended. */
typedef void stream_operation(nng_stream *stream, nng_aio *aio);

static struct {
    stream_operation *receive;
    stream_operation *send;
} nng;

__attribute__((constructor)) static void nng_find(void)
{
    nng.receive = (stream_operation *)dlsym(RTLD_NEXT, "nng_stream_recv");
    nng.send = (stream_operation *)dlsym(RTLD_NEXT, "nng_stream_send");
}

/* Only an aio that was stopped before says ECANCELED here: closing ends what is under way with
 * ECLOSED. */
static void dropped_end(nng_aio *aio)
{
    if (nng_aio_result(aio) == NNG_ECANCELED)
        nng_aio_finish(aio, NNG_ECLOSED);
}

void nng_stream_recv(nng_stream *stream, nng_aio *aio)
{
    nng.receive(stream, aio);
    dropped_end(aio);
}

void nng_stream_send(nng_stream *stream, nng_aio *aio)
{
    nng.send(stream, aio);
    dropped_end(aio);
}
