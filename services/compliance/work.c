/* The writer's own work between batches: what is dirty is recomputed, then days begin, one after
 * the other, up to the calendar's day or, in a rehearsal, to the day that was asked for. A day
 * begins only when nothing is dirty, and days that change nothing for any unit share one
 * transaction. */
#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

enum { WORK_DAYS = 64 }; /* that one transaction begins */

/* In a rehearsal what a day brings is recorded at its midnight, or right after the last record. */
static void advance(struct niva_batch *batch, niva_day day)
{
    if (niva_batch_rehearsal(batch))
        niva_batch_advance(batch, niva_local_midnight(day));
}

static bool work_dirty(struct niva_batch *batch, struct desk *desk, const struct dirty *dirty,
                       size_t count, struct niva_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!desk_want_unit(desk, dirty[i].unit))
            return niva_fail_memory(err);
    }
    if (!desk_read(desk, err))
        return false;
    advance(batch, desk_day(desk)->day);
    niva_batch_work_done(batch, count);
    return desk_touch_dirty(desk, dirty, count, err) && desk_settle(desk, err) &&
           desk_write(desk, err);
}

static bool begin_day(struct niva_batch *batch, struct desk *desk, niva_day day,
                      struct niva_error *err)
{
    advance(batch, day);
    return desk_begin_day(desk, day, err);
}

/* Units that a day changes are marked; the days after it wait for them. */
static bool mark_changed(struct niva_batch *batch, niva_day day, struct niva_error *err)
{
    char text[16];
    niva_day_format(day, text);
    const char *by = niva_arena_printf(niva_batch_arena(batch), "day/%s", text);
    return (by != NULL && store_write_dirty_day(batch, day, by)) || niva_fail_memory(err);
}

static bool work_days(struct niva_batch *batch, struct desk *desk, niva_day goal, bool *ret_more,
                      struct niva_error *err)
{
    const struct store_day *today = desk_day(desk);
    niva_day stop = today->day + WORK_DAYS;
    niva_day change = today->next_change_day;
    if (stop > goal)
        stop = goal;
    if (change != NIVA_DAY_NONE && change < stop)
        stop = change > today->day ? change : today->day + 1;
    while (today->day < stop) {
        if (!begin_day(batch, desk, today->day + 1, err))
            return false;
    }
    if (change != NIVA_DAY_NONE && change <= stop && !mark_changed(batch, stop, err))
        return false;
    *ret_more = true;
    return desk_write(desk, err);
}

bool rules_work(void *self, struct niva_batch *batch, bool *ret_more, struct niva_error *err)
{
    (void)self;
    struct desk *desk = desk_new(batch);
    struct dirty *dirty = NULL;
    size_t count = 0;
    if (desk == NULL)
        return niva_fail_memory(err);
    *ret_more = false;
    if (!store_dirty(niva_batch_pg(batch), niva_batch_work_pieces(batch), niva_batch_arena(batch),
                     &count, &dirty, err))
        return false;
    if (count > 0) {
        *ret_more = true;
        return work_dirty(batch, desk, dirty, count, err);
    }
    if (!desk_read(desk, err))
        return false;
    const struct store_day *today = desk_day(desk);
    bool rehearsal = niva_batch_rehearsal(batch);
    if (!today->begun)
        return rehearsal || (desk_begin_day(desk, today->calendar, err) && desk_write(desk, err));
    niva_day goal = rehearsal ? today->target : today->calendar;
    return goal <= today->day || work_days(batch, desk, goal, ret_more, err);
}
