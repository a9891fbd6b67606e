/* Erases what has been kept long enough, unit by unit: each is erased whole or not at all, and
 * asking again goes on where it stopped. */
#include <string.h>

#include "niva/intake/v1/retention.pb-c.h"
#include "services/common/base/clock.h"
#include "services/nivactl/ask.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/request.h"
#include "services/nivactl/units.h"
#include "services/nivactl/wait.h"

typedef Niva__Intake__V1__EraseRequest EraseRequest;
typedef Niva__Intake__V1__Erasure Erasure;
typedef Niva__Intake__V1__ListUnitsResponse ListUnitsResponse;
typedef Niva__Intake__V1__PreviewErasureRequest PreviewErasureRequest;

#define RETENTION "niva.intake.v1.RetentionService/"

enum { CLASSES = 3 };

/* What is asked for, and the protocols of units of which something is erased. */
struct erasing {
    struct session *session;
    ListUnitsResponse *units;
    size_t class_count;
    Niva__Intake__V1__Erasure__Class classes[CLASSES];
    size_t count;
    Erasure **protocols;
};

static void classes_choose(struct erasing *erasing)
{
    static const char *const names[CLASSES] = {"reports", "absences", "originals"};
    const char *name = erasing->session->options.class_name;

    for (int i = 0; i < CLASSES; i++)
        if (strcmp(name, "all") == 0 || strcmp(name, names[i]) == 0)
            erasing->classes[erasing->class_count++] =
                (Niva__Intake__V1__Erasure__Class)(NIVA__INTAKE__V1__ERASURE__CLASS__REPORTS + i);
}

static bool unit_preview(struct erasing *erasing, char *unit, struct niva_error *err)
{
    PreviewErasureRequest request = NIVA__INTAKE__V1__PREVIEW_ERASURE_REQUEST__INIT;
    ProtobufCMessage *reply;
    Erasure *protocol;

    request.unit = unit;
    request.n_classes = erasing->class_count;
    request.classes = erasing->classes;
    request.before = (char *)(uintptr_t)erasing->session->options.before;
    if (!session_ask(erasing->session, RETENTION "PreviewErasure", &request.base, &reply, err))
        return false;
    protocol = ((Niva__Intake__V1__PreviewErasureResponse *)reply)->erasure;
    if (protocol->reports + protocol->absences + protocol->originals + protocol->kept_recent > 0)
        erasing->protocols[erasing->count++] = protocol;
    return true;
}

static bool units_preview(struct erasing *erasing, struct niva_error *err)
{
    struct session *session = erasing->session;
    const char *only;

    if (!unit_find(session, session->options.unit, &only, err) ||
        !units_load(session, &erasing->units, err))
        return false;
    erasing->protocols =
        niva_arena_array(session->arena, erasing->units->n_units, sizeof *erasing->protocols);
    if (erasing->protocols == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < erasing->units->n_units; i++) {
        const Niva__Intake__V1__Unit *unit = erasing->units->units[i];
        const char *region = session->options.region;

        if ((*only != '\0' && strcmp(only, unit->hsa_id) != 0) ||
            (*region != '\0' && strcmp(region, unit->region_code) != 0))
            continue;
        if (!unit_preview(erasing, unit->hsa_id, err))
            return false;
    }
    return true;
}

static bool unit_erase(struct erasing *erasing, Erasure **protocol, struct niva_error *err)
{
    struct session *session = erasing->session;
    EraseRequest request = NIVA__INTAKE__V1__ERASE_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.unit = (*protocol)->unit;
    request.n_classes = erasing->class_count;
    request.classes = erasing->classes;
    request.before = (char *)(uintptr_t)session->options.before;
    request.decision_reference = (char *)(uintptr_t)session->options.decision;
    if (!request_give_id(&request.base, niva_uuid_v7(niva_clock_now()), session->arena, err) ||
        !session_ask(session, RETENTION "Erase", &request.base, &reply, err))
        return false;
    *protocol = ((Niva__Intake__V1__EraseResponse *)reply)->erasure;
    return true;
}

static const struct table *protocol_table(const struct erasing *erasing)
{
    static const struct column sv[] = {
        {"Vårdcentral", false}, {"Redovisningar", true}, {"Frånvaro", true}, {"Original", true},
        {"Händelser", true},    {"Svar", true},          {"Kvar", true},     {"Gallring", false},
    };
    static const struct column en[] = {
        {"Unit", false},  {"Reports", true}, {"Absences", true}, {"Originals", true},
        {"Events", true}, {"Replies", true}, {"Kept", true},     {"Erasure", false},
    };
    const struct session *session = erasing->session;
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);
    int64_t sums[6] = {0};

    for (size_t i = 0; i <= erasing->count; i++) {
        const Erasure *protocol = i < erasing->count ? erasing->protocols[i] : NULL;
        const int32_t figures[6] = {
            protocol != NULL ? protocol->reports : 0,
            protocol != NULL ? protocol->absences : 0,
            protocol != NULL ? protocol->originals : 0,
            protocol != NULL ? protocol->events : 0,
            protocol != NULL ? protocol->replies : 0,
            protocol != NULL ? protocol->kept_recent : 0,
        };
        const char *cells[8] = {protocol != NULL ? unit_name(erasing->units, protocol->unit)
                                                 : session_pick(session, "Summa", "Sum")};

        for (size_t k = 0; k < 6; k++) {
            cells[k + 1] = cell_integer(session, protocol != NULL ? figures[k] : sums[k]);
            sums[k] += figures[k];
        }
        cells[7] = protocol != NULL ? protocol->erasure_id : "";
        if (protocol == NULL)
            table_rule(table);
        table_row(table, cells);
    }
    return table;
}

static bool protocols_print(struct erasing *erasing, bool done, struct niva_error *err)
{
    struct session *session = erasing->session;

    if (session->json) {
        Niva__Intake__V1__ListErasuresResponse list =
            NIVA__INTAKE__V1__LIST_ERASURES_RESPONSE__INIT;

        list.n_erasures = erasing->count;
        list.erasures = erasing->protocols;
        return session_print_json(session, &list.base, err);
    }
    if (erasing->count == 0) {
        fputs(
            session_pick(session, "Det finns inget att gallra.\n", "There is nothing to erase.\n"),
            session->out);
        return true;
    }
    show(session->out,
         done ? session_pick(session, "Gallrat före %s, beslut %s\n\n",
                             "Erased before %s, decision %s\n\n")
              : session_pick(session, "Skulle gallras före %s%s\n\n",
                             "Would be erased before %s%s\n\n"),
         session->options.before, done ? session->options.decision : "");
    return session_print_table(session, protocol_table(erasing), err);
}

/* What is erased does not come back: at a terminal it is asked first. */
static bool confirmed(struct erasing *erasing, struct niva_error *err)
{
    if (!ask_wanted(erasing->session))
        return true;
    if (!protocols_print(erasing, false, err))
        return false;
    return ask_confirmed(erasing->session, "Gallra? Det kan inte göras ogjort. (ja/nej)",
                         "Erase? It cannot be undone. (yes/no)") ||
           niva_fail(err, NIVA_FAILED_PRECONDITION, "Ingenting gallrades.", "Nothing was erased.");
}

static bool units_erase(struct erasing *erasing, struct niva_error *err)
{
    struct wait wait = {.last = COMPENSATION, .deadline_ms = wait_deadline(erasing->session)};

    for (size_t i = 0; i < erasing->count; i++)
        if (!unit_erase(erasing, &erasing->protocols[i], err))
            return false;
    return wait_applied(erasing->session, &wait, err);
}

static bool erase(struct erasing *erasing, struct niva_error *err)
{
    struct session *session = erasing->session;
    struct wait wait = {.last = COMPENSATION, .deadline_ms = wait_deadline(session)};

    if (!wait_applied(session, &wait, err) || !units_preview(erasing, err))
        return false;
    if (session->options.dry_run || erasing->count == 0)
        return protocols_print(erasing, false, err);
    return confirmed(erasing, err) && units_erase(erasing, err) &&
           protocols_print(erasing, true, err);
}

int command_erase(struct session *session, size_t count, const char *const *arguments)
{
    struct erasing erasing = {.session = session};
    struct niva_error err;

    (void)count;
    (void)arguments;
    niva_error_clear(&err);
    if (*session->options.before == '\0' ||
        (*session->options.decision == '\0' && !session->options.dry_run))
        return session_refuse(session, "Ange --before DAG och --decision BESLUT (eller --dry-run).",
                              "Say --before DAY and --decision REFERENCE (or --dry-run).");
    classes_choose(&erasing);
    return erase(&erasing, &err) ? EXIT_YES : session_fail(session, &err);
}
