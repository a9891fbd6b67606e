#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/check.h"
#include "services/compensation/decide.h"

typedef Niva__Compensation__V1__Component Component;
typedef Niva__Compensation__V1__PutComponentRequest PutComponentRequest;

#define MONTHLY_ORE_MAX INT64_C(10000000000000)

bool component_check(const ProtobufCMessage *request, struct niva_error *err)
{
    const PutComponentRequest *put = (const PutComponentRequest *)request;
    const Component *component = put->component;
    struct niva_check check;
    niva_instant received_at;
    niva_day first;
    niva_day until;
    size_t mark;

    niva_check_begin(&check, err);
    if (put->expected_case ==
        NIVA__COMPENSATION__V1__PUT_COMPONENT_REQUEST__EXPECTED_EXPECTED_VERSION)
        niva_check_range(&check, "expected_version", put->expected_version, 0, INT32_MAX);
    if (!niva_check_present(&check, "component", component))
        return niva_check_end(&check);
    mark = niva_check_enter(&check, "component", -1);
    niva_check_name_key(&check, "component", component->component);
    niva_check_hsa_id(&check, "unit", component->unit);
    niva_check_name_key(&check, "profession_group", component->profession_group);
    if (niva_check_day(&check, "first_day", component->first_day, true, &first))
        niva_check_last_day(&check, "last_day", component->last_day, first, &until);
    niva_check_range(&check, "monthly_ore", component->monthly_ore, 0, MONTHLY_ORE_MAX);
    niva_check_timestamp(&check, "received_at", component->received_at, &received_at);
    niva_check_leave(&check, mark);
    return niva_check_end(&check);
}

char *component_id(const Component *component, struct niva_arena *arena)
{
    return niva_arena_printf(arena, "%s/%s/%s/%s", component->unit, component->profession_group,
                             component->component, component->first_day);
}

/* Whether the version that the caller expects is the present one. */
static bool version_check(const PutComponentRequest *put, const char *id, int32_t present,
                          struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    if (put->expected_case !=
            NIVA__COMPENSATION__V1__PUT_COMPONENT_REQUEST__EXPECTED_EXPECTED_VERSION ||
        put->expected_version == present)
        return true;
    snprintf(text_sv, sizeof text_sv,
             "Beloppet har version %" PRId32 ", inte %" PRId32
             ": någon annan har ändrat det. Läs det på nytt och försök igen.",
             present, put->expected_version);
    snprintf(text_en, sizeof text_en,
             "The amount has version %" PRId32 ", not %" PRId32
             ": somebody else changed it. Read it again and retry.",
             present, put->expected_version);
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_FAILED_PRECONDITION, id, "VERSION_MISMATCH", text_sv,
                               text_en);
}

/* The component as it goes on record. NULL when the arena is out. */
static Component *component_make(const Component *given, const struct niva_item *item,
                                 int32_t version, niva_instant received_at,
                                 struct niva_arena *arena)
{
    Component *made = niva_wire_new(&niva__compensation__v1__component__descriptor, arena);

    if (made == NULL)
        return NULL;
    made->component = niva_arena_strdup(arena, given->component);
    made->unit = niva_arena_strdup(arena, given->unit);
    made->profession_group = niva_arena_strdup(arena, given->profession_group);
    made->first_day = niva_arena_strdup(arena, given->first_day);
    made->last_day = niva_arena_strdup(arena, given->last_day);
    made->monthly_ore = given->monthly_ore;
    made->regulated = given->regulated;
    made->version = version;
    made->received_at = niva_wire_timestamp(received_at, arena);
    made->recorded_at = niva_wire_timestamp(item->recorded_at, arena);
    made->recorded_by = niva_arena_strdup(arena, item->principal);
    if (made->component == NULL || made->unit == NULL || made->profession_group == NULL ||
        made->first_day == NULL || made->last_day == NULL || made->received_at == NULL ||
        made->recorded_at == NULL || made->recorded_by == NULL)
        return NULL;
    return made;
}

/* Appends the fact and its event. */
static bool component_append(struct niva_batch *batch, const Component *component, const char *id,
                             const struct niva_item *item, niva_instant received_at,
                             niva_day first_day, struct niva_error *err)
{
    struct niva_arena *arena = niva_batch_arena(batch);
    struct niva_fact *fact = niva_arena_alloc(arena, sizeof *fact);
    Niva__Compensation__V1__ComponentChanged *data =
        niva_wire_new(&niva__compensation__v1__component_changed__descriptor, arena);

    if (fact == NULL || data == NULL)
        return niva_fail_memory(err);
    *fact = (struct niva_fact){.kind = "component",
                               .id = id,
                               .version = component->version,
                               .unit = component->unit,
                               .group = component->profession_group,
                               .region = "",
                               .refers_to = "",
                               .first_day = first_day,
                               .recorded_at = item->recorded_at,
                               .recorded_by = component->recorded_by,
                               .received_at = received_at};
    data->component = (Component *)component;
    return niva_wire_pack(&component->base, arena, &fact->body, err) &&
           niva_batch_fact(batch, fact, err) &&
           niva_batch_event(batch, EVENT_COMPONENT_CHANGED, component->unit, &data->base, NULL,
                            err);
}

/* Moves every month that the days of the new version, or of the one that it replaces, touch. */
static bool months_move(struct sheet *sheet, struct niva_batch *batch,
                        const struct sheet_account *account,
                        const struct sheet_component *component, niva_day until,
                        struct niva_error *err)
{
    for (size_t i = 0; i < sheet->months.count; i++) {
        struct sheet_month *month = sheet->months.items[i];

        if (month->account != account || month->days.until <= component->dated.days.from ||
            month->days.from >= until)
            continue;
        if (!month_move(sheet, month, component->dated.name, batch, err))
            return false;
    }
    return true;
}

bool component_decide(struct niva_batch *batch, struct niva_item *item, struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    const PutComponentRequest *put = (const PutComponentRequest *)item->request;
    const char *id = component_id(put->component, sheet->arena);
    struct sheet_account *account =
        sheet_account(sheet, put->component->unit, put->component->profession_group);
    Niva__Compensation__V1__PutComponentResponse *reply =
        niva_wire_new(&niva__compensation__v1__put_component_response__descriptor, sheet->arena);
    const struct sheet_component *present;
    struct sheet_component added = {.id = id, .recorded_at = item->recorded_at};
    niva_instant received_at = item->recorded_at;
    niva_day until;

    if (id == NULL || account == NULL || reply == NULL)
        return niva_fail_memory(err);
    present = sheet_component_find(account, id);
    added.version = present == NULL ? 1 : present->version + 1;
    if (!version_check(put, id, added.version - 1, err) ||
        !niva_wire_received(put->component->received_at, "component.receivedAt", item->recorded_at,
                            &received_at, err))
        return false;
    reply->component =
        component_make(put->component, item, added.version, received_at, sheet->arena);
    if (reply->component == NULL)
        return niva_fail_memory(err);
    if (!niva_facts_component(reply->component, &added.dated, err))
        return false;
    until = added.dated.days.until;
    if (present != NULL && present->dated.days.until > until)
        until = present->dated.days.until;
    if (component_append(batch, reply->component, id, item, received_at, added.dated.days.from,
                         err) &&
        (sheet_component_add(sheet, account, &added) != NULL || niva_fail_memory(err)) &&
        months_move(sheet, batch, account, &added, until, err)) {
        item->reply = &reply->base;
        return true;
    }
    sheet->broken = true;
    return false;
}
