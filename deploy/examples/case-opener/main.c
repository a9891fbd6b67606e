/* case-opener: opens a to-do for the case officer when a breach opens, closes it when it closes,
 * and books a preliminary hold when an adjustment is decided. It reads Nivå's external events and
 * keeps everything in a database of its own; see README.md. */
#include <nng/nng.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "case_opener_sql.h"
#include "deploy/examples/case-opener/apply.h"
#include "services/common/base/config.h"
#include "services/common/base/log.h"
#include "services/common/base/text.h"

extern char **environ;

enum { STREAMS = 2, ENTRIES = 3, EXIT_USAGE = 2 };

/* A stream that is followed. */
struct follower {
    struct ledger ledger;
    const char *types[LEDGER_TYPES_MAX];
    struct niva_consumer *consumer;
};

struct settings {
    const char *database;
    const char *run_dir;
    bool help;
};

/* The user listener gives the external types and nothing else. */
static bool follower_start(struct follower *follower, const char *stream,
                           const struct settings *settings, struct niva_error *err)
{
    char url[128];
    char bell[128];
    struct niva_consumer_options options = {
        .stream = stream,
        .url = url,
        .bell = bell,
        .types = follower->types,
        .type_count = ledger_types(stream, follower->types),
        .sink = ledger_sink(&follower->ledger),
    };

    snprintf(url, sizeof url, "ipc://%s/%s.user", settings->run_dir, stream);
    snprintf(bell, sizeof bell, "ipc://%s/%s.bell", settings->run_dir, stream);
    if (!ledger_open(&follower->ledger, stream, settings->database, err))
        return false;
    follower->consumer = niva_consumer_new(&options, err);
    return follower->consumer != NULL;
}

/* A round under way is finished first, so that nothing is cut off in the middle. */
static void follower_stop(struct follower *follower)
{
    follower->consumer = niva_consumer_free(follower->consumer);
    ledger_close(&follower->ledger);
}

static bool schema_check(const struct settings *settings, struct niva_error *err)
{
    struct niva_pg *pg = niva_pg_open(settings->database, "case_opener", "case-opener", err);
    int32_t version;
    bool good =
        pg != NULL && niva_migrations_check(pg, niva_case_opener_migrations,
                                            NIVA_CASE_OPENER_MIGRATION_COUNT, &version, err);

    niva_pg_close(pg);
    return good;
}

/* Follows until SIGTERM or SIGINT. */
static bool follow(const struct settings *settings, struct niva_error *err)
{
    static const char *const streams[STREAMS] = {"compliance", "compensation"};
    struct follower followers[STREAMS] = {0};
    bool good = schema_check(settings, err);
    sigset_t signals;
    int signal_number;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    for (size_t i = 0; good && i < STREAMS; i++)
        good = follower_start(&followers[i], streams[i], settings, err);
    if (good)
        sigwait(&signals, &signal_number);
    for (size_t i = 0; i < STREAMS; i++)
        follower_stop(&followers[i]);
    return good;
}

static bool migrate(const struct settings *settings, struct niva_error *err)
{
    struct niva_pg *pg = niva_pg_open(settings->database, "case_opener", "case-opener", err);
    size_t applied;
    bool good = pg != NULL && niva_migrate(pg, niva_case_opener_migrations,
                                           NIVA_CASE_OPENER_MIGRATION_COUNT, &applied, err);

    niva_pg_close(pg);
    return good;
}

static void help_print(const struct niva_config_entry entries[ENTRIES])
{
    struct niva_text text = {0};

    niva_text_puts(&text, "Användning/usage: case-opener [migrate] [--key=value …]\n");
    niva_config_help(entries, ENTRIES, &text);
    if (!text.failed)
        fputs(text.data, stdout);
    niva_text_free(&text);
}

static int act(const struct settings *settings, bool migrating)
{
    struct niva_error err;

    if (migrating ? migrate(settings, &err) : follow(settings, &err))
        return 0;
    niva_log_error("case-opener.failed", &err);
    return 1;
}

int main(int argc, char **argv)
{
    struct settings settings = {0};
    const struct niva_config_entry entries[ENTRIES] = {
        {"database", NIVA_CONFIG_TEXT, NULL, 0, 0,
         "Den egna databasen, som libpq skriver den / its own database, as libpq writes it.",
         &settings.database},
        {"run-dir", NIVA_CONFIG_TEXT, "", 0, 0,
         "Katalogen för Nivås socketar / the directory of Nivå's sockets.", &settings.run_dir},
        {"help", NIVA_CONFIG_SWITCH, "false", 0, 0, "Den här texten / this text.", &settings.help},
    };
    const char *const *words;
    struct niva_error err;
    size_t count;
    struct niva_config *config =
        niva_config_read(entries, ENTRIES, NULL, argc, argv, environ, &count, &words, &err);
    bool migrating = config != NULL && count == 1 && strcmp(words[0], "migrate") == 0;
    int code = EXIT_USAGE;

    signal(SIGPIPE, SIG_IGN);
    niva_log_setup("case-opener", NIVA_LOG_INFO, false);
    if (config == NULL)
        fprintf(stderr, "case-opener: %s / %s\n--help\n", err.text_sv, err.text_en);
    else if (settings.help || (!migrating && (count > 0 || *settings.run_dir == '\0')))
        help_print(entries);
    else
        code = act(&settings, migrating);
    if (config != NULL && settings.help)
        code = 0;
    niva_config_free(config);
    nng_fini();
    return code;
}
