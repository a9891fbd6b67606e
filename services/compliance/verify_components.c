#include "services/compliance/verify_components.h"

#include <string.h>

#include "services/common/wire/wire.h"
#include "services/compliance/store_follow_up.h"

static const struct niva_difference_kind unreadable = {
    "COMPONENT_UNREADABLE", "Ersättningens belopp går inte att läsa.",
    "The amount of the component cannot be read."};
static const struct niva_difference_kind told_wrong = {
    "ADJUSTMENT_TOLD", "Det som ekonomitjänsten sagt om en reglering går inte att läsa.",
    "What compensation told of an adjustment cannot be read, or is of another unit."};
static const struct niva_difference_kind leaps = {
    "COMPONENT_VERSION_MISSING", "Den förra versionen av ersättningens belopp saknas.",
    "The version of the component's amount before this one is missing."};

/* The amounts of a unit while they are looked at. */
struct proof {
    struct niva_verify *verify;
    struct niva_arena *arena;
    const char *unit;
    struct niva_items items;
    size_t count;
    const char **ids; /* of those looked at so far */
};

static void differs(const struct proof *proof, const struct niva_difference_kind *kind,
                    int64_t position, const char *id, int32_t version)
{
    niva_verify_differs(proof->verify, kind,
                        NIVA_DIFFERENCE(.position = position, .kind = (char *)"component",
                                        .id = (char *)id, .version = version,
                                        .unit = (char *)proof->unit));
}

/* The version that must come next. */
static int32_t version_next(const struct proof *proof, const char *id)
{
    int32_t version = 1;

    for (size_t i = 0; i < proof->count; i++)
        version += strcmp(proof->ids[i], id) == 0;
    return version;
}

static bool component_take(struct proof *proof, const struct stored_component *stored,
                           struct niva_error *err)
{
    struct niva_fact fact = {.kind = "component", .body = stored->body};
    const pb_component *component;
    ProtobufCMessage *message;
    struct niva_error ignored;

    proof->verify->checked++;
    if (!niva_wire_unpack(&niva__compensation__v1__component__descriptor, stored->body.data,
                          stored->body.len, false, proof->arena, &message, &ignored)) {
        differs(proof, &unreadable, stored->position, "", 0);
        return true;
    }
    component = (const pb_component *)message;
    fact.id =
        niva_arena_printf(proof->arena, "%s/%s/%s/%s", component->unit, component->profession_group,
                          component->component, component->first_day);
    if (fact.id == NULL)
        return niva_fail_memory(err);
    fact.version = component->version;
    if (component->recorded_at == NULL ||
        !niva_wire_instant(component->recorded_at, &fact.recorded_at))
        differs(proof, &unreadable, stored->position, fact.id, fact.version);
    else if (fact.version != version_next(proof, fact.id))
        differs(proof, &leaps, stored->position, fact.id, fact.version);
    proof->ids[proof->count++] = fact.id;
    return niva_items_add_fact(&proof->items, &fact, err);
}

/* What was told of adjustments, as it came. */
static bool adjustments_take(struct proof *proof, struct niva_pg *pg, struct niva_error *err)
{
    struct followed_rows rows;

    if (!store_told_adjustments(pg, proof->unit, proof->arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        const struct followed_row *row = &rows.list[i];
        ProtobufCMessage *message;
        struct niva_error ignored;
        bool good = niva_wire_unpack(&niva__compensation__v1__adjustment_proposed__descriptor,
                                     row->body.data, row->body.len, false, proof->arena, &message,
                                     &ignored);
        const Niva__Compensation__V1__AdjustmentProposed *told = (const void *)message;

        proof->verify->checked++;
        if (!good || told->adjustment == NULL || strcmp(told->adjustment->unit, proof->unit) != 0)
            niva_verify_differs(proof->verify, &told_wrong,
                                NIVA_DIFFERENCE(.position = row->position,
                                                .kind = (char *)"adjustment",
                                                .unit = (char *)proof->unit));
        if (!niva_items_add(&proof->items, row->body.data, row->body.len, err))
            return false;
    }
    return true;
}

bool verify_components(struct niva_read *read, const char *unit, struct niva_arena *arena,
                       struct niva_verify *verify, struct niva_error *err)
{
    struct proof proof = {
        .verify = verify, .arena = arena, .unit = unit, .items = {.arena = arena}};
    struct stored_component *rows;
    size_t count;

    if (!store_components(read->pg, &unit, 1, arena, &count, &rows, err))
        return false;
    proof.ids = niva_arena_array(arena, count, sizeof *proof.ids);
    if (proof.ids == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++)
        if (!component_take(&proof, &rows[i], err))
            return false;
    return adjustments_take(&proof, read->pg, err) &&
           niva_verify_holds(verify, "compensation", unit, &proof.items, err);
}
