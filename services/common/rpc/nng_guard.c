/* Two weaknesses of nng 1.5.2, mended from outside: these functions stand before the C library's
 * for the whole program, and nng is the one that calls them. tests/unit/rpc/test_server.c proves
 * the first, tests/system/test_crowd.c the second. */
#include "services/common/rpc/nng_guard.h"

#include <errno.h>
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
