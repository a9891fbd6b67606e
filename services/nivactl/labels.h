/* Labels: a line of a file can name its reply, and later lines can use what the server made in it.
 * A whole string "$label.report.report_id" in a request stands for that field of the labelled
 * reply (proto names; a figure picks from a list). "$$" at its beginning stands for "$". */
#ifndef NIVA_NIVACTL_LABELS_H
#define NIVA_NIVACTL_LABELS_H

#include <jansson.h>

#include "services/common/base/error.h"

/* Whether a label can be one: letters, figures, - and _. */
bool label_valid(const char *label);

/* The label that a string stands for, "" when it is an ordinary one; at most `capacity` bytes. */
void label_of(const char *string, char *ret_label, size_t capacity);

/* A copy of `request` with every such string replaced; `replies` holds the labelled replies by
 * label. NULL with INVALID_ARGUMENT when a label or its field is not there; the caller owns the
 * copy. */
json_t *labels_replace(const json_t *request, const json_t *replies, struct niva_error *err);

#endif
