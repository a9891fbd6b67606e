/* Inside the room: what a service is told from outside, and what it is asked to do. */
#ifndef NIVA_COMMON_RUN_SETTINGS_H
#define NIVA_COMMON_RUN_SETTINGS_H

#include "services/common/base/config.h"

enum action { ACTION_SERVE, ACTION_MIGRATE, ACTION_HEALTH };

struct settings {
    enum action action;
    const char *database; /* libpq connection string; "" only with health */
    const char *run_dir;  /* "" only with migrate */
    const char *region;   /* two digits */
    const char *log_level;
    int64_t replica; /* 1 … NIVA_REPLICAS_MAX */
    int64_t workers;
    int64_t queue;
    bool rehearsal;
    bool log_json;
    bool help;
};

/* Reads the settings of "niva-<name>" and sets up the log. NULL when there is nothing to do:
 * `ret_code` is the exit code then, what was wrong was said on standard error. The configuration
 * owns the texts. */
struct niva_config *settings_read(const char *name, int argc, char **argv,
                                  struct settings *ret_settings, int *ret_code);

#endif
