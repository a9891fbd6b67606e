#define _GNU_SOURCE /* memmem */

#include "tests/support/proxy.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINKS_MAX = 16, CHUNK = 65536, POLL_MS = 20 };

enum { NEEDLE_MOST = 16 };

/* A client and its connection to the server. */
struct link {
    int client; /* -1: free */
    int server;
    char tail[NEEDLE_MOST]; /* of what the client sent last */
    size_t tail_size;
    bool stuck;     /* until one of both hangs up */
    bool cut_after; /* the answer to COMMIT is awaited, to be withheld */
};

struct proxy {
    char directory[64];
    char path[96];
    char target[96];
    int listener;
    pthread_t thread;
    pthread_mutex_t lock;
    bool ending;
    bool held;
    bool resting; /* held, and the thread has seen it */
    pthread_cond_t rested;
    enum proxy_cut armed;
    int cuts;
    struct link links[LINKS_MAX];
};

__attribute__((noreturn)) static void give_up(const char *what)
{
    fprintf(stderr, "proxy: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void address_fill(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address->sun_path, sizeof address->sun_path, "%s", path);
}

static void link_close(struct link *link)
{
    close(link->client);
    close(link->server);
    *link = (struct link){.client = -1};
}

static void link_open(struct proxy *proxy)
{
    int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address;

    address_fill(&address, proxy->target);
    if (client < 0 || server < 0)
        give_up("accept");
    if (connect(server, (struct sockaddr *)&address, sizeof address) == 0) {
        for (size_t i = 0; i < LINKS_MAX; i++) {
            if (proxy->links[i].client >= 0)
                continue;
            proxy->links[i] = (struct link){.client = client, .server = server};
            return;
        }
    }
    close(client);
    close(server);
}

static bool bytes_send(int socket, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);

        if (sent < 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* The statement that is looked for: readers COMMIT too, but only a writer moves the head. */
static const char *needle_of(struct proxy *proxy)
{
    bool sticks;

    pthread_mutex_lock(&proxy->lock);
    sticks = proxy->armed == PROXY_STICK;
    pthread_mutex_unlock(&proxy->lock);
    return sticks ? "bus_head_write" : "pg_commit";
}

/* Where the name ends in what the client sent, also when it came in two parts; 0 when it is not
 * there. */
static size_t needle_find(struct link *link, const char *needle, const char *bytes, size_t size)
{
    const size_t length = strlen(needle);
    char *joined = malloc(link->tail_size + size);
    size_t total = link->tail_size + size;
    size_t found = 0;

    if (joined == NULL)
        give_up("malloc");
    memcpy(joined, link->tail, link->tail_size);
    memcpy(joined + link->tail_size, bytes, size);
    for (size_t end = length; end <= total && found == 0; end++)
        if (end > link->tail_size && memcmp(joined + end - length, needle, length) == 0)
            found = end - link->tail_size;
    link->tail_size = total < NEEDLE_MOST ? total : NEEDLE_MOST;
    memcpy(link->tail, joined + total - link->tail_size, link->tail_size);
    free(joined);
    return found;
}

static enum proxy_cut cut_take(struct proxy *proxy)
{
    enum proxy_cut cut;

    pthread_mutex_lock(&proxy->lock);
    cut = proxy->armed;
    proxy->armed = PROXY_PASS;
    proxy->cuts += cut != PROXY_PASS;
    pthread_mutex_unlock(&proxy->lock);
    return cut;
}

/* False when the link is to be closed. */
static bool client_forward(struct proxy *proxy, struct link *link)
{
    char bytes[CHUNK];
    ssize_t size = recv(link->client, bytes, sizeof bytes, 0);
    const char *needle = needle_of(proxy);
    enum proxy_cut cut = PROXY_PASS;
    size_t found;

    if (size <= 0)
        return false;
    found = needle_find(link, needle, bytes, (size_t)size);
    if (found > 0)
        cut = cut_take(proxy);
    if (cut == PROXY_CUT_BEFORE || cut == PROXY_STICK) {
        size_t before = found < strlen(needle) ? 0 : found - strlen(needle);

        link->stuck = cut == PROXY_STICK;
        return bytes_send(link->server, bytes, before) && link->stuck;
    }
    link->cut_after |= cut == PROXY_CUT_AFTER;
    return bytes_send(link->server, bytes, (size_t)size) && cut != PROXY_CUT_AT;
}

/* The server answers a pipeline when it has come to its end: once it says "COMMIT", it has. */
static bool server_forward(struct link *link)
{
    char bytes[CHUNK];
    ssize_t size = recv(link->server, bytes, sizeof bytes, 0);

    if (size <= 0)
        return false;
    if (link->cut_after)
        return memmem(bytes, (size_t)size, "COMMIT", 6) == NULL;
    return bytes_send(link->client, bytes, (size_t)size);
}

static size_t polls_fill(const struct proxy *proxy, struct pollfd *polls)
{
    size_t count = 0;

    polls[count++] = (struct pollfd){.fd = proxy->listener, .events = POLLIN};
    for (size_t i = 0; i < LINKS_MAX; i++) {
        const struct link *link = &proxy->links[i];
        short events = link->stuck ? 0 : POLLIN;

        polls[count++] = (struct pollfd){.fd = link->client, .events = events};
        polls[count++] =
            (struct pollfd){.fd = link->client < 0 ? -1 : link->server, .events = events};
    }
    return count;
}

static bool is_ending(struct proxy *proxy)
{
    bool ending;

    pthread_mutex_lock(&proxy->lock);
    while (proxy->held && !proxy->ending) {
        proxy->resting = true;
        pthread_cond_broadcast(&proxy->rested);
        pthread_cond_wait(&proxy->rested, &proxy->lock);
    }
    proxy->resting = false;
    ending = proxy->ending;
    pthread_mutex_unlock(&proxy->lock);
    return ending;
}

static void *proxy_run(void *user)
{
    struct proxy *proxy = user;
    struct pollfd polls[1 + 2 * LINKS_MAX];

    while (!is_ending(proxy)) {
        size_t count = polls_fill(proxy, polls);

        if (poll(polls, count, POLL_MS) <= 0)
            continue;
        for (size_t i = 0; i < LINKS_MAX; i++) {
            struct link *link = &proxy->links[i];
            bool open = true;

            if (link->client < 0)
                continue;
            if (link->stuck)
                open = (polls[1 + 2 * i].revents | polls[2 + 2 * i].revents) == 0;
            else if (polls[1 + 2 * i].revents != 0)
                open = client_forward(proxy, link);
            if (open && !link->stuck && polls[2 + 2 * i].revents != 0)
                open = server_forward(link);
            if (!open)
                link_close(link);
        }
        if (polls[0].revents != 0)
            link_open(proxy);
    }
    return NULL;
}

struct proxy *proxy_new(const char *directory)
{
    struct proxy *proxy = calloc(1, sizeof *proxy);
    struct sockaddr_un address;

    if (proxy == NULL)
        give_up("calloc");
    for (size_t i = 0; i < LINKS_MAX; i++)
        proxy->links[i].client = -1;
    snprintf(proxy->directory, sizeof proxy->directory, "/tmp/niva-proxy-XXXXXX");
    if (mkdtemp(proxy->directory) == NULL)
        give_up("mkdtemp");
    snprintf(proxy->path, sizeof proxy->path, "%s/.s.PGSQL.5432", proxy->directory);
    snprintf(proxy->target, sizeof proxy->target, "%s/.s.PGSQL.5432", directory);
    address_fill(&address, proxy->path);
    proxy->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (proxy->listener < 0 ||
        bind(proxy->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(proxy->listener, LINKS_MAX) != 0)
        give_up("listen");
    pthread_mutex_init(&proxy->lock, NULL);
    pthread_cond_init(&proxy->rested, NULL);
    if (pthread_create(&proxy->thread, NULL, proxy_run, proxy) != 0)
        give_up("thread");
    return proxy;
}

struct proxy *proxy_free(struct proxy *proxy)
{
    if (proxy == NULL)
        return NULL;
    pthread_mutex_lock(&proxy->lock);
    proxy->ending = true;
    pthread_cond_broadcast(&proxy->rested);
    pthread_mutex_unlock(&proxy->lock);
    pthread_join(proxy->thread, NULL);
    for (size_t i = 0; i < LINKS_MAX; i++)
        if (proxy->links[i].client >= 0)
            link_close(&proxy->links[i]);
    close(proxy->listener);
    unlink(proxy->path);
    rmdir(proxy->directory);
    pthread_cond_destroy(&proxy->rested);
    pthread_mutex_destroy(&proxy->lock);
    free(proxy);
    return NULL;
}

const char *proxy_directory(const struct proxy *proxy)
{
    return proxy->directory;
}

void proxy_arm(struct proxy *proxy, enum proxy_cut cut)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->armed = cut;
    pthread_mutex_unlock(&proxy->lock);
}

int proxy_cuts(struct proxy *proxy)
{
    int cuts;

    pthread_mutex_lock(&proxy->lock);
    cuts = proxy->cuts;
    pthread_mutex_unlock(&proxy->lock);
    return cuts;
}

void proxy_hold(struct proxy *proxy, int held)
{
    pthread_mutex_lock(&proxy->lock);
    proxy->held = held != 0;
    pthread_cond_broadcast(&proxy->rested);
    while (proxy->held && !proxy->resting)
        pthread_cond_wait(&proxy->rested, &proxy->lock);
    pthread_mutex_unlock(&proxy->lock);
}
