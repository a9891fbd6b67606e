/* Units by name: tables show names, people type them. */
#ifndef NIVA_NIVACTL_UNITS_H
#define NIVA_NIVACTL_UNITS_H

#include "niva/intake/v1/unit.pb-c.h"
#include "services/nivactl/session.h"

/* All units, in order of HSA-id. */
bool units_load(struct session *session, Niva__Intake__V1__ListUnitsResponse **ret_units,
                struct niva_error *err) NIVA_MUST_CHECK;

/* The name of a unit; its HSA-id when it is not known. */
const char *unit_name(const Niva__Intake__V1__ListUnitsResponse *units, const char *hsa_id);

/* The HSA-id that was meant: `text` itself when it is one, else that of the only unit whose name
 * contains it. "" means "" (any unit). NOT_FOUND when there is none, INVALID_ARGUMENT when there
 * are several: they are named. */
bool unit_find(struct session *session, const char *text, const char **ret_hsa_id,
               struct niva_error *err) NIVA_MUST_CHECK;

#endif
