/* The desk: what one batch of the writer has in front of it. It is laid out in two steps: every
 * item says what it wants to see, then all of that is read at once. What items decide is laid on
 * the same desk, so that later items of the batch see it, and at the end every unit and group that
 * was touched is recomputed once over everything that lies there. */
#ifndef NIVA_COMPLIANCE_DESK_H
#define NIVA_COMPLIANCE_DESK_H

#include "services/compliance/dialogue.h"
#include "services/compliance/store.h"

enum {
    DESK_ITEM_UNITS_MAX = 50,   /* a change of more units is not recomputed in its own batch */
    DESK_BATCH_UNITS_MAX = 256, /* nor is what goes beyond so many in one batch */
};

struct desk;

/* Lays out an empty desk and hangs it on the batch. NULL when the arena is out. */
struct desk *desk_new(struct niva_batch *batch);
/* The desk of a batch. */
struct desk *desk_of(struct niva_batch *batch);

/* Wants: all versions of a fact; the whole record of a unit and what was said of it; the record of
 * a region. Strings are borrowed. False when the arena is out. */
bool desk_want_fact(struct desk *desk, enum record_kind kind, const char *id) NIVA_MUST_CHECK;
bool desk_want_unit(struct desk *desk, const char *unit) NIVA_MUST_CHECK;
/* The unit that a breach is about; one that there is not brings nothing. */
bool desk_want_breach(struct desk *desk, const struct niva_uuid *breach_id) NIVA_MUST_CHECK;
bool desk_want_region(struct desk *desk, const char *region) NIVA_MUST_CHECK;
/* How many units have been wanted. */
size_t desk_units_wanted(const struct desk *desk);

/* Reads today and everything that was wanted; with a fact that is about a unit, that unit; with a
 * unit, its region. */
bool desk_read(struct desk *desk, struct niva_error *err) NIVA_MUST_CHECK;

/* The batch and its arena. */
struct niva_batch *desk_batch(const struct desk *desk);
struct niva_arena *desk_arena(const struct desk *desk);
/* Today; the calendar's while no day has begun. */
const struct store_day *desk_day(const struct desk *desk);
/* The day on which an item is decided: today, or the local day of its record if that is later. */
niva_day desk_notice_day(const struct desk *desk, const struct niva_item *item);
/* The last version of a fact that was wanted; NULL: there is none. */
const struct record *desk_last(const struct desk *desk, enum record_kind kind, const char *id);
/* The record of a unit that was wanted; NULL: it was not. */
struct records *desk_records(struct desk *desk, const char *unit);
/* The present versions of all breaches of the unit and group that a wanted breach is about; an
 * empty set: there is no such breach. */
bool desk_breaches(struct desk *desk, const char *breach_id, struct breach_set *ret_set,
                   struct niva_error *err) NIVA_MUST_CHECK;
/* The record of a region that was wanted. */
const struct records *desk_region(const struct desk *desk, const char *region);

/* Records a fact of `kind` (its kind and body are filled in) and lays it on the desk; begins the
 * first day where none has begun. `ret_by` gets "kind/id/version". */
bool desk_append(struct desk *desk, const struct niva_item *item, enum record_kind kind,
                 struct niva_fact *fact, const ProtobufCMessage *message, const char **ret_by,
                 struct niva_error *err) NIVA_MUST_CHECK;

/* A unit is to be recomputed, at the end of the batch where it lies on the desk, between batches
 * otherwise; group "": all of its groups. */
bool desk_touch(struct desk *desk, const struct niva_item *item, const char *unit,
                const char *group, pb_cause cause, const char *by,
                struct niva_error *err) NIVA_MUST_CHECK;
/* All units of a region are to be recomputed between batches. */
bool desk_touch_region(struct desk *desk, const char *region, const char *group, pb_cause cause,
                       const char *by, struct niva_error *err) NIVA_MUST_CHECK;
/* Units and groups were marked before; they lie on the desk now. */
bool desk_touch_dirty(struct desk *desk, const struct dirty *dirty, size_t count,
                      struct niva_error *err) NIVA_MUST_CHECK;

/* A new version of a wanted breach, by the fact `by` and not by its days: number, times and cause
 * are filled in, the event breach.changed is appended, and what follows builds on it. */
bool desk_change_breach(struct desk *desk, const struct niva_item *item, pb_breach *version,
                        const char *by, struct niva_error *err) NIVA_MUST_CHECK;
/* Compensation has told a version of a component. */
bool desk_add_component(struct desk *desk, int64_t position, const pb_component *component,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* Compensation has told of an adjustment. */
bool desk_add_adjustment(struct desk *desk, const struct adjustment_row *row,
                         struct niva_error *err) NIVA_MUST_CHECK;

/* A day begins: the event is appended, the row is written at the end. */
bool desk_begin_day(struct desk *desk, niva_day day, struct niva_error *err) NIVA_MUST_CHECK;
/* Days up to this one are to begin. */
void desk_set_target(struct desk *desk, niva_day target);

/* Recomputes what was touched and appends what follows (settle.c). */
bool desk_settle(struct desk *desk, struct niva_error *err) NIVA_MUST_CHECK;
/* Adds the writes of the service's own tables. */
bool desk_write(struct desk *desk, struct niva_error *err) NIVA_MUST_CHECK;

#endif
