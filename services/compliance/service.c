/* The service as a table: methods, events, rules of the writer. */
#include "services/compliance/service.h"

#include "niva/compliance/v1/change.pb-c.h"
#include "services/compliance/checks.h"
#include "services/compliance/compliance_sql.h"
#include "services/compliance/decide.h"
#include "services/compliance/handlers.h"
#include "services/compliance/import.h"
#include "services/compliance/verify.h"

enum {
    REQUEST_BYTES_MAX = 1 << 20,
    WORK_INTERVAL_MS = 1000, /* how long after midnight a day begins at the latest */
};

static const ProtobufCServiceDescriptor *const services[] = {
    &niva__compliance__v1__rule_service__descriptor,
    &niva__compliance__v1__requirement_service__descriptor,
    &niva__compliance__v1__dispensation_service__descriptor,
    &niva__compliance__v1__finding_service__descriptor,
    &niva__compliance__v1__compliance_service__descriptor,
    &niva__compliance__v1__change_service__descriptor,
    &niva__compliance__v1__dialogue_service__descriptor,
    &niva__compliance__v1__follow_up_service__descriptor,
    &niva__compliance__v1__retention_service__descriptor,
};

static const struct niva_method methods[] = {
    {"/niva.compliance.v1.RuleService/PutRuleSet", check_put_rule_set, NULL},
    {"/niva.compliance.v1.RuleService/GetRuleSet", NULL, read_get_rule_set},
    {"/niva.compliance.v1.RuleService/ListRuleSets", NULL, read_list_rule_sets},
    {"/niva.compliance.v1.RequirementService/PutContract", check_put_contract, NULL},
    {"/niva.compliance.v1.RequirementService/ListContracts", NULL, read_list_contracts},
    {"/niva.compliance.v1.RequirementService/PutListings", check_put_listings, NULL},
    {"/niva.compliance.v1.RequirementService/ImportListings", check_import_listings, NULL},
    {"/niva.compliance.v1.RequirementService/ImportContracts", check_import_contracts, NULL},
    {"/niva.compliance.v1.RequirementService/GetOriginal", NULL, read_get_original},
    {"/niva.compliance.v1.RequirementService/DownloadTemplate", NULL, read_download_template},
    {"/niva.compliance.v1.RequirementService/ListListings", NULL, read_list_listings},
    {"/niva.compliance.v1.DispensationService/GrantDispensation", check_grant_dispensation, NULL},
    {"/niva.compliance.v1.DispensationService/RevokeDispensation", check_revoke_dispensation, NULL},
    {"/niva.compliance.v1.DispensationService/VoidDispensation", check_void_dispensation, NULL},
    {"/niva.compliance.v1.DispensationService/ListDispensations", NULL, read_list_dispensations},
    {"/niva.compliance.v1.FindingService/PutFinding", check_put_finding, NULL},
    {"/niva.compliance.v1.FindingService/ListFindings", NULL, read_list_findings},
    {"/niva.compliance.v1.RetentionService/ListErasures", NULL, read_list_erasures},
    {"/niva.compliance.v1.DialogueService/OpenDialogue", check_open_dialogue, NULL},
    {"/niva.compliance.v1.DialogueService/AddNote", check_add_note, NULL},
    {"/niva.compliance.v1.DialogueService/Answer", check_answer, NULL},
    {"/niva.compliance.v1.DialogueService/AgreeMeasure", check_agree_measure, NULL},
    {"/niva.compliance.v1.DialogueService/CompleteMeasure", check_complete_measure, NULL},
    {"/niva.compliance.v1.DialogueService/ListDialogue", NULL, read_list_dialogue},
    {"/niva.compliance.v1.FollowUpService/PutIndicators", check_put_indicators, NULL},
    {"/niva.compliance.v1.FollowUpService/ImportIndicators", check_import_indicators, NULL},
    {"/niva.compliance.v1.FollowUpService/ListIndicators", NULL, read_list_indicators},
    {"/niva.compliance.v1.FollowUpService/GetFollowUp", NULL, read_get_follow_up},
    {"/niva.compliance.v1.ComplianceService/GetTimeline", NULL, read_get_timeline},
    {"/niva.compliance.v1.ComplianceService/ListStatuses", NULL, read_list_statuses},
    {"/niva.compliance.v1.ComplianceService/ListBreaches", NULL, read_list_breaches},
    {"/niva.compliance.v1.ComplianceService/GetBreach", NULL, read_get_breach},
    {"/niva.compliance.v1.ComplianceService/ListOverdueReports", NULL, read_list_overdue_reports},
    {"/niva.compliance.v1.ComplianceService/ListForecasts", NULL, read_list_forecasts},
    {"/niva.compliance.v1.ComplianceService/IssueCall", check_issue_call, NULL},
    {"/niva.compliance.v1.ComplianceService/VoidCall", check_void_call, NULL},
    {"/niva.compliance.v1.ComplianceService/ListCalls", NULL, read_list_calls},
    {"/niva.compliance.v1.ComplianceService/Preview", NULL, read_preview},
    {"/niva.compliance.v1.ComplianceService/DryRunRuleSet", NULL, read_dry_run_rule_set},
    {"/niva.compliance.v1.ComplianceService/GetBusinessDay", NULL, read_get_business_day},
    {"/niva.compliance.v1.ChangeService/ListChanges", NULL, read_list_changes},
};

/* Of compensation the amounts, for previews and forecasts, and what becomes of adjustments, for
 * follow-up; it may be away. */
static const char *const compensation_types[] = {
    "se.niva.compensation.component.changed.v1",     "se.niva.compensation.adjustment.proposed.v1",
    "se.niva.compensation.adjustment.superseded.v1", "se.niva.compensation.adjustment.decided.v1",
    "se.niva.compensation.adjustment.waived.v1",
};
static const struct niva_upstream upstreams[] = {
    {.stream = "intake"},
    {.stream = "compensation",
     .types = compensation_types,
     .type_count = sizeof compensation_types / sizeof *compensation_types,
     .aside = true},
};

const struct niva_service compliance_service = {
    .name = "compliance",
    .services = services,
    .service_count = sizeof services / sizeof *services,
    .methods = methods,
    .method_count = sizeof methods / sizeof *methods,
    .migrations = niva_compliance_migrations,
    .migration_count = NIVA_COMPLIANCE_MIGRATION_COUNT,
    .types = niva_compliance_events,
    .type_count = NIVA_COMPLIANCE_EVENTS,
    .upstreams = {sizeof upstreams / sizeof *upstreams, upstreams},
    .rules = {.read = rules_read,
              .decide = rules_decide,
              .settle = rules_settle,
              .write = rules_write,
              .work = rules_work,
              .work_interval_ms = WORK_INTERVAL_MS},
    .request_max = REQUEST_BYTES_MAX,
    .prepare = import_prepare,
    .owns_today = true,
    .status = read_status,
    .verify_parts = compliance_verify_parts,
    .verify_part_count = COMPLIANCE_VERIFY_PARTS,
};
