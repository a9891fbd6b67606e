/* What is required on a day (model section 4). Private to the model. */
#ifndef NIVA_MODEL_REQUIREMENT_H
#define NIVA_MODEL_REQUIREMENT_H

#include "services/model/facts.h"

/* Required milli-FTE from the contract and the listing in force (NULL: none). False when it cannot
 * be computed: no basis, or a figure beyond 32 bits. NIVA_REQUIRE_NONE is 0. */
bool requirement_compute(const struct niva_requirement_rule *rule,
                         const struct niva_contract *contract, const struct niva_listing *listing,
                         int32_t *ret_required_milli) NIVA_MUST_CHECK;

/* Whether a rule asks for a listing. */
bool requirement_uses_listing(const struct niva_requirement_rule *rule);

/* The first day on which a listing of `as_of` can hold: the first whose snapshot day is not before
 * it. */
niva_day listing_first_day(niva_day as_of, enum niva_snapshot snapshot);

#endif
