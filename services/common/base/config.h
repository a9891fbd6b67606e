/* Configuration: one table for a program. Sources, the later ones win: defaults, file (`key =
 * value` lines, lines that begin with # are comments), environment (NIVA_ and the key in upper
 * case,
 * - as _), flags (--key=value or --key value; a value that begins with -- needs the former; after
 * -- alone everything is an argument). An unknown key in a file, an unknown flag and an unknown
 * NIVA_ variable are errors that name it. A table with the switch "help" lets --help work where
 * required settings are missing: they are left alone then. */
#ifndef NIVA_COMMON_BASE_CONFIG_H
#define NIVA_COMMON_BASE_CONFIG_H

#include "services/common/base/error.h"

enum niva_config_type {
    NIVA_CONFIG_TEXT,    /* const char * */
    NIVA_CONFIG_INTEGER, /* int64_t, within least … most */
    NIVA_CONFIG_SWITCH,  /* bool; 1/0, true/false, yes/no; a flag without value means true */
};

struct niva_config_entry {
    const char *key; /* lower case with hyphens, "listen-user" */
    enum niva_config_type type;
    const char *preset; /* default as text; NULL: required */
    int64_t least;
    int64_t most;
    const char *help; /* one line */
    void *ret_value;  /* where the value goes, by type; text is owned by the configuration */
};

struct niva_config;

/* Reads all sources. `file` may be NULL; the flag --config and NIVA_CONFIG name one too. Arguments
 * that are not flags are left in order in `ret_rest` (owned by the configuration). NULL with `err`
 * on any error. */
struct niva_config *niva_config_read(const struct niva_config_entry *entries, size_t count,
                                     const char *file, int argc, char *const *argv,
                                     char *const *environ_, size_t *ret_rest_count,
                                     const char *const **ret_rest, struct niva_error *err);

/* Frees the texts. Accepts NULL and returns NULL. */
struct niva_config *niva_config_free(struct niva_config *config);

/* Appends a page of help: key, environment name, default, sentence. */
struct niva_text;
void niva_config_help(const struct niva_config_entry *entries, size_t count,
                      struct niva_text *text);

#endif
