#include "tests/support/slow.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "niva/rpc/v1/envelope.pb-c.h"

enum { GREETING = 8, HEADER = 9, REQUEST_ID = 4, SEND_MS = 1000, TIMEOUT_MS = 30000 };

struct slow {
    int fd;
    uint32_t request;
};

struct slow *slow_connect(const char *url)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct slow *slow = calloc(1, sizeof *slow);

    if (slow == NULL)
        return NULL;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", url + strlen("ipc://"));
    slow->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (slow->fd >= 0 && connect(slow->fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return slow;
    return slow_close(slow);
}

struct slow *slow_open(const char *url)
{
    static const uint8_t greeting[GREETING] = {0, 'S', 'P', 0, 0, 0x30, 0, 0}; /* REQ */
    struct slow *slow = slow_connect(url);

    if (slow == NULL || slow_send(slow, greeting, sizeof greeting) == GREETING)
        return slow;
    return slow_close(slow);
}

long slow_send(struct slow *slow, const void *bytes, size_t size)
{
    ssize_t sent = send(slow->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent >= 0)
        return (long)sent;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
}

/* All of it, or false when the other end takes no more for a second. */
static bool send_whole(struct slow *slow, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        struct pollfd entry = {.fd = slow->fd, .events = POLLOUT};
        long sent = poll(&entry, 1, SEND_MS) == 1 ? slow_send(slow, bytes, size) : -1;

        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static void number_put(uint8_t *bytes, size_t size, uint64_t number)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(number >> 8 * (size - 1 - i));
}

int slow_call(struct slow *slow, const char *method, int count)
{
    Niva__Rpc__V1__Request envelope = NIVA__RPC__V1__REQUEST__INIT;
    uint8_t bytes[512];
    size_t size;
    int sent = 0;

    envelope.method = (char *)(uintptr_t)method;
    envelope.timeout_ms = TIMEOUT_MS;
    size = niva__rpc__v1__request__pack(&envelope, bytes + HEADER + REQUEST_ID);
    bytes[0] = 1;
    number_put(bytes + 1, 8, REQUEST_ID + size);
    while (sent < count) {
        number_put(bytes + HEADER, REQUEST_ID, UINT32_C(0x80000000) | ++slow->request);
        if (!send_whole(slow, bytes, HEADER + REQUEST_ID + size))
            break;
        sent++;
    }
    return sent;
}

int slow_ended(struct slow *slow)
{
    char bytes[4096];
    ssize_t size;

    while ((size = recv(slow->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        ;
    return size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

struct slow *slow_close(struct slow *slow)
{
    if (slow == NULL)
        return NULL;
    if (slow->fd >= 0)
        close(slow->fd);
    free(slow);
    return NULL;
}
