/* Clients that file facts at the same time, each from a thread of its own, and do not give up: a
 * command has a request id and is sent again, the same, until it is acknowledged. What each asked
 * for and was answered is kept, to be compared with what the system knows afterwards. Everything is
 * drawn from a seed; only how the clients interleave is left to the machine. */
#ifndef NIVA_TESTS_SUPPORT_LOAD_H
#define NIVA_TESTS_SUPPORT_LOAD_H

#include "tests/support/system.h"

struct load;

enum load_kind {
    LOAD_REPORT, /* a correction too */
    LOAD_WITHDRAWAL,
    LOAD_ABSENCE,
    LOAD_ABSENCE_CHANGE,
    LOAD_CANCELLATION,
    LOAD_CONTRACT,
    LOAD_DISPENSATION,
    LOAD_FINDING,
    LOAD_COMPONENT,
    LOAD_KINDS
};

/* A command that was acknowledged. */
struct load_command {
    enum load_kind kind;
    const char *method;
    const char *principal;
    char json[1024];
    ProtobufCBinaryData reply; /* packed, without `replayed` */
};

enum { LOAD_CLIENTS_MAX = 32 };

/* Registers two regions with their rule sets, contracts and components, and `load_unit_count`
 * units. Nothing else may have been filed in the system. */
void load_prepare(struct system *system);
extern const size_t load_unit_count;

/* Starts the clients. */
struct load *load_start(struct system *system, unsigned clients, uint64_t seed);
/* Commands acknowledged so far. */
size_t load_acknowledged(struct load *load);
/* Waits until so many are acknowledged or time is out; false then. */
bool load_wait(struct load *load, size_t acknowledged, int timeout_ms);
/* Asks the clients to end once what they sent is acknowledged, and waits for them. */
void load_stop(struct load *load);
/* After load_stop: what went wrong in a client; "" when nothing did. */
const char *load_failure(const struct load *load);
/* After load_stop: the index-th command of all; NULL behind the last. */
const struct load_command *load_command_at(const struct load *load, size_t index);
/* Sends a command once more and says whether the first answer came back. Prints both otherwise. */
bool load_replay(struct system *system, const struct load_command *command);
/* Accepts NULL and returns NULL. */
struct load *load_free(struct load *load);

/* One client for tests that send commands one after the other: draws the next one (`number` from 0)
 * and sends it until it is acknowledged, as recorded at `recorded_at`. The same seed and numbers
 * ask for the same, whatever the system answers ids with. */
struct load_client;
struct load_client *load_client_new(struct system *system, unsigned name, uint64_t seed);
bool load_client_next(struct load_client *client, niva_instant recorded_at);
struct load_client *load_client_free(struct load_client *client);

#endif
