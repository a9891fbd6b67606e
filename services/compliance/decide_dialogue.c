/* The dialogue about a breach (model section 9.2): entries that stay as they were said. */
#include <stdio.h>
#include <string.h>

#include "services/common/wire/warn.h"
#include "services/common/wire/wire.h"
#include "services/compliance/decide.h"

typedef Niva__Compliance__V1__OpenDialogueRequest open_request;
typedef Niva__Compliance__V1__AddNoteRequest note_request;
typedef Niva__Compliance__V1__AnswerRequest answer_request;
typedef Niva__Compliance__V1__AgreeMeasureRequest agree_request;
typedef Niva__Compliance__V1__CompleteMeasureRequest complete_request;

/* A dialogue as a command finds it. */
struct dialogue {
    struct desk *desk;
    struct niva_item *item;
    struct breach_set breaches;
    const pb_breach *breach; /* that was named */
    const struct records *own;
    const pb_entry *opened; /* the first of its kind; NULL: it is not open */
};

/* The events, and the replies, all have one shape. */
struct form {
    const char *event;
    const ProtobufCMessageDescriptor *data;
    const ProtobufCMessageDescriptor *reply;
};
static const struct form forms[] = {
    [PB_OPENED] = {"se.niva.compliance.dialogue.opened.v1",
                   &niva__compliance__v1__dialogue_opened__descriptor,
                   &niva__compliance__v1__open_dialogue_response__descriptor},
    [PB_NOTE] = {"se.niva.compliance.dialogue.note-added.v1",
                 &niva__compliance__v1__dialogue_note_added__descriptor,
                 &niva__compliance__v1__add_note_response__descriptor},
    [PB_ANSWERED] = {"se.niva.compliance.dialogue.answered.v1",
                     &niva__compliance__v1__dialogue_answered__descriptor,
                     &niva__compliance__v1__answer_response__descriptor},
    [PB_MEASURE_AGREED] = {"se.niva.compliance.dialogue.measure-agreed.v1",
                           &niva__compliance__v1__dialogue_measure_agreed__descriptor,
                           &niva__compliance__v1__agree_measure_response__descriptor},
    [PB_MEASURE_COMPLETED] = {"se.niva.compliance.dialogue.measure-completed.v1",
                              &niva__compliance__v1__dialogue_measure_completed__descriptor,
                              &niva__compliance__v1__complete_measure_response__descriptor},
};

bool want_dialogue(struct desk *desk, const struct niva_item *item)
{
    struct niva_uuid id;
    return !niva_uuid_parse(niva_wire_get_text(item->request, "breach_id"), &id) ||
           desk_want_breach(desk, &id);
}

/* ---- what the commands find ---- */

/* The first entry of a kind in the dialogue, and of a measure unless that is NULL. */
static const pb_entry *entry_find(const struct dialogue *dialogue, int kind, const char *measure_id)
{
    for (size_t i = 0; i < dialogue->own->count; i++) {
        const pb_entry *entry =
            dialogue_entry(&dialogue->breaches, dialogue->breach, &dialogue->own->list[i]);
        if (entry != NULL && (int)entry->kind == kind &&
            (measure_id == NULL || strcmp(entry->measure_id, measure_id) == 0))
            return entry;
    }
    return NULL;
}

static bool refuse_withdrawn(const struct dialogue *dialogue, struct niva_error *err)
{
    const pb_breach *successor = breach_successor(&dialogue->breaches, dialogue->breach->breach_id);
    if (successor != NULL)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, dialogue->breach->breach_id,
                           "BREACH_WITHDRAWN",
                           "Bristen har bortfallit när fakta rättades; dagarna är nu bristen %s. "
                           "Beställaren kan öppna en dialog om den.",
                           "The breach was withdrawn when facts were corrected; its days are the "
                           "breach %s now. The purchaser can open a dialogue about that one.",
                           successor->breach_id);
    return niva_refuse(err, NIVA_FAILED_PRECONDITION, dialogue->breach->breach_id,
                       "BREACH_WITHDRAWN",
                       "Bristen har bortfallit när fakta rättades. I en öppnad dialog kan "
                       "anteckningar läggas till och åtgärder avslutas.",
                       "The breach was withdrawn when facts were corrected. In a dialogue that was "
                       "opened, notes can be added and measures completed.");
}

/* Lays a dialogue out. A merged breach has none of its own any more, a withdrawn one may only be
 * spoken of where `closing`. */
static bool dialogue_find(struct desk *desk, struct niva_item *item, bool closing,
                          struct dialogue *ret_dialogue, struct niva_error *err)
{
    struct dialogue dialogue = {.desk = desk, .item = item};
    const char *given = niva_wire_get_text(item->request, "breach_id");
    const char *id = niva_wire_uuid(given, desk_arena(desk));
    if (id == NULL)
        return niva_fail_memory(err);
    if (!desk_breaches(desk, id, &dialogue.breaches, err))
        return false;
    dialogue.breach = breach_find(&dialogue.breaches, id);
    if (dialogue.breach == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "breachId", "BREACH_UNKNOWN",
                           "Det finns ingen brist %s.", "There is no breach %s.", given);
    const pb_breach *survivor = breach_survivor(&dialogue.breaches, id);
    if (survivor != dialogue.breach)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, id, "BREACH_MERGED",
                           "Bristen har gått upp i bristen %s: dialogen fortsätter där.",
                           "The breach was merged into the breach %s: its dialogue goes on there.",
                           survivor != NULL ? survivor->breach_id : dialogue.breach->merged_into);
    if (dialogue.breach->state == PB_WITHDRAWN && !closing)
        return refuse_withdrawn(&dialogue, err);
    dialogue.own = desk_records(desk, dialogue.breach->unit);
    if (dialogue.own == NULL)
        return niva_fail_internal(err, "the unit of breach %s was not read", id);
    dialogue.opened = entry_find(&dialogue, PB_OPENED, NULL);
    *ret_dialogue = dialogue;
    return true;
}

/* The same for all that comes after the computation was communicated. */
static bool dialogue_continue(struct desk *desk, struct niva_item *item, bool closing,
                              struct dialogue *ret_dialogue, struct niva_error *err)
{
    if (!dialogue_find(desk, item, closing, ret_dialogue, err))
        return false;
    if (ret_dialogue->opened != NULL)
        return true;
    return niva_refuse(err, NIVA_FAILED_PRECONDITION, ret_dialogue->breach->breach_id,
                       "DIALOGUE_NOT_OPENED",
                       "Dialogen är inte öppnad: beställaren underrättar enheten först.",
                       "The dialogue is not open: the purchaser communicates with the unit first.");
}

/* ---- what the commands record alike ---- */

/* An entry of the dialogue, with the local day on which it was said; NULL with err. */
static pb_entry *entry_new(const struct dialogue *dialogue, int kind, int side, const char *text,
                           struct Google__Protobuf__Timestamp *received_at,
                           niva_instant *ret_received, struct niva_error *err)
{
    const struct niva_item *item = dialogue->item;
    struct niva_arena *arena = desk_arena(dialogue->desk);
    pb_entry *entry = niva_wire_new(&niva__compliance__v1__dialogue_entry__descriptor, arena);
    if (!received_complete(dialogue->desk, item, "receivedAt", &received_at, ret_received, err))
        return NULL;
    if (entry == NULL || (entry->entry_id = id_new(item->recorded_at, arena)) == NULL ||
        (entry->recorded_at = niva_wire_timestamp(item->recorded_at, arena)) == NULL)
        return niva_fail_memory(err) ? entry : NULL;
    entry->breach_id = dialogue->breach->breach_id;
    entry->unit = dialogue->breach->unit;
    entry->profession_group = dialogue->breach->profession_group;
    entry->kind = (Niva__Compliance__V1__DialogueEntry__Kind)kind;
    entry->side = (Niva__Compliance__V1__DialogueEntry__Side)side;
    entry->text = (char *)(uintptr_t)text;
    entry->received_at = received_at;
    entry->recorded_by = (char *)item->principal;
    return entry;
}

static char *day_text(niva_day day, struct niva_arena *arena)
{
    char text[16];
    niva_day_format(day, text);
    return niva_arena_strdup(arena, text);
}

/* The breach has another case officer from now on, where the entry names one. */
static bool officer_change(const struct dialogue *dialogue, const pb_entry *entry, const char *by,
                           struct niva_error *err)
{
    if (entry->case_officer[0] == '\0' ||
        strcmp(entry->case_officer, dialogue->breach->case_officer) == 0)
        return true;
    pb_breach *version = niva_wire_copy(&dialogue->breach->base, desk_arena(dialogue->desk));
    if (version == NULL)
        return niva_fail_memory(err);
    version->case_officer = entry->case_officer;
    return desk_change_breach(dialogue->desk, dialogue->item, version, by, err);
}

/* Records the entry, tells of it without its text, and answers with it. */
static bool entry_append(const struct dialogue *dialogue, pb_entry *entry, niva_instant received,
                         struct niva_error *err)
{
    const struct form *form = &forms[entry->kind];
    struct desk *desk = dialogue->desk;
    struct niva_arena *arena = desk_arena(desk);
    struct niva_warnings warnings = {.arena = arena};
    Niva__Compliance__V1__DialogueOpened *event = niva_wire_new(form->data, arena);
    Niva__Compliance__V1__OpenDialogueResponse *reply = niva_wire_new(form->reply, arena);
    struct niva_fact fact = {.id = entry->entry_id,
                             .version = 1,
                             .unit = entry->unit,
                             .group = entry->profession_group,
                             .refers_to = entry->breach_id,
                             .first_day = NIVA_DAY_NONE,
                             .received_at = received};
    const char *by = NULL;
    niva_warn_free_text(&warnings, "text", entry->text);
    if (warnings.failed || event == NULL || reply == NULL ||
        (event->entry = dialogue_shown(entry, arena)) == NULL)
        return niva_fail_memory(err);
    if (!desk_append(desk, dialogue->item, RECORD_DIALOGUE, &fact, &entry->base, &by, err) ||
        !niva_batch_event(desk_batch(desk), form->event, entry->unit, &event->base, NULL, err) ||
        !officer_change(dialogue, entry, by, err))
        return false;
    reply->entry = entry;
    reply->n_warnings = warnings.count;
    reply->warnings = warnings.items;
    dialogue->item->reply = &reply->base;
    return true;
}

/* ---- open ---- */

static bool may_open(const struct dialogue *dialogue, struct niva_error *err)
{
    const pb_entry *first = dialogue->opened;
    char day[16];
    if (first == NULL)
        return true;
    niva_day_format(received_on(first->received_at, first->recorded_at), day);
    return niva_refuse(err, NIVA_FAILED_PRECONDITION, dialogue->breach->breach_id, "DIALOGUE_OPEN",
                       "Dialogen är redan öppnad, %s (post %s).",
                       "The dialogue is open already, since %s (entry %s).", day, first->entry_id);
}

/* The statement days of the rule set in force on a day; 0 without one. */
static bool statement_days(const struct dialogue *dialogue, niva_day day, int32_t *ret_days,
                           struct niva_error *err)
{
    const pb_unit *unit = records_unit(dialogue->own, INT64_MAX);
    struct dossier dossier;
    *ret_days = 0;
    if (unit == NULL)
        return true;
    if (!dossier_make(dialogue->breach->unit, dialogue->breach->profession_group, INT64_MAX,
                      dialogue->own, desk_region(dialogue->desk, unit->region_code),
                      desk_arena(dialogue->desk), &dossier, err))
        return false;
    const pb_rule_set *rule_set = dossier_rule_set_on(&dossier, day);
    if (rule_set != NULL && rule_set->regulation != NULL)
        *ret_days = rule_set->regulation->statement_days;
    return true;
}

/* The unit has its statement days, and more where it is given more. */
static bool answer_by_complete(const struct dialogue *dialogue, const char *answer_by,
                               niva_instant received, pb_entry *entry, struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(dialogue->desk);
    niva_day told = niva_local_day(received);
    int32_t days = 0;
    if (told < niva_day_read(dialogue->breach->first_day))
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, "receivedAt", "TOLD_BEFORE_BREACH",
                           "Enheten kan inte ha underrättats före bristens första dag, %s.",
                           "The unit can't have been told before the first day of the breach, %s.",
                           dialogue->breach->first_day);
    if (!statement_days(dialogue, told, &days, err))
        return false;
    const char *least = day_text(told + days, arena);
    entry->answer_by = niva_arena_strdup(arena, answer_by[0] != '\0' ? answer_by : least);
    if (least == NULL || entry->answer_by == NULL)
        return niva_fail_memory(err);
    if (niva_day_read(entry->answer_by) >= told + days)
        return true;
    return niva_refuse(err, NIVA_INVALID_ARGUMENT, "answerBy", "ANSWER_TOO_EARLY",
                       "Enheten har rätt att svara till och med %s: %d dagar från underrättelsen.",
                       "The unit may answer until %s: %d days from the day on which it is told.",
                       least, (int)days);
}

bool decide_open_dialogue(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const open_request *open = (const void *)item->request;
    struct dialogue dialogue;
    niva_instant received;
    if (!dialogue_find(desk, item, false, &dialogue, err) || !may_open(&dialogue, err))
        return false;
    pb_entry *entry = entry_new(&dialogue, PB_OPENED, PB_PURCHASER, open->text, open->received_at,
                                &received, err);
    if (entry == NULL || !answer_by_complete(&dialogue, open->answer_by, received, entry, err))
        return false;
    entry->breach_version = dialogue.breach->version;
    entry->case_officer =
        open->case_officer[0] != '\0' ? open->case_officer : (char *)item->principal;
    return entry_append(&dialogue, entry, received, err);
}

/* ---- notes and statements ---- */

/* What was tried lies before the day on which it is told. */
static bool steps_taken(const pb_inability *inability, niva_day told, struct niva_error *err)
{
    for (size_t i = 0; inability != NULL && i < inability->n_steps; i++) {
        char path[64];
        if (niva_day_read(inability->steps[i]->day) <= told)
            continue;
        snprintf(path, sizeof path, "inability.steps[%zu].day", i);
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, path, "DAY_TO_COME",
                           "Steget ligger efter dagen då det berättades.",
                           "The step lies after the day on which it was told.");
    }
    return true;
}

bool decide_add_note(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const note_request *add = (const void *)item->request;
    struct dialogue dialogue;
    niva_instant received;
    if (!dialogue_continue(desk, item, true, &dialogue, err))
        return false;
    pb_entry *entry =
        entry_new(&dialogue, PB_NOTE, (int)add->side, add->text, add->received_at, &received, err);
    if (entry == NULL || !steps_taken(add->inability, niva_local_day(received), err))
        return false;
    entry->inability = add->inability;
    entry->case_officer = add->case_officer;
    return entry_append(&dialogue, entry, received, err);
}

/* A statement answers what was told. */
static bool told_before(const struct dialogue *dialogue, niva_day day, struct niva_error *err)
{
    char told[16];
    niva_day first = received_on(dialogue->opened->received_at, dialogue->opened->recorded_at);
    if (day >= first)
        return true;
    niva_day_format(first, told);
    return niva_refuse(err, NIVA_INVALID_ARGUMENT, "receivedAt", "ANSWERED_BEFORE_TOLD",
                       "Enheten underrättades %s och kan inte ha svarat före dess.",
                       "The unit was told on %s and can't have answered before.", told);
}

bool decide_answer(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const answer_request *answer = (const void *)item->request;
    struct dialogue dialogue;
    niva_instant received;
    if (!dialogue_continue(desk, item, false, &dialogue, err))
        return false;
    pb_entry *entry = entry_new(&dialogue, PB_ANSWERED, PB_PROVIDER, answer->text,
                                answer->received_at, &received, err);
    if (entry == NULL || !told_before(&dialogue, niva_local_day(received), err) ||
        !steps_taken(answer->inability, niva_local_day(received), err))
        return false;
    entry->inability = answer->inability;
    return entry_append(&dialogue, entry, received, err);
}

/* ---- measures ---- */

bool decide_agree_measure(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const agree_request *agree = (const void *)item->request;
    struct dialogue dialogue;
    niva_instant received;
    if (!dialogue_continue(desk, item, false, &dialogue, err))
        return false;
    pb_entry *entry = entry_new(&dialogue, PB_MEASURE_AGREED, (int)agree->side, agree->text,
                                agree->received_at, &received, err);
    if (entry == NULL)
        return false;
    if (niva_day_read(agree->due_on) < niva_local_day(received))
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, "dueOn", "DUE_BEFORE_AGREED",
                           "Åtgärden kan inte vara klar före dagen då den kom till.",
                           "The measure can't be due before the day on which it was agreed.");
    entry->due_on = agree->due_on;
    entry->promised_milli = agree->promised_milli;
    entry->measure_id = entry->entry_id;
    return entry_append(&dialogue, entry, received, err);
}

/* The measure that ends: of this dialogue, and not ended yet. NULL with err. */
static const pb_entry *measure_find(const struct dialogue *dialogue, const char *given,
                                    struct niva_error *err)
{
    const char *id = niva_wire_uuid(given, desk_arena(dialogue->desk));
    if (id == NULL)
        return niva_fail_memory(err) ? dialogue->opened : NULL;
    const pb_entry *measure = entry_find(dialogue, PB_MEASURE_AGREED, id);
    const pb_entry *ended = entry_find(dialogue, PB_MEASURE_COMPLETED, id);
    if (measure == NULL) {
        niva_refuse(err, NIVA_NOT_FOUND, "measureId", "MEASURE_UNKNOWN",
                    "Det finns ingen åtgärd %s i dialogen.",
                    "There is no measure %s in the dialogue.", given);
    } else if (ended != NULL) {
        niva_refuse(err, NIVA_FAILED_PRECONDITION, measure->entry_id, "MEASURE_ENDED",
                    "Åtgärden är redan avslutad, %s (post %s).",
                    "The measure has ended already, on %s (entry %s).", ended->ended_on,
                    ended->entry_id);
        return NULL;
    }
    return measure;
}

/* The day on which a measure ended, between its agreement and today. */
static bool ended_on_complete(const struct dialogue *dialogue, const pb_entry *measure,
                              const char *ended_on, niva_instant received, pb_entry *entry,
                              struct niva_error *err)
{
    struct niva_arena *arena = desk_arena(dialogue->desk);
    entry->ended_on = ended_on[0] != '\0' ? niva_arena_strdup(arena, ended_on)
                                          : day_text(niva_local_day(received), arena);
    if (entry->ended_on == NULL)
        return niva_fail_memory(err);
    niva_day day = niva_day_read(entry->ended_on);
    if (day < received_on(measure->received_at, measure->recorded_at))
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, "endedOn", "ENDED_BEFORE_AGREED",
                           "Åtgärden kan inte vara avslutad före dagen då den kom till.",
                           "The measure can't have ended before the day on which it was agreed.");
    if (day > desk_notice_day(dialogue->desk, dialogue->item))
        return niva_refuse(err, NIVA_INVALID_ARGUMENT, "endedOn", "DAY_TO_COME",
                           "Dagen har inte kommit än.", "The day has not come yet.");
    return true;
}

bool decide_complete_measure(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const complete_request *complete = (const void *)item->request;
    struct dialogue dialogue;
    niva_instant received;
    if (!dialogue_continue(desk, item, true, &dialogue, err))
        return false;
    const pb_entry *measure = measure_find(&dialogue, complete->measure_id, err);
    if (measure == NULL)
        return false;
    pb_entry *entry = entry_new(&dialogue, PB_MEASURE_COMPLETED, (int)measure->side, complete->text,
                                complete->received_at, &received, err);
    if (entry == NULL ||
        !ended_on_complete(&dialogue, measure, complete->ended_on, received, entry, err))
        return false;
    entry->measure_id = measure->entry_id;
    entry->outcome = complete->outcome;
    return entry_append(&dialogue, entry, received, err);
}
