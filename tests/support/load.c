#include "tests/support/load.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "services/common/base/clock.h"
#include "tests/support/process.h"

enum {
    COMMANDS_MAX = 8192, /* of a client */
    OWN_MAX = 64,        /* facts that a client remembers to change */
    CALL_MS = 5000,
    ACKNOWLEDGE_MS = 60000,
    PAUSE_MS = 20, /* before a refused command is sent again */
    ARENA_BYTES = 64 << 20,
    UNITS = 6,
    DAYS = 273, /* 2022-01-01 … 2022-09-30 */
};

const size_t load_unit_count = UNITS;

/* A fact of the client's own that it may change later. */
struct own {
    char id[40];
    char unit[32];
    char key[8];
    niva_day first_day;
};

struct owns {
    struct own list[OWN_MAX];
    size_t count;
};

struct load_client {
    struct system *system;
    struct load *load; /* NULL: alone */
    pthread_t thread;
    char principal[32];
    uint64_t state;
    niva_instant recorded_at;
    unsigned serial;
    struct owns reports;
    struct owns absences;
    struct own changing; /* the fact that the present command changes */
    struct niva_arena *arena;
    struct load_command *commands;
    size_t count;
    char failure[512];
};

struct load {
    struct load_client *clients[LOAD_CLIENTS_MAX];
    unsigned client_count;
    atomic_bool stopping;
    pthread_mutex_t lock;
    pthread_cond_t progress;
    size_t acknowledged;
};

/* ---- drawing ---- */

static unsigned draw(struct load_client *client, unsigned below)
{
    client->state ^= client->state << 13;
    client->state ^= client->state >> 7;
    client->state ^= client->state << 17;
    return (unsigned)((client->state >> 16) % below);
}

static bool chance(struct load_client *client, unsigned percent)
{
    return draw(client, 100) < percent;
}

static void unit_id(unsigned unit, char ret_id[32])
{
    snprintf(ret_id, 32, "SE2321000016-LAST%02u", unit);
}

static void day_draw(struct load_client *client, char ret_day[16])
{
    niva_day_format(niva_day_from_civil(2022, 1, 1) + (niva_day)draw(client, DAYS), ret_day);
}

static void month_draw(struct load_client *client, char ret_day[16])
{
    niva_day_format(niva_day_from_civil(2022, 1 + (int)draw(client, 9), 1), ret_day);
}

static void append(struct load_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct load_command *command, const char *format, ...)
{
    size_t length = strlen(command->json);
    va_list arguments;
    int more;

    va_start(arguments, format);
    more = vsnprintf(command->json + length, sizeof command->json - length, format, arguments);
    va_end(arguments);
    if (more < 0 || length + (size_t)more >= sizeof command->json)
        give_up("a command of the load is too long");
}

/* Request ids follow from client and number, so that two systems can be told the same. */
static void request_id_append(struct load_client *client, struct load_command *command)
{
    static const struct niva_uuid name_space = {{0x6e, 0x69, 0x76, 0x61}};
    char name[64];
    char text[37];

    snprintf(name, sizeof name, "%s %u", client->principal, client->serial);
    niva_uuid_format(niva_uuid_v5(name_space, name, strlen(name)), text);
    append(command, "{'requestId': '%s', ", text);
}

static void positions_append(struct load_client *client, struct load_command *command)
{
    static const char *const titles[] = {"FT", "FT", "FT", "SG", "NA"};
    static const char *const employments[] = {"EMPLOYED", "EMPLOYED", "SUBSTITUTE", "HIRED"};
    unsigned count = 1 + draw(client, 3);

    append(command, "[");
    for (unsigned i = 0; i < count; i++)
        append(command,
               "%s{'positionKey': 'p%u', 'titleCode': '%s', 'employment': '%s', 'fteMilli': %u,"
               " 'licensed': %s}",
               i == 0 ? "" : ", ", i + 1, titles[draw(client, 5)], employments[draw(client, 4)],
               250 * (1 + draw(client, 4)), chance(client, 90) ? "true" : "false");
    append(command, "]");
}

static struct own own_take(struct load_client *client, struct owns *owns)
{
    size_t at = draw(client, (unsigned)owns->count);
    struct own own = owns->list[at];

    owns->list[at] = owns->list[--owns->count];
    return own;
}

static void own_keep(struct owns *owns, const struct own *own)
{
    if (owns->count < OWN_MAX)
        owns->list[owns->count++] = *own;
}

static void report_draw(struct load_client *client, struct load_command *command)
{
    struct own *changing = &client->changing;
    char unit[32];
    char day[16];

    *changing = (struct own){0};
    if (client->reports.count > 0 && chance(client, 15))
        *changing = own_take(client, &client->reports);
    else
        unit_id(draw(client, UNITS), changing->unit);
    snprintf(unit, sizeof unit, "%s", changing->unit);
    day_draw(client, day);
    command->method = "niva.intake.v1.ReportService/SubmitReport";
    append(command,
           "'report': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'effectiveFrom': '%s',"
           " 'reason': '%s', 'resolutionNote': 'Fiktiv rad %u', 'correctsReportId': '%s',"
           " 'positions': ",
           unit, day, changing->id[0] == '\0' ? "PERIODIC" : "CORRECTION", client->serial,
           changing->id);
    positions_append(client, command);
    append(command, "}}");
}

static void withdrawal_draw(struct load_client *client, struct load_command *command)
{
    struct own own = own_take(client, &client->reports);

    command->method = "niva.intake.v1.ReportService/WithdrawReport";
    append(command, "'reportId': '%s', 'reason': 'Fiktivt skäl %u'}", own.id, client->serial);
}

/* First day, last day and cover of an absence of `changing`. */
static void absence_append(struct load_client *client, struct load_command *command)
{
    const struct own *changing = &client->changing;
    char first_day[16];
    char last_day[16] = "";

    niva_day_format(changing->first_day, first_day);
    if (chance(client, 85))
        niva_day_format(changing->first_day + 5 + (niva_day)draw(client, 90), last_day);
    append(command,
           "'absence': {'absenceId': '%s', 'unit': '%s', 'professionGroup': 'fysioterapeut',"
           " 'positionKey': '%s', 'firstDay': '%s', 'expectedLastDay': '%s', 'category': '%s',"
           " 'planNote': 'Fiktiv plan %u'",
           changing->id, changing->unit, changing->key, first_day, last_day,
           chance(client, 20) ? "LOANED_OUT" : "OTHER", client->serial);
    if (chance(client, 30))
        append(command, ", 'absentMilli': %u", 250 * (1 + draw(client, 3)));
    if (chance(client, 30))
        append(command,
               ", 'cover': [{'positionKey': 'v%u', 'titleCode': 'FT', 'employment': 'SUBSTITUTE',"
               " 'fteMilli': 500, 'licensed': true}]",
               1 + draw(client, 3));
    append(command, "}}");
}

static void absence_draw(struct load_client *client, struct load_command *command)
{
    struct own *changing = &client->changing;

    *changing =
        (struct own){.first_day = niva_day_from_civil(2022, 1, 1) + (niva_day)draw(client, DAYS)};
    unit_id(draw(client, UNITS), changing->unit);
    snprintf(changing->key, sizeof changing->key, "p%u", 1 + draw(client, 3));
    command->method = "niva.intake.v1.AbsenceService/NotifyAbsence";
    absence_append(client, command);
}

static void absence_change_draw(struct load_client *client, struct load_command *command)
{
    client->changing = own_take(client, &client->absences);
    command->method = "niva.intake.v1.AbsenceService/UpdateAbsence";
    absence_append(client, command);
}

static void cancellation_draw(struct load_client *client, struct load_command *command)
{
    struct own own = own_take(client, &client->absences);

    command->method = "niva.intake.v1.AbsenceService/CancelAbsence";
    append(command, "'absenceId': '%s'}", own.id);
}

static void contract_draw(struct load_client *client, struct load_command *command)
{
    char unit[32];
    char first_day[16];

    unit_id(draw(client, UNITS), unit);
    month_draw(client, first_day);
    command->method = "niva.compliance.v1.RequirementService/PutContract";
    append(command,
           "'contract': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'firstDay': '%s',"
           " 'minimumMilli': %u, 'reference': 'Fiktivt avtal %s %u'}}",
           unit, first_day, 250 * (2 + draw(client, 8)), client->principal, client->serial);
}

static void dispensation_draw(struct load_client *client, struct load_command *command)
{
    niva_day first = niva_day_from_civil(2022, 1, 1) + (niva_day)draw(client, DAYS);
    char unit[32];
    char first_day[16];
    char last_day[16];

    unit_id(draw(client, UNITS), unit);
    niva_day_format(first, first_day);
    niva_day_format(first + (niva_day)draw(client, 30), last_day);
    command->method = "niva.compliance.v1.DispensationService/GrantDispensation";
    append(command,
           "'dispensation': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'firstDay': '%s',"
           " 'lastDay': '%s', 'reducedMinimumMilli': %u,"
           " 'decisionReference': 'Fiktivt beslut %u'}}",
           unit, first_day, last_day, 250 * draw(client, 5), client->serial);
}

static void finding_draw(struct load_client *client, struct load_command *command)
{
    niva_day first = niva_day_from_civil(2022, 1, 1) + (niva_day)draw(client, DAYS);
    char unit[32];
    char first_day[16];
    char last_day[16];

    unit_id(draw(client, UNITS), unit);
    niva_day_format(first, first_day);
    niva_day_format(first + (niva_day)draw(client, 20), last_day);
    command->method = "niva.compliance.v1.FindingService/PutFinding";
    append(command,
           "'finding': {'unit': '%s', 'professionGroup': 'fysioterapeut', 'firstDay': '%s',"
           " 'lastDay': '%s', 'countedMilli': %u, 'evidence': 'Besök (fiktivt)',"
           " 'caseNumber': 'FIKTIV-%u'}}",
           unit, first_day, last_day, 250 * draw(client, 9), client->serial);
}

static void component_draw(struct load_client *client, struct load_command *command)
{
    char unit[32];
    char first_day[16];

    unit_id(draw(client, UNITS), unit);
    month_draw(client, first_day);
    command->method = "niva.compensation.v1.ComponentService/PutComponent";
    append(command,
           "'component': {'component': '%s', 'unit': '%s', 'professionGroup': 'fysioterapeut',"
           " 'firstDay': '%s', 'monthlyOre': '%u', 'regulated': true}}",
           chance(client, 70) ? "fysioterapi" : "rehabilitering", unit, first_day,
           1000000 + 1000 * draw(client, 20000) + client->serial % 1000);
}

static const struct {
    enum load_kind kind;
    unsigned weight; /* of 100 */
    void (*draw)(struct load_client *client, struct load_command *command);
} drawers[] = {
    {LOAD_REPORT, 46, report_draw},
    {LOAD_ABSENCE, 16, absence_draw},
    {LOAD_CONTRACT, 10, contract_draw},
    {LOAD_COMPONENT, 8, component_draw},
    {LOAD_FINDING, 2, finding_draw},
    {LOAD_DISPENSATION, 2, dispensation_draw},
    {LOAD_ABSENCE_CHANGE, 8, absence_change_draw},
    {LOAD_WITHDRAWAL, 5, withdrawal_draw},
    {LOAD_CANCELLATION, 3, cancellation_draw},
};

/* What changes a fact needs one; a client without becomes a reporter. */
static bool drawer_fits(const struct load_client *client, enum load_kind kind)
{
    if (kind == LOAD_WITHDRAWAL)
        return client->reports.count > 0;
    if (kind == LOAD_ABSENCE_CHANGE || kind == LOAD_CANCELLATION)
        return client->absences.count > 0;
    return true;
}

static void command_draw(struct load_client *client, struct load_command *command)
{
    unsigned at = draw(client, 100);
    size_t i = 0;

    while (at >= drawers[i].weight)
        at -= drawers[i++].weight;
    if (!drawer_fits(client, drawers[i].kind))
        i = 0;
    *command = (struct load_command){.kind = drawers[i].kind, .principal = client->principal};
    request_id_append(client, command);
    drawers[i].draw(client, command);
    client->serial++;
}

/* ---- sending ---- */

/* What may pass by itself: the command is sent again, the same. */
static bool passing(enum niva_code code)
{
    return code == NIVA_UNAVAILABLE || code == NIVA_DEADLINE_EXCEEDED || code == NIVA_ABORTED ||
           code == NIVA_RESOURCE_EXHAUSTED;
}

static bool command_send(struct load_client *client, const struct load_command *command,
                         ProtobufCMessage **ret_reply)
{
    const struct niva_rpc_options options = {
        .timeout_ms = CALL_MS,
        .principal = client->principal,
        .recorded_at = client->recorded_at,
    };
    int64_t deadline_ms = niva_clock_monotonic_ms() + ACKNOWLEDGE_MS;
    struct niva_error err;

    for (;;) {
        if (system_call(client->system, command->method, command->json, &options, client->arena,
                        ret_reply, &err))
            return true;
        if (!passing(err.code) || niva_clock_monotonic_ms() > deadline_ms) {
            snprintf(client->failure, sizeof client->failure,
                     "%s: expected OK, actual %s: %.150s (%.60s) (%.100s)", command->method,
                     niva_code_name((int)err.code), err.text_en,
                     err.violation_count > 0 ? err.violations[0].field : "", err.cause);
            return false;
        }
        poll(NULL, 0, PAUSE_MS);
    }
}

/* The reply without what tells a first answer from a stored one. */
static bool reply_pack(ProtobufCMessage *reply, ProtobufCBinaryData *ret_packed)
{
    if (niva_wire_field(reply->descriptor, "replayed") != NULL &&
        !niva_wire_set_bool(reply, "replayed", false))
        return false;
    ret_packed->len = protobuf_c_message_get_packed_size(reply);
    ret_packed->data = malloc(ret_packed->len + 1);
    if (ret_packed->data == NULL)
        return false;
    protobuf_c_message_pack(reply, ret_packed->data);
    return true;
}

static void facts_remember(struct load_client *client, enum load_kind kind,
                           const ProtobufCMessage *reply)
{
    struct own own = client->changing;
    const char *id = NULL;

    if (kind == LOAD_REPORT)
        id = ((const Niva__Intake__V1__SubmitReportResponse *)reply)->report->report_id;
    else if (kind == LOAD_ABSENCE)
        id = ((const Niva__Intake__V1__NotifyAbsenceResponse *)reply)->absence->absence_id;
    else if (kind == LOAD_ABSENCE_CHANGE)
        id = own.id;
    if (id == NULL)
        return;
    if (id != own.id)
        snprintf(own.id, sizeof own.id, "%s", id);
    own_keep(kind == LOAD_REPORT ? &client->reports : &client->absences, &own);
}

static bool command_run(struct load_client *client)
{
    struct load_command *command = &client->commands[client->count];
    ProtobufCMessage *reply;

    command_draw(client, command);
    if (!command_send(client, command, &reply))
        return false;
    facts_remember(client, command->kind, reply);
    if (!reply_pack(reply, &command->reply)) {
        snprintf(client->failure, sizeof client->failure, "no memory");
        return false;
    }
    client->count++;
    niva_arena_reset(client->arena);
    return true;
}

struct load_client *load_client_new(struct system *system, unsigned name, uint64_t seed)
{
    struct load_client *client = calloc(1, sizeof *client);

    if (client != NULL) {
        client->arena = niva_arena_new(ARENA_BYTES);
        client->commands = calloc(COMMANDS_MAX, sizeof *client->commands);
    }
    if (client == NULL || client->arena == NULL || client->commands == NULL)
        give_up("no memory");
    client->system = system;
    client->recorded_at = INT64_MIN;
    client->state = seed * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)name * 7919 + 1;
    snprintf(client->principal, sizeof client->principal, "fiktiv-klient-%u", name);
    return client;
}

bool load_client_next(struct load_client *client, niva_instant recorded_at)
{
    client->recorded_at = recorded_at;
    if (command_run(client))
        return true;
    fprintf(stderr, "%s\n", client->failure);
    return false;
}

struct load_client *load_client_free(struct load_client *client)
{
    if (client == NULL)
        return NULL;
    for (size_t i = 0; i < client->count; i++)
        free(client->commands[i].reply.data);
    free(client->commands);
    niva_arena_free(client->arena);
    free(client);
    return NULL;
}

/* ---- many at once ---- */

static void *client_run(void *argument)
{
    struct load_client *client = argument;
    struct load *load = client->load;

    while (!atomic_load(&load->stopping) && client->count < COMMANDS_MAX && command_run(client)) {
        pthread_mutex_lock(&load->lock);
        load->acknowledged++;
        pthread_cond_signal(&load->progress);
        pthread_mutex_unlock(&load->lock);
    }
    return NULL;
}

static void progress_make(struct load *load)
{
    pthread_condattr_t attributes;

    if (pthread_condattr_init(&attributes) != 0 ||
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0 ||
        pthread_mutex_init(&load->lock, NULL) != 0 ||
        pthread_cond_init(&load->progress, &attributes) != 0)
        give_up("no condition");
    pthread_condattr_destroy(&attributes);
}

struct load *load_start(struct system *system, unsigned clients, uint64_t seed)
{
    struct load *load = calloc(1, sizeof *load);

    if (load == NULL || clients > LOAD_CLIENTS_MAX)
        give_up("no memory for %u clients", clients);
    progress_make(load);
    for (; load->client_count < clients; load->client_count++) {
        struct load_client *client = load_client_new(system, load->client_count, seed);

        client->load = load;
        load->clients[load->client_count] = client;
        if (pthread_create(&client->thread, NULL, client_run, client) != 0)
            give_up("no thread");
    }
    return load;
}

size_t load_acknowledged(struct load *load)
{
    size_t acknowledged;

    pthread_mutex_lock(&load->lock);
    acknowledged = load->acknowledged;
    pthread_mutex_unlock(&load->lock);
    return acknowledged;
}

bool load_wait(struct load *load, size_t acknowledged, int timeout_ms)
{
    int64_t until_ms = niva_clock_monotonic_ms() + timeout_ms;
    struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
                             .tv_nsec = (long)(until_ms % 1000) * 1000000};
    bool reached;
    int result = 0;

    pthread_mutex_lock(&load->lock);
    while (load->acknowledged < acknowledged && result == 0)
        result = pthread_cond_timedwait(&load->progress, &load->lock, &until);
    reached = load->acknowledged >= acknowledged;
    pthread_mutex_unlock(&load->lock);
    return reached;
}

void load_stop(struct load *load)
{
    atomic_store(&load->stopping, true);
    for (unsigned i = 0; i < load->client_count; i++)
        pthread_join(load->clients[i]->thread, NULL);
}

const char *load_failure(const struct load *load)
{
    for (unsigned i = 0; i < load->client_count; i++)
        if (load->clients[i]->failure[0] != '\0')
            return load->clients[i]->failure;
    return "";
}

const struct load_command *load_command_at(const struct load *load, size_t index)
{
    for (unsigned i = 0; i < load->client_count; i++) {
        if (index < load->clients[i]->count)
            return &load->clients[i]->commands[index];
        index -= load->clients[i]->count;
    }
    return NULL;
}

struct load *load_free(struct load *load)
{
    if (load == NULL)
        return NULL;
    for (unsigned i = 0; i < load->client_count; i++)
        load_client_free(load->clients[i]);
    pthread_cond_destroy(&load->progress);
    pthread_mutex_destroy(&load->lock);
    free(load);
    return NULL;
}

/* ---- before and after ---- */

static void unit_prepare(struct system *system, struct niva_arena *arena, unsigned unit)
{
    char id[32];

    unit_id(unit, id);
    system_tell(system, arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen %u (fiktiv)', 'regionCode': '%s',"
                " 'owners': [{'orgNumber': '2321000016', 'form': '%s', 'firstDay': '2020-01-01'}],"
                " 'openedOn': '2020-01-01'}}",
                id, unit, unit % 2 == 0 ? "98" : "99", unit % 3 == 0 ? "PRIVATE" : "INTRAPRENAD");
    system_tell(system, arena, "niva.compliance.v1.RequirementService/PutContract",
                "{'contract': {'unit': '%s', 'professionGroup': 'fysioterapeut',"
                " 'firstDay': '2021-01-01', 'minimumMilli': %u}}",
                id, 1000 + 250 * unit);
    system_tell(system, arena, "niva.compensation.v1.ComponentService/PutComponent",
                "{'component': {'component': 'fysioterapi', 'unit': '%s',"
                " 'professionGroup': 'fysioterapeut', 'firstDay': '2021-01-01',"
                " 'monthlyOre': '%u', 'regulated': true}}",
                id, 10000000 + unit);
}

static void region_prepare(struct system *system, struct niva_arena *arena, const char *region,
                           const char *regulation)
{
    system_tell(system, arena, "niva.compliance.v1.RuleService/PutRuleSet",
                "{'ruleSet': {'ruleSetId': 'fysioterapi-%s', 'regionCode': '%s',"
                " 'professionGroup': 'fysioterapeut', 'firstDay': '2022-01-01',"
                " 'severity': 'BINDING', 'decisionReference': 'Fiktivt beslut',"
                " 'requirement': {'kind': 'CONTRACTED'},"
                " 'counting': {'titleCodes': ['FT', 'SG'], 'employments': ['EMPLOYED',"
                " 'SUBSTITUTE', 'HIRED'], 'absenceThresholdDays': 30},"
                " 'reporting': {'reportMaxAgeDays': 365, 'changeWithinDays': 14,"
                " 'absenceNoticeOverDays': 30, 'absenceWithinDays': 3, 'planWithinDays': 14},"
                " 'regulation': {%s}}}",
                region, region, regulation);
}

void load_prepare(struct system *system)
{
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);

    if (arena == NULL)
        give_up("no memory");
    region_prepare(system, arena, "98",
                   "'formula': 'PER_STARTED_WEEK', 'permille': 100, 'maxPeriods': 12,"
                   " 'graceDays': 3, 'capPermille': 500");
    region_prepare(system, arena, "99", "'formula': 'PRO_RATA', 'roundingUnitOre': 100");
    for (unsigned unit = 0; unit < UNITS; unit++)
        unit_prepare(system, arena, unit);
    niva_arena_free(arena);
}

bool load_replay(struct system *system, const struct load_command *command)
{
    const struct niva_rpc_options options = {
        .timeout_ms = CALL_MS, .principal = command->principal, .recorded_at = INT64_MIN};
    struct niva_arena *arena = niva_arena_new(ARENA_BYTES);
    ProtobufCBinaryData again = {0};
    ProtobufCMessage *reply;
    struct niva_error err;
    bool same;

    if (arena == NULL)
        give_up("no memory");
    if (!system_call(system, command->method, command->json, &options, arena, &reply, &err)) {
        fprintf(stderr, "%s again: expected the first answer, actual %s: %s\n", command->method,
                niva_code_name((int)err.code), err.text_en);
        niva_arena_free(arena);
        return false;
    }
    same = reply_pack(reply, &again) && again.len == command->reply.len &&
           memcmp(again.data, command->reply.data, again.len) == 0;
    if (!same)
        fprintf(stderr, "%s again: expected the first answer, actual another\n  %s\n",
                command->method, command->json);
    free(again.data);
    niva_arena_free(arena);
    return same;
}
