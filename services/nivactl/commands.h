/* The commands of nivactl. Each takes its arguments without the options, prints its answer and
 * returns an exit code. */
#ifndef NIVA_NIVACTL_COMMANDS_H
#define NIVA_NIVACTL_COMMANDS_H

#include "services/nivactl/session.h"

struct command {
    const char *name;
    const char *arguments; /* as shown in help */
    option_set options;
    size_t least; /* arguments */
    size_t most;
    int (*run)(struct session *session, size_t count, const char *const *arguments);
    const char *help_sv;
    const char *help_en;
};

/* What a command takes beside its own options where its first argument is a certain word. */
struct verb {
    const char *command;
    const char *name; /* NULL, in the last one of a command: where it is any other, or none */
    option_set options;
};

/* The index-th verb, those of one command together; NULL behind the last. */
const struct verb *verb_at(size_t index);

/* The index-th command; NULL behind the last. */
const struct command *command_at(size_t index);
/* The command of a name; NULL when there is none. */
const struct command *command_find(const char *name);

/* The options that a command takes with this first argument; NULL: with any. */
option_set command_options(const struct command *command, const char *argument);

/* Appends the page of help of one command, on these options, or of all commands for NULL. */
void help_print(const struct command *command, option_set options, enum language language,
                struct niva_text *text);

int command_call(struct session *session, size_t count, const char *const *arguments);
int command_wait(struct session *session, size_t count, const char *const *arguments);
int command_apply(struct session *session, size_t count, const char *const *arguments);
int command_import(struct session *session, size_t count, const char *const *arguments);
int command_status(struct session *session, size_t count, const char *const *arguments);
int command_overdue(struct session *session, size_t count, const char *const *arguments);
int command_timeline(struct session *session, size_t count, const char *const *arguments);
int command_preview(struct session *session, size_t count, const char *const *arguments);
int command_dry_run(struct session *session, size_t count, const char *const *arguments);
int command_breaches(struct session *session, size_t count, const char *const *arguments);
int command_dialogue(struct session *session, size_t count, const char *const *arguments);
int command_followup(struct session *session, size_t count, const char *const *arguments);
int command_forecast(struct session *session, size_t count, const char *const *arguments);
int command_adjustments(struct session *session, size_t count, const char *const *arguments);
int command_settle(struct session *session, size_t count, const char *const *arguments);
int command_explain(struct session *session, size_t count, const char *const *arguments);
int command_letter(struct session *session, size_t count, const char *const *arguments);
int command_prepare(struct session *session, size_t count, const char *const *arguments);
int command_decide(struct session *session, size_t count, const char *const *arguments);
int command_revise(struct session *session, size_t count, const char *const *arguments);
int command_summary(struct session *session, size_t count, const char *const *arguments);
int command_events(struct session *session, size_t count, const char *const *arguments);
int command_today(struct session *session, size_t count, const char *const *arguments);
int command_evaluate(struct session *session, size_t count, const char *const *arguments);
int command_verify(struct session *session, size_t count, const char *const *arguments);
int command_erase(struct session *session, size_t count, const char *const *arguments);
int command_doctor(struct session *session, size_t count, const char *const *arguments);
int command_completion(struct session *session, size_t count, const char *const *arguments);

#endif
