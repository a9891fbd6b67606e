#include "services/compensation/verify_decisions.h"

#include <stdlib.h>
#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compensation/blocks.h"
#include "services/compensation/decide.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;

enum { FACTS_PAGE = 1000 };

static const struct niva_difference_kind fact_lost = {
    "ADJUSTMENT_MISSING", "En version av regleringen saknas, fast ett faktum berättar om den.",
    "A version of the adjustment is missing, although a fact tells of it."};
static const struct niva_difference_kind fact_differs = {
    "ADJUSTMENT_ALTERED", "Regleringens version är inte den som undertecknades eller beslutades.",
    "The version of the adjustment is not what was signed or decided."};
static const struct niva_difference_kind unsigned_words = {
    "ADJUSTMENT_UNSIGNED",
    "Regleringen säger att någon har berett, beslutat eller bokfört den, men inget faktum gör det.",
    "The adjustment says that somebody prepared, decided or booked it, but no fact does."};
static const struct niva_difference_kind state_wrong = {
    "ADJUSTMENT_STATE", "Inget leder från regleringens förra läge till det här.",
    "Nothing leads from the state before of the adjustment to this one."};
static const struct niva_difference_kind unlawful = {
    "ADJUSTMENT_UNLAWFUL", "Beslutet fick inte fattas så.",
    "The decision could not be taken in this way."};

/* ---- facts ---- */

static bool facts_read(const struct proof *proof, int64_t after, size_t *ret_count,
                       struct niva_fact **ret_facts, struct niva_error *err)
{
    const struct niva_fact_filter filter = {.kind = FACT_ADJUSTMENT,
                                            .unit = proof->unit,
                                            .since = NIVA_DAY_NONE,
                                            .known_at = INT64_MAX,
                                            .include_history = true,
                                            .after_no = after,
                                            .limit = FACTS_PAGE};

    return niva_facts_list(proof->read->pg, &filter, proof->arena, ret_count, ret_facts, err);
}

/* The version that a fact is: "line/version". */
static void fact_take(const struct proof *proof, const struct niva_fact *fact)
{
    const char *slash = strchr(fact->id, '/');
    int32_t number = slash == NULL ? 0 : (int32_t)strtol(slash + 1, NULL, 10);
    struct proved_line *version = proof_version_find(proof, fact->refers_to, number);

    proof->verify->checked++;
    if (version == NULL) {
        niva_verify_differs(
            proof->verify, &fact_lost,
            NIVA_DIFFERENCE(.kind = (char *)"adjustment", .id = (char *)(uintptr_t)fact->refers_to,
                            .version = number, .unit = (char *)(uintptr_t)fact->unit,
                            .profession_group = (char *)(uintptr_t)fact->group));
        return;
    }
    version->fact = fact;
    if (fact->body.len != version->row->body.len ||
        memcmp(fact->body.data, version->row->body.data, fact->body.len) != 0)
        proof_line_differs(proof, &fact_differs, version, "body", "", "");
}

static bool facts_take(const struct proof *proof, struct niva_error *err)
{
    struct niva_fact *facts;
    size_t count;
    int64_t after = 0;

    do {
        if (!facts_read(proof, after, &count, &facts, err))
            return false;
        for (size_t i = 0; i < count; i++)
            fact_take(proof, &facts[i]);
        if (count > 0)
            after = facts[count - 1].fact_no;
    } while (count == FACTS_PAGE);
    return true;
}

/* ---- versions ---- */

/* What people said, and nothing else; of no version nothing. */
static bool said_pack(const struct proved_line *version, struct niva_arena *arena,
                      ProtobufCBinaryData *ret_bytes, struct niva_error *err)
{
    static const Adjustment nothing = NIVA__COMPENSATION__V1__ADJUSTMENT__INIT;
    const Adjustment *body = version != NULL && version->body != NULL ? version->body : &nothing;
    Adjustment said = nothing;

    said.prepared_by = body->prepared_by;
    said.prepared_at = body->prepared_at;
    said.statement = body->statement;
    said.statement_response = body->statement_response;
    said.decided_by = body->decided_by;
    said.delegation = body->delegation;
    said.decided_at = body->decided_at;
    said.decision_recorded_at = body->decision_recorded_at;
    said.case_number = body->case_number;
    said.reason_code = body->reason_code;
    said.reason = body->reason;
    said.settlement_id = body->settlement_id;
    said.voucher_number = body->voucher_number;
    return niva_wire_pack(&said.base, arena, ret_bytes, err);
}

/* Whether an edge leads from one state to another. */
static bool states_follow(enum line_state from, enum line_state to)
{
    size_t count;
    const struct line_edge *edges = line_edges(&count);

    for (size_t i = 0; i < count; i++)
        if (edges[i].from == from && edges[i].to == to)
            return true;
    return false;
}

static bool state_check(const struct proof *proof, const struct proved_line *version)
{
    const struct proved_line *before = proof_version_before(proof, version);
    enum line_state state = (enum line_state)version->row->state;
    bool good;

    if (line_is_open(state) &&
        state != line_told_state(LINE_PROPOSED, version->body)) /* by what the unit was told */
        return false;
    if (before == NULL)
        good = state == LINE_PROPOSED || state == LINE_IN_DIALOGUE;
    else
        good = states_follow((enum line_state)before->row->state, state);
    return good;
}

static bool version_check(const struct proof *proof, const struct proved_line *version,
                          struct niva_error *err)
{
    ProtobufCBinaryData said;
    ProtobufCBinaryData before;

    if (version->body == NULL)
        return true;
    if (!state_check(proof, version))
        proof_line_differs(proof, &state_wrong, version, "state", "", "");
    if (version->fact != NULL)
        return true;
    if (!said_pack(version, proof->arena, &said, err) ||
        !said_pack(proof_version_before(proof, version), proof->arena, &before, err))
        return false;
    if (said.len != before.len || memcmp(said.data, before.data, said.len) != 0)
        proof_line_differs(proof, &unsigned_words, version, "", "", "");
    return true;
}

bool proof_signatures_check(struct proof *proof, struct niva_error *err)
{
    if (!facts_take(proof, err))
        return false;
    for (size_t i = 0; i < proof->version_count; i++)
        if (!version_check(proof, &proof->versions[i], err))
            return false;
    return true;
}

/* ---- decisions ---- */

/* What it takes: nothing, what was computed, or less. */
static bool amount_allowed(const Adjustment *line)
{
    if (line->state == NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__WAIVED)
        return line->deduction_ore == 0 && !line_is_money_back(line);
    if (line->deduction_ore == line->computed_ore)
        return true;
    return line->deduction_ore >= 0 && line->deduction_ore < line->computed_ore;
}

/* Why it takes less than was computed. */
static bool reason_given(const Adjustment *line)
{
    return line->deduction_ore == line->computed_ore ||
           (line->reason_code != 0 && (line->reason[0] != '\0' || line->erased_by[0] != '\0'));
}

static bool dialogue_held(const Adjustment *line,
                          const Niva__Compliance__V1__TimelineChanged *timeline)
{
    return line_is_money_back(line) || timeline->rule_set == NULL ||
           timeline->rule_set->regulation == NULL ||
           !timeline->rule_set->regulation->dialogue_required || line->communicated_at != NULL;
}

void proof_decision_check(const struct proof *proof, const struct proved_line *version,
                          const Niva__Compliance__V1__TimelineChanged *timeline)
{
    const Adjustment *line = version->body;
    const char *field = NULL;

    if (!line_is_decided((enum line_state)line->state))
        return;
    if (line->prepared_by[0] == '\0')
        field = "prepared_by";
    else if (line->decided_by[0] == '\0' ||
             blocks_same_person(line->decided_by, line->prepared_by) ||
             blocks_stands_behind(timeline, line->decided_by))
        field = "decided_by";
    else if (line->decided_at == NULL)
        field = "decided_at";
    else if (!amount_allowed(line))
        field = "deduction_ore";
    else if (!reason_given(line))
        field = "reason_code";
    else if (line->case_number[0] == '\0')
        field = "case_number";
    else if (line->delegation[0] == '\0')
        field = "delegation";
    else if (!dialogue_held(line, timeline))
        field = "communicated_at";
    if (field != NULL)
        proof_line_differs(proof, &unlawful, version, field, "", "");
}
