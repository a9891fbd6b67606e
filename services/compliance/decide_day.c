/* MoveToday: in a rehearsal today is moved by hand, forward only. */
#include "niva/control/v1/control.pb-c.h"
#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

bool decide_move_today(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const Niva__Control__V1__MoveTodayRequest *move = (const void *)item->request;
    const struct store_day *today = desk_day(desk);
    niva_day day = niva_day_read(move->day);
    char text[16];
    if (!niva_batch_rehearsal(desk_batch(desk)))
        return niva_refuse(
            err, NIVA_FAILED_PRECONDITION, "rehearsal", "NOT_A_REHEARSAL",
            "Dagen kan bara flyttas i en övning. Den som driver systemet startar det "
            "så.",
            "The day can be moved in a rehearsal only. Whoever runs the system starts it "
            "so.");
    if (day == NIVA_DAY_NONE)
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, "day", "DAY_MALFORMED",
                           "Dagen ska skrivas som 2022-06-23.", "A day is written as 2022-06-23.");
    if (today->begun && day < today->target) {
        niva_day_format(today->target, text);
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, "day", "DAY_BEFORE_TODAY",
                           "Dagen är %s och flyttas bara framåt.",
                           "The day is %s and moves forward only.", text);
    }
    Niva__Control__V1__MoveTodayResponse *reply =
        niva_wire_new(&niva__control__v1__move_today_response__descriptor, desk_arena(desk));
    if (reply == NULL)
        return niva_fail_memory(err);
    if (!today->begun && !desk_begin_day(desk, day, err))
        return false;
    desk_set_target(desk, day);
    reply->day = move->day;
    item->reply = &reply->base;
    return true;
}
