#include "services/compliance/checks.h"

static void check_call(struct niva_check *check, const pb_call *call)
{
    niva_day day;
    check_scope(check, call->unit, call->region_code);
    niva_check_name_key(check, "profession_group", call->profession_group);
    niva_check_day(check, "issued_on", call->issued_on, false, &day);
    niva_check_day(check, "current_since", call->current_since, false, &day);
    niva_check_day(check, "answer_by", call->answer_by, false, &day);
    niva_check_text(check, "reference", call->reference, 0, 200);
}

bool check_issue_call(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__IssueCallRequest *issue = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    if (niva_check_present(&check, "call", issue->call)) {
        size_t mark = niva_check_enter(&check, "call", -1);
        check_call(&check, issue->call);
        niva_check_leave(&check, mark);
    }
    return niva_check_end(&check);
}

bool check_void_call(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__VoidCallRequest *annul = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    niva_check_uuid(&check, "call_id", annul->call_id);
    niva_check_text(&check, "reason", annul->reason, 1, 500);
    return niva_check_end(&check);
}
