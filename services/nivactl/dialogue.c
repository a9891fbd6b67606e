#include "services/nivactl/dialogue.h"

#include <string.h>

#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/units.h"

typedef Niva__Compliance__V1__DialogueEntry Entry;
typedef Niva__Compliance__V1__Inability Inability;
typedef Niva__Compliance__V1__ListDialogueResponse Dialogue;

enum { PAGE = 1000 };
#define INDENT "            "

/* ---- an entry ---- */

/* The local day on which it was said. */
static const char *cell_said_on(const struct session *session, const Entry *entry)
{
    niva_instant instant;
    char day[16] = "";

    if (entry->received_at != NULL && niva_wire_instant(entry->received_at, &instant))
        niva_day_format(niva_local_day(instant), day);
    return niva_arena_strdup(session->arena, day);
}

/* What belongs to its kind alone. */
static void details_print(const struct session *session, const Entry *entry)
{
    switch (entry->kind) {
    case NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__OPENED:
        show(session->out, session_pick(session, ": svar senast %s", ": answer by %s"),
             entry->answer_by);
        break;
    case NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__MEASURE_AGREED:
        show(session->out, session_pick(session, ": klar senast %s", ": due by %s"), entry->due_on);
        if (entry->promised_milli > 0)
            show(session->out, session_pick(session, ", ger %s heltid", ", brings %s full-time"),
                 cell_fte(session, entry->promised_milli));
        break;
    case NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__MEASURE_COMPLETED:
        show(session->out, ": %s %s",
             words_value(session->language, WORDS_OUTCOME, (int)entry->outcome), entry->ended_on);
        break;
    default:
        break;
    }
    if (*entry->measure_id != '\0')
        show(session->out, session_pick(session, " (åtgärd %s)", " (measure %s)"),
             entry->measure_id);
    if (*entry->case_officer != '\0')
        show(session->out, session_pick(session, "; handläggare %s", "; case officer %s"),
             entry->case_officer);
}

/* Line by line, so that each is set in. */
static void text_print(const struct session *session, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        const char *line = niva_arena_copy(session->arena, text, length);

        if (line == NULL)
            return;
        show(session->out, INDENT "%s\n", line);
        text += length + (text[length] == '\n');
    }
}

static void inability_print(const struct session *session, const Inability *inability)
{
    show(session->out, INDENT "%s",
         inability->n_steps > 0
             ? session_pick(session, "Kan inte rekrytera. Prövat: ", "Cannot recruit. Tried: ")
             : session_pick(session, "Kan inte rekrytera. Inget prövat.",
                            "Cannot recruit. Nothing tried."));
    for (size_t i = 0; i < inability->n_steps; i++)
        show(session->out, "%s%s %s", i > 0 ? ", " : "",
             words_value(session->language, WORDS_INABILITY, (int)inability->steps[i]->kind),
             inability->steps[i]->day);
    fputs("\n", session->out);
}

void entry_print(const struct session *session, const Entry *entry)
{
    show(session->out, "%s  %s, %s", cell_said_on(session, entry),
         words_value(session->language, WORDS_ENTRY, (int)entry->kind),
         words_value(session->language, WORDS_SIDE, (int)entry->side));
    details_print(session, entry);
    fputs("\n", session->out);
    if (entry->inability != NULL)
        inability_print(session, entry->inability);
    text_print(session, entry->text);
    if (*entry->erased_by != '\0')
        show(session->out,
             session_pick(session, INDENT "Texten är gallrad (gallring %s).\n",
                          INDENT "The text is erased (erasure %s).\n"),
             entry->erased_by);
}

/* ---- the dialogue ---- */

static bool dialogue_load(struct session *session, const char *breach_id, Dialogue **ret_dialogue,
                          struct niva_error *err)
{
    Niva__Compliance__V1__ListDialogueRequest request =
        NIVA__COMPLIANCE__V1__LIST_DIALOGUE_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.breach_id = (char *)(uintptr_t)breach_id;
    request.page_size = PAGE;
    if (!session_known_at(session, &request.known_at, err) ||
        !session_list(session, "niva.compliance.v1.DialogueService/ListDialogue", &request.base,
                      &reply, err))
        return false;
    *ret_dialogue = (Dialogue *)reply;
    return true;
}

static bool head_print(struct session *session, const char *given, const char *breach_id,
                       struct niva_error *err)
{
    Niva__Compliance__V1__GetBreachRequest request = NIVA__COMPLIANCE__V1__GET_BREACH_REQUEST__INIT;
    Niva__Intake__V1__ListUnitsResponse *units;
    const Niva__Compliance__V1__Breach *breach;
    ProtobufCMessage *reply;
    const char *state;

    request.breach_id = (char *)(uintptr_t)breach_id;
    if (!session_known_at(session, &request.known_at, err) ||
        !session_ask(session, "niva.compliance.v1.ComplianceService/GetBreach", &request.base,
                     &reply, err) ||
        !session_say_rehearsal(session, err) || !units_load(session, &units, err))
        return false;
    breach = ((Niva__Compliance__V1__GetBreachResponse *)reply)->breach;
    if (strcmp(given, breach_id) != 0)
        show(session->out,
             session_pick(session, "Bristen har gått upp i %s: dialogen fortsätter där.\n",
                          "The breach was merged into %s: its dialogue goes on there.\n"),
             breach_id);
    state = words_value(session->language, WORDS_BREACH_STATE, (int)breach->state);
    show(session->out, "%s, %s: %s, %s – ", unit_name(units, breach->unit),
         breach->profession_group,
         words_value(session->language, WORDS_BREACH_KIND, (int)breach->kind), breach->first_day);
    if (*breach->last_day != '\0')
        show(session->out, "%s (%s)\n", breach->last_day, state);
    else
        show(session->out, "%s\n", state);
    if (*breach->case_officer != '\0')
        show(session->out, session_pick(session, "Handläggare: %s\n", "Case officer: %s\n"),
             breach->case_officer);
    fputs("\n", session->out);
    return true;
}

static bool dialogue_print(struct session *session, const char *given, const Dialogue *dialogue,
                           struct niva_error *err)
{
    if (!head_print(session, given, dialogue->breach_id, err))
        return false;
    for (size_t i = 0; i < dialogue->n_entries; i++)
        entry_print(session, dialogue->entries[i]);
    if (dialogue->n_entries == 0)
        fputs(session_pick(session, "Dialogen är inte öppnad.\n", "The dialogue is not open.\n"),
              session->out);
    return true;
}

static int dialogue_show(struct session *session, const char *breach_id)
{
    Dialogue *dialogue;
    struct niva_error err;

    niva_error_clear(&err);
    if (!dialogue_load(session, breach_id, &dialogue, &err) ||
        !(session->json ? session_print_json(session, &dialogue->base, &err)
                        : dialogue_print(session, breach_id, dialogue, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}

int command_dialogue(struct session *session, size_t count, const char *const *arguments)
{
    const struct dialogue_verb *verb = dialogue_verb_find(arguments[0]);

    if (verb == NULL && count == 1)
        return dialogue_show(session, arguments[0]);
    if (verb != NULL && count > verb->least && count <= verb->most + 1)
        return verb->say(session, count - 1, arguments + 1);
    return session_refuse(session,
                          "Ange dialogue BRIST, eller dialogue open BRIST [TEXT], note BRIST TEXT, "
                          "answer BRIST TEXT, "
                          "measure BRIST TEXT, complete BRIST ÅTGÄRD [TEXT].",
                          "Say dialogue BREACH, or dialogue open BREACH [TEXT], note BREACH TEXT, "
                          "answer BREACH TEXT, "
                          "measure BREACH TEXT, complete BREACH MEASURE [TEXT].");
}
