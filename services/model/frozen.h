/* Freezing: what is kept of the days of which reports and absences are erased. The count of a day
 * is kept beside the ids behind it; what was required, and whether that was met, follows from facts
 * that are never erased. Pure: no I/O, no clock. */
#ifndef NIVA_MODEL_FROZEN_H
#define NIVA_MODEL_FROZEN_H

#include "services/common/base/arena.h"
#include "services/model/facts.h"

/* The runs to freeze before everything before `until` is erased: each day that is not erased yet
 * (`facts->erased`), on which something is required and a report stands, as it is counted by the
 * rule set in force, also under a finding, which may be replaced. Given these runs and `erased` up
 * to `until`, the timeline stays what it was whichever reports and absences of the days are taken
 * away. Pointers in the answer go to `facts` and `arena`; recorded_at is 0. False when the arena is
 * out. */
bool niva_freeze(const struct niva_facts *facts, niva_day until, struct niva_arena *arena,
                 size_t *ret_count, struct niva_frozen **ret_frozen,
                 struct niva_error *err) NIVA_MUST_CHECK;

#endif
