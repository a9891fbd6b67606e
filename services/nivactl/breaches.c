#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/status.h"
#include "services/nivactl/units.h"

typedef Niva__Compliance__V1__ListBreachesRequest ListBreachesRequest;
typedef Niva__Compliance__V1__ListBreachesResponse ListBreachesResponse;
typedef Niva__Compliance__V1__Breach Breach;

enum { PAGE = 1000, STATE_LAST = NIVA__COMPLIANCE__V1__BREACH__STATE__MERGED };

/* The largest shortfall of a breach, in words. */
static const char *cell_worst(const struct session *session, const Breach *breach)
{
    int32_t worst = 0;

    if (breach->kind != NIVA__COMPLIANCE__V1__BREACH__KIND__BELOW_MINIMUM)
        return "";
    for (size_t i = 0; i < breach->n_segments; i++)
        if (breach->segments[i]->shortfall_milli > worst)
            worst = breach->segments[i]->shortfall_milli;
    return cell_fte(session, worst);
}

static const struct table *breaches_table(const struct session *session,
                                          const ListBreachesResponse *breaches,
                                          const Niva__Intake__V1__ListUnitsResponse *units)
{
    static const struct column sv[] = {
        {"Vårdcentral", false}, {"Slag", false},         {"Från", false},     {"Till", false},
        {"Läge", false},        {"Största brist", true}, {"Brist-id", false},
    };
    static const struct column en[] = {
        {"Unit", false},  {"Kind", false},        {"From", false},      {"To", false},
        {"State", false}, {"Most missing", true}, {"Breach id", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < breaches->n_breaches; i++) {
        const Breach *breach = breaches->breaches[i];
        const char *cells[] = {
            unit_name(units, breach->unit),
            words_value(session->language, WORDS_BREACH_KIND, (int)breach->kind),
            breach->first_day,
            *breach->last_day != '\0' ? breach->last_day : session_pick(session, "pågår", "open"),
            words_value(session->language, WORDS_BREACH_STATE, (int)breach->state),
            cell_worst(session, breach),
            breach->breach_id,
        };

        table_row(table, cells);
    }
    return table;
}

/* "29 brister: 4 pågår, 5 avslutad, 20 bortfallen." */
static void breaches_sum(const struct session *session, const ListBreachesResponse *breaches)
{
    size_t counts[STATE_LAST + 1] = {0};
    const char *comma = ": ";

    for (size_t i = 0; i < breaches->n_breaches; i++)
        if ((int)breaches->breaches[i]->state <= STATE_LAST)
            counts[breaches->breaches[i]->state]++;
    fprintf(session->out, session_pick(session, "\n%zu brister", "\n%zu breaches"),
            breaches->n_breaches);
    for (int value = 1; value <= STATE_LAST; value++) {
        if (counts[value] == 0)
            continue;
        fprintf(session->out, "%s%zu %s", comma, counts[value],
                words_value(session->language, WORDS_BREACH_STATE, value));
        comma = ", ";
    }
    fputs(".\n", session->out);
}

static bool breaches_print(struct session *session, const ListBreachesResponse *breaches,
                           struct niva_error *err)
{
    Niva__Intake__V1__ListUnitsResponse *units;

    if (!session_say_rehearsal(session, err) || !units_load(session, &units, err))
        return false;
    fputs("\n", session->out);
    if (!session_print_table(session, breaches_table(session, breaches, units), err))
        return false;
    breaches_sum(session, breaches);
    pending_say(session, breaches->pending);
    return true;
}

/* --state as the enumeration's value. */
static bool state_choose(const struct session *session, ListBreachesRequest *request)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(
        &niva__compliance__v1__breach__state__descriptor, session->options.state);

    if (*session->options.state == '\0')
        return true;
    if (value == NULL || value->value == 0)
        return false;
    request->state = (Niva__Compliance__V1__Breach__State)value->value;
    return true;
}

/* --kind as the enumeration's value; the option takes no other words. */
static void kind_choose(const struct session *session, ListBreachesRequest *request)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(
        &niva__compliance__v1__breach__kind__descriptor, session->options.kind);

    if (value != NULL)
        request->kind = (Niva__Compliance__V1__Breach__Kind)value->value;
}

int command_breaches(struct session *session, size_t count, const char *const *arguments)
{
    ListBreachesRequest request = NIVA__COMPLIANCE__V1__LIST_BREACHES_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;
    const char *unit;

    (void)count;
    (void)arguments;
    niva_error_clear(&err);
    if (!state_choose(session, &request))
        return session_refuse(session, "--state är OPEN, CLOSED, WITHDRAWN eller MERGED.",
                              "--state is OPEN, CLOSED, WITHDRAWN or MERGED.");
    if (!unit_find(session, session->options.unit, &unit, &err))
        return session_fail(session, &err);
    kind_choose(session, &request);
    request.unit = (char *)(uintptr_t)unit;
    request.open_on = (char *)(uintptr_t)session->options.open_on;
    request.profession_group = (char *)(uintptr_t)session->options.group;
    request.page_size = PAGE;
    if (!session_known_at(session, &request.known_at, &err) ||
        !session_list(session, "niva.compliance.v1.ComplianceService/ListBreaches", &request.base,
                      &reply, &err) ||
        !(session->json ? session_print_json(session, reply, &err)
                        : breaches_print(session, (ListBreachesResponse *)reply, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}
