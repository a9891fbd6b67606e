/* The dialogue about a breach: shown, and gone on with. */
#ifndef NIVA_NIVACTL_DIALOGUE_H
#define NIVA_NIVACTL_DIALOGUE_H

#include "niva/compliance/v1/dialogue.pb-c.h"
#include "services/nivactl/session.h"

/* Prints an entry: its day, what it is and who said it, then its text. */
void entry_print(const struct session *session, const Niva__Compliance__V1__DialogueEntry *entry);

/* The commands of `dialogue` that write, by their names; each returns an exit code. */
typedef int dialogue_say(struct session *session, size_t count, const char *const *arguments);
struct dialogue_verb {
    const char *name;
    size_t least; /* arguments behind the name */
    size_t most;
    dialogue_say *say;
};
/* The verb of a name; NULL when there is none. */
const struct dialogue_verb *dialogue_verb_find(const char *name);

#endif
