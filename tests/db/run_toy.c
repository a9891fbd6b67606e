/* A small service for test_run.c, run as a process: it keeps nothing but events. PutComponent
 * appends component.changed (and, for the component "hemlig", an internal event too);
 * ListComponents answers who asks, as a component, and for the unit "kill" loses its connection on
 * the first try.
 */
#include <string.h>

#include "niva/compensation/v1/component.pb-c.h"
#include "niva/compensation/v1/events.pb-c.h"
#include "services/common/run/service.h"

#define EXTERNAL "se.niva.compensation.component.changed.v1"
#define INTERNAL "se.niva.compensation.adjustment.proposed.v1"

static const struct niva_migration migrations[] = {
    {"toy/0001_killed.sql", "CREATE TABLE killed (n bigint NOT NULL);"
                            "DO $$ BEGIN EXECUTE format('GRANT SELECT, INSERT ON killed TO %I',"
                            " 'niva_' || current_schema()); END $$;"}};

static const struct niva_event_type types[] = {
    {.name = EXTERNAL, .data = &niva__compensation__v1__component_changed__descriptor},
    {.name = INTERNAL,
     .data = &niva__compensation__v1__adjustment_proposed__descriptor,
     .internal = true},
};

static const ProtobufCServiceDescriptor *const services[] = {
    &niva__compensation__v1__component_service__descriptor,
};

static const struct niva_statement kill_self = {"toy_kill",
                                                "SELECT pg_terminate_backend(pg_backend_pid())"};

static bool rules_read(void *self, struct niva_batch *batch, struct niva_error *err)
{
    (void)self;
    (void)batch;
    (void)err;
    return true;
}

static bool rules_decide(void *self, struct niva_batch *batch, struct niva_item *item,
                         struct niva_error *err)
{
    const Niva__Compensation__V1__PutComponentRequest *request = (const void *)item->request;
    Niva__Compensation__V1__ComponentChanged changed =
        NIVA__COMPENSATION__V1__COMPONENT_CHANGED__INIT;
    Niva__Compensation__V1__AdjustmentProposed proposed =
        NIVA__COMPENSATION__V1__ADJUSTMENT_PROPOSED__INIT;
    Niva__Compensation__V1__PutComponentResponse *reply = niva_wire_new(
        &niva__compensation__v1__put_component_response__descriptor, niva_batch_arena(batch));

    (void)self;
    if (reply == NULL)
        return niva_fail_internal(err, "no memory");
    changed.component = request->component;
    reply->component = request->component;
    item->reply = &reply->base;
    return niva_batch_event(batch, EXTERNAL, request->component->unit, &changed.base, NULL, err) &&
           (strcmp(request->component->component, "hemlig") != 0 ||
            niva_batch_event(batch, INTERNAL, request->component->unit, &proposed.base, NULL, err));
}

static bool check_put(const ProtobufCMessage *request, struct niva_error *err)
{
    niva_error_clear(err);
    if (((const Niva__Compensation__V1__PutComponentRequest *)(const void *)request)->component !=
        NULL)
        return true;
    return niva_fail_violation(err, NIVA_INVALID_ARGUMENT, "component", "REQUIRED", "Saknas.",
                               "Is missing.");
}

static bool read_list(struct niva_read *read, const ProtobufCMessage *request,
                      ProtobufCMessage *reply, struct niva_error *err)
{
    static int tries;
    Niva__Compensation__V1__ListComponentsResponse *response = (void *)reply;
    Niva__Compensation__V1__Component **list =
        niva_arena_array(read->arena, 1, sizeof(Niva__Compensation__V1__Component *));
    struct niva_query query = {.statement = &kill_self, .params.arena = read->arena};
    const char *unit =
        ((const Niva__Compensation__V1__ListComponentsRequest *)(const void *)request)->unit;

    if (strcmp(unit, "kill") == 0 && tries++ == 0) {
        bool good = niva_pg_run(read->pg, &query, 1, err);

        niva_queries_clear(&query, 1);
        return good;
    }
    if (strcmp(unit, "nothing") == 0)
        return niva_fail(err, NIVA_NOT_FOUND, "Finns inte.", "Does not exist.");
    list[0] = niva_wire_new(&niva__compensation__v1__component__descriptor, read->arena);
    list[0]->recorded_by = (char *)read->principal;
    response->n_components = 1;
    response->components = list;
    return true;
}

static const struct niva_method methods[] = {
    {"/niva.compensation.v1.ComponentService/PutComponent", check_put, NULL},
    {"/niva.compensation.v1.ComponentService/ListComponents", NULL, read_list},
};

int main(int argc, char **argv)
{
    const struct niva_service service = {
        .name = "compensation",
        .services = services,
        .service_count = 1,
        .methods = methods,
        .method_count = sizeof methods / sizeof *methods,
        .migrations = migrations,
        .migration_count = 1,
        .types = types,
        .type_count = sizeof types / sizeof *types,
        .rules = {.read = rules_read, .decide = rules_decide},
        .request_max = NIVA_RPC_REQUEST_MAX,
    };

    return niva_service_main(&service, argc, argv);
}
