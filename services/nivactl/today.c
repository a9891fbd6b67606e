#include "services/nivactl/today.h"

#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "services/common/base/clock.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/request.h"
#include "services/nivactl/wait.h"

typedef Niva__Compliance__V1__GetBusinessDayResponse GetBusinessDayResponse;
typedef Niva__Control__V1__MoveTodayRequest MoveTodayRequest;

static bool service_move(struct session *session, enum service service, niva_day day,
                         niva_instant recorded_at, struct niva_error *err)
{
    const struct call call = {.recorded_at = recorded_at};
    MoveTodayRequest request = NIVA__CONTROL__V1__MOVE_TODAY_REQUEST__INIT;
    struct method method;
    ProtobufCMessage *reply;
    char text[16];

    niva_day_format(day, text);
    request.day = text;
    if (!method_find("niva.control.v1.ControlService/MoveToday", &method))
        return niva_fail_internal(err, "no MoveToday");
    return request_give_id(&request.base, niva_uuid_v7(niva_clock_now()), session->arena, err) &&
           session_call(session, service, &method, &request.base, &call, session->arena, &reply,
                        err);
}

bool today_move(struct session *session, niva_day day, niva_instant recorded_at,
                struct niva_error *err)
{
    struct wait wait = {.last = COMPLIANCE, .deadline_ms = wait_deadline(session)};

    /* Compliance records each day between at that day's own midnight: its move must not be recorded
     * after them. */
    return service_move(session, INTAKE, day, recorded_at, err) &&
           service_move(session, COMPLIANCE, day, INT64_MIN, err) &&
           wait_applied(session, &wait, err);
}

static bool business_day_ask(struct session *session, GetBusinessDayResponse **ret_answer,
                             struct niva_error *err)
{
    Niva__Compliance__V1__GetBusinessDayRequest request =
        NIVA__COMPLIANCE__V1__GET_BUSINESS_DAY_REQUEST__INIT;
    ProtobufCMessage *reply;

    if (!session_ask(session, "niva.compliance.v1.ComplianceService/GetBusinessDay", &request.base,
                     &reply, err))
        return false;
    *ret_answer = (GetBusinessDayResponse *)reply;
    return true;
}

bool today_read(struct session *session, niva_day *ret_today, bool *ret_rehearsal,
                struct niva_error *err)
{
    GetBusinessDayResponse *answer;
    niva_day today;

    if (!business_day_ask(session, &answer, err))
        return false;
    if (!niva_day_parse(answer->day, &today))
        return niva_fail_internal(err, "the business day is no day");
    *ret_today = today;
    *ret_rehearsal = answer->rehearsal;
    return true;
}

static int today_print(struct session *session, struct niva_error *err)
{
    GetBusinessDayResponse *answer;

    if (!business_day_ask(session, &answer, err))
        return session_fail(session, err);
    if (session->json)
        return session_print_json(session, &answer->base, err) ? EXIT_YES
                                                               : session_fail(session, err);
    fprintf(session->out,
            answer->rehearsal ? session_pick(session, "%s (repetition: dagen flyttas för hand)\n",
                                             "%s (rehearsal: the day is moved by hand)\n")
                              : "%s\n",
            answer->day);
    return EXIT_YES;
}

int command_today(struct session *session, size_t count, const char *const *arguments)
{
    struct wait wait = {.last = COMPENSATION, .deadline_ms = wait_deadline(session)};
    struct niva_error err;
    int exit_code = session_days(session, count, arguments);

    niva_error_clear(&err);
    if (exit_code != EXIT_YES)
        return exit_code;
    if (count == 1 && (!wait_applied(session, &wait, &err) ||
                       !today_move(session, niva_day_read(arguments[0]), INT64_MIN, &err)))
        return session_fail(session, &err);
    return today_print(session, &err);
}
