#include <string.h>

#include "services/common/wire/token.h"
#include "services/intake/handlers.h"
#include "services/intake/token.h"

typedef Niva__Intake__V1__Unit Unit;

/* ---- checks ---- */

/* A function address for letters: one at sign, something on both sides, no space. */
static void email_check(struct niva_check *check, const char *email)
{
    const char *at = strchr(email, '@');

    if (!niva_check_line(check, "email", email, 0, EMAIL_CHARACTERS_MAX) || email[0] == '\0')
        return;
    if (at == NULL || at == email || at[1] == '\0' || strchr(at + 1, '@') != NULL ||
        strchr(email, ' ') != NULL)
        niva_check_fail(check, "email", "EMAIL_MALFORMED",
                        "E-postadressen ska skrivas som namn@exempel.se.",
                        "The e-mail address must be written like name@example.org.");
}

/* One owner; `ret_day` is its first day, kept when it is not a day. */
static void owner_check(struct niva_check *check, const Niva__Intake__V1__Owner *owner,
                        niva_day *ret_day)
{
    niva_day before = *ret_day;

    niva_check_org_number(check, "org_number", owner->org_number);
    niva_check_given(check, "form", (int)owner->form);
    if (niva_check_day(check, "first_day", owner->first_day, true, ret_day) && *ret_day <= before)
        niva_check_fail(check, "first_day", "OWNERS_NOT_IN_ORDER",
                        "Ägarna ska stå i tidsordning, var och en med en egen första dag.",
                        "Owners must be in order of time, each with a first day of its own.");
}

static void owners_check(struct niva_check *check, const Unit *unit)
{
    niva_day before = NIVA_DAY_NONE;

    if (unit->n_owners == 0 || unit->n_owners > OWNERS_MAX)
        niva_check_fail(check, "owners", unit->n_owners == 0 ? "REQUIRED" : "TOO_MANY",
                        "En vårdcentral har minst en ägare och högst 100.",
                        "A unit has at least one owner and at most 100.");
    for (size_t i = 0; i < unit->n_owners && i < OWNERS_MAX; i++) {
        size_t mark = niva_check_enter(check, "owners", (long)i);

        owner_check(check, unit->owners[i], &before);
        niva_check_leave(check, mark);
    }
}

static void unit_check(struct niva_check *check, const Unit *unit)
{
    size_t mark = niva_check_enter(check, "unit", -1);
    niva_day opened_on = NIVA_DAY_NONE;
    niva_day closed_until;

    niva_check_hsa_id(check, "hsa_id", unit->hsa_id);
    niva_check_line(check, "name", unit->name, 1, NAME_CHARACTERS_MAX);
    niva_check_region(check, "region_code", unit->region_code);
    email_check(check, unit->email);
    owners_check(check, unit);
    niva_check_day(check, "opened_on", unit->opened_on, true, &opened_on);
    niva_check_last_day(check, "closed_on", unit->closed_on, opened_on, &closed_until);
    niva_check_leave(check, mark);
}

bool check_put_unit(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__PutUnitRequest *request = (const void *)message;
    struct niva_check check;

    niva_check_begin(&check, err);
    if (niva_check_present(&check, "unit", request->unit))
        unit_check(&check, request->unit);
    if (request->expected_case == NIVA__INTAKE__V1__PUT_UNIT_REQUEST__EXPECTED_EXPECTED_VERSION)
        niva_check_range(&check, "expected_version", request->expected_version, 0, INT32_MAX);
    return niva_check_end(&check);
}

/* ---- reads ---- */

bool read_get_unit(struct niva_read *read, const ProtobufCMessage *message, ProtobufCMessage *reply,
                   struct niva_error *err)
{
    const Niva__Intake__V1__GetUnitRequest *request = (const void *)message;
    Niva__Intake__V1__GetUnitResponse *response = (void *)reply;
    struct niva_check check;
    niva_instant known_at;
    struct niva_fact *fact;

    niva_check_begin(&check, err);
    niva_check_hsa_id(&check, "hsa_id", request->hsa_id);
    niva_check_known_at(&check, request->known_at, &known_at);
    if (!niva_check_end(&check) ||
        !niva_fact_get(read->pg, kind_unit, request->hsa_id, known_at, read->arena, &fact, err))
        return false;
    if (fact == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "hsaId", "UNIT_UNKNOWN",
                           "Vårdcentralen %s är inte registrerad.",
                           "The unit %s is not registered.", request->hsa_id);
    response->unit = body_read(&niva__intake__v1__unit__descriptor, fact->body, read->arena, err);
    return response->unit != NULL;
}

static bool units_filter(const Niva__Intake__V1__ListUnitsRequest *request,
                         struct niva_arena *arena, struct store_filter *ret_filter,
                         struct niva_error *err)
{
    struct niva_check check;

    niva_check_begin(&check, err);
    if (request->region_code[0] != '\0')
        niva_check_region(&check, "region_code", request->region_code);
    ret_filter->region = request->region_code;
    ret_filter->include_history = request->include_history;
    niva_check_known_at(&check, request->known_at, &ret_filter->known_at);
    niva_check_page_size(&check, request->page_size, &ret_filter->page_size);
    if (!token_read_unit(request->page_token, arena, &ret_filter->after_id,
                         &ret_filter->after_version))
        niva_token_refuse(&check);
    return niva_check_end(&check);
}

bool read_list_units(struct niva_read *read, const ProtobufCMessage *message,
                     ProtobufCMessage *reply, struct niva_error *err)
{
    Niva__Intake__V1__ListUnitsResponse *response = (void *)reply;
    struct store_filter filter = {0};
    struct store_page page;
    const struct store_row *last;

    if (!units_filter((const void *)message, read->arena, &filter, err) ||
        !store_list_units(read->pg, &filter, read->arena, &page, err) ||
        !page_messages(&niva__intake__v1__unit__descriptor, &page, read->arena, &response->n_units,
                       (void ***)&response->units, err))
        return false;
    if (!page.more)
        return true;
    last = &page.rows[page.count - 1];
    response->next_page_token = token_of_unit(last->id, last->version, read->arena);
    return response->next_page_token != NULL || niva_fail_memory(err);
}
