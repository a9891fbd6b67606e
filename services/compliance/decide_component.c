/* Compensation's amounts come in here. They are kept beside the record, for previews and forecasts:
 * nothing that is judged looks at them. */
#include "services/common/facts/facts.h"
#include "services/compliance/decide.h"

static pb_component *component_of(const struct niva_item *item)
{
    const Niva__Compensation__V1__ComponentChanged *event = (const void *)item->event->data;
    return event->component;
}

bool decide_component_event(struct desk *desk, struct niva_item *item, struct niva_error *err)
{
    const pb_component *component = component_of(item);
    struct niva_component model;
    if (component == NULL)
        return niva_fail_internal(err, "event %s has no component", item->event->id);
    if (component->unit[0] == '\0' || component->recorded_at == NULL)
        return niva_fail_internal(err, "event %s has an incomplete component", item->event->id);
    return niva_facts_component(component, &model, err) &&
           desk_add_component(desk, item->event->position, component, err);
}
