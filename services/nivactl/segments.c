#include "services/nivactl/segments.h"

#include <string.h>

#include "services/nivactl/cells.h"

typedef Niva__Compliance__V1__Segment Segment;
typedef Niva__Compliance__V1__Uncounted Uncounted;

/* The id that Preview gives what is only supposed. */
static const char SUPPOSED[] = "hypothetical";

/* How many absences that somebody notified, and the one that is supposed. */
static void absences_put(const struct session *session, const Segment *segment,
                         struct niva_text *text)
{
    size_t noticed = segment->n_absence_ids;

    for (size_t i = 0; i < segment->n_absence_ids; i++)
        noticed -= strcmp(segment->absence_ids[i], SUPPOSED) == 0;
    if (noticed > 0)
        niva_text_printf(
            text,
            noticed == 1
                ? session_pick(session, "%s%zu frånvaroanmälan", "%s%zu absence notice")
                : session_pick(session, "%s%zu frånvaroanmälningar", "%s%zu absence notices"),
            text->length > 0 ? ", " : "", noticed);
    if (noticed < segment->n_absence_ids)
        niva_text_printf(text, session_pick(session, "%santagen frånvaro", "%ssupposed absence"),
                         text->length > 0 ? ", " : "");
}

/* The facts behind a segment, in words and ids. */
static const char *cell_basis(const struct session *session, const Segment *segment)
{
    struct niva_text text = {0};
    const char *copy = NULL;

    if (*segment->finding_id != '\0')
        niva_text_printf(&text, session_pick(session, "konstaterande %s", "finding %s"),
                         segment->finding_id);
    else if (strcmp(segment->report_id, SUPPOSED) == 0)
        niva_text_puts(&text, session_pick(session, "antagen redovisning", "supposed report"));
    else if (*segment->report_id != '\0')
        niva_text_printf(&text, session_pick(session, "redovisning %s", "report %s"),
                         segment->report_id);
    absences_put(session, segment, &text);
    if (*segment->dispensation_id != '\0')
        niva_text_printf(&text, session_pick(session, "%sdispens %s", "%sdispensation %s"),
                         text.length > 0 ? ", " : "", segment->dispensation_id);
    if (!text.failed)
        copy = niva_arena_strdup(session->arena, text.length > 0 ? text.data : "");
    niva_text_free(&text);
    return copy;
}

const struct table *segments_table(const struct session *session, size_t count,
                                   Segment *const *segments)
{
    static const struct column sv[] = {
        {"Från", false},  {"Till", false}, {"Läge", false},     {"Krav", true},
        {"Räknat", true}, {"Brist", true}, {"Underlag", false},
    };
    static const struct column en[] = {
        {"From", false},   {"To", false},     {"Status", false}, {"Required", true},
        {"Counted", true}, {"Missing", true}, {"Basis", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < count; i++) {
        const Segment *segment = segments[i];
        const char *cells[] = {
            segment->first_day,
            cell_last_day(session, segment->last_day),
            cell_status(session, segment),
            cell_required(session, segment),
            cell_counted(session, segment),
            cell_shortfall(session, segment),
            cell_basis(session, segment),
        };

        table_row(table, cells);
    }
    return table;
}

const struct table *uncounted_table(const struct session *session, size_t count,
                                    Uncounted *const *uncounted)
{
    static const struct column sv[] = {
        {"Räknades inte", false}, {"Från", false},   {"Till", false},
        {"Heltid", true},         {"Varför", false},
    };
    static const struct column en[] = {
        {"Not counted", false}, {"From", false}, {"To", false}, {"Full time", true}, {"Why", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < count; i++) {
        const char *cells[] = {
            *uncounted[i]->position_key != '\0' ? uncounted[i]->position_key
                                                : session_pick(session, "inhyrda", "hired staff"),
            uncounted[i]->first_day,
            cell_last_day(session, uncounted[i]->last_day),
            cell_fte(session, uncounted[i]->fte_milli),
            words_value(session->language, WORDS_UNCOUNTED, (int)uncounted[i]->reason),
        };

        table_row(table, cells);
    }
    return table;
}
