#define _GNU_SOURCE /* pipe2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/common/base/clock.h"
#include "tests/support/raw.h"
#include "tests/unit/rpc/echo.h"

enum { WORKERS = 2, QUEUE = 4, FULL = WORKERS + QUEUE, LATE_MS = 20 };

struct fixture {
    struct echo echo;
    struct niva_rpc_client *client;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct niva_error err;

    *state = fixture;
    if (!echo_start(&fixture->echo, WORKERS, QUEUE))
        return -1;
    fixture->client = niva_rpc_client_new(fixture->echo.url, &err);
    return fixture->client == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    niva_rpc_client_free(fixture->client);
    echo_stop(&fixture->echo);
    free(fixture);
    return 0;
}

/* Calls until the server is full: each that it accepts waits at the gate or in the queue. */
static void fill(struct fixture *fixture, struct caller *callers)
{
    for (int i = 0; i < WORKERS; i++)
        caller_start(&callers[i], fixture->client, "wait");
    echo_await_waiting(&fixture->echo, WORKERS);
    for (int i = WORKERS; i < FULL; i++)
        caller_start(&callers[i], fixture->client, "echo");
}

static bool refused(struct niva_rpc_client *client, struct niva_error *err)
{
    struct niva_rpc_options options = echo_plain;

    options.timeout_ms = 200;
    return !echo_call(client, "echo", "", &options, NULL, err) &&
           err->code == NIVA_RESOURCE_EXHAUSTED;
}

static void test_a_full_queue_says_so_while_all_workers_are_busy(void **state)
{
    struct fixture *fixture = *state;
    struct caller callers[FULL];
    struct niva_error err;
    int good = 0;

    fill(fixture, callers);
    /* a probe that comes before the last callers takes their place in the queue */
    while (!refused(fixture->client, &err))
        assert_int_equal(err.code, NIVA_DEADLINE_EXCEEDED);
    assert_true(err.retry_after_ms > 0);
    assert_int_equal(echo_handled(&fixture->echo), WORKERS);
    echo_open_gate(&fixture->echo);
    for (int i = 0; i < FULL; i++) {
        caller_join(&callers[i]);
        assert_true(callers[i].good || callers[i].err.code == NIVA_RESOURCE_EXHAUSTED);
        good += callers[i].good;
    }
    assert_true(good >= WORKERS);
    assert_echo(fixture->client);
}

static void test_answers_may_come_later_from_other_threads(void **state)
{
    struct fixture *fixture = *state;
    struct caller callers[FULL];

    for (int i = 0; i < FULL; i++)
        caller_start(&callers[i], fixture->client, "later");
    echo_await_waiting(&fixture->echo, FULL);
    echo_open_gate(&fixture->echo);
    for (int i = 0; i < FULL; i++) {
        caller_join(&callers[i]);
        assert_true(callers[i].good);
        assert_string_equal(callers[i].day, "2022-06-23");
    }
}

static void test_a_queued_call_that_is_too_late_is_not_handled(void **state)
{
    struct fixture *fixture = *state;
    struct caller blocked[WORKERS];
    struct niva_rpc_options options = echo_plain;
    struct niva_error err;

    for (int i = 0; i < WORKERS; i++)
        caller_start(&blocked[i], fixture->client, "wait");
    echo_await_waiting(&fixture->echo, WORKERS);
    /* Once a call is refused the queue is full of those before it: they have all come in, and
     * their time is over when as much as each was given has passed again. */
    options.timeout_ms = LATE_MS;
    do
        assert_false(echo_call(fixture->client, "echo", "", &options, NULL, &err));
    while (err.code == NIVA_DEADLINE_EXCEEDED);
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    poll(NULL, 0, LATE_MS + 1);
    echo_open_gate(&fixture->echo);
    for (int i = 0; i < WORKERS; i++)
        caller_join(&blocked[i]);
    niva_rpc_server_drain(fixture->echo.server, niva_clock_monotonic_ms() + 5000);
    assert_int_equal(echo_handled(&fixture->echo), WORKERS);
}

static void test_an_oversized_request_leaves_the_others_alone(void **state)
{
    struct fixture *fixture = *state;
    struct caller others[WORKERS];
    char *large = malloc((2 << 20) + 1);
    struct niva_error err;

    for (int i = 0; i < WORKERS; i++)
        caller_start(&others[i], fixture->client, "wait");
    echo_await_waiting(&fixture->echo, WORKERS);
    memset(large, 'x', 2 << 20);
    large[2 << 20] = '\0';
    assert_false(echo_call(fixture->client, "echo", large, &echo_plain, NULL, &err));
    assert_int_equal(err.code, NIVA_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(err.text_en, "1048576"));
    free(large);
    echo_open_gate(&fixture->echo);
    for (int i = 0; i < WORKERS; i++) {
        caller_join(&others[i]);
        assert_true(others[i].good);
    }
}

/* What no client of ours would send resets its own connection and no other. */
static void test_an_oversized_message_of_a_stranger(void **state)
{
    struct fixture *fixture = *state;
    struct niva_arena *arena = niva_arena_new(1 << 20);
    struct caller other;
    size_t size = NIVA_RPC_REQUEST_LARGE + (1 << 20);
    void *bytes = calloc(1, size);

    caller_start(&other, fixture->client, "wait");
    echo_await_waiting(&fixture->echo, 1);
    assert_null(raw_exchange(fixture->echo.url, bytes, size, arena));
    free(bytes);
    echo_open_gate(&fixture->echo);
    caller_join(&other);
    assert_true(other.good);
    niva_arena_free(arena);
}

enum { THREADS = 64, CALLS = 50 };

static void *call_many(void *argument)
{
    struct caller *caller = argument;

    caller->good = true;
    for (int i = 0; i < CALLS && caller->good; i++) {
        char day[64];
        char answer[64] = "";

        snprintf(day, sizeof day, "%p-%d", argument, i);
        while (!echo_call(caller->client, "echo", day, &caller->options, answer, &caller->err))
            if (caller->err.code != NIVA_RESOURCE_EXHAUSTED)
                break;
        caller->good = strcmp(day, answer) == 0;
    }
    return NULL;
}

static void test_many_threads_share_a_client(void **state)
{
    struct fixture *fixture = *state;
    static struct caller callers[THREADS];

    for (int i = 0; i < THREADS; i++) {
        callers[i] = (struct caller){.client = fixture->client, .options = echo_plain};
        callers[i].options.timeout_ms = 60000;
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_many, &callers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        caller_join(&callers[i]);
        if (!callers[i].good)
            print_error("caller %d: %s %s\n", i, niva_code_name(callers[i].err.code),
                        callers[i].err.text_en);
        assert_true(callers[i].good);
    }
    assert_int_equal(echo_handled(&fixture->echo), THREADS * CALLS);
}

static void *drain(void *argument)
{
    struct echo *echo = argument;

    niva_rpc_server_drain(echo->server, niva_clock_monotonic_ms() + 30000);
    return NULL;
}

static void test_drain_answers_everything_accepted(void **state)
{
    struct fixture *fixture = *state;
    struct caller callers[WORKERS];
    pthread_t drainer;
    struct niva_error err;

    for (int i = 0; i < WORKERS; i++)
        caller_start(&callers[i], fixture->client, "wait");
    echo_await_waiting(&fixture->echo, WORKERS);
    assert_int_equal(pthread_create(&drainer, NULL, drain, &fixture->echo), 0);
    do {
        struct niva_rpc_options options = echo_plain;

        options.timeout_ms = 100;
        assert_false(echo_call(fixture->client, "echo", "", &options, NULL, &err));
    } while (err.code == NIVA_DEADLINE_EXCEEDED || err.code == NIVA_RESOURCE_EXHAUSTED);
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
    assert_true(err.retry_after_ms > 0);
    echo_open_gate(&fixture->echo);
    pthread_join(drainer, NULL);
    fixture->echo.server = niva_rpc_server_free(fixture->echo.server);
    for (int i = 0; i < WORKERS; i++) {
        caller_join(&callers[i]);
        assert_true(callers[i].good);
    }
}

static void test_drain_ends_at_its_deadline(void **state)
{
    struct fixture *fixture = *state;
    struct caller caller;

    caller_start(&caller, fixture->client, "wait");
    echo_await_waiting(&fixture->echo, 1);
    niva_rpc_server_drain(fixture->echo.server, niva_clock_monotonic_ms() + 10);
    echo_open_gate(&fixture->echo);
    caller_join(&caller);
    assert_true(caller.good);
}

static void test_the_end_answers_what_was_queued(void **state)
{
    struct fixture *fixture = *state;
    struct caller callers[FULL];
    struct niva_error err;

    fill(fixture, callers);
    while (!refused(fixture->client, &err))
        ;
    echo_open_gate(&fixture->echo);
    fixture->echo.server = niva_rpc_server_free(fixture->echo.server);
    for (int i = 0; i < FULL; i++) {
        caller_join(&callers[i]);
        assert_true(callers[i].good || callers[i].err.code == NIVA_UNAVAILABLE ||
                    callers[i].err.code == NIVA_RESOURCE_EXHAUSTED);
    }
}

static void test_a_living_socket_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    struct echo second = {0};
    struct niva_error err;

    snprintf(second.url, sizeof second.url, "%s", fixture->echo.url);
    snprintf(second.peer_url, sizeof second.peer_url, "%s", fixture->echo.peer_url);
    assert_false(echo_serve(&second, 1, 1, &err));
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_non_null(strstr(err.text_en, "already running"));
    assert_echo(fixture->client);
}

static void test_what_is_not_a_socket_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    struct echo second = fixture->echo;
    struct niva_error err;
    struct stat status;
    char path[100];

    snprintf(path, sizeof path, "%s/plain", fixture->echo.directory);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
    snprintf(second.url, sizeof second.url, "ipc://%s", path);
    assert_false(echo_serve(&second, 1, 1, &err));
    assert_int_equal(err.code, NIVA_FAILED_PRECONDITION);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(unlink(path), 0);
}

static void test_impossible_addresses(void **state)
{
    struct fixture *fixture = *state;
    struct echo second = fixture->echo;
    struct niva_error err;

    snprintf(second.url, sizeof second.url, "tcp://127.0.0.1:0");
    assert_false(echo_serve(&second, 1, 1, &err));
    assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
    snprintf(second.url, sizeof second.url, "ipc:///tmp/niva-no-such-directory/user");
    assert_false(echo_serve(&second, 1, 1, &err));
    assert_int_equal(err.code, NIVA_UNAVAILABLE);
}

/* A service that only somebody connected to and left went deaf for ever: nng_guard.c. */
static void test_who_connects_and_goes_away_deafens_nobody(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct niva_rpc_client *client;
    struct niva_error err;

    snprintf(address.sun_path, sizeof address.sun_path, "%s", fixture->echo.url + strlen("ipc://"));
    for (int i = 0; i < 100; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(close(fd), 0);
    }
    client = niva_rpc_client_new(fixture->echo.url, &err);
    assert_non_null(client);
    assert_echo(client);
    niva_rpc_client_free(client);
}

/* The same with a server that accepts and goes away: the client must dial again. */
static void test_a_server_that_hangs_up_is_dialled_again(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct niva_rpc_client *client;
    struct niva_error err;

    fixture->echo.server = niva_rpc_server_free(fixture->echo.server);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", fixture->echo.url + strlen("ipc://"));
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    client = niva_rpc_client_new(fixture->echo.url, &err);
    assert_non_null(client);
    for (int i = 0; i < 10; i++)
        assert_int_equal(close(accept(listener, NULL, NULL)), 0);
    assert_int_equal(close(listener), 0);
    assert_true(echo_serve(&fixture->echo, 1, 1, &err));
    assert_echo(client);
    niva_rpc_client_free(client);
}

static void test_sockets_are_for_their_owner_alone(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;

    assert_int_equal(stat(fixture->echo.url + strlen("ipc://"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* ---- other processes: this program again, with other arguments ---- */

static pid_t spawn_self(const char *role, const char *address, int output)
{
    extern char **environ;
    char *const arguments[] = {(char *)"test_rpc_server", (char *)role, (char *)address, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (posix_spawn(&pid, "/proc/self/exe", &actions, NULL, arguments, environ) != 0)
        pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static void say(const char *word)
{
    if (write(STDOUT_FILENO, word, 1) != 1)
        _exit(3);
}

/* Serves until it is killed; says "l" when it listens and "w" when a call waits. */
static int role_serve(const char *directory)
{
    struct echo echo = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct niva_error err;

    snprintf(echo.url, sizeof echo.url, "ipc://%s/victim", directory);
    snprintf(echo.peer_url, sizeof echo.peer_url, "ipc://%s/victim-peer", directory);
    if (!echo_serve(&echo, 1, 1, &err))
        return 3;
    say("l");
    echo_await_waiting(&echo, 1);
    say("w");
    for (;;)
        pause();
}

/* Connects as nobody, speaks as a REQ would, and says "c" when the door was shut. */
static int role_stranger(const char *path)
{
    static const uint8_t greeting[8] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct pollfd wait = {.events = POLLIN};
    uint8_t bytes[64];
    ssize_t got;

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    wait.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (setgid(65534) != 0 || setuid(65534) != 0 ||
        connect(wait.fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(wait.fd, greeting, sizeof greeting, MSG_NOSIGNAL) != sizeof greeting)
        return 3;
    do {
        if (poll(&wait, 1, 5000) != 1)
            return 4;
        got = read(wait.fd, bytes, sizeof bytes);
    } while (got > 0);
    say("c");
    return 0;
}

static char next_word(int input)
{
    char word = '?';

    return read(input, &word, 1) == 1 ? word : '?';
}

static void test_a_killed_server_is_unavailable_and_its_socket_is_taken_over(void **state)
{
    struct fixture *fixture = *state;
    struct echo heir = fixture->echo;
    struct niva_rpc_client *client;
    struct niva_error err;
    struct caller caller;
    int ends[2];
    pid_t pid;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid = spawn_self("serve", fixture->echo.directory, ends[1]);
    assert_true(pid > 0);
    close(ends[1]);
    assert_int_equal(next_word(ends[0]), 'l');
    snprintf(heir.url, sizeof heir.url, "ipc://%s/victim", heir.directory);
    snprintf(heir.peer_url, sizeof heir.peer_url, "ipc://%s/victim-peer", heir.directory);
    client = niva_rpc_client_new(heir.url, &err);
    caller_start(&caller, client, "wait");
    assert_int_equal(next_word(ends[0]), 'w');
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    caller_join(&caller);
    assert_false(caller.good);
    assert_int_equal(caller.err.code, NIVA_UNAVAILABLE);
    assert_true(echo_serve(&heir, 1, 1, &err));
    assert_true(echo_call(client, "echo", "", &echo_plain, NULL, &err));
    niva_rpc_client_free(client);
    niva_rpc_server_free(heir.server);
    close(ends[0]);
}

static void test_other_users_are_shown_the_door(void **state)
{
    struct fixture *fixture = *state;
    const char *path = fixture->echo.url + strlen("ipc://");
    int status = -1;
    int ends[2];
    pid_t pid;

    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(fixture->echo.directory, 0755), 0);
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid = spawn_self("stranger", path, ends[1]);
    assert_true(pid > 0);
    close(ends[1]);
    assert_int_equal(next_word(ends[0]), 'c');
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(ends[0]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_full_queue_says_so_while_all_workers_are_busy, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_answers_may_come_later_from_other_threads, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_queued_call_that_is_too_late_is_not_handled, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_an_oversized_request_leaves_the_others_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_an_oversized_message_of_a_stranger, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_threads_share_a_client, setup, teardown),
        cmocka_unit_test_setup_teardown(test_drain_answers_everything_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_drain_ends_at_its_deadline, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_end_answers_what_was_queued, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_living_socket_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_not_a_socket_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_impossible_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_connects_and_goes_away_deafens_nobody, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_server_that_hangs_up_is_dialled_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_sockets_are_for_their_owner_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_a_killed_server_is_unavailable_and_its_socket_is_taken_over, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_users_are_shown_the_door, setup, teardown),
    };
    int failed;

    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return role_serve(argv[2]);
    if (argc == 3 && strcmp(argv[1], "stranger") == 0)
        return role_stranger(argv[2]);
    failed = cmocka_run_group_tests_name("rpc_server", tests, NULL, NULL);
    return failed ? 1 : 0;
}
