#include "services/nivactl/cells.h"

#include <inttypes.h>
#include <stdio.h>

typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Compliance__V1__UnitStatus UnitStatus;

#define STATUS(name) NIVA__COMPLIANCE__V1__SEGMENT__STATUS__##name

const char *cell_integer(const struct session *session, int64_t value)
{
    return niva_arena_printf(session->arena, "%" PRId64, value);
}

const char *cell_fte(const struct session *session, int32_t milli)
{
    char text[16];

    niva_text_fte(milli, text);
    return niva_arena_strdup(session->arena, text);
}

const char *cell_kronor(const struct session *session, int64_t ore)
{
    char text[48];

    niva_text_kronor(ore, text);
    return niva_arena_strdup(session->arena, text);
}

const char *cell_milli(const struct session *session, int64_t milli)
{
    const uint64_t size = milli < 0 ? 0 - (uint64_t)milli : (uint64_t)milli;
    char text[40];
    int length = snprintf(text, sizeof text, "%s%" PRIu64 ",%03" PRIu64, milli < 0 ? "-" : "",
                          size / 1000, size % 1000);

    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == ',')
        text[--length] = '\0';
    return niva_arena_strdup(session->arena, text);
}

const char *cell_last_day(const struct session *session, const char *last_day)
{
    return *last_day != '\0' ? last_day
                             : session_pick(session, "tills vidare", "until further notice");
}

const char *cell_required(const struct session *session, const Segment *segment)
{
    if (segment->status == STATUS(NOT_REQUIRED))
        return session_pick(session, "inget", "none");
    if (segment->status == STATUS(NO_REQUIREMENT_BASIS))
        return session_pick(session, "okänt", "unknown");
    return cell_fte(session, segment->required_milli);
}

const char *cell_counted(const struct session *session, const Segment *segment)
{
    if (segment->status == STATUS(NO_REPORT))
        return session_pick(session, "okänt", "unknown");
    if (segment->status == STATUS(NOT_REQUIRED) || segment->status == STATUS(NO_REQUIREMENT_BASIS))
        return session_pick(session, "räknas ej", "not counted");
    return cell_fte(session, segment->counted_milli);
}

const char *cell_shortfall(const struct session *session, const Segment *segment)
{
    if (segment->status == STATUS(BELOW_MINIMUM))
        return cell_fte(session, segment->shortfall_milli);
    if (segment->status == STATUS(NO_REPORT) || segment->status == STATUS(NO_REQUIREMENT_BASIS))
        return session_pick(session, "okänd", "unknown");
    return session_pick(session, "ingen", "none");
}

const char *cell_status(const struct session *session, const Segment *segment)
{
    const char *word = words_value(session->language, WORDS_STATUS, (int)segment->status);

    if (!segment->planned)
        return word;
    return niva_arena_printf(session->arena, session_pick(session, "%s (prognos)", "%s (forecast)"),
                             word);
}

const char *cell_report(const struct session *session, const UnitStatus *status)
{
    if (status->report_age_days < 0)
        return session_pick(session, "saknas", "missing");
    if (status->overdue)
        return niva_arena_printf(
            session->arena,
            session_pick(session, "inaktuell, %" PRId32 " dagar", "not current, %" PRId32 " days"),
            status->report_age_days);
    return niva_arena_printf(
        session->arena,
        session_pick(session, "aktuell, %" PRId32 " dagar", "current, %" PRId32 " days"),
        status->report_age_days);
}
