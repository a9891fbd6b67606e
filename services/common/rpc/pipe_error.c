/* nng 1.5.2 reads EPIPE, "the other end has closed", as its own closing. While a connection is
 * being greeted that is fatal: a listener then never accepts again, a dialer never dials again,
 * without a word to anybody. A client that is killed between connect and greeting, or anyone who
 * connects and goes away, would make a service deaf. So this process says ECONNRESET instead, which
 * nng takes for what it is: it goes on at once. (tests/unit/rpc/test_server.c proves both.) */
#include "services/common/rpc/pipe_error.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

void rpc_pipe_error_linked(void)
{
}

/* Stands before the C library's for the whole program; nng is the one that calls it. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    ssize_t sent = syscall(SYS_sendmsg, fd, message, flags);

    if (sent < 0 && errno == EPIPE)
        errno = ECONNRESET;
    return sent;
}
