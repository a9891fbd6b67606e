/* The rules of compensation: what each item of a batch does to the sheet. Items are taken in
 * order; a month that has ended is computed at once, so that every proposal follows from the facts
 * as they were at its place in the order, and a month under way once, when the batch is settled,
 * since its preliminary lines have no history. So the same items give the same lines whatever
 * batches they come in, but for the ids. No SQL: the sheet was read by the store. */
#ifndef NIVA_COMPENSATION_DECIDE_H
#define NIVA_COMPENSATION_DECIDE_H

#include "niva/compensation/v1/component.pb-c.h"
#include "niva/compensation/v1/events.pb-c.h"
#include "services/common/bus/journal.h"
#include "services/compensation/sheet.h"

/* Types of the service's events. */
#define EVENT_COMPONENT_CHANGED     "se.niva.compensation.component.changed.v1"
#define EVENT_ADJUSTMENT_PROPOSED   "se.niva.compensation.adjustment.proposed.v1"
#define EVENT_ADJUSTMENT_SUPERSEDED "se.niva.compensation.adjustment.superseded.v1"
#define EVENT_ADJUSTMENT_DECIDED    "se.niva.compensation.adjustment.decided.v1"
#define EVENT_ADJUSTMENT_WAIVED     "se.niva.compensation.adjustment.waived.v1"

/* Types of compliance's events that it follows. */
#define EVENT_TIMELINE_CHANGED "se.niva.compliance.timeline.changed.v1"
#define EVENT_DAY_BEGUN        "se.niva.compliance.day.begun.v1"

#define METHOD_PUT_COMPONENT      "/niva.compensation.v1.ComponentService/PutComponent"
#define METHOD_PREPARE_ADJUSTMENT "/niva.compensation.v1.AdjustmentService/PrepareAdjustment"
#define METHOD_REVISE_ADJUSTMENT  "/niva.compensation.v1.AdjustmentService/ReviseAdjustment"
#define METHOD_DECIDE_ADJUSTMENT  "/niva.compensation.v1.AdjustmentService/DecideAdjustment"

/* The kind of fact that each version of a line is which a person made; its id is "line/version". */
#define FACT_ADJUSTMENT "adjustment"
/* The kind of fact by which words were erased. */
#define FACT_ERASURE "erasure"

/* `decide` and `settle` of the journal's rules; the batch's state is the sheet. */
bool compensation_decide(void *self, struct niva_batch *batch, struct niva_item *item,
                         struct niva_error *err);
bool compensation_settle(void *self, struct niva_batch *batch, struct niva_error *err);

/* Registers a component: its version is decided, the fact and its event are appended, every month
 * that its days touch is moved. */
bool component_decide(struct niva_batch *batch, struct niva_item *item, struct niva_error *err);

/* What was told of a dialogue is kept, and every month moved that has an open line behind which its
 * breach is. */
bool dialogue_decide(struct sheet *sheet, struct niva_batch *batch, struct niva_item *item,
                     enum dialogue_kind kind, struct niva_error *err) NIVA_MUST_CHECK;

/* The words of what is old go, under the decision that compliance told of; where there are none
 * nothing is recorded. */
bool erasure_decide(struct sheet *sheet, struct niva_batch *batch, const struct niva_item *item,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* An officer signs for a line; a decider revises, approves or waives it. What holds it back is said
 * in the error, and changes nothing. */
bool adjustment_prepare(struct niva_batch *batch, struct niva_item *item, struct niva_error *err);
bool adjustment_revise(struct niva_batch *batch, struct niva_item *item, struct niva_error *err);
bool adjustment_decide(struct niva_batch *batch, struct niva_item *item, struct niva_error *err);

/* The checks of their requests, pure. */
bool prepare_check(const ProtobufCMessage *request, struct niva_error *err);
bool revise_check(const ProtobufCMessage *request, struct niva_error *err);
bool decide_check(const ProtobufCMessage *request, struct niva_error *err);

/* What a person does to a line: takes it along the edge of an event. `body` is a copy of the row's
 * with what the person changed; its state, version and recorded_at are set here, the new version is
 * kept, and appended as a fact of its own, since it follows from no other. INTERNAL when the table
 * has no such edge. */
bool line_step(struct niva_batch *batch, const struct niva_item *item, struct sheet_line *line,
               const struct sheet_row *row, enum line_event event,
               Niva__Compensation__V1__Adjustment *body, struct niva_error *err) NIVA_MUST_CHECK;

/* Tells of a line as it now is, without its free texts. All events about one have the shape of
 * AdjustmentProposed. */
bool line_tell(struct niva_batch *batch, const char *type, const ProtobufCMessageDescriptor *data,
               const Niva__Compensation__V1__Adjustment *line,
               struct niva_error *err) NIVA_MUST_CHECK;

/* What the lines of a component in a month follow from, as of an instant, by all that the batch
 * knows so far. The timeline was read. False when the arena is out. */
bool line_basis_make(const struct sheet *sheet, const struct sheet_month *month,
                     const struct sheet_line *line, const struct amounts *amounts, niva_instant at,
                     struct line_basis *ret_basis, struct niva_error *err) NIVA_MUST_CHECK;

/* Unpacks the timeline of a month, if it was not yet. */
bool month_read(const struct sheet *sheet, struct sheet_month *month,
                struct niva_error *err) NIVA_MUST_CHECK;

/* Computes a month again, as of the instant at which it was moved, and takes each of its lines
 * along its edge. `moved`: the component whose amounts changed, "": none did but a dialogue went
 * on, NULL: the timeline or the day did.
 * INTERNAL or RESOURCE_EXHAUSTED leave the month half done: the sheet is broken then. */
bool month_compute(struct sheet *sheet, struct sheet_month *month, const char *moved,
                   niva_instant at, struct niva_batch *batch,
                   struct niva_error *err) NIVA_MUST_CHECK;

/* Facts of a month moved: computes it at once if it has ended, marks it stale if it is under way,
 * and leaves it alone before it begins, or before any day has begun. */
bool month_move(struct sheet *sheet, struct sheet_month *month, const char *moved,
                struct niva_batch *batch, struct niva_error *err) NIVA_MUST_CHECK;

/* The identity of a component's fact. NULL when the arena is out. */
char *component_id(const Niva__Compensation__V1__Component *component, struct niva_arena *arena);

/* The check of a PutComponent request, pure. */
bool component_check(const ProtobufCMessage *request, struct niva_error *err);

#endif
