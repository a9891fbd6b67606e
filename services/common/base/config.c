#include "services/common/base/config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/text.h"

enum { FILE_MAX_BYTES = 1024 * 1024 };

/* Where a value was found, for the sentence of an error. */
struct setting {
    const char *value; /* NULL: nowhere yet */
    char source[96];
};

struct niva_config {
    char *file;               /* the bytes of the file; settings point into it */
    struct setting *settings; /* one per entry */
    char **texts;             /* one per entry, NULL where the value is not a text */
    size_t count;
    const char **rest;
    size_t rest_count;
};

struct reader {
    const struct niva_config_entry *entries;
    size_t count;
    struct niva_config *config;
    struct niva_error *err;
};

struct niva_config *niva_config_free(struct niva_config *config)
{
    if (config == NULL)
        return NULL;
    for (size_t i = 0; config->texts != NULL && i < config->count; i++)
        free(config->texts[i]);
    free(config->texts);
    free(config->settings);
    free(config->rest);
    free(config->file);
    free(config);
    return NULL;
}

/* "Setting X (from where) what is wrong", in both languages. */
static bool refuse(struct niva_error *err, const char *key, const char *source, const char *sv,
                   const char *en)
{
    char text_sv[320];
    char text_en[320];

    snprintf(text_sv, sizeof text_sv, "Inställningen ”%.60s” (%s) %s", key, source, sv);
    snprintf(text_en, sizeof text_en, "Setting \"%.60s\" (%s) %s", key, source, en);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

static bool refuse_unknown(struct niva_error *err, const char *key, const char *source)
{
    return refuse(err, key, source, "är okänd.", "is unknown.");
}

static const struct niva_config_entry *entry_find(const struct reader *reader, const char *key,
                                                  size_t length)
{
    for (size_t i = 0; i < reader->count; i++) {
        const char *candidate = reader->entries[i].key;

        if (strlen(candidate) == length && memcmp(candidate, key, length) == 0)
            return &reader->entries[i];
    }
    return NULL;
}

static struct setting *setting_of(const struct reader *reader,
                                  const struct niva_config_entry *entry)
{
    return &reader->config->settings[entry - reader->entries];
}

static void setting_put(const struct reader *reader, const struct niva_config_entry *entry,
                        const char *value, const char *source)
{
    struct setting *setting = setting_of(reader, entry);

    setting->value = value;
    snprintf(setting->source, sizeof setting->source, "%s", source);
}

/* ---- the file ---- */

static bool file_load(const char *path, char **ret_bytes, struct niva_error *err)
{
    FILE *file = fopen(path, "re");
    char *bytes = NULL;
    size_t size;

    if (file == NULL)
        return refuse(err, "config", path, "går inte att läsa.", "cannot be read.");
    bytes = malloc(FILE_MAX_BYTES + 1);
    if (bytes == NULL) {
        fclose(file);
        return niva_fail_internal(err, "out of memory");
    }
    size = fread(bytes, 1, FILE_MAX_BYTES + 1, file);
    if (ferror(file) != 0 || size > FILE_MAX_BYTES || !niva_utf8_valid(bytes, size)) {
        fclose(file);
        free(bytes);
        return refuse(err, "config", path, "går inte att läsa som text.",
                      "is not a readable text.");
    }
    fclose(file);
    bytes[size] = '\0';
    *ret_bytes = bytes;
    return true;
}

static char *trimmed(char *text)
{
    size_t length;

    text += strspn(text, " \t\r");
    length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
        length--;
    text[length] = '\0';
    return text;
}

static bool line_read(const struct reader *reader, char *line, const char *source)
{
    const struct niva_config_entry *entry;
    char *equals;
    char *key;

    line = trimmed(line);
    if (*line == '\0' || *line == '#')
        return true;
    equals = strchr(line, '=');
    if (equals == NULL)
        return refuse(reader->err, line, source, "saknar likhetstecken.", "has no equals sign.");
    *equals = '\0';
    key = trimmed(line);
    entry = entry_find(reader, key, strlen(key));
    if (entry == NULL)
        return refuse_unknown(reader->err, key, source);
    if (setting_of(reader, entry)->value != NULL)
        return refuse(reader->err, key, source, "står två gånger i filen.",
                      "is in the file twice.");
    setting_put(reader, entry, trimmed(equals + 1), source);
    return true;
}

static bool file_read(const struct reader *reader, const char *path)
{
    char *line;
    int number = 0;

    if (!file_load(path, &reader->config->file, reader->err))
        return false;
    line = reader->config->file;
    while (line != NULL) {
        char *end = strchr(line, '\n');
        char source[96];

        if (end != NULL)
            *end++ = '\0';
        snprintf(source, sizeof source, "%.80s:%d", path, ++number);
        if (!line_read(reader, line, source))
            return false;
        line = end;
    }
    return true;
}

/* ---- the environment ---- */

static void environment_name(const char *key, char *ret_name, size_t capacity)
{
    int length = snprintf(ret_name, capacity, "NIVA_%s", key);

    for (int i = 5; i < length && (size_t)i < capacity - 1; i++)
        ret_name[i] = ret_name[i] == '-' ? '_' : (char)toupper((unsigned char)ret_name[i]);
}

static const struct niva_config_entry *entry_of_variable(const struct reader *reader,
                                                         const char *variable, size_t length)
{
    for (size_t i = 0; i < reader->count; i++) {
        char name[80];

        environment_name(reader->entries[i].key, name, sizeof name);
        if (strlen(name) == length && memcmp(name, variable, length) == 0)
            return &reader->entries[i];
    }
    return NULL;
}

static bool environment_read(const struct reader *reader, char *const *variables)
{
    for (; variables != NULL && *variables != NULL; variables++) {
        const char *equals = strchr(*variables, '=');
        const struct niva_config_entry *entry;
        char name[80];

        if (strncmp(*variables, "NIVA_", 5) != 0 || equals == NULL)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(equals - *variables), *variables);
        if (strcmp(name, "NIVA_CONFIG") == 0)
            continue;
        entry = entry_of_variable(reader, *variables, (size_t)(equals - *variables));
        if (entry == NULL)
            return refuse_unknown(reader->err, name, "miljövariabel/environment");
        setting_put(reader, entry, equals + 1, name);
    }
    return true;
}

static const char *environment_get(char *const *variables, const char *name)
{
    size_t length = strlen(name);

    for (; variables != NULL && *variables != NULL; variables++)
        if (strncmp(*variables, name, length) == 0 && (*variables)[length] == '=')
            return *variables + length + 1;
    return NULL;
}

/* ---- the flags ---- */

/* Takes the flag at `*at`. The value of "config" goes to `ret_file`, for it has no entry. */
static bool flag_read(const struct reader *reader, int argc, char *const *argv, int *at,
                      const char **ret_file)
{
    const char *flag = argv[*at] + 2;
    size_t length = strcspn(flag, "=");
    const struct niva_config_entry *entry = entry_find(reader, flag, length);
    bool names_file = length == 6 && memcmp(flag, "config", 6) == 0;
    const char *value = flag[length] == '=' ? flag + length + 1 : NULL;
    char source[96];

    snprintf(source, sizeof source, "--%.80s", flag);
    source[length < 80 ? length + 2 : 82] = '\0';
    if (entry == NULL && !names_file)
        return refuse_unknown(reader->err, source, "flagga/flag");
    if (value == NULL && entry != NULL && entry->type == NIVA_CONFIG_SWITCH)
        value = "true";
    if (value == NULL && *at + 1 < argc && strncmp(argv[*at + 1], "--", 2) != 0)
        value = argv[++*at];
    if (value == NULL)
        return refuse(reader->err, source, "flagga/flag", "saknar värde.", "has no value.");
    if (names_file)
        *ret_file = value;
    if (entry != NULL)
        setting_put(reader, entry, value, source);
    return true;
}

static bool flags_read(const struct reader *reader, int argc, char *const *argv,
                       const char **ret_file)
{
    struct niva_config *config = reader->config;
    int at = 1;

    config->rest_count = 0;
    for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
        if (strncmp(argv[at], "--", 2) == 0) {
            if (!flag_read(reader, argc, argv, &at, ret_file))
                return false;
        } else if (argv[at][0] == '-' && argv[at][1] != '\0') {
            return refuse_unknown(reader->err, argv[at], "flagga/flag");
        } else {
            config->rest[config->rest_count++] = argv[at];
        }
    }
    for (at++; at < argc; at++)
        config->rest[config->rest_count++] = argv[at];
    return true;
}

/* ---- values ---- */

static bool integer_parse(const char *text, int64_t *ret_value)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    char *end;
    long long value;

    if (*digits < '0' || *digits > '9')
        return false;
    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *ret_value = value;
    return true;
}

static bool switch_parse(const char *text, bool *ret_value)
{
    static const char *const words[] = {"0", "false", "no", "1", "true", "yes"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            *ret_value = i >= 3;
            return true;
        }
    }
    return false;
}

static bool integer_check(const struct niva_config_entry *entry, const struct setting *setting,
                          struct niva_error *err)
{
    char sv[96];
    char en[96];
    int64_t value;

    if (integer_parse(setting->value, &value) && value >= entry->least && value <= entry->most)
        return true;
    snprintf(sv, sizeof sv, "ska vara ett heltal %" PRId64 "–%" PRId64 ".", entry->least,
             entry->most);
    snprintf(en, sizeof en, "must be an integer %" PRId64 "–%" PRId64 ".", entry->least,
             entry->most);
    return refuse(err, entry->key, setting->source, sv, en);
}

static bool setting_check(const struct reader *reader, const struct niva_config_entry *entry)
{
    const struct setting *setting = setting_of(reader, entry);
    bool on;

    switch (entry->type) {
    case NIVA_CONFIG_TEXT:
        if (niva_utf8_valid(setting->value, strlen(setting->value)))
            return true;
        return refuse(reader->err, entry->key, setting->source, "är inte UTF-8.", "is not UTF-8.");
    case NIVA_CONFIG_INTEGER:
        return integer_check(entry, setting, reader->err);
    case NIVA_CONFIG_SWITCH:
        if (switch_parse(setting->value, &on))
            return true;
        return refuse(reader->err, entry->key, setting->source, "ska vara true eller false.",
                      "must be true or false.");
    }
    return niva_fail_internal(reader->err, "type of setting %s", entry->key);
}

static bool help_wanted(const struct reader *reader)
{
    const struct niva_config_entry *entry = entry_find(reader, "help", 4);
    bool on = false;

    return entry != NULL && setting_of(reader, entry)->value != NULL &&
           switch_parse(setting_of(reader, entry)->value, &on) && on;
}

/* Every setting gets its preset, is checked, and texts are copied: all that can fail. */
static bool settings_check(const struct reader *reader)
{
    bool help = help_wanted(reader);

    for (size_t i = 0; i < reader->count; i++) {
        const struct niva_config_entry *entry = &reader->entries[i];
        struct setting *setting = &reader->config->settings[i];

        if (setting->value == NULL && entry->preset != NULL)
            setting_put(reader, entry, entry->preset, "förval/default");
        if (setting->value == NULL && help)
            continue;
        if (setting->value == NULL)
            return refuse(reader->err, entry->key, "flagga, miljö, fil/flag, environment, file",
                          "måste anges.", "must be given.");
        if (!setting_check(reader, entry))
            return false;
        if (entry->type != NIVA_CONFIG_TEXT)
            continue;
        reader->config->texts[i] = strdup(setting->value);
        if (reader->config->texts[i] == NULL)
            return niva_fail_internal(reader->err, "out of memory");
    }
    return true;
}

static void settings_assign(const struct reader *reader)
{
    for (size_t i = 0; i < reader->count; i++) {
        const struct niva_config_entry *entry = &reader->entries[i];
        const char *value = reader->config->settings[i].value;

        if (value == NULL)
            continue;
        if (entry->type == NIVA_CONFIG_TEXT)
            *(const char **)entry->ret_value = reader->config->texts[i];
        else if (entry->type == NIVA_CONFIG_INTEGER)
            (void)integer_parse(value, entry->ret_value);
        else
            (void)switch_parse(value, entry->ret_value);
    }
}

/* The name of the file must be known before what wins over it is read: flags are read once for the
 * name, and once more, last, for their values. */
static bool sources_read(const struct reader *reader, const char *file, int argc, char *const *argv,
                         char *const *variables)
{
    const char *named = environment_get(variables, "NIVA_CONFIG");

    if (named == NULL)
        named = file;
    if (!flags_read(reader, argc, argv, &named))
        return false;
    memset(reader->config->settings, 0, reader->count * sizeof *reader->config->settings);
    if (named != NULL && !file_read(reader, named))
        return false;
    return environment_read(reader, variables) && flags_read(reader, argc, argv, &named);
}

static struct niva_config *config_new(size_t count, int argc)
{
    struct niva_config *config = calloc(1, sizeof *config);

    if (config == NULL)
        return NULL;
    config->count = count;
    config->settings = calloc(count + 1, sizeof *config->settings);
    config->texts = calloc(count + 1, sizeof *config->texts);
    config->rest = calloc((size_t)(argc < 0 ? 0 : argc) + 1, sizeof *config->rest);
    if (config->settings == NULL || config->texts == NULL || config->rest == NULL)
        return niva_config_free(config);
    return config;
}

struct niva_config *niva_config_read(const struct niva_config_entry *entries, size_t count,
                                     const char *file, int argc, char *const *argv,
                                     char *const *environ_, size_t *ret_rest_count,
                                     const char *const **ret_rest, struct niva_error *err)
{
    struct reader reader = {entries, count, config_new(count, argc), err};

    niva_error_clear(err);
    if (reader.config == NULL) {
        niva_fail_internal(err, "out of memory");
        return NULL;
    }
    if (!sources_read(&reader, file, argc, argv, environ_) || !settings_check(&reader))
        return niva_config_free(reader.config);
    settings_assign(&reader);
    *ret_rest_count = reader.config->rest_count;
    *ret_rest = reader.config->rest;
    return reader.config;
}

void niva_config_help(const struct niva_config_entry *entries, size_t count, struct niva_text *text)
{
    for (size_t i = 0; i < count; i++) {
        char name[80];

        environment_name(entries[i].key, name, sizeof name);
        niva_text_printf(text, "  --%s  (%s", entries[i].key, name);
        if (entries[i].preset == NULL)
            niva_text_puts(text, ", krävs/required)\n");
        else
            niva_text_printf(text, ", %s)\n", entries[i].preset);
        niva_text_printf(text, "      %s\n", entries[i].help);
    }
}
