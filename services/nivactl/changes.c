#include "services/nivactl/changes.h"

#include <string.h>

#include "services/common/wire/wire.h"
#include "services/nivactl/cells.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compliance__V1__Change Change;
typedef Niva__Compliance__V1__Change__Amount Amount;
typedef Niva__Compliance__V1__Change__Difference Difference;
typedef Niva__Compliance__V1__ListChangesRequest ListChangesRequest;
typedef Niva__Compliance__V1__ListChangesResponse ListChangesResponse;

#define ARROW "\u2192"
#define DASH  "\u2013"

enum { PAGE_SIZE = 1000 };

/* ---- the question ---- */

static bool request_fill(struct session *session, const Adjustment *line,
                         ListChangesRequest *request, struct niva_error *err)
{
    struct niva_span month;
    char text[16];

    if (!niva_month_parse(line->period, &month))
        return niva_fail_internal(err, "an adjustment of no month");
    request->unit = line->unit;
    request->profession_group = line->profession_group;
    request->page_size = PAGE_SIZE;
    niva_day_format(month.from, text);
    request->first_day = niva_arena_strdup(session->arena, text);
    niva_day_format(month.until - 1, text);
    request->last_day = niva_arena_strdup(session->arena, text);
    return (request->first_day != NULL && request->last_day != NULL) || niva_fail_memory(err);
}

static bool is_erased(const struct niva_error *err)
{
    return err->code == NIVA_FAILED_PRECONDITION && err->violation_count > 0 &&
           strcmp(err->violations[0].reason, "ERASED") == 0;
}

static bool since_fill(struct session *session, const ListChangesRequest *request,
                       struct changes *changes, struct niva_error *err)
{
    niva_instant instant;
    char text[32];

    if (!niva_wire_instant(request->known_from, &instant))
        return niva_fail_internal(err, "an adjustment of no instant");
    niva_instant_format(instant, text);
    changes->since = niva_arena_strdup(session->arena, text);
    return changes->since != NULL || niva_fail_memory(err);
}

bool changes_load(struct session *session, const Adjustment *line, struct changes *ret_changes,
                  struct niva_error *err)
{
    ListChangesRequest request = NIVA__COMPLIANCE__V1__LIST_CHANGES_REQUEST__INIT;
    ProtobufCMessage *reply;

    *ret_changes = (struct changes){0};
    if (!session_known_at(session, &request.known_from, err))
        return false;
    if (request.known_from == NULL)
        request.known_from = line->decision_recorded_at;
    if (request.known_from == NULL)
        return true;
    ret_changes->asked = true;
    if (!since_fill(session, &request, ret_changes, err) ||
        !request_fill(session, line, &request, err))
        return false;
    if (session_list(session, "niva.compliance.v1.ChangeService/ListChanges", &request.base, &reply,
                     err)) {
        ret_changes->list = (ListChangesResponse *)reply;
        return true;
    }
    if (!is_erased(err))
        return false;
    ret_changes->refused = niva_arena_alloc(session->arena, sizeof *err);
    if (ret_changes->refused == NULL)
        return niva_fail_memory(err);
    *ret_changes->refused = *err;
    niva_error_clear(err);
    return true;
}

/* ---- the answer ---- */

static bool made_difference(const Change *change)
{
    return change->changed_verdict || change->changed_amount;
}

/* The amount of the line's component; NULL: it stayed the same. */
static const Amount *amount_of(const Adjustment *line, size_t count, Amount *const *amounts)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(amounts[i]->component, line->component) == 0 &&
            strcmp(amounts[i]->period, line->period) == 0)
            return amounts[i];
    return NULL;
}

/* The local day on which it was recorded. */
static const char *cell_recorded(const struct session *session, const Change *change)
{
    niva_instant instant;
    char text[16] = "";

    if (change->recorded_at != NULL && niva_wire_instant(change->recorded_at, &instant))
        niva_day_format(niva_local_day(instant), text);
    return niva_arena_strdup(session->arena, text);
}

static int32_t days_changed(const Change *change)
{
    int32_t days = 0;

    for (size_t i = 0; i < change->n_differences; i++)
        days += change->differences[i]->days;
    return days;
}

static void change_row(const struct session *session, const Adjustment *line, const Change *change,
                       size_t number, struct table *table)
{
    const Amount *amount = amount_of(line, change->n_amounts, change->amounts);
    int32_t days = days_changed(change);
    const char *cells[] = {
        cell_integer(session, (int64_t)number),
        cell_recorded(session, change),
        words_value(session->language, WORDS_CAUSE, (int)change->cause),
        words_value(session->language, WORDS_CHANGE_KIND, (int)change->kind),
        words_value(session->language, WORDS_CHANGE_ACTION, (int)change->action),
        days > 0 ? cell_integer(session, days) : "",
        amount != NULL ? cell_kronor(session, amount->before_ore) : "",
        amount != NULL ? cell_kronor(session, amount->after_ore) : "",
        amount != NULL ? cell_kronor(session, amount->after_ore - amount->before_ore) : "",
    };

    table_row(table, cells);
}

static const struct table *changes_table(const struct session *session, const Adjustment *line,
                                         const ListChangesResponse *list)
{
    static const struct column sv[] = {
        {"Nr", true},           {"Registrerat", false}, {"Vems", false},
        {"Vad", false},         {"Hur", false},         {"Ändrade dagar", true},
        {"Månaden före", true}, {"Efter", true},        {"Skillnad", true},
    };
    static const struct column en[] = {
        {"No", true},           {"Recorded", false}, {"Whose", false},
        {"What", false},        {"How", false},      {"Days changed", true},
        {"Month before", true}, {"After", true},     {"Difference", true},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);
    const Amount *whole = amount_of(line, list->n_amounts, list->amounts);
    int64_t before = whole != NULL ? whole->before_ore : 0;
    int64_t after = whole != NULL ? whole->after_ore : 0;
    size_t number = 0;

    for (size_t i = 0; i < list->n_changes; i++)
        if (made_difference(list->changes[i]))
            change_row(session, line, list->changes[i], ++number, table);
    table_rule(table);
    table_row(table,
              (const char *const[]){"", "", session_pick(session, "summa", "in all"), "", "", "",
                                    cell_kronor(session, before), cell_kronor(session, after),
                                    cell_kronor(session, after - before)});
    return table;
}

static const char *cell_judged(const struct session *session,
                               const Niva__Compliance__V1__Segment *segment)
{
    const char *status = words_value(session->language, WORDS_STATUS, (int)segment->status);

    if (segment->required_milli == 0)
        return status;
    return niva_arena_printf(session->arena, session_pick(session, "%s, %s av %s", "%s, %s of %s"),
                             status, cell_counted(session, segment),
                             cell_required(session, segment));
}

static void differences_print(const struct session *session, const Change *change)
{
    for (size_t i = 0; i < change->n_differences; i++) {
        const Difference *difference = change->differences[i];
        const char *before = cell_judged(session, difference->before);
        const char *after = cell_judged(session, difference->after);

        show(session->out,
             session_pick(session, "   %s" DASH "%s (dagar: %d): %s " ARROW " %s\n",
                          "   %s" DASH "%s (days: %d): %s " ARROW " %s\n"),
             difference->first_day, difference->last_day, (int)difference->days,
             before != NULL ? before : "", after != NULL ? after : "");
    }
}

static bool any_made_difference(const ListChangesResponse *list)
{
    bool any = false;

    for (size_t i = 0; i < list->n_changes && !any; i++)
        any = made_difference(list->changes[i]);
    return any;
}

static void sentences_print(const struct session *session, const ListChangesResponse *list)
{
    size_t number = 0;
    bool idle = false;

    for (size_t i = 0; i < list->n_changes; i++) {
        const Change *change = list->changes[i];

        if (!made_difference(change)) {
            idle = true;
            continue;
        }
        show(session->out, "%s%zu. %s\n", number == 0 ? "\n" : "", number + 1,
             session_pick(session, change->text_sv, change->text_en));
        number++;
        differences_print(session, change);
    }
    if (!idle)
        return;
    fputs(session_pick(session, "\nÄndrade varken någon dag eller något belopp:\n",
                       "\nChanged neither a day nor an amount:\n"),
          session->out);
    for (size_t i = 0; i < list->n_changes; i++)
        if (!made_difference(list->changes[i]))
            show(session->out, "- %s\n",
                 session_pick(session, list->changes[i]->text_sv, list->changes[i]->text_en));
}

/* What each fact left must be what the next one found. */
static bool changes_add_up(const ListChangesResponse *list, struct niva_error *err)
{
    int64_t ore = list->before_ore;

    for (size_t i = 0; i < list->n_changes; i++) {
        if (list->changes[i]->before_ore != ore)
            return niva_fail_internal(err, "the changes do not add up");
        ore = list->changes[i]->after_ore;
    }
    return ore == list->after_ore || list->n_changes > PAGE_SIZE ||
           niva_fail_internal(err, "the changes do not add up");
}

/* A fact may have been recorded and not have reached the computation when it was decided. */
static void late_print(const struct session *session, const Adjustment *line,
                       const ListChangesResponse *list)
{
    const Amount *whole = amount_of(line, list->n_amounts, list->amounts);
    int64_t before = whole != NULL ? whole->before_ore : 0;

    if (before != line->computed_total_ore)
        show(session->out,
             session_pick(session,
                          "Obs: då var fakta registrerade som inte hade nått beräkningen: med dem "
                          "%s för månaden, i beräkningen %s.\n",
                          "Note: facts were recorded then that had not reached the computation: "
                          "with them %s for the month, in the computation %s.\n"),
             cell_kronor(session, before), cell_kronor(session, line->computed_total_ore));
}

bool changes_print(struct session *session, const Adjustment *line, const struct changes *changes,
                   struct niva_error *err)
{
    const ListChangesResponse *list = changes->list;

    if (!changes->asked)
        return true;
    show(session->out, session_pick(session, "\nÄndrat sedan %s", "\nChanged since %s"),
         changes->since);
    if (changes->refused != NULL) {
        show(session->out, ": %s\n",
             session_pick(session, changes->refused->text_sv, changes->refused->text_en));
        return true;
    }
    if (list->n_changes == 0) {
        fputs(session_pick(session, ": inget.\n", ": nothing.\n"), session->out);
        late_print(session, line, list);
        return true;
    }
    if (!any_made_difference(list)) {
        fputs(session_pick(session, ": inget som gjorde skillnad.\n",
                           ": nothing that made a difference.\n"),
              session->out);
    } else {
        show(session->out, session_pick(session, ", vem det kom från och vad det ändrade:\n\n",
                                        ", from whom it came and what it changed:\n\n"));
        if (!session_print_table(session, changes_table(session, line, list), err))
            return false;
    }
    sentences_print(session, list);
    late_print(session, line, list);
    return changes_add_up(list, err);
}
