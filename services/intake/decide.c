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

bool unit_open(const Niva__Intake__V1__Unit *unit, struct niva_span days, struct niva_error *err)
{
    niva_day closed_on = niva_day_read(unit->closed_on);

    if (closed_on != NIVA_DAY_NONE && days.from > closed_on)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, unit->hsa_id, "UNIT_CLOSED",
                           "Vårdcentralen %s är stängd efter %s. Beställaren kan ändra dagen med "
                           "PutUnit.",
                           "The unit %s is closed after %s. The purchaser can change the day by "
                           "PutUnit.",
                           unit->hsa_id, unit->closed_on);
    if (days.until <= niva_day_read(unit->opened_on))
        return niva_refuse(
            err, NIVA_FAILED_PRECONDITION, unit->hsa_id, "UNIT_NOT_OPEN_YET",
            "Vårdcentralen %s öppnar först %s. Beställaren kan ändra dagen med PutUnit.",
            "The unit %s does not open until %s. The purchaser can change the day by "
            "PutUnit.",
            unit->hsa_id, unit->opened_on);
    return true;
}
