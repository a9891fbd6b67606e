/* What is supposed: a report or an absence that nobody has filed, asked what intake asks of those
 * that are filed, and added to the facts. */
#ifndef NIVA_COMPLIANCE_SUPPOSE_H
#define NIVA_COMPLIANCE_SUPPOSE_H

#include "services/common/run/service.h"
#include "services/common/wire/check.h"
#include "services/compliance/dossier.h"

/* The id of what is supposed. */
#define SUPPOSED_ID "hypothetical"

struct supposition {
    pb_report *report;   /* NULL: none */
    pb_absence *absence; /* NULL: none */
};

/* Takes it out of a request, with what may be left out filled in, and checks it by itself. */
bool supposition_check(const Niva__Compliance__V1__PreviewRequest *request,
                       struct niva_check *check, struct niva_arena *arena,
                       struct supposition *ret_supposition);

/* Whether it can stand beside what is on record; `now` is when it would be recorded. */
bool supposition_allowed(struct niva_read *read, const struct dossier *dossier,
                         const struct supposition *supposition, niva_instant now,
                         struct niva_error *err) NIVA_MUST_CHECK;

/* The facts of a dossier with what is supposed, recorded after everything else. */
bool supposition_facts(const struct dossier *dossier, const struct supposition *supposition,
                       struct niva_arena *arena, struct niva_facts *ret_facts,
                       struct niva_error *err) NIVA_MUST_CHECK;

#endif
