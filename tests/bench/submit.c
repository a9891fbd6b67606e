/* SubmitReport under load: `submit-bench SOCKET UNITS CLIENTS SECONDS`. Registers the units, then
 * CLIENTS threads file reports of three positions, one call at a time each, and wait for every
 * answer. Prints CSV: reports a second, median and 99th percentile in milliseconds, failures. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/client.h"

enum { CLIENTS_MAX = 256, POSITIONS = 3, CALL_MEMORY = 1 << 20 };

struct load {
    struct niva_rpc_client *client;
    int units;
    atomic_bool stop;
};

struct client {
    struct load *load;
    pthread_t thread;
    uint64_t state;
    double *latencies; /* milliseconds */
    size_t count;
    size_t failures;
};

static double milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void unit_name(int number, char ret_id[32])
{
    snprintf(ret_id, 32, "SE2321000016-B%05d", number);
}

static bool call(struct load *load, const char *method, const ProtobufCMessage *request,
                 const ProtobufCMessageDescriptor *reply_type, struct niva_arena *arena,
                 struct niva_error *err)
{
    const struct niva_rpc_options options = {.timeout_ms = 30000, .recorded_at = INT64_MIN};
    ProtobufCMessage *reply = NULL;
    return niva_rpc_call(load->client, method, request, reply_type, &options, arena, &reply, NULL,
                         err);
}

static bool unit_put(struct load *load, int number, struct niva_arena *arena)
{
    char request_id[37];
    char hsa_id[32];
    struct niva_error err = {0};
    Niva__Intake__V1__Owner owner = NIVA__INTAKE__V1__OWNER__INIT;
    Niva__Intake__V1__Owner *owners[] = {&owner};
    Niva__Intake__V1__Unit unit = NIVA__INTAKE__V1__UNIT__INIT;
    Niva__Intake__V1__PutUnitRequest request = NIVA__INTAKE__V1__PUT_UNIT_REQUEST__INIT;
    niva_uuid_format(niva_uuid_v7(niva_clock_now()), request_id);
    unit_name(number, hsa_id);
    owner.org_number = (char *)"2321000016";
    owner.form = NIVA__INTAKE__V1__OWNER__FORM__REGION_RUN;
    owner.first_day = (char *)"2016-01-01";
    unit.hsa_id = hsa_id;
    unit.name = (char *)"Mätpunkt (fiktiv)";
    unit.region_code = (char *)"99";
    unit.opened_on = (char *)"2016-01-01";
    unit.owners = owners;
    unit.n_owners = 1;
    request.request_id = request_id;
    request.unit = &unit;
    if (!call(load, "/niva.intake.v1.UnitService/PutUnit", &request.base,
              &niva__intake__v1__put_unit_response__descriptor, arena, &err)) {
        fprintf(stderr, "submit-bench: %s: %s\n", niva_code_name((int)err.code), err.text_en);
        return false;
    }
    return true;
}

static unsigned draw(uint64_t *state, unsigned below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)((*state >> 16) % below);
}

static bool report_submit(struct client *client, struct niva_arena *arena)
{
    char request_id[37];
    char hsa_id[32];
    char day[16];
    char keys[POSITIONS][8];
    struct niva_error err = {0};
    Niva__Intake__V1__Position positions[POSITIONS];
    Niva__Intake__V1__Position *list[POSITIONS];
    Niva__Intake__V1__StaffingReport report = NIVA__INTAKE__V1__STAFFING_REPORT__INIT;
    Niva__Intake__V1__SubmitReportRequest request = NIVA__INTAKE__V1__SUBMIT_REPORT_REQUEST__INIT;
    niva_uuid_format(niva_uuid_v7(niva_clock_now()), request_id);
    unit_name((int)draw(&client->state, (unsigned)client->load->units), hsa_id);
    niva_day_format(niva_day_from_civil(2016, 1, 1) + (niva_day)draw(&client->state, 3650), day);
    for (int i = 0; i < POSITIONS; i++) {
        positions[i] = (Niva__Intake__V1__Position)NIVA__INTAKE__V1__POSITION__INIT;
        snprintf(keys[i], sizeof keys[i], "p%d", i);
        positions[i].position_key = keys[i];
        positions[i].title_code = (char *)"FT";
        positions[i].employment = NIVA__INTAKE__V1__POSITION__EMPLOYMENT__EMPLOYED;
        positions[i].fte_milli = 1000 - 250 * i;
        positions[i].licensed = true;
        list[i] = &positions[i];
    }
    report.unit = hsa_id;
    report.profession_group = (char *)"fysioterapeut";
    report.effective_from = day;
    report.positions = list;
    report.n_positions = POSITIONS;
    report.reason = NIVA__INTAKE__V1__STAFFING_REPORT__REASON__PERIODIC;
    request.request_id = request_id;
    request.report = &report;
    return call(client->load, "/niva.intake.v1.ReportService/SubmitReport", &request.base,
                &niva__intake__v1__submit_report_response__descriptor, arena, &err);
}

static void *client_run(void *argument)
{
    struct client *client = argument;
    struct niva_arena *arena = niva_arena_new(CALL_MEMORY);
    size_t capacity = 0;
    while (arena != NULL && !atomic_load(&client->load->stop)) {
        double begun = milliseconds_now();
        bool good = report_submit(client, arena);
        niva_arena_reset(arena);
        client->failures += !good;
        if (client->count == capacity) {
            capacity = capacity == 0 ? 4096 : 2 * capacity;
            double *grown = realloc(client->latencies, capacity * sizeof *grown);
            if (grown == NULL) {
                break;
            }
            client->latencies = grown;
        }
        client->latencies[client->count++] = milliseconds_now() - begun;
    }
    niva_arena_free(arena);
    return NULL;
}

static int latency_compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static void result_print(struct client *clients, int count, double elapsed_ms)
{
    size_t all = 0;
    size_t failures = 0;
    for (int i = 0; i < count; i++) {
        all += clients[i].count;
        failures += clients[i].failures;
    }
    double *latencies = calloc(all + 1, sizeof *latencies);
    size_t at = 0;
    for (int i = 0; latencies != NULL && i < count; i++) {
        for (size_t k = 0; k < clients[i].count; k++) {
            latencies[at++] = clients[i].latencies[k];
        }
    }
    qsort(latencies, at, sizeof *latencies, latency_compare);
    printf("%.0f,%.3f,%.3f,%zu\n", (double)(all - failures) * 1e3 / elapsed_ms,
           at == 0 ? 0 : latencies[at / 2], at == 0 ? 0 : latencies[at * 99 / 100], failures);
    free(latencies);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: submit-bench SOCKET UNITS CLIENTS SECONDS\n", stderr);
        return 2;
    }
    char url[256];
    struct niva_error err = {0};
    struct load load = {.units = atoi(argv[2])};
    int count = atoi(argv[3]);
    static struct client clients[CLIENTS_MAX];
    struct niva_arena *arena = niva_arena_new(CALL_MEMORY);
    snprintf(url, sizeof url, "ipc://%s", argv[1]);
    load.client = niva_rpc_client_new(url, &err);
    bool good = arena != NULL && load.client != NULL && count > 0 && count <= CLIENTS_MAX;
    for (int i = 0; good && i < load.units; i++) {
        good = unit_put(&load, i, arena);
        niva_arena_reset(arena);
    }
    double begun = milliseconds_now();
    int started = 0;
    for (; good && started < count; started++) {
        clients[started].load = &load;
        clients[started].state = UINT64_C(88172645463325252) + (uint64_t)started * 7919;
        good = pthread_create(&clients[started].thread, NULL, client_run, &clients[started]) == 0;
    }
    if (good) {
        struct timespec span = {.tv_sec = atoi(argv[4])};
        nanosleep(&span, NULL);
    }
    atomic_store(&load.stop, true);
    for (int i = 0; i < started; i++) {
        pthread_join(clients[i].thread, NULL);
    }
    if (good) {
        result_print(clients, count, milliseconds_now() - begun);
    }
    for (int i = 0; i < started; i++) {
        free(clients[i].latencies);
    }
    niva_rpc_client_free(load.client);
    niva_arena_free(arena);
    return good ? 0 : 3;
}
