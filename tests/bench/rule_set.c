/* What a new version of a rule set over all units costs those who call meanwhile.
 *   rule-set-bench RUN_DIR prepare UNITS
 *     files units with contracts, listings, reports, absences and components, and the rule set;
 *   rule-set-bench RUN_DIR report|contract|timeline UNITS CLIENTS SECONDS
 *     CLIENTS threads call, one call at a time each: SubmitReport of intake, PutContract or
 *     GetTimeline of compliance; SECONDS undisturbed, then while the next version is worked off.
 *   rule-set-bench RUN_DIR dry-run UNITS
 *     asks what another version would lead to in these twelve months, and prints a line of CSV:
 *     seconds, units, days below and kronor that it would take.
 * A round prints three lines of CSV: undisturbed and meanwhile (calls a second, median and 99th
 * percentile in milliseconds, percent of the processors in use, failures); the ratios of the 99th
 * percentile and of the median, the seconds until nothing was pending, and how often a unit was
 * computed anew in them. It ends when all services have applied everything. */
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/rpc/client.h"
#include "services/common/wire/json.h"
#include "services/nivactl/methods.h"
#include "services/nivactl/request.h"

enum {
    CLIENTS_MAX = 256,
    FILERS = 16,
    MONTHS = 12, /* the present one and those before it */
    REPORTS = 4, /* of a unit */
    CALL_MS = 60000,
    WARM_MS = 1000,
    GLANCE_MS = 20,
    ARENA_BYTES = 64 << 20,
};

struct bench {
    struct niva_rpc_client *clients[SERVICE_COUNT];
    int units;
    niva_day first_day;
    niva_day today;
    atomic_bool stop;
    atomic_int next_unit;
};

struct sample {
    double begun; /* milliseconds */
    double ended;
};

typedef bool send_function(struct bench *bench, uint64_t *state, struct niva_arena *arena);

struct caller {
    struct bench *bench;
    send_function *send;
    pthread_t thread;
    uint64_t state;
    size_t count;
    size_t capacity;
    struct sample *samples;
    size_t failures;
};

/* ---- calls ---- */

static double milliseconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void rest_until(double instant)
{
    double left = instant - milliseconds_now();
    struct timespec rest = {.tv_sec = (time_t)(left / 1e3)};
    rest.tv_nsec = (long)((left - (double)rest.tv_sec * 1e3) * 1e6);
    if (left > 0)
        nanosleep(&rest, NULL);
}

static bool send_json(struct bench *bench, struct niva_arena *arena, const char *name,
                      const char *json, ProtobufCMessage **ret_reply)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    struct niva_error err = {0};
    struct method method;
    ProtobufCMessage *request = NULL;
    if (method_find(name, &method) &&
        niva_json_parse(method.type->input, json, strlen(json), arena, &request, &err) &&
        request_give_id(request, niva_uuid_v7(niva_clock_now()), arena, &err) &&
        niva_rpc_call(bench->clients[method.service], method.name, request, method.type->output,
                      &options, arena, ret_reply, NULL, &err))
        return true;
    fprintf(stderr, "rule-set-bench: %s: %s %s\n", name, niva_code_name((int)err.code),
            err.text_en);
    return false;
}

static bool send(struct bench *bench, struct niva_arena *arena, const char *name,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

static bool send(struct bench *bench, struct niva_arena *arena, const char *name,
                 const char *format, ...)
{
    char json[2048];
    va_list arguments;
    ProtobufCMessage *reply = NULL;
    va_start(arguments, format);
    int length = vsnprintf(json, sizeof json, format, arguments);
    va_end(arguments);
    return length > 0 && (size_t)length < sizeof json &&
           send_json(bench, arena, name, json, &reply);
}

static unsigned draw(uint64_t *state, unsigned below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)((*state >> 16) % below);
}

/* ---- what is filed ---- */

struct text {
    char bytes[32];
};

static struct text unit_id(int unit)
{
    struct text text;
    snprintf(text.bytes, sizeof text.bytes, "SE2321000016-B%05d", unit);
    return text;
}

static struct text day_text(niva_day day)
{
    struct text text;
    niva_day_format(day, text.bytes);
    return text;
}

static struct text day_draw(const struct bench *bench, uint64_t *state)
{
    return day_text(bench->first_day +
                    (niva_day)draw(state, (unsigned)(bench->today - bench->first_day)));
}

#define GROUP    "\"professionGroup\":\"fysioterapeut\""
#define POSITION "\"titleCode\":\"FT\",\"employment\":\"EMPLOYED\",\"licensed\":true"

static bool submit_report(struct bench *bench, int unit, struct text day, unsigned last_milli,
                          struct niva_arena *arena)
{
    return send(bench, arena, "niva.intake.v1.ReportService/SubmitReport",
                "{\"report\":{\"unit\":\"%s\"," GROUP ",\"effectiveFrom\":\"%s\","
                "\"reason\":\"PERIODIC\",\"positions\":["
                "{\"positionKey\":\"p1\",\"fteMilli\":1000," POSITION "},"
                "{\"positionKey\":\"p2\",\"fteMilli\":750," POSITION "},"
                "{\"positionKey\":\"p3\",\"fteMilli\":%u," POSITION "}]}}",
                unit_id(unit).bytes, day.bytes, last_milli);
}

static bool put_contract(struct bench *bench, int unit, struct text day, unsigned milli,
                         struct niva_arena *arena)
{
    return send(bench, arena, "niva.compliance.v1.RequirementService/PutContract",
                "{\"contract\":{\"unit\":\"%s\"," GROUP ",\"firstDay\":\"%s\","
                "\"minimumMilli\":%u}}",
                unit_id(unit).bytes, day.bytes, milli);
}

static bool unit_file(struct bench *bench, int unit, uint64_t *state, struct niva_arena *arena)
{
    struct text id = unit_id(unit);
    struct text first = day_text(bench->first_day);
    bool good = send(bench, arena, "niva.intake.v1.UnitService/PutUnit",
                     "{\"unit\":{\"hsaId\":\"%s\",\"name\":\"Mätpunkt %d (fiktiv)\","
                     "\"regionCode\":\"99\",\"openedOn\":\"%s\",\"owners\":[{\"orgNumber\":"
                     "\"2321000016\",\"form\":\"REGION_RUN\",\"firstDay\":\"%s\"}]}}",
                     id.bytes, unit, first.bytes, first.bytes) &&
                put_contract(bench, unit, first, 2000 + draw(state, 600), arena) &&
                submit_report(bench, unit, first, 500, arena);
    for (int i = 1; good && i < REPORTS; i++)
        good = submit_report(bench, unit, day_draw(bench, state), 100 + draw(state, 900), arena);
    niva_day away = bench->first_day + (niva_day)draw(state, 200);
    return good &&
           send(bench, arena, "niva.intake.v1.AbsenceService/NotifyAbsence",
                "{\"absence\":{\"unit\":\"%s\"," GROUP ",\"positionKey\":\"p2\","
                "\"firstDay\":\"%s\",\"expectedLastDay\":\"%s\",\"category\":\"OTHER\"}}",
                id.bytes, day_text(away).bytes, day_text(away + 45).bytes) &&
           send(bench, arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{\"component\":{\"component\":\"fast\",\"unit\":\"%s\"," GROUP
                ",\"firstDay\":\"%s\",\"monthlyOre\":\"%u\",\"regulated\":true}}",
                id.bytes, first.bytes, 10000000 + draw(state, 5000000));
}

static bool listings_file(struct bench *bench, niva_day as_of, struct niva_arena *arena)
{
    char *json = NULL;
    size_t size = 0;
    ProtobufCMessage *reply = NULL;
    FILE *stream = open_memstream(&json, &size);
    if (stream == NULL)
        return false;
    fputs("{\"listings\":[", stream);
    for (int unit = 0; unit < bench->units; unit++)
        fprintf(stream, "%s{\"unit\":\"%s\",\"asOf\":\"%s\",\"listed\":%d}", unit > 0 ? "," : "",
                unit_id(unit).bytes, day_text(as_of).bytes, 4000 + unit);
    fputs("]}", stream);
    bool good =
        fclose(stream) == 0 &&
        send_json(bench, arena, "niva.compliance.v1.RequirementService/PutListings", json, &reply);
    free(json);
    return good;
}

/* Every version touches every month of every unit: each says which version is in force. */
static bool rule_set_publish(struct bench *bench, struct niva_arena *arena)
{
    return send(bench, arena, "niva.compliance.v1.RuleService/PutRuleSet",
                "{\"ruleSet\":{\"ruleSetId\":\"fysio\",\"regionCode\":\"99\"," GROUP
                ",\"firstDay\":\"%s\",\"severity\":\"BINDING\",\"requirement\":{\"kind\":"
                "\"GREATER_OF\",\"personsPerFte\":2000},\"counting\":{\"titleCodes\":[\"FT\"],"
                "\"employments\":[\"EMPLOYED\"],\"absenceThresholdDays\":30},"
                "\"regulation\":{\"formula\":\"PRO_RATA\"}}}",
                day_text(bench->first_day).bytes);
}

static void *filer_run(void *argument)
{
    struct bench *bench = argument;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    uint64_t state = 0;
    for (int unit; arena != NULL && (unit = atomic_fetch_add(&bench->next_unit, 1)) < bench->units;
         niva_arena_reset(arena)) {
        state = UINT64_C(88172645463325252) + (uint64_t)unit * 7919;
        if (!unit_file(bench, unit, &state, arena))
            atomic_store(&bench->stop, true);
    }
    niva_arena_free(arena);
    return NULL;
}

static bool prepare(struct bench *bench, struct niva_arena *arena)
{
    pthread_t threads[FILERS];
    bool good = rule_set_publish(bench, arena);
    for (niva_day day = bench->first_day; good && day < bench->today; day += 92)
        good = listings_file(bench, day, arena);
    int started = 0;
    while (good && started < FILERS &&
           pthread_create(&threads[started], NULL, filer_run, bench) == 0)
        started++;
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return good && started == FILERS && !atomic_load(&bench->stop);
}

/* ---- how the services stand ---- */

struct state {
    int64_t pending;
    int64_t recomputed;
    int64_t applied[SERVICE_COUNT]; /* how far each stream is; its own to its head */
};

static bool state_get(struct bench *bench, enum service service, struct niva_arena *arena,
                      struct state *ret_state)
{
    static const struct niva_rpc_options options = {.timeout_ms = CALL_MS,
                                                    .recorded_at = INT64_MIN};
    Niva__Control__V1__GetStatusRequest request = NIVA__CONTROL__V1__GET_STATUS_REQUEST__INIT;
    ProtobufCMessage *reply = NULL;
    struct niva_error err;
    niva_arena_reset(arena);
    if (!niva_rpc_call(bench->clients[service], "/niva.control.v1.ControlService/GetStatus",
                       &request.base, &niva__control__v1__get_status_response__descriptor, &options,
                       arena, &reply, NULL, &err)) {
        fprintf(stderr, "rule-set-bench: %s: %s\n", service_name(service), err.text_en);
        return false;
    }
    const Niva__Control__V1__GetStatusResponse *status = (const void *)reply;
    *ret_state = (struct state){.pending = status->pending, .recomputed = status->recomputed};
    for (size_t i = 0; i < status->n_applied; i++) {
        enum service stream;
        if (service_find(status->applied[i]->stream, &stream))
            ret_state->applied[stream] = status->applied[i]->position;
    }
    return true;
}

/* Waits until nothing is pending in compliance. */
static bool pending_await(struct bench *bench, struct niva_arena *arena, struct state *ret_state)
{
    while (state_get(bench, COMPLIANCE, arena, ret_state)) {
        if (ret_state->pending == 0)
            return true;
        rest_until(milliseconds_now() + GLANCE_MS);
    }
    return false;
}

/* Waits until every service has applied all that was written. */
static bool settle(struct bench *bench, struct niva_arena *arena)
{
    struct state states[SERVICE_COUNT];
    for (;;) {
        bool settled = true;
        for (int service = INTAKE; service < SERVICE_COUNT; service++) {
            if (!state_get(bench, (enum service)service, arena, &states[service]))
                return false;
            settled = settled && states[service].pending == 0 &&
                      (service == INTAKE || states[service].applied[service - 1] >=
                                                states[service - 1].applied[service - 1]);
        }
        if (settled)
            return true;
        rest_until(milliseconds_now() + GLANCE_MS);
    }
}

/* Jiffies of all processors: in use, and all. */
static void processors_read(double *ret_busy, double *ret_all)
{
    double figures[8] = {0};
    FILE *file = fopen("/proc/stat", "r");
    *ret_busy = *ret_all = 0;
    if (file == NULL)
        return;
    if (fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &figures[0], &figures[1], &figures[2],
               &figures[3], &figures[4], &figures[5], &figures[6], &figures[7]) == 8) {
        for (int i = 0; i < 8; i++) {
            *ret_all += figures[i];
            *ret_busy += i == 3 || i == 4 ? 0 : figures[i]; /* idle, waiting for the disk */
        }
    }
    fclose(file);
}

/* ---- callers ---- */

static bool send_report(struct bench *bench, uint64_t *state, struct niva_arena *arena)
{
    return submit_report(bench, (int)draw(state, (unsigned)bench->units), day_draw(bench, state),
                         100 + draw(state, 900), arena);
}

static bool send_contract(struct bench *bench, uint64_t *state, struct niva_arena *arena)
{
    return put_contract(bench, (int)draw(state, (unsigned)bench->units), day_text(bench->first_day),
                        2000 + draw(state, 600), arena);
}

static bool send_timeline(struct bench *bench, uint64_t *state, struct niva_arena *arena)
{
    return send(bench, arena, "niva.compliance.v1.ComplianceService/GetTimeline",
                "{\"unit\":\"%s\"," GROUP ",\"firstDay\":\"%s\",\"lastDay\":\"%s\"}",
                unit_id((int)draw(state, (unsigned)bench->units)).bytes,
                day_text(bench->first_day).bytes, day_text(bench->today).bytes);
}

static const struct {
    const char *name;
    send_function *send;
} kinds[] = {{"report", send_report}, {"contract", send_contract}, {"timeline", send_timeline}};

static bool sample_keep(struct caller *caller, struct sample sample)
{
    if (caller->count == caller->capacity) {
        size_t capacity = caller->capacity == 0 ? 4096 : 2 * caller->capacity;
        struct sample *grown = realloc(caller->samples, capacity * sizeof *grown);
        if (grown == NULL)
            return false;
        caller->samples = grown;
        caller->capacity = capacity;
    }
    caller->samples[caller->count++] = sample;
    return true;
}

static void *caller_run(void *argument)
{
    struct caller *caller = argument;
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    while (arena != NULL && !atomic_load(&caller->bench->stop)) {
        struct sample sample = {.begun = milliseconds_now()};
        caller->failures += !caller->send(caller->bench, &caller->state, arena);
        sample.ended = milliseconds_now();
        niva_arena_reset(arena);
        if (!sample_keep(caller, sample))
            break;
    }
    niva_arena_free(arena);
    return NULL;
}

/* ---- a round ---- */

struct moment {
    double at;
    double busy;
    double all;
};

static struct moment moment_now(void)
{
    struct moment moment = {.at = milliseconds_now()};
    processors_read(&moment.busy, &moment.all);
    return moment;
}

struct figures {
    double rate;
    double median;
    double worst; /* 99th percentile */
    double busy;  /* percent of the processors */
};

static int order(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of the calls that ended between two moments. */
static struct figures figures_of(const struct caller *callers, int count, struct moment from,
                                 struct moment until)
{
    size_t all = 0;
    for (int i = 0; i < count; i++)
        all += callers[i].count;
    double *took = calloc(all + 1, sizeof *took);
    size_t kept = 0;
    for (int i = 0; took != NULL && i < count; i++) {
        for (size_t k = 0; k < callers[i].count; k++) {
            const struct sample *sample = &callers[i].samples[k];
            if (sample->ended > from.at && sample->ended <= until.at)
                took[kept++] = sample->ended - sample->begun;
        }
    }
    struct figures figures = {.rate = (double)kept * 1e3 / (until.at - from.at)};
    if (kept > 0) {
        qsort(took, kept, sizeof *took, order);
        figures.median = took[kept / 2];
        figures.worst = took[kept * 99 / 100];
    }
    if (until.all > from.all)
        figures.busy = 100 * (until.busy - from.busy) / (until.all - from.all);
    free(took);
    return figures;
}

static void figures_print(const char *kind, const char *when, struct figures figures,
                          size_t failures)
{
    printf("rule_set_%s_%s,%.0f,%.3f,%.3f,%.0f,%zu\n", kind, when, figures.rate, figures.median,
           figures.worst, figures.busy, failures);
}

/* What happens while the callers call: nothing, then the next version until it is worked off. */
static bool version_measure(struct bench *bench, int seconds, struct niva_arena *arena,
                            struct moment ret_moments[3], int64_t *ret_recomputed)
{
    struct state before;
    struct state after;
    rest_until(milliseconds_now() + WARM_MS);
    ret_moments[0] = moment_now();
    rest_until(ret_moments[0].at + seconds * 1e3);
    if (!state_get(bench, COMPLIANCE, arena, &before))
        return false;
    ret_moments[1] = moment_now();
    if (!rule_set_publish(bench, arena) || !pending_await(bench, arena, &after))
        return false;
    ret_moments[2] = moment_now();
    *ret_recomputed = after.recomputed - before.recomputed;
    return true;
}

static bool round_run(struct bench *bench, size_t kind, int clients, int seconds,
                      struct niva_arena *arena)
{
    static struct caller callers[CLIENTS_MAX];
    struct moment moments[3];
    int64_t recomputed = 0;
    size_t failures = 0;
    int started = 0;
    bool good = true;
    for (; good && started < clients; started++) {
        callers[started] = (struct caller){.bench = bench,
                                           .send = kinds[kind].send,
                                           .state = UINT64_C(88172645463325252) +
                                                    (uint64_t)(started + niva_clock_now()) * 7919};
        good = pthread_create(&callers[started].thread, NULL, caller_run, &callers[started]) == 0;
    }
    good = good && version_measure(bench, seconds, arena, moments, &recomputed);
    atomic_store(&bench->stop, true);
    for (int i = 0; i < started; i++) {
        pthread_join(callers[i].thread, NULL);
        failures += callers[i].failures;
    }
    if (good) {
        struct figures calm = figures_of(callers, started, moments[0], moments[1]);
        struct figures meanwhile = figures_of(callers, started, moments[1], moments[2]);
        figures_print(kinds[kind].name, "undisturbed", calm, failures);
        figures_print(kinds[kind].name, "meanwhile", meanwhile, failures);
        printf("rule_set_%s_ratio,%.3f,%.3f,%.3f,%.3f\n", kinds[kind].name,
               meanwhile.worst / calm.worst, meanwhile.median / calm.median,
               (moments[2].at - moments[1].at) / 1e3, (double)recomputed / bench->units);
    }
    for (int i = 0; i < started; i++)
        free(callers[i].samples);
    return good;
}

/* ---- a dry run ---- */

static bool dry_run(struct bench *bench, struct niva_arena *arena)
{
    char json[1024];
    ProtobufCMessage *reply = NULL;
    snprintf(json, sizeof json,
             "{\"ruleSet\":{\"ruleSetId\":\"fysio\",\"regionCode\":\"99\"," GROUP
             ",\"firstDay\":\"%s\",\"severity\":\"BINDING\",\"requirement\":{\"kind\":"
             "\"GREATER_OF\",\"personsPerFte\":1900},\"counting\":{\"titleCodes\":[\"FT\"],"
             "\"employments\":[\"EMPLOYED\"],\"absenceThresholdDays\":14},"
             "\"regulation\":{\"formula\":\"PRO_RATA\"}},\"firstDay\":\"%s\","
             "\"lastDay\":\"%s\"}",
             day_text(bench->first_day).bytes, day_text(bench->first_day).bytes,
             day_text(bench->today).bytes);
    double begun = milliseconds_now();
    if (!send_json(bench, arena, "niva.compliance.v1.ComplianceService/DryRunRuleSet", json,
                   &reply))
        return false;
    const Niva__Compliance__V1__DryRunRuleSetResponse *answer = (const void *)reply;
    printf("dry_run_region,%.3f,%zu,%d,%" PRId64 "\n", (milliseconds_now() - begun) / 1e3,
           answer->n_units, (int)answer->new_breach_days, answer->new_deduction_ore / 100);
    return (int)answer->n_units == bench->units && answer->new_deduction_ore > 0;
}

static bool clients_open(struct bench *bench, const char *run_dir)
{
    for (int service = INTAKE; service < SERVICE_COUNT; service++) {
        char url[256];
        struct niva_error err;
        snprintf(url, sizeof url, "ipc://%s/%s.user", run_dir, service_name((enum service)service));
        bench->clients[service] = niva_rpc_client_new(url, &err);
        if (bench->clients[service] == NULL)
            return false;
    }
    return true;
}

static bool run(struct bench *bench, char **argv, int argc, struct niva_arena *arena)
{
    if (strcmp(argv[2], "prepare") == 0)
        return prepare(bench, arena) && settle(bench, arena);
    if (strcmp(argv[2], "dry-run") == 0)
        return dry_run(bench, arena);
    for (size_t kind = 0; argc == 6 && kind < sizeof kinds / sizeof *kinds; kind++) {
        int clients = atoi(argv[4]);
        if (strcmp(argv[2], kinds[kind].name) == 0 && clients > 0 && clients <= CLIENTS_MAX)
            return round_run(bench, kind, clients, atoi(argv[5]), arena) && settle(bench, arena);
    }
    fputs("rule-set-bench: no such kind or number of clients\n", stderr);
    return false;
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 6) {
        fputs("usage: rule-set-bench RUN_DIR prepare|dry-run UNITS\n"
              "       rule-set-bench RUN_DIR report|contract|timeline UNITS CLIENTS SECONDS\n",
              stderr);
        return 2;
    }
    struct bench bench = {.units = atoi(argv[3]), .today = niva_local_day(niva_clock_now())};
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    bench.first_day = niva_month_begin(bench.today);
    for (int month = 1; month < MONTHS; month++)
        bench.first_day = niva_month_begin(bench.first_day - 1);
    bool good = arena != NULL && bench.units > 0 && clients_open(&bench, argv[1]) &&
                run(&bench, argv, argc, arena);
    for (int service = INTAKE; service < SERVICE_COUNT; service++)
        niva_rpc_client_free(bench.clients[service]);
    niva_arena_free(arena);
    return good ? 0 : 3;
}
