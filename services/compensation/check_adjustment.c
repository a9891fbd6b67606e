#include "services/common/wire/check.h"
#include "services/compensation/decide.h"

typedef Niva__Compensation__V1__DecideAdjustmentRequest DecideAdjustmentRequest;
typedef Niva__Compensation__V1__PrepareAdjustmentRequest PrepareAdjustmentRequest;
typedef Niva__Compensation__V1__ReviseAdjustmentRequest ReviseAdjustmentRequest;

enum {
    STATEMENT_MOST = 4000,
    REASON_MOST = 2000,
    CASE_NUMBER_MOST = 100,
    DELEGATION_MOST = 200,
};

bool prepare_check(const ProtobufCMessage *request, struct niva_error *err)
{
    const PrepareAdjustmentRequest *prepare = (const PrepareAdjustmentRequest *)request;
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_uuid(&check, "adjustment_id", prepare->adjustment_id);
    niva_check_text(&check, "statement", prepare->statement, 0, STATEMENT_MOST);
    niva_check_text(&check, "statement_response", prepare->statement_response, 0, STATEMENT_MOST);
    return niva_check_end(&check);
}

/* By which right, and when. */
static void check_authority(struct niva_check *check, const char *case_number,
                            const char *delegation,
                            const struct Google__Protobuf__Timestamp *decided_at)
{
    niva_instant instant;

    niva_check_line(check, "case_number", case_number, 1, CASE_NUMBER_MOST);
    niva_check_line(check, "delegation", delegation, 1, DELEGATION_MOST);
    niva_check_timestamp(check, "decided_at", decided_at, &instant);
}

bool revise_check(const ProtobufCMessage *request, struct niva_error *err)
{
    const ReviseAdjustmentRequest *revise = (const ReviseAdjustmentRequest *)request;
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_uuid(&check, "adjustment_id", revise->adjustment_id);
    /* Of money back any amount is wrong, which is said when it is decided. */
    if (revise->revised_ore < 0 ||
        (revise->computed_ore >= 0 && revise->revised_ore >= revise->computed_ore))
        niva_check_fail(&check, "revised_ore", "AMOUNT_NOT_REVISED",
                        "Ett jämkat belopp är minst 0 och mindre än det beräknade.",
                        "A revised amount is at least 0 and less than the computed one.");
    niva_check_given(&check, "reason_code", (int)revise->reason_code);
    niva_check_text(&check, "reason", revise->reason, 1, REASON_MOST);
    check_authority(&check, revise->case_number, revise->delegation, revise->decided_at);
    return niva_check_end(&check);
}

bool decide_check(const ProtobufCMessage *request, struct niva_error *err)
{
    const DecideAdjustmentRequest *decide = (const DecideAdjustmentRequest *)request;
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_uuid(&check, "adjustment_id", decide->adjustment_id);
    niva_check_given(&check, "decision", (int)decide->decision);
    if (decide->decision == NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__WAIVE) {
        niva_check_given(&check, "reason_code", (int)decide->reason_code);
        niva_check_text(&check, "reason", decide->reason, 1, REASON_MOST);
    } else {
        niva_check_text(&check, "reason", decide->reason, 0, REASON_MOST);
    }
    check_authority(&check, decide->case_number, decide->delegation, decide->decided_at);
    return niva_check_end(&check);
}
