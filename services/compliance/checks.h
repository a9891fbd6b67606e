/* What can be said of a request from the request alone, on any thread: forms, lengths, ranges,
 * days. Every bad field is named with its path, in Swedish and English. */
#ifndef NIVA_COMPLIANCE_CHECKS_H
#define NIVA_COMPLIANCE_CHECKS_H

#include "services/common/wire/check.h"
#include "services/compliance/messages.h"

/* Limits that the protos state. */
enum {
    FTE_MILLI_MAX = 1000000,
    LISTED_MAX = 10000000,
    LISTINGS_MAX = 2000,
    TITLES_MAX = 50,
    TITLE_CHARACTERS_MAX = 8,
    STEPS_MAX = 100,
    SOURCES_MAX = 20,
    DAYS_MAX = 3650,
    ENTRY_CHARACTERS_MAX = 4000,
    OFFICER_CHARACTERS_MAX = 100,
    STEPS_TAKEN_MAX = 50,
    INDICATORS_MAX = 2000,
};
#define WEIGHTED_MILLI_MAX INT64_C(100000000000)
#define ORE_MAX            INT64_C(1000000000000)
#define VALUE_MILLI_MAX    INT64_C(1000000000000000)

bool check_put_rule_set(const ProtobufCMessage *request, struct niva_error *err);
bool check_put_contract(const ProtobufCMessage *request, struct niva_error *err);
bool check_put_listings(const ProtobufCMessage *request, struct niva_error *err);
bool check_import_listings(const ProtobufCMessage *request, struct niva_error *err);
bool check_import_contracts(const ProtobufCMessage *request, struct niva_error *err);
bool check_grant_dispensation(const ProtobufCMessage *request, struct niva_error *err);
bool check_revoke_dispensation(const ProtobufCMessage *request, struct niva_error *err);
bool check_void_dispensation(const ProtobufCMessage *request, struct niva_error *err);
bool check_put_finding(const ProtobufCMessage *request, struct niva_error *err);
bool check_issue_call(const ProtobufCMessage *request, struct niva_error *err);
bool check_void_call(const ProtobufCMessage *request, struct niva_error *err);
bool check_open_dialogue(const ProtobufCMessage *request, struct niva_error *err);
bool check_add_note(const ProtobufCMessage *request, struct niva_error *err);
bool check_answer(const ProtobufCMessage *request, struct niva_error *err);
bool check_agree_measure(const ProtobufCMessage *request, struct niva_error *err);
bool check_complete_measure(const ProtobufCMessage *request, struct niva_error *err);
bool check_put_indicators(const ProtobufCMessage *request, struct niva_error *err);
bool check_import_indicators(const ProtobufCMessage *request, struct niva_error *err);

/* `^[a-z0-9][a-z0-9._-]{0,63}$`. */
bool check_rule_set_id(struct niva_check *check, const char *field, const char *value);

/* A contract, a listing, an indicator. */
void check_contract(struct niva_check *check, const pb_contract *contract);
void check_listing(struct niva_check *check, const pb_listing *listing);
void check_indicator(struct niva_check *check, const pb_indicator *indicator);
/* A calendar month, YYYY-MM; one that is empty and not `required` leaves `ret_month` alone. */
bool check_month(struct niva_check *check, const char *field, const char *value, bool required,
                 struct niva_span *ret_month);
/* The fields of a rule set; `check` stands in it. */
void check_rule_set(struct niva_check *check, const pb_rule_set *rule_set);

/* Either `unit`, one unit, or `region_code`, all units of a region. */
void check_scope(struct niva_check *check, const char *unit, const char *region_code);

#endif
