#include "services/nivactl/today.h"

#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "services/common/base/clock.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/request.h"
#include "services/nivactl/wait.h"

typedef Niva__Control__V1__MoveTodayRequest MoveTodayRequest;

static bool service_move(struct session *session, enum service service, const char *day,
                         struct niva_error *err)
{
    static const struct call plain = {.recorded_at = INT64_MIN};
    MoveTodayRequest request = NIVA__CONTROL__V1__MOVE_TODAY_REQUEST__INIT;
    struct method method;
    ProtobufCMessage *reply;

    request.day = (char *)(uintptr_t)day;
    if (!method_find("niva.control.v1.ControlService/MoveToday", &method))
        return niva_fail_internal(err, "no MoveToday");
    return request_give_id(&request.base, niva_uuid_v7(niva_clock_now()), session->arena, err) &&
           session_call(session, service, &method, &request.base, &plain, session->arena, &reply,
                        err);
}

bool today_move(struct session *session, const char *day, int64_t deadline_ms,
                struct niva_error *err)
{
    struct wait wait = {.last = COMPENSATION, .deadline_ms = deadline_ms};

    if (!wait_applied(session, &wait, err) || !service_move(session, INTAKE, day, err) ||
        !service_move(session, COMPLIANCE, day, err))
        return false;
    wait.last = COMPLIANCE;
    return wait_applied(session, &wait, err);
}

static int today_print(struct session *session, struct niva_error *err)
{
    Niva__Compliance__V1__GetBusinessDayRequest request =
        NIVA__COMPLIANCE__V1__GET_BUSINESS_DAY_REQUEST__INIT;
    ProtobufCMessage *reply;
    bool rehearsal;

    if (!session_ask(session, "niva.compliance.v1.ComplianceService/GetBusinessDay", &request.base,
                     &reply, err))
        return session_fail(session, err);
    if (session->json)
        return session_print_json(session, reply, err) ? EXIT_YES : session_fail(session, err);
    rehearsal = ((Niva__Compliance__V1__GetBusinessDayResponse *)reply)->rehearsal;
    fprintf(session->out,
            rehearsal ? session_pick(session, "%s (repetition: dagen flyttas för hand)\n",
                                     "%s (rehearsal: the day is moved by hand)\n")
                      : "%s\n",
            niva_wire_get_text(reply, "day"));
    return EXIT_YES;
}

int command_today(struct session *session, size_t count, const char *const *arguments)
{
    struct niva_error err;
    niva_day day;

    niva_error_clear(&err);
    if (count == 1 && !niva_day_parse(arguments[0], &day))
        return session_refuse(session, "Dagen ska skrivas som 2022-09-30.",
                              "The day is written like 2022-09-30.");
    if (count == 1 && !today_move(session, arguments[0], wait_deadline(session), &err))
        return session_fail(session, &err);
    return today_print(session, &err);
}
