/* Calls to intake in tests, as JSON in which ' stands for ". The same stories are told to the rules
 * alone (intake_desk.h) and to a journal over PostgreSQL (intake_service.h). A call that ends
 * otherwise than it says fails the test and shows both. */
#ifndef NIVA_TESTS_SUPPORT_INTAKE_CALLER_H
#define NIVA_TESTS_SUPPORT_INTAKE_CALLER_H

#include "services/intake/intake.h"

struct caller {
    /* Checks and decides a command; `now` is when it is recorded. */
    bool (*call)(struct caller *caller, const char *method, const ProtobufCMessage *request,
                 ProtobufCMessage **ret_reply, struct niva_error *err);
    niva_instant now; /* rises by a second from call to call */
    struct niva_arena *arena;
};

/* Calls "UnitService/PutUnit" and returns the reply, which lives in the caller's arena. */
void *call_ok(struct caller *caller, const char *method, const char *json, ...) NIVA_PRINTF(3, 4);
/* Calls and expects to be refused with one violation of `field` and `reason`, with sentences in
 * both languages; `field` NULL: any. */
void call_refused(struct caller *caller, enum niva_code code, const char *field, const char *reason,
                  const char *method, const char *json, ...) NIVA_PRINTF(6, 7);
/* The same, without saying the reason. */
bool call_try(struct caller *caller, const char *method, const char *json,
              ProtobufCMessage **ret_reply, struct niva_error *err);

/* The type of a method's request or reply. */
const ProtobufCMessageDescriptor *method_request(const char *method);
const ProtobufCMessageDescriptor *method_reply(const char *method);
/* JSON with ' for " as a message of a type; fails the test when it is not one. */
ProtobufCMessage *message_of(const ProtobufCMessageDescriptor *type, const char *json,
                             struct niva_arena *arena);
/* Fails the test, showing the error, unless its code is the one said. */
void error_expect(const struct niva_error *err, enum niva_code code, const char *field,
                  const char *reason, const char *what);

#define UNIT_A      "SE2321000016-A001"
#define UNIT_B      "SE2321000016-B002"
#define UNIT_CLOSED "SE2321000016-C003"
#define GROUP       "fysioterapeut"

/* Registers the three units: A and B opened 2020-01-01, the closed one was open in 2020. */
void units_put(struct caller *caller);
/* Submits a report of UNIT_A with one full-time position and returns its id. */
const char *report_submit(struct caller *caller, const char *effective_from, const char *corrects);
/* Notifies an absence of UNIT_A and returns its id. */
const char *absence_notify(struct caller *caller, const char *first_day, const char *last_day);

/* Requests that must be refused, after units_put alone; NULL-terminated by method. */
struct bad_case {
    const char *name;
    const char *method;
    const char *json;
    enum niva_code code;
    const char *field;
    const char *reason;
};
extern const struct bad_case bad_cases[];
extern const size_t bad_case_count;

/* Imports a file of reports: its bytes, as CSV unless they are a zip. The reply, or NULL with err.
 */
const Niva__Intake__V1__ImportReportsResponse *import_try(struct caller *caller, const void *bytes,
                                                          size_t size, bool dry_run,
                                                          struct niva_error *err);
/* The same for a CSV that must be taken without errors. */
const Niva__Intake__V1__ImportReportsResponse *import_ok(struct caller *caller, const char *csv);
/* The same for one that must have these errors: "row column CODE;…". */
void import_wrong(struct caller *caller, const char *csv, const char *errors);

/* Stories that hold for whoever keeps the facts: X of each. */
typedef void story(struct caller *caller);
#define STORIES(X)                                                                                 \
    X(units_are_versioned)                                                                         \
    X(the_same_unit_again_changes_nothing)                                                         \
    X(a_report_is_kept_as_it_came)                                                                 \
    X(what_looks_odd_is_warned_of)                                                                 \
    X(a_plan_is_a_report)                                                                          \
    X(a_report_is_corrected_once)                                                                  \
    X(a_withdrawn_correction_corrects_nothing)                                                     \
    X(what_corrected_a_withdrawn_correction_takes_its_place)                                       \
    X(a_report_is_withdrawn_once)                                                                  \
    X(reports_need_an_open_unit)                                                                   \
    X(corrections_keep_unit_and_group)                                                             \
    X(the_standing_report_is_confirmed)                                                            \
    X(a_correction_is_confirmed_in_place_of_what_it_corrects)                                      \
    X(an_absence_has_versions)                                                                     \
    X(an_absence_keeps_its_subject)                                                                \
    X(an_absence_is_cancelled_once)                                                                \
    X(nothing_is_received_after_it_is_recorded)

#define STORY_DECLARE(name) story name;
STORIES(STORY_DECLARE)

#endif
