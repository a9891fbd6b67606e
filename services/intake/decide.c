/* What the deciding functions share. */
#include <stdarg.h>
#include <stdio.h>

#include "services/intake/intake.h"

const Niva__Intake__V1__Unit *unit_registered(const struct state *state, const char *field,
                                              const char *hsa_id, struct niva_error *err)
{
    const Niva__Intake__V1__Unit *unit = state_unit(state, hsa_id);

    if (unit == NULL)
        niva_refuse(
            err, NIVA_NOT_FOUND, field, "UNIT_UNKNOWN",
            "Vårdcentralen %s är inte registrerad. Beställaren registrerar den med PutUnit.",
            "The unit %s is not registered. The purchaser registers it by PutUnit.", hsa_id);
    return unit;
}
