/* Which reports stand (model section 3): those that are known, not withdrawn, and not replaced by a
 * correction that holds. Private to the model. */
#ifndef NIVA_MODEL_REPORT_H
#define NIVA_MODEL_REPORT_H

#include "services/model/facts.h"
#include "services/model/layer.h"

/* The reports that stand, one on each day within `window`. O(n log n). False when the arena is out.
 */
bool reports_layer(const struct niva_facts *facts, struct niva_span window,
                   struct niva_arena *arena, struct layer *ret_layer) NIVA_MUST_CHECK;

#endif
