/* Letters on their way: what the services answer becomes the values of a template. What a letter
 * must not tell (position keys, absences, who certified) is not among the names that a template may
 * use (letter_names.h). */
#ifndef NIVA_NIVACTL_LETTER_H
#define NIVA_NIVACTL_LETTER_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "services/nivactl/letter_config.h"
#include "services/nivactl/letter_names.h"
#include "services/nivactl/session.h"

struct letter {
    struct session *session;
    struct letter_config config;
    struct niva_letter_values *values;
    const char *today;
};

/* Each fills the values of its letter. FAILED_PRECONDITION says why there is no such letter. */
bool communication_gather(struct letter *letter, const char *adjustment_id,
                          struct niva_error *err) NIVA_MUST_CHECK;
bool decision_gather(struct letter *letter, const char *adjustment_id,
                     struct niva_error *err) NIVA_MUST_CHECK;
bool call_gather(struct letter *letter, const char *call_or_unit,
                 struct niva_error *err) NIVA_MUST_CHECK;
bool receipt_gather(struct letter *letter, const char *report_id,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* The unit to which the letter goes, by whom it was run on a day, and the region's own words. A
 * unit of another region than the configuration's is FAILED_PRECONDITION. */
bool letter_address(struct letter *letter, const char *hsa_id, const char *day,
                    struct niva_error *err) NIVA_MUST_CHECK;
/* Another owner and form than those of letter_address. */
void letter_owner(struct letter *letter, const char *org_number,
                  Niva__Intake__V1__Owner__Form form);

/* Why there is no such letter. Always returns false. */
bool letter_refuse(struct niva_error *err, const char *text_sv, const char *text_en);

/* A version of a rule set; 0: the latest. */
bool rule_set_get(struct session *session, const char *rule_set_id, int32_t version,
                  const Niva__Compliance__V1__RuleSet **ret_rule_set,
                  struct niva_error *err) NIVA_MUST_CHECK;

/* The local day of an instant, "" when it is absent; NULL when the arena is out. */
const char *letter_day(const struct letter *letter,
                       const struct Google__Protobuf__Timestamp *timestamp);
/* "augusti 2022" of the month in which a day lies; NULL when the arena is out. */
const char *letter_month(const struct letter *letter, niva_day day);
/* One of the words of an enumeration of the protos, as it is written there. */
const char *letter_word(const ProtobufCEnumDescriptor *type, int value);

#endif
