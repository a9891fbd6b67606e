#include "services/nivactl/remark.h"

#include <string.h>

#include "niva/compliance/v1/rule.pb-c.h"
#include "services/nivactl/show.h"

typedef Niva__Compliance__V1__GetRuleSetRequest GetRuleSetRequest;
typedef Niva__Compliance__V1__GetRuleSetResponse GetRuleSetResponse;

void remark_print(const struct session *session, const char *remark_sv, const char *remark_en)
{
    const char *remark = session_pick(session, remark_sv, remark_en);

    if (*remark != '\0')
        show(session->out, session_pick(session, "Obs: %s\n", "Note: %s\n"), remark);
}

static bool remark_ask(struct session *session, const char *rule_set_id, struct niva_error *err)
{
    GetRuleSetRequest request = NIVA__COMPLIANCE__V1__GET_RULE_SET_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.rule_set_id = (char *)(uintptr_t)rule_set_id;
    if (!session_known_at(session, &request.known_at, err) ||
        !session_ask(session, "niva.compliance.v1.RuleService/GetRuleSet", &request.base, &reply,
                     err))
        return false;
    remark_print(session, ((GetRuleSetResponse *)reply)->rule_set->remark_sv,
                 ((GetRuleSetResponse *)reply)->rule_set->remark_en);
    return true;
}

static bool said_before(const char *const *ids, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (ids[i] != NULL && strcmp(ids[i], ids[index]) == 0)
            return true;
    return false;
}

bool remarks_print(struct session *session, size_t count, const char *const *rule_set_ids,
                   struct niva_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (rule_set_ids[i] == NULL || *rule_set_ids[i] == '\0' || said_before(rule_set_ids, i))
            continue;
        if (!remark_ask(session, rule_set_ids[i], err))
            return false;
    }
    return true;
}
