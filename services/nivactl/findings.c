#include "services/nivactl/findings.h"

#include <inttypes.h>
#include <string.h>

#include "services/nivactl/cells.h"

enum { LIST_LEAST = 16, SHOWN_MAX = 200 };

static bool out_of_memory(struct niva_error *err)
{
    return niva_fail(err, NIVA_RESOURCE_EXHAUSTED, "Minnet tog slut.", "Memory ran out.");
}

bool findings_add(struct findings *findings, struct session *session, enum service service,
                  const Difference *difference, struct niva_error *err)
{
    size_t more = findings->capacity == 0 ? LIST_LEAST : 2 * findings->capacity;

    if (findings->count == findings->capacity) {
        struct finding *list = niva_arena_array(session->arena, more, sizeof *list);

        if (list == NULL)
            return out_of_memory(err);
        if (findings->count > 0)
            memcpy(list, findings->list, findings->count * sizeof *list);
        findings->list = list;
        findings->capacity = more;
    }
    findings->list[findings->count++] = (struct finding){service, difference};
    return true;
}

bool findings_copy(struct findings *findings, struct session *session, enum service service,
                   const Difference *difference, struct niva_error *err)
{
    const Difference *copy = niva_wire_copy(&difference->base, session->arena);

    return (copy != NULL || out_of_memory(err)) &&
           findings_add(findings, session, service, copy, err);
}

/* What it is about: "report 0190… 2", "händelse 17 se.niva.…", "adjustment …". */
static const char *cell_about(const struct session *session, const Difference *difference)
{
    const char *gap = *difference->kind != '\0' && *difference->id != '\0' ? " " : "";

    if (difference->version > 0)
        return niva_arena_printf(session->arena, "%s %s v%d", difference->kind, difference->id,
                                 (int)difference->version);
    return niva_arena_printf(session->arena, "%s%s%s", difference->kind, gap, difference->id);
}

static const char *cell_position(const struct session *session, const Difference *difference)
{
    return difference->position == 0 ? "" : cell_integer(session, difference->position);
}

static struct table *findings_table(const struct session *session, const struct findings *findings)
{
    static const struct column sv[] = {
        {"Tjänst", false}, {"Fel", false},  {"Nr", true},      {"Gäller", false},
        {"Enhet", false},  {"Fält", false}, {"Väntat", false}, {"Finns", false},
    };
    static const struct column en[] = {
        {"Service", false}, {"Difference", false}, {"No.", true},       {"About", false},
        {"Unit", false},    {"Field", false},      {"Expected", false}, {"Actual", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < findings->count && i < SHOWN_MAX; i++) {
        const Difference *difference = findings->list[i].difference;
        const char *cells[] = {
            service_name(findings->list[i].service),
            difference->code,
            cell_position(session, difference),
            cell_about(session, difference),
            difference->unit,
            difference->field,
            difference->expected,
            difference->actual,
        };

        table_row(table, cells);
    }
    return table;
}

static bool code_seen(const struct findings *findings, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(findings->list[i].difference->code, findings->list[at].difference->code) == 0)
            return true;
    return false;
}

/* Each code that the table shows, once, with its sentence. */
static void codes_print(const struct session *session, const struct findings *findings)
{
    for (size_t i = 0; i < findings->count && i < SHOWN_MAX; i++) {
        const Difference *difference = findings->list[i].difference;

        if (!code_seen(findings, i))
            show(session->out, "%s: %s\n", difference->code,
                 session_pick(session, difference->text_sv, difference->text_en));
    }
}

bool findings_print(struct session *session, const struct findings *findings,
                    struct niva_error *err)
{
    if (findings->count == 0)
        return true;
    if (!session_print_table(session, findings_table(session, findings), err))
        return false;
    if (findings->count > SHOWN_MAX)
        fprintf(session->out,
                session_pick(session, "… och %zu till; --output json visar alla.\n",
                             "… and %zu more; --output json shows all of them.\n"),
                findings->count - SHOWN_MAX);
    fputs("\n", session->out);
    codes_print(session, findings);
    return true;
}

bool findings_json(const struct findings *findings, struct niva_text *text, struct niva_error *err)
{
    niva_text_puts(text, "[");
    for (size_t i = 0; i < findings->count; i++) {
        niva_text_printf(text, "%s\n{\"service\": \"%s\", \"difference\": ", i > 0 ? "," : "",
                         service_name(findings->list[i].service));
        if (!niva_json_print(&findings->list[i].difference->base, NIVA_JSON_PROTO_NAMES, text, err))
            return false;
        niva_text_puts(text, "}");
    }
    niva_text_puts(text, "]");
    return true;
}
