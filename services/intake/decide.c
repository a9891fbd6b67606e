/* What the deciding functions share. */
#include <stdarg.h>
#include <stdio.h>

#include "services/intake/intake.h"

bool refuse(struct niva_error *err, enum niva_code code, const char *field, const char *reason,
            const char *format_sv, const char *format_en, ...)
{
    char text_sv[sizeof err->text_sv + 8];
    char text_en[sizeof err->text_en + 8];
    va_list arguments;

    va_start(arguments, format_en);
    vsnprintf(text_sv, sizeof text_sv, format_sv, arguments);
    va_end(arguments);
    va_start(arguments, format_en);
    vsnprintf(text_en, sizeof text_en, format_en, arguments);
    va_end(arguments);
    return niva_fail_violation(err, code, field, reason, text_sv, text_en);
}

bool refuse_memory(struct niva_error *err)
{
    return niva_fail(err, NIVA_RESOURCE_EXHAUSTED, "Begäran tar för mycket minne.",
                     "The request takes too much memory.");
}

char *id_canonical(const char *text, struct niva_arena *arena)
{
    struct niva_uuid uuid;
    char *canonical = niva_arena_alloc(arena, 37);

    if (canonical == NULL || text[0] == '\0')
        return canonical;
    if (niva_uuid_parse(text, &uuid))
        niva_uuid_format(uuid, canonical);
    return canonical;
}

niva_day day_read(const char *text)
{
    niva_day day;

    return niva_day_parse(text, &day) ? day : NIVA_DAY_NONE;
}

bool received_read(const struct Google__Protobuf__Timestamp *given, const char *field,
                   niva_instant recorded_at, niva_instant *ret_received, struct niva_error *err)
{
    niva_instant received = recorded_at;

    if (given != NULL && !niva_wire_instant(given, &received))
        return refuse(err, NIVA_INVALID_ARGUMENT, field, "TIMESTAMP_MALFORMED",
                      "Tidpunkten ligger utanför år 1900–2999.",
                      "The time lies outside the years 1900 to 2999.");
    if (received > recorded_at)
        return refuse(err, NIVA_INVALID_ARGUMENT, field, "RECEIVED_AFTER_RECORDED",
                      "Mottaget kan inte vara senare än när det registreras.",
                      "It cannot have been received later than it is recorded.");
    *ret_received = received;
    return true;
}

const Niva__Intake__V1__Unit *unit_registered(const struct state *state, const char *field,
                                              const char *hsa_id, struct niva_error *err)
{
    const Niva__Intake__V1__Unit *unit = state_unit(state, hsa_id);

    if (unit == NULL)
        refuse(err, NIVA_NOT_FOUND, field, "UNIT_UNKNOWN",
               "Vårdcentralen %s är inte registrerad. Beställaren registrerar den med PutUnit.",
               "The unit %s is not registered. The purchaser registers it by PutUnit.", hsa_id);
    return unit;
}

bool unit_open(const Niva__Intake__V1__Unit *unit, struct niva_span days, struct niva_error *err)
{
    niva_day closed_on = day_read(unit->closed_on);

    if (closed_on != NIVA_DAY_NONE && days.from > closed_on)
        return refuse(err, NIVA_FAILED_PRECONDITION, unit->hsa_id, "UNIT_CLOSED",
                      "Vårdcentralen %s är stängd efter %s. Beställaren kan ändra dagen med "
                      "PutUnit.",
                      "The unit %s is closed after %s. The purchaser can change the day by "
                      "PutUnit.",
                      unit->hsa_id, unit->closed_on);
    if (days.until <= day_read(unit->opened_on))
        return refuse(err, NIVA_FAILED_PRECONDITION, unit->hsa_id, "UNIT_NOT_OPEN_YET",
                      "Vårdcentralen %s öppnar först %s. Beställaren kan ändra dagen med PutUnit.",
                      "The unit %s does not open until %s. The purchaser can change the day by "
                      "PutUnit.",
                      unit->hsa_id, unit->opened_on);
    return true;
}
