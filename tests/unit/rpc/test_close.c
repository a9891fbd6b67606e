/* A socket that is closed while messages come in and go out closes, again and again. Without
 * nng_guard.c it waits for ever after a few times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <pthread.h>

#include "services/common/rpc/nng_guard.h"

enum {
    CLOSES = 1000,
    MOMENTS = 300,   /* microseconds between the first message and the close */
    LARGE = 1 << 20, /* bytes of a message that a socket's buffer does not hold */
    HUNG_S = 30,     /* SIGALRM ends the test: nothing can be done with a close that hangs */
};

struct flood {
    nng_socket socket;
    size_t size;
    atomic_bool ending;
};

static void *flood_run(void *user)
{
    struct flood *flood = user;
    char *bytes = calloc(1, flood->size);

    while (!atomic_load(&flood->ending) && bytes != NULL)
        nng_send(flood->socket, bytes, flood->size, NNG_FLAG_NONBLOCK);
    free(bytes);
    return NULL;
}

static void closes_run(const char *url)
{
    unsigned state = 20220623;

    for (int i = 0; i < CLOSES; i++) {
        nng_socket listener;

        alarm(HUNG_S);
        assert_int_equal(nng_sub0_open(&listener), 0);
        assert_int_equal(nng_socket_set(listener, NNG_OPT_SUB_SUBSCRIBE, "", 0), 0);
        assert_int_equal(nng_dial(listener, url, NULL, 0), 0);
        state = state * 1103515245U + 12345U;
        usleep((state >> 16) % MOMENTS);
        assert_int_equal(nng_close(listener), 0);
    }
    alarm(0);
}

static void flooded(size_t size)
{
    struct flood flood = {.size = size};
    pthread_t thread;
    char url[64];

    rpc_nng_guard_linked();
    snprintf(url, sizeof url, "ipc:///tmp/niva-close-%d-%zu", (int)getpid(), size);
    assert_int_equal(nng_pub0_open(&flood.socket), 0);
    assert_int_equal(nng_listen(flood.socket, url, NULL, 0), 0);
    assert_int_equal(pthread_create(&thread, NULL, flood_run, &flood), 0);
    closes_run(url);
    atomic_store(&flood.ending, true);
    pthread_join(thread, NULL);
    alarm(HUNG_S);
    assert_int_equal(nng_close(flood.socket), 0);
    alarm(0);
}

static void what_is_closed_while_messages_come_closes(void **state)
{
    (void)state;
    flooded(30);
}

/* The connections of a listener end too while it sends to them. */
static void what_is_closed_while_large_messages_go_closes(void **state)
{
    (void)state;
    flooded(LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_closed_while_messages_come_closes),
        cmocka_unit_test(what_is_closed_while_large_messages_go_closes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    nng_fini();
    return failed ? 1 : 0;
}
