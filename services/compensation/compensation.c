#include "services/compensation/compensation.h"

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/component.pb-c.h"
#include "niva/compensation/v1/events.pb-c.h"
#include "niva/compensation/v1/retention.pb-c.h"
#include "niva/compensation/v1/settlement.pb-c.h"
#include "services/compensation/compensation_sql.h"
#include "services/compensation/decide.h"
#include "services/compensation/handlers.h"
#include "services/compensation/settle.h"
#include "services/compensation/store.h"
#include "services/compensation/verify.h"

static const ProtobufCServiceDescriptor *const services[] = {
    &niva__compensation__v1__component_service__descriptor,
    &niva__compensation__v1__adjustment_service__descriptor,
    &niva__compensation__v1__settlement_service__descriptor,
    &niva__compensation__v1__retention_service__descriptor,
};

static const struct niva_method methods[] = {
    {.name = METHOD_PUT_COMPONENT, .check = component_check},
    {.name = METHOD_PREPARE_ADJUSTMENT, .check = prepare_check},
    {.name = METHOD_REVISE_ADJUSTMENT, .check = revise_check},
    {.name = METHOD_DECIDE_ADJUSTMENT, .check = decide_check},
    {.name = METHOD_PUT_SETTLEMENT_CONFIG, .check = settlement_config_check},
    {.name = METHOD_EXPORT_SETTLEMENT, .check = settlement_export_check},
    {.name = METHOD_VOID_SETTLEMENT, .check = settlement_void_check},
    {.name = METHOD_CONFIRM_BOOKING, .check = settlement_booking_check},
    {.name = "/niva.compensation.v1.ComponentService/ListComponents",
     .read = handle_list_components},
    {.name = "/niva.compensation.v1.AdjustmentService/ListAdjustments",
     .read = handle_list_adjustments},
    {.name = "/niva.compensation.v1.AdjustmentService/GetAdjustment",
     .read = handle_get_adjustment},
    {.name = "/niva.compensation.v1.AdjustmentService/ExplainAdjustment",
     .read = handle_explain_adjustment},
    {.name = "/niva.compensation.v1.SettlementService/ListSettlementConfigs",
     .read = handle_list_settlement_configs},
    {.name = "/niva.compensation.v1.SettlementService/GetSettlement",
     .read = handle_get_settlement},
    {.name = "/niva.compensation.v1.SettlementService/ListSettlements",
     .read = handle_list_settlements},
    {.name = "/niva.compensation.v1.RetentionService/ListErasures", .read = handle_list_erasures},
};

static const struct niva_upstream upstreams[] = {{.stream = "compliance"}};

const struct niva_service compensation_service = {
    .name = "compensation",
    .services = services,
    .service_count = sizeof services / sizeof services[0],
    .methods = methods,
    .method_count = sizeof methods / sizeof methods[0],
    .migrations = niva_compensation_migrations,
    .migration_count = NIVA_COMPENSATION_MIGRATION_COUNT,
    .types = niva_compensation_events,
    .type_count = NIVA_COMPENSATION_EVENTS,
    .upstreams = {sizeof upstreams / sizeof *upstreams, upstreams},
    .rules = {.read = store_batch_read,
              .decide = compensation_decide,
              .settle = compensation_settle,
              .write = store_batch_write},
    .request_max = NIVA_RPC_REQUEST_MAX,
    .verify_parts = compensation_verify_parts,
    .verify_part_count = COMPENSATION_VERIFY_PARTS,
};
