#include <stdio.h>

#include "services/intake/handlers.h"
#include "services/intake/retention.h"

/* ---- checks ---- */

/* At least one class, each once. */
static void classes_check(struct niva_check *check, size_t count,
                          const Niva__Intake__V1__Erasure__Class *classes)
{
    if (count == 0)
        niva_check_fail(check, "classes", "REQUIRED", "Ange minst en klass att gallra.",
                        "Name at least one class to erase.");
    for (size_t i = 0; i < count; i++) {
        char field[40];
        bool twice = false;

        snprintf(field, sizeof field, "classes[%zu]", i);
        for (size_t k = 0; k < i; k++)
            twice |= classes[k] == classes[i];
        if (niva_check_given(check, field, (int)classes[i]) && twice) {
            niva_check_fail(check, field, "DUPLICATE", "Klassen står redan i listan.",
                            "The class stands in the list already.");
            return;
        }
    }
}

bool check_erase(const ProtobufCMessage *message, struct niva_error *err)
{
    const Niva__Intake__V1__EraseRequest *request = (const void *)message;
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_hsa_id(&check, "unit", request->unit);
    classes_check(&check, request->n_classes, request->classes);
    day_check(&check, "before", request->before, true);
    niva_check_line(&check, "decision_reference", request->decision_reference, 1,
                    DECISION_CHARACTERS_MAX);
    return niva_check_end(&check);
}

/* ---- reads ---- */

static bool preview_check(const Niva__Intake__V1__PreviewErasureRequest *request,
                          struct niva_error *err)
{
    struct niva_check check;

    niva_check_begin(&check, err);
    niva_check_hsa_id(&check, "unit", request->unit);
    classes_check(&check, request->n_classes, request->classes);
    day_check(&check, "before", request->before, true);
    return niva_check_end(&check);
}

bool read_preview_erasure(struct niva_read *read, const ProtobufCMessage *message,
                          ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Intake__V1__PreviewErasureRequest *request = (const void *)message;
    Niva__Intake__V1__PreviewErasureResponse *response = (void *)reply;
    struct state *state = state_new(read->arena);
    struct wants wants = {.arena = read->arena};
    struct retention retention = {
        .unit = request->unit,
        .class_count = request->n_classes,
        .classes = request->classes,
        .before = niva_day_read(request->before),
    };
    struct retention_plan plan;

    if (state == NULL)
        return niva_fail_memory(err);
    if (!preview_check(request, err) || !store_now(read, &retention.now, err))
        return false;
    wants_fact(&wants, kind_unit, request->unit);
    wants_retained(&wants, request->unit);
    if (!store_read(read->pg, &wants, read->arena, state, err) ||
        unit_registered(state, "unit", request->unit, err) == NULL ||
        !retention_allowed(&retention, err) ||
        !retention_plan(state, &retention, read->arena, &plan, err))
        return false;
    response->erasure = plan.protocol;
    return true;
}

bool read_list_erasures(struct niva_read *read, const ProtobufCMessage *message,
                        ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Intake__V1__ListErasuresRequest *request = (const void *)message;
    Niva__Intake__V1__ListErasuresResponse *response = (void *)reply;
    struct store_filter filter = {0};
    struct niva_check check;
    struct store_page page;

    niva_check_begin(&check, err);
    subject_read(&check, request->unit, "", &filter);
    niva_check_known_at(&check, request->known_at, &filter.known_at);
    page_read(&check, request->page_size, request->page_token, &filter);
    return niva_check_end(&check) &&
           store_list_erasures(read->pg, &filter, read->arena, &page, err) &&
           page_messages(&niva__intake__v1__erasure__descriptor, &page, read->arena,
                         &response->n_erasures, (void ***)&response->erasures, err) &&
           page_token(&page, read->arena, &response->next_page_token, err);
}
