/* The inside of intake. It takes in units, staffing reports, confirmations and absence notices,
 * exactly as they came, refuses what cannot be true, and never judges staffing against a minimum.
 *
 * A command goes through three steps: check_* looks at the request alone, on any thread; what it
 * needs is read for the whole batch at once (store.h) into a state; decide_* judges it over that
 * state, purely, and says its effect. Only an effect that was recorded changes the state, so that
 * later items of the same batch see it. Reads (read_*) go past all that, to the database. */
#ifndef NIVA_INTAKE_INTAKE_H
#define NIVA_INTAKE_INTAKE_H

#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/events.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/retention.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "services/common/facts/filing.h"
#include "services/common/run/service.h"
#include "services/common/wire/check.h"
#include "services/common/wire/warn.h"

/* Limits on what a stranger may send (the protos state them). */
enum {
    NAME_CHARACTERS_MAX = 200,
    EMAIL_CHARACTERS_MAX = 254,
    OWNERS_MAX = 100,
    REASON_CHARACTERS_MAX = 500,
    MEDIA_TYPE_CHARACTERS_MAX = 100,
    FILE_NAME_CHARACTERS_MAX = 200,
    DECISION_CHARACTERS_MAX = 200,
    ORIGINAL_BYTES_MAX = 15 << 20,
};

/* The service as a table: methods, events, rules of the journal. */
extern const struct niva_service intake_service;

/* ---- state: what a batch knows ---- */

/* A report and its place in the chain of corrections. */
struct report_record {
    const char *report_id;
    const char *unit;
    const char *profession_group;
    const char *corrects; /* "": none */
    niva_day effective_from;
    int64_t order; /* in the record; of two for the same day the greater holds */
    bool withdrawn;
    const Niva__Intake__V1__StaffingReport *report; /* NULL where only the place was read */
    /* the state's own */
    struct report_record *next;
    struct report_record *next_by_id;
    struct report_record *next_by_corrected;
    struct report_record *next_by_unit;
    struct report_record *pending;
};

struct retained;
struct state;

/* An empty state; NULL when the arena is out. It lives as long as the arena. */
struct state *state_new(struct niva_arena *arena);

/* Add what was read; what is known already is replaced, but a report stays as it is. False when the
 * arena is out. */
bool state_add_unit(struct state *state, const Niva__Intake__V1__Unit *unit) NIVA_MUST_CHECK;
bool state_add_absence(struct state *state,
                       const Niva__Intake__V1__Absence *absence) NIVA_MUST_CHECK;
bool state_add_report(struct state *state, const struct report_record *record) NIVA_MUST_CHECK;
/* Gives a report that was added its content. */
void state_set_report(struct state *state, const Niva__Intake__V1__StaffingReport *report);

/* The present version, NULL when there is none. Ids of reports and absences are canonical. */
const Niva__Intake__V1__Unit *state_unit(const struct state *state, const char *hsa_id);
const Niva__Intake__V1__Absence *state_absence(const struct state *state, const char *absence_id);
const struct report_record *state_report(const struct state *state, const char *report_id);

/* The report that replaced this one: its correction, or what took a withdrawn correction's place
 * (model section 3). NULL: none. */
const struct report_record *state_correction(const struct state *state, const char *report_id);

/* The report of a unit and group that stands on a day: not withdrawn, not corrected, the latest
 * effective_from not after the day, of equal ones the later recorded. NULL: none. */
const struct report_record *state_standing(const struct state *state, const char *unit,
                                           const char *profession_group, niva_day day);

/* The report that stands and says the same of the same unit, group and day, whenever it was
 * received; only of days that were asked for (store.h: twins). NULL: none. */
const struct report_record *state_twin(const struct state *state,
                                       const Niva__Intake__V1__StaffingReport *report);

/* ---- decide: the rules, pure ---- */

struct command {
    const ProtobufCMessage *request; /* checked */
    const void *prepared;            /* what was made of it before; NULL: nothing */
    const char *principal;
    niva_instant recorded_at;
    const char *new_id; /* UUIDv7 for what this command makes */
    struct niva_arena *arena;
};

/* What follows from a command. No facts: nothing changed, only the reply. */
struct effect {
    struct effect *next; /* what follows too, after this; its reply does not count */
    ProtobufCMessage *reply;
    bool unrecorded; /* not even the reply is kept */
    size_t fact_count;
    struct {
        struct niva_fact fact; /* without body */
        const ProtobufCMessage *body;
    } facts[2];
    const char *event_type;
    const ProtobufCMessage *event;
    size_t erased_count; /* what the first fact, an erasure, takes, and what is left of each */
    struct retained **erased;
    const ProtobufCMessage **redacted;
};

typedef bool decide_function(const struct state *state, const struct command *command,
                             struct effect *ret_effect, struct niva_error *err);

decide_function decide_put_unit;
decide_function decide_submit_report;
decide_function decide_import_reports;
decide_function decide_withdraw_report;
decide_function decide_confirm_staffing;
decide_function decide_notify_absence;
decide_function decide_update_absence;
decide_function decide_cancel_absence;
decide_function decide_erase;

/* Judges one report of a command, a submission or an import, and says its effect, without a reply;
 * the violations' paths begin with "report.". */
bool report_decide(const struct state *state, const struct command *command,
                   const Niva__Intake__V1__StaffingReport *given, const char *report_id,
                   struct effect *ret_effect, Niva__Intake__V1__StaffingReport **ret_report,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* Makes the state show a recorded effect, without what is next to it; false, and nothing is
 * changed, when the arena is out. */
bool state_apply(struct state *state, const struct effect *effect) NIVA_MUST_CHECK;

/* ---- what deciding functions share ---- */

/* The unit; NOT_FOUND with `field` when it was never registered. NULL with err. */
const Niva__Intake__V1__Unit *unit_registered(const struct state *state, const char *field,
                                              const char *hsa_id, struct niva_error *err);

/* ---- warnings: accepted, but odd ---- */

/* All that is odd about a report; paths begin with "report.". */
void warn_report(struct niva_warnings *warnings, const Niva__Intake__V1__StaffingReport *report);
/* A title outside the HSA list, for each position. `path` is that of the list, e.g.
 * "report.positions". */
void warn_titles(struct niva_warnings *warnings, const char *path, size_t count,
                 Niva__Intake__V1__Position *const *positions);

/* The rules of the journal (rules.c). */
bool rules_read(void *self, struct niva_batch *batch, struct niva_error *err);
bool rules_decide(void *self, struct niva_batch *batch, struct niva_item *item,
                  struct niva_error *err);

#endif
