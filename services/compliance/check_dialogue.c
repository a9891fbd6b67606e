#include <string.h>

#include "services/common/wire/warn.h"
#include "services/compliance/checks.h"

typedef Niva__Compliance__V1__Inability__Step pb_step;

static bool step_stands_before(const pb_inability *inability, size_t index)
{
    const pb_step *step = inability->steps[index];
    for (size_t i = 0; i < index; i++) {
        if (inability->steps[i]->kind == step->kind &&
            strcmp(inability->steps[i]->day, step->day) == 0)
            return true;
    }
    return false;
}

static void check_step(struct niva_check *check, const pb_inability *inability, size_t index)
{
    const pb_step *step = inability->steps[index];
    niva_day day;
    if (niva_check_given(check, "kind", (int)step->kind) &&
        niva_check_day(check, "day", step->day, true, &day) && step_stands_before(inability, index))
        niva_check_fail(check, "day", "DUPLICATE", "Steget står redan i listan, samma dag.",
                        "The step stands in the list already, of the same day.");
}

static void check_inability(struct niva_check *check, const pb_inability *inability)
{
    if (inability == NULL)
        return;
    size_t mark = niva_check_enter(check, "inability", -1);
    if (inability->n_steps > STEPS_TAKEN_MAX)
        niva_check_fail(check, "steps", "TOO_MANY", "Det får vara högst 50 steg.",
                        "There may be at most 50 steps.");
    for (size_t i = 0; i < inability->n_steps && i < STEPS_TAKEN_MAX; i++) {
        size_t within = niva_check_enter(check, "steps", (long)i);
        check_step(check, inability, i);
        niva_check_leave(check, within);
    }
    niva_check_leave(check, mark);
}

/* What all commands have alike. */
static void check_entry(struct niva_check *check, const char *breach_id, const char *text,
                        size_t least, const struct Google__Protobuf__Timestamp *received_at)
{
    niva_instant instant;
    niva_check_uuid(check, "breach_id", breach_id);
    niva_check_text(check, "text", text, least, ENTRY_CHARACTERS_MAX);
    niva_check_timestamp(check, "received_at", received_at, &instant);
}

/* It is told in events. */
static void check_officer(struct niva_check *check, const char *officer)
{
    if (niva_check_line(check, "case_officer", officer, 0, OFFICER_CHARACTERS_MAX) &&
        niva_text_looks_personal(officer))
        niva_check_fail(check, "case_officer", "PERSONAL_DATA",
                        "Ange handläggaren utan personnummer och e-postadress.",
                        "Name the case officer without personal number and e-mail address.");
}

bool check_open_dialogue(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__OpenDialogueRequest *open = (const void *)request;
    struct niva_check check;
    niva_day day;
    niva_check_begin(&check, err);
    check_entry(&check, open->breach_id, open->text, 0, open->received_at);
    niva_check_day(&check, "answer_by", open->answer_by, false, &day);
    check_officer(&check, open->case_officer);
    return niva_check_end(&check);
}

static void check_side_may(struct niva_check *check, const char *field, const char *text_sv,
                           const char *text_en, bool may)
{
    if (!may)
        niva_check_fail(check, field, "OTHER_SIDE", text_sv, text_en);
}

bool check_add_note(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__AddNoteRequest *add = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    check_entry(&check, add->breach_id, add->text, 1, add->received_at);
    check_officer(&check, add->case_officer);
    check_inability(&check, add->inability);
    if (niva_check_given(&check, "side", (int)add->side)) {
        check_side_may(&check, "inability",
                       "Bara utföraren kan säga att det inte går att rekrytera.",
                       "Only the provider can say that it cannot recruit.",
                       add->inability == NULL || add->side == PB_PROVIDER);
        check_side_may(&check, "case_officer", "Bara beställaren kan byta handläggare.",
                       "Only the purchaser can change the case officer.",
                       add->case_officer[0] == '\0' || add->side == PB_PURCHASER);
    }
    return niva_check_end(&check);
}

bool check_answer(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__AnswerRequest *answer = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    check_entry(&check, answer->breach_id, answer->text, 1, answer->received_at);
    check_inability(&check, answer->inability);
    return niva_check_end(&check);
}

bool check_agree_measure(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__AgreeMeasureRequest *agree = (const void *)request;
    struct niva_check check;
    niva_day day;
    niva_check_begin(&check, err);
    check_entry(&check, agree->breach_id, agree->text, 1, agree->received_at);
    niva_check_given(&check, "side", (int)agree->side);
    niva_check_day(&check, "due_on", agree->due_on, true, &day);
    niva_check_range(&check, "promised_milli", agree->promised_milli, 0, FTE_MILLI_MAX);
    return niva_check_end(&check);
}

bool check_complete_measure(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__CompleteMeasureRequest *complete = (const void *)request;
    struct niva_check check;
    niva_day day;
    niva_check_begin(&check, err);
    check_entry(&check, complete->breach_id, complete->text, 0, complete->received_at);
    niva_check_uuid(&check, "measure_id", complete->measure_id);
    niva_check_given(&check, "outcome", (int)complete->outcome);
    niva_check_day(&check, "ended_on", complete->ended_on, false, &day);
    return niva_check_end(&check);
}
