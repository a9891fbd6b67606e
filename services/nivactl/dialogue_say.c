/* What the command line says in a dialogue. A text is given as it is, as @FILE, or - for standard
 * input. */
#include <stdlib.h>
#include <string.h>

#include "services/common/base/clock.h"
#include "services/nivactl/dialogue.h"
#include "services/nivactl/request.h"

typedef Niva__Compliance__V1__DialogueEntry__Side Side;
typedef Niva__Compliance__V1__Inability Inability;
typedef Niva__Compliance__V1__Inability__Step Step;

#define SERVICE "niva.compliance.v1.DialogueService/"

enum { STEPS_MAX = 50, FTE_DECIMALS = 3 };

/* ---- what is said ---- */

static bool text_read(struct session *session, const char *given, char **ret_text,
                      struct niva_error *err)
{
    const char *bytes = given;
    size_t size = strlen(given);

    if ((*given == '@' || strcmp(given, "-") == 0) &&
        !session_read_file(session, given + (*given == '@'), session->arena, &bytes, &size, err))
        return false;
    while (size > 0 && bytes != given && bytes[size - 1] == '\n')
        size--;
    *ret_text = niva_arena_copy(session->arena, bytes, size);
    return *ret_text != NULL || niva_fail_memory(err);
}

static Side side_of(const struct session *session, Side preset)
{
    if (strcmp(session->options.side, "purchaser") == 0)
        return NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__SIDE__PURCHASER;
    if (strcmp(session->options.side, "provider") == 0)
        return NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__SIDE__PROVIDER;
    return preset;
}

/* "0,50" or "0.5" as milli-FTE; "" is 0. */
static bool fte_read(const char *text, int32_t *ret_milli, struct niva_error *err)
{
    char *end = NULL;
    long whole = strtol(text, &end, 10);
    int32_t milli = 0;

    if (*text == '\0') {
        *ret_milli = 0;
        return true;
    }
    if (*text >= '0' && *text <= '9' && whole <= 1000) {
        milli = (int32_t)whole * 1000;
        if (*end == ',' || *end == '.') {
            end++;
            for (int32_t unit = 100; unit > 0 && *end >= '0' && *end <= '9'; unit /= 10)
                milli += (*end++ - '0') * unit;
        }
        if (*end == '\0') {
            *ret_milli = milli;
            return true;
        }
    }
    return niva_fail(err, NIVA_INVALID_ARGUMENT,
                     "--fte ska vara ett antal heltider med högst tre decimaler, som 0,50.",
                     "--fte must be a number of full-time positions with at most three decimals, "
                     "like 0,50.");
}

/* One KIND=DAY. */
static bool step_read(struct session *session, const char *text, size_t length, Step **ret_step,
                      struct niva_error *err)
{
    const char *equal = memchr(text, '=', length);
    Step *step = niva_wire_new(&niva__compliance__v1__inability__step__descriptor, session->arena);
    const ProtobufCEnumValue *value;
    char kind[32] = "";

    if (step == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; equal != NULL && i < (size_t)(equal - text) && i + 1 < sizeof kind; i++)
        kind[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
    value = protobuf_c_enum_descriptor_get_value_by_name(
        &niva__compliance__v1__inability__kind__descriptor, kind);
    if (value == NULL || value->value == 0)
        return niva_fail(err, NIVA_INVALID_ARGUMENT,
                         "--steps ska vara none eller SLAG=DAG,…; slagen är advertised, "
                         "agency_asked, hired_staff_sought, other_units_asked, hours_offered, "
                         "terms_improved och other.",
                         "--steps must be none or KIND=DAY,…; the kinds are advertised, "
                         "agency_asked, hired_staff_sought, other_units_asked, hours_offered, "
                         "terms_improved and other.");
    step->kind = (Niva__Compliance__V1__Inability__Kind)value->value;
    step->day = niva_arena_copy(session->arena, equal + 1, (size_t)(text + length - equal) - 1);
    *ret_step = step;
    return step->day != NULL || niva_fail_memory(err);
}

/* --steps; NULL where it was not given. */
static bool inability_read(struct session *session, Inability **ret_inability,
                           struct niva_error *err)
{
    const char *text = session->options.steps;
    Inability *inability =
        niva_wire_new(&niva__compliance__v1__inability__descriptor, session->arena);
    Step **steps = niva_arena_array(session->arena, STEPS_MAX + 1, sizeof(Step *));

    *ret_inability = NULL;
    if (*text == '\0')
        return true;
    if (inability == NULL || steps == NULL)
        return niva_fail_memory(err);
    inability->steps = steps;
    while (strcmp(text, "none") != 0 && *text != '\0' && inability->n_steps <= STEPS_MAX) {
        size_t length = strcspn(text, ",");

        if (!step_read(session, text, length, &steps[inability->n_steps], err))
            return false;
        inability->n_steps++;
        text += length + (text[length] == ',');
    }
    *ret_inability = inability;
    return true;
}

/* --received: a day, which begins then, or an instant; NULL where it was not given. */
static bool received_read(struct session *session,
                          struct Google__Protobuf__Timestamp **ret_received, struct niva_error *err)
{
    const char *text = session->options.received;
    niva_instant instant;
    niva_day day;

    *ret_received = NULL;
    if (*text == '\0')
        return true;
    if (niva_day_parse(text, &day))
        instant = niva_local_midnight(day);
    else if (!niva_instant_parse(text, &instant))
        return niva_fail_internal(err, "--received was not checked");
    *ret_received = niva_wire_timestamp(instant, session->arena);
    return *ret_received != NULL || niva_fail_memory(err);
}

/* ---- how it is said ---- */

/* The replies all have one shape. Warnings go to the error stream. */
static bool reply_print(struct session *session, const ProtobufCMessage *message,
                        struct niva_error *err)
{
    const Niva__Compliance__V1__OpenDialogueResponse *reply = (const void *)message;

    if (session->json)
        return session_print_json(session, message, err);
    if (!session_say_rehearsal(session, err))
        return false;
    entry_print(session, reply->entry);
    session_warn(session, reply->n_warnings, reply->warnings);
    return true;
}

static int said(struct session *session, const char *method, ProtobufCMessage *request)
{
    ProtobufCMessage *reply;
    struct niva_error err;

    niva_error_clear(&err);
    if (!request_give_id(request, niva_uuid_v7(niva_clock_now()), session->arena, &err) ||
        !session_ask(session, method, request, &reply, &err) || !reply_print(session, reply, &err))
        return session_fail(session, &err);
    return EXIT_YES;
}

/* What cannot be read on the command line. */
static int misread(const struct session *session, const struct niva_error *err)
{
    int code = session_fail(session, err);

    return code == EXIT_NO ? EXIT_USAGE : code;
}

static int say_open(struct session *session, size_t count, const char *const *arguments)
{
    Niva__Compliance__V1__OpenDialogueRequest request =
        NIVA__COMPLIANCE__V1__OPEN_DIALOGUE_REQUEST__INIT;
    struct niva_error err;

    niva_error_clear(&err);
    if (!text_read(session, count > 1 ? arguments[1] : "", &request.text, &err) ||
        !received_read(session, &request.received_at, &err))
        return misread(session, &err);
    request.breach_id = (char *)(uintptr_t)arguments[0];
    request.answer_by = (char *)(uintptr_t)session->options.by;
    request.case_officer = (char *)(uintptr_t)session->options.officer;
    return said(session, SERVICE "OpenDialogue", &request.base);
}

static int say_note(struct session *session, size_t count, const char *const *arguments)
{
    Niva__Compliance__V1__AddNoteRequest request = NIVA__COMPLIANCE__V1__ADD_NOTE_REQUEST__INIT;
    struct niva_error err;

    (void)count;
    niva_error_clear(&err);
    if (!text_read(session, arguments[1], &request.text, &err) ||
        !received_read(session, &request.received_at, &err) ||
        !inability_read(session, &request.inability, &err))
        return misread(session, &err);
    request.breach_id = (char *)(uintptr_t)arguments[0];
    request.side = side_of(session, NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__SIDE__PURCHASER);
    request.case_officer = (char *)(uintptr_t)session->options.officer;
    return said(session, SERVICE "AddNote", &request.base);
}

static int say_answer(struct session *session, size_t count, const char *const *arguments)
{
    Niva__Compliance__V1__AnswerRequest request = NIVA__COMPLIANCE__V1__ANSWER_REQUEST__INIT;
    struct niva_error err;

    (void)count;
    niva_error_clear(&err);
    if (!text_read(session, arguments[1], &request.text, &err) ||
        !received_read(session, &request.received_at, &err) ||
        !inability_read(session, &request.inability, &err))
        return misread(session, &err);
    request.breach_id = (char *)(uintptr_t)arguments[0];
    return said(session, SERVICE "Answer", &request.base);
}

static int say_measure(struct session *session, size_t count, const char *const *arguments)
{
    Niva__Compliance__V1__AgreeMeasureRequest request =
        NIVA__COMPLIANCE__V1__AGREE_MEASURE_REQUEST__INIT;
    struct niva_error err;

    (void)count;
    niva_error_clear(&err);
    if (!text_read(session, arguments[1], &request.text, &err) ||
        !received_read(session, &request.received_at, &err) ||
        !fte_read(session->options.fte, &request.promised_milli, &err))
        return misread(session, &err);
    request.breach_id = (char *)(uintptr_t)arguments[0];
    request.side = side_of(session, NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__SIDE__PROVIDER);
    request.due_on = (char *)(uintptr_t)session->options.by;
    return said(session, SERVICE "AgreeMeasure", &request.base);
}

static int say_complete(struct session *session, size_t count, const char *const *arguments)
{
    Niva__Compliance__V1__CompleteMeasureRequest request =
        NIVA__COMPLIANCE__V1__COMPLETE_MEASURE_REQUEST__INIT;
    struct niva_error err;

    niva_error_clear(&err);
    if (!text_read(session, count > 2 ? arguments[2] : "", &request.text, &err) ||
        !received_read(session, &request.received_at, &err))
        return misread(session, &err);
    request.breach_id = (char *)(uintptr_t)arguments[0];
    request.measure_id = (char *)(uintptr_t)arguments[1];
    request.outcome = session->options.missed
                          ? NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__OUTCOME__MISSED
                          : NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__OUTCOME__COMPLETED;
    return said(session, SERVICE "CompleteMeasure", &request.base);
}

const struct dialogue_verb *dialogue_verb_find(const char *name)
{
    static const struct dialogue_verb verbs[] = {
        {"open", 1, 2, say_open},         {"note", 2, 2, say_note},
        {"answer", 2, 2, say_answer},     {"measure", 2, 2, say_measure},
        {"complete", 2, 3, say_complete},
    };

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}
