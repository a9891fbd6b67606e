/* What a region writes in its letters: letterhead, contact, and what can be done
 * against a decision, by operating form. A file of `key = value` lines
 * (services/common/base/config.h); the texts that a letter does not need may be left out. */
#ifndef NIVA_NIVACTL_LETTER_CONFIG_H
#define NIVA_NIVACTL_LETTER_CONFIG_H

#include <limits.h>

#include "services/nivactl/session.h"

struct letter_config {
    const char *region; /* the units whose letters these are */
    const char *region_name;
    const char *department[2]; /* by enum language */
    const char *section[2];
    const char *foot;
    const char *foot_more;
    const char *contact;
    const char *contact_phone;
    const char *contact_email;
    const char *remedy_region_run[2];
    const char *remedy_intraprenad[2];
    const char *remedy_private[2];
    char templates[PATH_MAX]; /* the directory of the templates */
};

/* Reads the file that --letters names, otherwise letters.conf of the clone, otherwise the installed
 * one. The texts live in the session's arena. */
bool letter_config_read(const struct session *session, struct letter_config *ret_config,
                        struct niva_error *err) NIVA_MUST_CHECK;

#endif
