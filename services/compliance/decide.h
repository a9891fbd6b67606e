/* The rules of the writer: for each command and each of intake's events what it wants to see, and
 * how it is decided over what lies on the desk. A decision validates first and changes the desk
 * only when it holds. */
#ifndef NIVA_COMPLIANCE_DECIDE_H
#define NIVA_COMPLIANCE_DECIDE_H

#include "services/compliance/desk.h"

/* False when the arena is out. */
typedef bool want_function(struct desk *desk, const struct niva_item *item);
typedef bool decide_function(struct desk *desk, struct niva_item *item, struct niva_error *err);

/* What a command (by its method) or an upstream event (by its type) does. */
struct rule {
    const char *name;
    want_function *want; /* NULL: nothing */
    decide_function *decide;
};

want_function want_put_rule_set;
decide_function decide_put_rule_set;
want_function want_put_contract;
decide_function decide_put_contract;
want_function want_put_listings;
decide_function decide_put_listings;
want_function want_import;
decide_function decide_import_listings;
decide_function decide_import_contracts;
want_function want_grant_dispensation;
decide_function decide_grant_dispensation;
want_function want_revoke_dispensation;
decide_function decide_revoke_dispensation;
want_function want_void_dispensation;
decide_function decide_void_dispensation;
want_function want_put_finding;
decide_function decide_put_finding;
want_function want_issue_call;
decide_function decide_issue_call;
want_function want_void_call;
decide_function decide_void_call;
want_function want_import_indicators;
decide_function decide_import_indicators;
want_function want_put_indicators;
decide_function decide_put_indicators;
/* Of every command about a dialogue. */
want_function want_dialogue;
decide_function decide_open_dialogue;
decide_function decide_add_note;
decide_function decide_answer;
decide_function decide_agree_measure;
decide_function decide_complete_measure;
decide_function decide_move_today;

want_function want_unit_event;
decide_function decide_unit_event;
want_function want_report_event;
decide_function decide_report_event;
want_function want_withdrawal_event;
decide_function decide_withdrawal_event;
want_function want_confirmation_event;
decide_function decide_confirmation_event;
want_function want_absence_event;
decide_function decide_absence_event;
decide_function decide_component_event;
decide_function decide_adjustment_event;
want_function want_erasure_event;
decide_function decide_erasure_event;
/* An event that this service follows and whose data were erased before it came. */
decide_function decide_erased_event;

/* ---- what they share ---- */

/* A contract or listing as it is recorded, and recording it: its fact, its event, its unit. A
 * violation names `field`, the time of receipt. */
bool complete_contract(struct desk *desk, const struct niva_item *item, const pb_contract *given,
                       const char *field, pb_contract **ret_contract, niva_instant *ret_received,
                       struct niva_error *err) NIVA_MUST_CHECK;
bool append_contract(struct desk *desk, const struct niva_item *item, pb_contract *contract,
                     const char *id, niva_instant received, struct niva_error *err) NIVA_MUST_CHECK;
bool complete_listing(struct desk *desk, const struct niva_item *item, const pb_listing *given,
                      const char *field, pb_listing **ret_listing, niva_instant *ret_received,
                      struct niva_error *err) NIVA_MUST_CHECK;
bool append_listing(struct desk *desk, const struct niva_item *item, pb_listing *listing,
                    niva_instant received, struct niva_error *err) NIVA_MUST_CHECK;

/* The same for an indicator; `fields` are named by violations. */
struct indicator_fields {
    const char *period;
    const char *received;
};
bool complete_indicator(struct desk *desk, const struct niva_item *item, const pb_indicator *given,
                        const struct indicator_fields *fields, pb_indicator **ret_indicator,
                        niva_instant *ret_received, struct niva_error *err) NIVA_MUST_CHECK;
bool append_indicator(struct desk *desk, const struct niva_item *item, pb_indicator *indicator,
                      niva_instant received, struct niva_error *err) NIVA_MUST_CHECK;
/* The id of an indicator's fact; NULL when the arena is out. */
char *indicator_id(const pb_indicator *indicator, struct niva_arena *arena) NIVA_MUST_CHECK;

/* When something was received, made the default where it is absent; INVALID_ARGUMENT with `field`
 * when that is after it is recorded. */
bool received_complete(struct desk *desk, const struct niva_item *item, const char *field,
                       struct Google__Protobuf__Timestamp **received_at, niva_instant *ret_received,
                       struct niva_error *err) NIVA_MUST_CHECK;

/* FAILED_PRECONDITION when the caller `expected` another version than the present one (0: none). */
bool version_expect(bool given, int32_t expected, int32_t present, const char *what,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* A rule set stays in its region and group: what it decided there must stay explained. `present` is
 * its last version; NULL: none. */
bool rule_set_scope_kept(const pb_rule_set *rule_set, const struct record *present,
                         struct niva_error *err) NIVA_MUST_CHECK;
/* The next rule set of another id, in the record of the region from `at` on, that holds on days of
 * this one; NULL: no more. `ret_days` are the days on which both do. */
const pb_rule_set *rule_set_overlapping(const pb_rule_set *rule_set, const struct records *region,
                                        size_t *at, struct niva_span *ret_days);

/* The version of a record; 0 for none. */
int32_t version_of(const struct record *record);

/* A span of days that was checked. */
struct niva_span days_read(const char *first_day, const char *last_day);
/* A new UUIDv7; NULL when the arena is out. */
char *id_new(niva_instant instant, struct niva_arena *arena) NIVA_MUST_CHECK;

/* The journal's functions. */
bool rules_read(void *self, struct niva_batch *batch, struct niva_error *err);
bool rules_decide(void *self, struct niva_batch *batch, struct niva_item *item,
                  struct niva_error *err);
bool rules_settle(void *self, struct niva_batch *batch, struct niva_error *err);
bool rules_write(void *self, struct niva_batch *batch, struct niva_error *err);
/* work.c */
bool rules_work(void *self, struct niva_batch *batch, bool *ret_more, struct niva_error *err);

#endif
