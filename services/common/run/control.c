/* ControlService: the state of a service, and the day of a rehearsal. */
#include <string.h>

#include "niva/control/v1/control.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/run/frame.h"
#include "services/common/wire/check.h"

static void status_fill(const struct frame *frame, Niva__Control__V1__GetStatusResponse *response)
{
    response->service = (char *)frame->service->name;
    response->version = (char *)NIVA_VERSION;
    response->schema_version = frame->schema_version;
    response->rehearsal = frame->settings->rehearsal;
}

bool control_status(struct frame *frame, struct niva_rpc_call *call, const struct route *route,
                    struct niva_read *read, const struct niva_applied *applied,
                    ProtobufCMessage *reply, struct niva_error *err)
{
    Niva__Control__V1__GetStatusResponse *response = (void *)reply;
    struct niva_service_status status = {
        .today = applied->day != NIVA_DAY_NONE ? applied->day : niva_local_day(niva_clock_now())};
    char text[16];

    (void)call;
    (void)route;
    if (frame->service->status != NULL && !frame->service->status(read, &status, err))
        return false;
    niva_day_format(status.today, text);
    response->today = niva_arena_strdup(read->arena, text);
    if (response->today == NULL)
        return niva_fail_internal(err, "out of memory for a reply");
    status_fill(frame, response);
    response->pending = status.pending;
    response->recomputed = status.recomputed;
    response->ready = atomic_load(&frame->ready);
    return true;
}

/* Without its day: that may only be known to the database. */
void control_status_without_database(struct frame *frame, ProtobufCMessage *reply)
{
    status_fill(frame, (void *)reply);
}

bool control_check_move(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Control__V1__MoveTodayRequest *request = (const void *)message;
    struct niva_check check;
    niva_day day;

    niva_check_begin(&check, err);
    niva_check_day(&check, "day", request->day, true, &day);
    return niva_check_end(&check);
}

/* ---- MoveToday where nothing but the clock has a day ---- */

static bool is_move(const struct niva_item *item)
{
    return item->kind == NIVA_ITEM_COMMAND && strcmp(item->method, METHOD_MOVE_TODAY) == 0;
}

static bool move_day(const struct niva_item *item, niva_day *ret_day)
{
    const Niva__Control__V1__MoveTodayRequest *request = (const void *)item->request;

    return niva_day_parse(request->day, ret_day);
}

static bool move_decide(struct niva_batch *batch, struct niva_item *item, struct niva_error *err)
{
    niva_day before = niva_batch_day(batch);
    Niva__Control__V1__MoveTodayResponse *reply;
    niva_day day;

    niva_error_clear(err);
    if (!move_day(item, &day))
        return niva_fail_internal(err, "a day that was checked is malformed");
    if (before != NIVA_DAY_NONE && day < before)
        return niva_fail_violation(err, NIVA_FAILED_PRECONDITION, "day", "DAY_BEFORE_TODAY",
                                   "Dagen kan bara flyttas framåt.",
                                   "The day can only be moved forward.");
    reply =
        niva_wire_new(&niva__control__v1__move_today_response__descriptor, niva_batch_arena(batch));
    if (reply == NULL)
        return niva_fail_internal(err, "out of memory for a reply");
    reply->day = ((const Niva__Control__V1__MoveTodayRequest *)(const void *)item->request)->day;
    niva_batch_set_day(batch, day);
    item->reply = &reply->base;
    return true;
}

static bool rules_decide(void *self, struct niva_batch *batch, struct niva_item *item,
                         struct niva_error *err)
{
    struct frame *frame = self;
    const struct niva_journal_rules *own = &frame->service->rules;

    if (is_move(item) && !frame->settings->rehearsal) {
        niva_error_clear(err);
        return niva_fail_violation(err, NIVA_FAILED_PRECONDITION, "rehearsal", "NOT_A_REHEARSAL",
                                   "Dagen kan bara flyttas i en övning.",
                                   "The day can only be moved in a rehearsal.");
    }
    if (is_move(item) && !frame->service->owns_today)
        return move_decide(batch, item, err);
    return own->decide(own->self, batch, item, err);
}

static bool rules_read(void *self, struct niva_batch *batch, struct niva_error *err)
{
    const struct niva_journal_rules *own = &((struct frame *)self)->service->rules;

    return own->read(own->self, batch, err);
}

static bool rules_settle(void *self, struct niva_batch *batch, struct niva_error *err)
{
    const struct niva_journal_rules *own = &((struct frame *)self)->service->rules;

    return own->settle(own->self, batch, err);
}

static bool rules_write(void *self, struct niva_batch *batch, struct niva_error *err)
{
    const struct niva_journal_rules *own = &((struct frame *)self)->service->rules;

    return own->write(own->self, batch, err);
}

static bool rules_work(void *self, struct niva_batch *batch, bool *ret_more, struct niva_error *err)
{
    const struct niva_journal_rules *own = &((struct frame *)self)->service->rules;

    return own->work(own->self, batch, ret_more, err);
}

struct niva_journal_rules control_rules(struct frame *frame)
{
    const struct niva_journal_rules *own = &frame->service->rules;

    return (struct niva_journal_rules){
        .self = frame,
        .read = own->read == NULL ? NULL : rules_read,
        .decide = rules_decide,
        .settle = own->settle == NULL ? NULL : rules_settle,
        .write = own->write == NULL ? NULL : rules_write,
        .work = own->work == NULL ? NULL : rules_work,
        .work_interval_ms = own->work_interval_ms,
    };
}
