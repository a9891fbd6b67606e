#include "services/common/rpc/listen.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

/* nng would remove whatever refuses a connection, a plain file too. */
static bool url_check(const char *url, struct niva_error *err)
{
    const char *path = strncmp(url, "ipc://", 6) == 0 ? url + 6 : "";
    struct stat status;

    if (*path == '\0' || strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return niva_fail_cause(
            err, NIVA_INVALID_ARGUMENT, "Adressen ska vara ipc:// och en sökväg på högst 107 byte.",
            "The address must be ipc:// and a path of at most 107 bytes.", "%s", url);
    if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
        return niva_fail_cause(err, NIVA_FAILED_PRECONDITION,
                               "Sökvägen till socketen är upptagen av något annat.",
                               "The path of the socket is taken by something else.", "%s", url);
    return true;
}

bool rpc_listen(nng_socket socket, const char *url, struct niva_error *err)
{
    nng_listener started;
    int result;

    if (!url_check(url, err))
        return false;
    result = nng_listener_create(&started, socket, url);
    if (result == 0)
        result = nng_listener_set_int(started, NNG_OPT_IPC_PERMISSIONS, 0600);
    if (result == 0)
        result = nng_listener_start(started, 0);
    if (result == NNG_EADDRINUSE)
        return niva_fail_cause(
            err, NIVA_FAILED_PRECONDITION, "Tjänsten är redan igång: någon lyssnar på socketen.",
            "The service is already running: someone listens on the socket.", "%s", url);
    return result == 0 ||
           niva_fail_cause(err, NIVA_UNAVAILABLE, "Socketen går inte att öppna.",
                           "The socket cannot be opened.", "%s: %s", url, nng_strerror(result));
}
