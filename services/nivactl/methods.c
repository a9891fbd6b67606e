#include "services/nivactl/methods.h"

#include <stdio.h>
#include <string.h>

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/component.pb-c.h"
#include "niva/compensation/v1/retention.pb-c.h"
#include "niva/compensation/v1/settlement.pb-c.h"
#include "niva/compliance/v1/change.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/compliance/v1/dispensation.pb-c.h"
#include "niva/compliance/v1/follow_up.pb-c.h"
#include "niva/compliance/v1/requirement.pb-c.h"
#include "niva/compliance/v1/retention.pb-c.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/control/v1/control.pb-c.h"
#include "niva/events/v1/events.pb-c.h"
#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/retention.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"

static const char *const service_names[] = {"intake", "compliance", "compensation"};

static const struct {
    enum service service;
    const ProtobufCServiceDescriptor *type;
} served[] = {
    {INTAKE, &niva__intake__v1__unit_service__descriptor},
    {INTAKE, &niva__intake__v1__report_service__descriptor},
    {INTAKE, &niva__intake__v1__absence_service__descriptor},
    {INTAKE, &niva__intake__v1__retention_service__descriptor},
    {COMPLIANCE, &niva__compliance__v1__rule_service__descriptor},
    {COMPLIANCE, &niva__compliance__v1__requirement_service__descriptor},
    {COMPLIANCE, &niva__compliance__v1__dispensation_service__descriptor},
    {COMPLIANCE, &niva__compliance__v1__finding_service__descriptor},
    {COMPLIANCE, &niva__compliance__v1__compliance_service__descriptor},
    {COMPLIANCE, &niva__compliance__v1__change_service__descriptor},
    {COMPLIANCE, &niva__compliance__v1__dialogue_service__descriptor},
    {COMPLIANCE, &niva__compliance__v1__follow_up_service__descriptor},
    {COMPLIANCE, &niva__compliance__v1__retention_service__descriptor},
    {COMPENSATION, &niva__compensation__v1__component_service__descriptor},
    {COMPENSATION, &niva__compensation__v1__adjustment_service__descriptor},
    {COMPENSATION, &niva__compensation__v1__settlement_service__descriptor},
    {COMPENSATION, &niva__compensation__v1__retention_service__descriptor},
    {ANY_SERVICE, &niva__events__v1__event_service__descriptor},
    {ANY_SERVICE, &niva__control__v1__control_service__descriptor},
};

const char *service_name(enum service service)
{
    return service_names[service];
}

bool service_find(const char *name, enum service *ret_service)
{
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        if (strcmp(service_names[i], name) == 0) {
            *ret_service = (enum service)i;
            return true;
        }
    }
    return false;
}

bool follow_at(size_t index, struct follow *ret_follow)
{
    static const struct follow follows[] = {
        {COMPLIANCE, INTAKE}, {COMPENSATION, COMPLIANCE}, {COMPLIANCE, COMPENSATION}};

    if (index >= sizeof follows / sizeof *follows)
        return false;
    *ret_follow = follows[index];
    return true;
}

bool method_at(size_t index, struct method *ret_method)
{
    for (size_t i = 0; i < sizeof served / sizeof *served; i++) {
        const ProtobufCServiceDescriptor *type = served[i].type;

        if (index < type->n_methods) {
            ret_method->service = served[i].service;
            ret_method->type = &type->methods[index];
            snprintf(ret_method->name, sizeof ret_method->name, "/%s/%s", type->name,
                     type->methods[index].name);
            return true;
        }
        index -= type->n_methods;
    }
    return false;
}

bool method_find(const char *name, struct method *ret_method)
{
    struct method method;

    name += name[0] == '/';
    for (size_t i = 0; method_at(i, &method); i++) {
        if (strcmp(method.name + 1, name) == 0) {
            *ret_method = method;
            return true;
        }
    }
    return false;
}
