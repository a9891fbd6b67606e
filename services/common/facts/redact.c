#include "services/common/facts/redact.h"

#include "services/common/wire/wire.h"

typedef Niva__Intake__V1__StaffingReport Report;
typedef Niva__Intake__V1__Absence Absence;

/* Messages own nothing here: a borrowed text is never written to. */
static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

Report *niva_report_redacted(const Report *report, const char *erased_by, struct niva_arena *arena)
{
    Report *redacted = niva_wire_new(report->base.descriptor, arena);

    if (redacted == NULL)
        return NULL;
    redacted->report_id = report->report_id;
    redacted->unit = report->unit;
    redacted->profession_group = report->profession_group;
    redacted->effective_from = report->effective_from;
    redacted->corrects_report_id = report->corrects_report_id;
    redacted->withdrawn = report->withdrawn;
    redacted->received_via = report->received_via;
    redacted->received_at = report->received_at;
    redacted->recorded_at = report->recorded_at;
    redacted->recorded_by = report->recorded_by;
    redacted->withdrawn_at = report->withdrawn_at;
    redacted->withdrawn_by = report->withdrawn_by;
    redacted->erased_by = borrowed(erased_by);
    return redacted;
}

Absence *niva_absence_redacted(const Absence *absence, const char *erased_by,
                               struct niva_arena *arena)
{
    Absence *redacted = niva_wire_new(absence->base.descriptor, arena);

    if (redacted == NULL)
        return NULL;
    redacted->absence_id = absence->absence_id;
    redacted->unit = absence->unit;
    redacted->profession_group = absence->profession_group;
    redacted->cancelled = absence->cancelled;
    redacted->version = absence->version;
    redacted->received_at = absence->received_at;
    redacted->recorded_at = absence->recorded_at;
    redacted->recorded_by = absence->recorded_by;
    redacted->erased_by = borrowed(erased_by);
    return redacted;
}
