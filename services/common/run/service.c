#include "services/common/run/service.h"

#include <nng/nng.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "bus_sql.h"
#include "niva/control/v1/control.pb-c.h"
#include "niva/events/v1/events.pb-c.h"
#include "services/common/base/log.h"
#include "services/common/run/frame.h"

enum { COMMON_SERVICES = 2 };

static bool tables_make(struct frame *frame)
{
    const struct niva_service *service = frame->service;
    size_t own = service->service_count;

    frame->service_count = own + COMMON_SERVICES;
    frame->services = calloc(frame->service_count, sizeof *frame->services);
    frame->migration_count = NIVA_BUS_MIGRATION_COUNT + service->migration_count;
    frame->migrations = calloc(frame->migration_count, sizeof *frame->migrations);
    if (frame->services == NULL || frame->migrations == NULL)
        return false;
    for (size_t i = 0; i < own; i++)
        frame->services[i] = service->services[i];
    frame->services[own] = &niva__events__v1__event_service__descriptor;
    frame->services[own + 1] = &niva__control__v1__control_service__descriptor;
    for (size_t i = 0; i < frame->migration_count; i++)
        frame->migrations[i] = i < NIVA_BUS_MIGRATION_COUNT
                                   ? niva_bus_migrations[i]
                                   : service->migrations[i - NIVA_BUS_MIGRATION_COUNT];
    return true;
}

static int migrate(struct frame *frame)
{
    const char *name = frame->service->name;
    struct niva_error err;
    struct niva_pg *pg;
    size_t applied;
    char count[24];
    bool good;

    pg = niva_pg_open(frame->settings->database, name, "niva-migrate", &err);
    good =
        pg != NULL && niva_migrate(pg, frame->migrations, frame->migration_count, &applied, &err);
    niva_pg_close(pg);
    if (!good) {
        niva_log_error("schema.failed", &err);
        return 1;
    }
    snprintf(count, sizeof count, "%zu", applied);
    niva_log(NIVA_LOG_INFO, "schema.migrated", "applied", count, NULL);
    return 0;
}

/* As many connections as the machine allows; what is too many is bounded by the server itself. */
static void descriptors_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int niva_service_main(const struct niva_service *service, int argc, char **argv)
{
    struct settings settings;
    struct frame frame = {.service = service, .settings = &settings};
    struct niva_config *config;
    int code = 1;

    signal(SIGPIPE, SIG_IGN);
    umask(0077);
    descriptors_raise();
    config = settings_read(service->name, argc, argv, &settings, &code);
    if (config == NULL)
        return code;
    snprintf(frame.source, sizeof frame.source, "/niva/%s/%s", settings.region, service->name);
    if (settings.action == ACTION_HEALTH)
        code = frame_health(&frame);
    else if (tables_make(&frame))
        code = settings.action == ACTION_MIGRATE ? migrate(&frame) : frame_serve(&frame);
    free(frame.migrations);
    free(frame.services);
    niva_config_free(config);
    nng_fini();
    return code;
}
