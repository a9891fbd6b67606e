#include "services/common/run/settings.h"

#include <stdio.h>
#include <string.h>

#include "services/common/base/log.h"
#include "services/common/base/text.h"
#include "services/common/rpc/replica.h"

enum { ENTRIES = 10, EXIT_USAGE = 2 };

extern char **environ;

static void entries_fill(struct niva_config_entry entries[ENTRIES], struct settings *settings)
{
    const struct niva_config_entry table[ENTRIES] = {
        {"database", NIVA_CONFIG_TEXT, "", 0, 0,
         "Databasen, som libpq skriver den; behövs inte för health / the database, as libpq writes "
         "it; not needed for health.",
         &settings->database},
        {"run-dir", NIVA_CONFIG_TEXT, "", 0, 0,
         "Katalogen för socketar; behövs inte för migrate / the directory of the sockets; not "
         "needed for migrate.",
         &settings->run_dir},
        {"region", NIVA_CONFIG_TEXT, "00", 0, 0, "Länskod, två siffror / county code, two digits.",
         &settings->region},
        {"rehearsal", NIVA_CONFIG_SWITCH, "false", 0, 0,
         "Övning: dagen flyttas för hand / rehearsal: the day is moved by hand.",
         &settings->rehearsal},
        {"replica", NIVA_CONFIG_INTEGER, "1", 1, NIVA_REPLICAS_MAX,
         "Vilken av flera likadana tjänster på en databas / which of several alike on one "
         "database.",
         &settings->replica},
        {"workers", NIVA_CONFIG_INTEGER, "4", 1, 64, "Trådar som läser / threads that read.",
         &settings->workers},
        {"queue", NIVA_CONFIG_INTEGER, "256", 1, 65536,
         "Anrop som får vänta / calls that may wait.", &settings->queue},
        {"log-level", NIVA_CONFIG_TEXT, "info", 0, 0, "debug, info, warning, error.",
         &settings->log_level},
        {"log-json", NIVA_CONFIG_SWITCH, "false", 0, 0, "Loggrader som JSON / log lines as JSON.",
         &settings->log_json},
        {"help", NIVA_CONFIG_SWITCH, "false", 0, 0, "Den här texten / this text.", &settings->help},
    };

    memcpy(entries, table, sizeof table);
}

static bool region_valid(const char *region)
{
    return strlen(region) == 2 && strspn(region, "0123456789") == 2;
}

static bool log_setup(const char *name, const struct settings *settings)
{
    static const char *const levels[] = {"debug", "info", "warning", "error"};

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(levels[i], settings->log_level) != 0)
            continue;
        niva_log_setup(name, (enum niva_log_level)i, settings->log_json);
        return true;
    }
    return false;
}

static bool action_read(size_t count, const char *const *words, struct settings *settings,
                        struct niva_error *err)
{
    settings->action = ACTION_SERVE;
    if (count == 1 && strcmp(words[0], "migrate") == 0)
        settings->action = ACTION_MIGRATE;
    else if (count == 1 && strcmp(words[0], "health") == 0)
        settings->action = ACTION_HEALTH;
    else if (count > 0)
        return niva_fail(err, NIVA_INVALID_ARGUMENT,
                         "Det enda som kan anges utöver inställningar är migrate eller health.",
                         "Nothing but migrate or health can be given beside settings.");
    if (settings->action != ACTION_HEALTH && settings->database[0] == '\0')
        return niva_fail(err, NIVA_INVALID_ARGUMENT, "Inställningen ”database” måste anges.",
                         "Setting \"database\" must be given.");
    if (settings->action != ACTION_MIGRATE && settings->run_dir[0] == '\0')
        return niva_fail(err, NIVA_INVALID_ARGUMENT, "Inställningen ”run-dir” måste anges.",
                         "Setting \"run-dir\" must be given.");
    return true;
}

static bool settings_check(const char *name, const struct settings *settings,
                           struct niva_error *err)
{
    if (!region_valid(settings->region))
        return niva_fail(err, NIVA_INVALID_ARGUMENT, "Inställningen ”region” ska vara två siffror.",
                         "Setting \"region\" must be two digits.");
    if (!log_setup(name, settings))
        return niva_fail(err, NIVA_INVALID_ARGUMENT,
                         "Inställningen ”log-level” ska vara debug, info, warning eller error.",
                         "Setting \"log-level\" must be debug, info, warning or error.");
    return true;
}

static void help_print(const char *name, const struct niva_config_entry *entries)
{
    struct niva_text text = {0};

    niva_text_printf(&text,
                     "Användning/usage: niva-%s [migrate | health] [--key=value …]\n"
                     "  migrate skapar eller ändrar schemat, som ägarrollen / makes or changes the "
                     "schema, as the owner role\n"
                     "  health  frågar den som är igång om den är redo / asks the running one "
                     "whether it is ready\n"
                     "  --config=fil  (NIVA_CONFIG)\n      key = value, en per rad / one a line.\n",
                     name);
    niva_config_help(entries, ENTRIES, &text);
    if (!text.failed)
        fputs(text.data, stdout);
    niva_text_free(&text);
}

struct niva_config *settings_read(const char *name, int argc, char **argv,
                                  struct settings *ret_settings, int *ret_code)
{
    struct niva_config_entry entries[ENTRIES];
    struct niva_config *config;
    const char *const *words;
    struct niva_error err;
    size_t count;

    memset(ret_settings, 0, sizeof *ret_settings);
    entries_fill(entries, ret_settings);
    config = niva_config_read(entries, ENTRIES, NULL, argc, argv, environ, &count, &words, &err);
    if (config != NULL && ret_settings->help) {
        help_print(name, entries);
        *ret_code = 0;
        return niva_config_free(config);
    }
    if (config != NULL && settings_check(name, ret_settings, &err) &&
        action_read(count, words, ret_settings, &err))
        return config;
    fprintf(stderr, "niva-%s: %s / %s\n--help\n", name, err.text_sv, err.text_en);
    *ret_code = EXIT_USAGE;
    return niva_config_free(config);
}
