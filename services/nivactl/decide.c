/* What an officer and a decider do to an adjustment: prepare, decide, revise. The amount that was
 * seen is the one that the adjustment has when it is read; another amount is another adjustment. */
#include <string.h>

#include "services/common/base/clock.h"
#include "services/nivactl/adjustments.h"
#include "services/nivactl/ask.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/kronor.h"
#include "services/nivactl/request.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__DecideAdjustmentRequest DecideRequest;
typedef Niva__Compensation__V1__GetAdjustmentRequest GetRequest;
typedef Niva__Compensation__V1__PrepareAdjustmentRequest PrepareRequest;
typedef Niva__Compensation__V1__ReviseAdjustmentRequest ReviseRequest;

#define SERVICE "niva.compensation.v1.AdjustmentService/"

static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* ---- the adjustment ---- */

static bool adjustment_read(struct session *session, const char *id, const Adjustment **ret_line,
                            struct niva_error *err)
{
    GetRequest request = NIVA__COMPENSATION__V1__GET_ADJUSTMENT_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.adjustment_id = borrowed(id);
    if (!session_ask(session, SERVICE "GetAdjustment", &request.base, &reply, err))
        return false;
    *ret_line = ((Niva__Compensation__V1__GetAdjustmentResponse *)reply)->adjustment;
    return *ret_line != NULL || niva_fail_internal(err, "an answer without its adjustment");
}

/* A row of a fact, left out where there is none. */
static void row_add(const struct session *session, struct table *table, const char *sv,
                    const char *en, const char *value)
{
    const char *cells[] = {session_pick(session, sv, en), value};

    if (*value != '\0')
        table_row(table, cells);
}

static const struct table *adjustment_table(const struct session *session, const Adjustment *line)
{
    static const struct column sv[] = {{"Reglering", false}, {"", false}};
    static const struct column en[] = {{"Adjustment", false}, {"", false}};
    struct table *table = table_new(session->arena, 2, session->language == ENGLISH ? en : sv);
    const char *reason = line->reason_code == 0
                             ? ""
                             : words_value(session->language, WORDS_REASON, (int)line->reason_code);

    row_add(session, table, "Vårdcentral", "Unit",
            *line->unit_name != '\0' ? line->unit_name : line->unit);
    row_add(session, table, "Månad", "Month", line->period);
    row_add(session, table, "Ersättning", "Component", line->component);
    row_add(session, table, "Läge", "State",
            words_value(session->language, WORDS_ADJUSTMENT_STATE, (int)line->state));
    row_add(session, table, "Månadens belopp", "The month's amount",
            cell_kronor(session, line->computed_total_ore));
    row_add(session, table, "Beräknat", "Computed", cell_kronor(session, line->computed_ore));
    row_add(session, table, "Reglering", "Deduction", cell_kronor(session, line->deduction_ore));
    row_add(session, table, "Beredd av", "Prepared by", line->prepared_by);
    row_add(session, table, "Svar senast", "Answer by", line->answer_by);
    row_add(session, table, "Beslutad av", "Decided by", line->decided_by);
    row_add(session, table, "Delegation", "Delegation", line->delegation);
    row_add(session, table, "Diarienummer", "Case number", line->case_number);
    row_add(session, table, "Skäl", "Reason", reason);
    row_add(session, table, "Reglerings-id", "Adjustment id", line->adjustment_id);
    return table;
}

/* ---- asking and telling ---- */

/* A request about an adjustment on its way. */
struct asking {
    struct session *session;
    const char *id;
    const char *method;
    const char *question_sv;
    const char *question_en;
    ProtobufCMessage *request;
};

/* At a terminal the adjustment is shown, and the person asked. */
static bool agreed(const struct asking *asking, const Adjustment *line, struct niva_error *err)
{
    if (!ask_wanted(asking->session))
        return true;
    if (!session_print_table(asking->session, adjustment_table(asking->session, line), err))
        return false;
    return ask_confirmed(asking->session, asking->question_sv, asking->question_en) ||
           niva_fail(err, NIVA_FAILED_PRECONDITION, "Ingenting ändrades.", "Nothing was changed.");
}

static bool answer_print(struct session *session, const ProtobufCMessage *reply,
                         struct niva_error *err)
{
    /* All three replies have one shape. */
    const Niva__Compensation__V1__DecideAdjustmentResponse *decided = (const void *)reply;
    const Adjustment *line = decided->adjustment;

    if (session->json)
        return session_print_json(session, reply, err);
    if (line == NULL)
        return niva_fail_internal(err, "an answer without its adjustment");
    if (!session_say_rehearsal(session, err))
        return false;
    fputs("\n", session->out);
    if (!session_print_table(session, adjustment_table(session, line), err))
        return false;
    session_warn(session, decided->n_warnings, decided->warnings);
    return true;
}

static int ask(const struct asking *asking)
{
    struct session *session = asking->session;
    const Adjustment *line;
    ProtobufCMessage *reply;
    struct niva_error err;

    niva_error_clear(&err);
    if (adjustment_read(session, asking->id, &line, &err) &&
        niva_wire_set_text(asking->request, "adjustment_id", line->adjustment_id) &&
        niva_wire_set_int64(asking->request, "computed_ore", line->computed_ore) &&
        agreed(asking, line, &err) &&
        request_give_id(asking->request, niva_uuid_v7(niva_clock_now()), session->arena, &err) &&
        session_ask(session, asking->method, asking->request, &reply, &err) &&
        answer_print(session, reply, &err))
        return EXIT_YES;
    return session_fail(session, &err);
}

/* ---- the commands ---- */

int command_prepare(struct session *session, size_t count, const char *const *arguments)
{
    PrepareRequest request = NIVA__COMPENSATION__V1__PREPARE_ADJUSTMENT_REQUEST__INIT;
    const struct asking asking = {session,
                                  arguments[0],
                                  SERVICE "PrepareAdjustment",
                                  "Skriva under beräkningen? (ja/nej)",
                                  "Sign for the computation? (yes/no)",
                                  &request.base};

    (void)count;
    request.statement = borrowed(session->options.statement);
    request.statement_response = borrowed(session->options.response);
    return ask(&asking);
}

/* --code as a value; the words of the option were checked. */
static Niva__Compensation__V1__Adjustment__ReasonCode code_chosen(const struct session *session)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(
        &niva__compensation__v1__adjustment__reason_code__descriptor, session->options.code);

    return (Niva__Compensation__V1__Adjustment__ReasonCode)(value == NULL ? 0 : value->value);
}

/* --decided-at as a message: of a day its end; of today, which has not ended, NULL, as where it was
 * not given. The option was checked. */
static bool decided_at_read(struct session *session, struct Google__Protobuf__Timestamp **ret_at,
                            struct niva_error *err)
{
    const char *text = session->options.decided_at;
    const char *today;
    niva_instant instant;
    niva_day day;

    niva_error_clear(err);
    *ret_at = NULL;
    if (niva_day_parse(text, &day)) {
        if (!session_today(session, &today, err))
            return false;
        if (strcmp(text, today) == 0)
            return true;
        instant = niva_local_midnight(day + 1) - 1;
    } else if (!niva_instant_parse(text, &instant)) {
        return true;
    }
    *ret_at = niva_wire_timestamp(instant, session->arena);
    return *ret_at != NULL || niva_fail_memory(err);
}

int command_decide(struct session *session, size_t count, const char *const *arguments)
{
    DecideRequest request = NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__INIT;
    bool approve = strcmp(arguments[1], "approve") == 0;
    const struct asking asking = {session,
                                  arguments[0],
                                  SERVICE "DecideAdjustment",
                                  approve ? "Godkänna? Ett beslut står fast. (ja/nej)"
                                          : "Avstå? Ett beslut står fast. (ja/nej)",
                                  approve ? "Approve? A decision stands. (yes/no)"
                                          : "Waive? A decision stands. (yes/no)",
                                  &request.base};
    struct niva_error err;

    (void)count;
    if (!approve && strcmp(arguments[1], "waive") != 0)
        return session_refuse(session, "Beslutet är approve (godkänn) eller waive (avstå).",
                              "The decision is approve or waive.");
    request.decision = approve
                           ? NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__APPROVE
                           : NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__WAIVE;
    request.reason_code = code_chosen(session);
    request.reason = borrowed(session->options.reason);
    request.case_number = borrowed(session->options.case_number);
    request.delegation = borrowed(session->options.delegation);
    if (!decided_at_read(session, &request.decided_at, &err))
        return session_fail(session, &err);
    return ask(&asking);
}

int command_revise(struct session *session, size_t count, const char *const *arguments)
{
    ReviseRequest request = NIVA__COMPENSATION__V1__REVISE_ADJUSTMENT_REQUEST__INIT;
    const struct asking asking = {session,
                                  arguments[0],
                                  SERVICE "ReviseAdjustment",
                                  "Jämka? Ett beslut står fast. (ja/nej)",
                                  "Revise? A decision stands. (yes/no)",
                                  &request.base};
    struct niva_error err;

    (void)count;
    if (!kronor_read(arguments[1], &request.revised_ore))
        return session_refuse(session, "Beloppet skrivs i kronor, som 1234,50.",
                              "The amount is written in kronor, like 1234,50.");
    request.reason_code = code_chosen(session);
    request.reason = borrowed(session->options.reason);
    request.case_number = borrowed(session->options.case_number);
    request.delegation = borrowed(session->options.delegation);
    if (!decided_at_read(session, &request.decided_at, &err))
        return session_fail(session, &err);
    return ask(&asking);
}
