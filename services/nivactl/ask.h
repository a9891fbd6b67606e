/* Asking a person before something is done that cannot be undone. */
#ifndef NIVA_NIVACTL_ASK_H
#define NIVA_NIVACTL_ASK_H

#include "services/nivactl/session.h"

/* Whether a person is there to be asked: at a terminal, without --yes. */
bool ask_wanted(const struct session *session);

/* Asks; anything but "ja" or "yes" is no. */
bool ask_confirmed(const struct session *session, const char *question_sv,
                   const char *question_en) NIVA_MUST_CHECK;

#endif
