/* The log: one line per event on standard error, `time level event key=value …`, or JSON by
 * configuration. Fixed words, no personal data: values are ids, counts and codes, never free text
 * from outside. Library code does not log; the top of a process does. Safe from any thread. */
#ifndef NIVA_COMMON_BASE_LOG_H
#define NIVA_COMMON_BASE_LOG_H

#include "services/common/base/error.h"

enum niva_log_level { NIVA_LOG_DEBUG, NIVA_LOG_INFO, NIVA_LOG_WARNING, NIVA_LOG_ERROR };

/* Name of the process in each line, least level, and whether lines are JSON. Call once, before
 * threads start. */
void niva_log_setup(const char *service, enum niva_log_level least, bool json);

/* Writes a line. `event` is a fixed word like "batch.committed"; then pairs of key and value (const
 * char *), closed by NULL. A NULL value leaves its pair out. */
void niva_log(enum niva_log_level level, const char *event, ...) __attribute__((sentinel));

/* Writes an error with its code, English sentence, first field and cause. */
void niva_log_error(const char *event, const struct niva_error *err);

#endif
