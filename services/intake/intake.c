/* The service as a table: what it answers, what it tells, what it runs on. */
#include "services/intake/intake.h"

#include "services/intake/handlers.h"
#include "services/intake/import.h"
#include "services/intake/intake_sql.h"
#include "services/intake/verify.h"

#define UNIT      "/niva.intake.v1.UnitService/"
#define REPORT    "/niva.intake.v1.ReportService/"
#define ABSENCE   "/niva.intake.v1.AbsenceService/"
#define RETENTION "/niva.intake.v1.RetentionService/"

static const ProtobufCServiceDescriptor *const services[] = {
    &niva__intake__v1__unit_service__descriptor,
    &niva__intake__v1__report_service__descriptor,
    &niva__intake__v1__absence_service__descriptor,
    &niva__intake__v1__retention_service__descriptor,
};

static const struct niva_method methods[] = {
    {UNIT "PutUnit", .check = check_put_unit},
    {UNIT "GetUnit", .read = read_get_unit},
    {UNIT "ListUnits", .read = read_list_units},
    {REPORT "SubmitReport", .check = check_submit_report},
    {REPORT "ImportReports", .check = check_import_reports},
    {REPORT "WithdrawReport", .check = check_withdraw_report},
    {REPORT "ConfirmStaffing", .check = check_confirm_staffing},
    {REPORT "GetReport", .read = read_get_report},
    {REPORT "ListReports", .read = read_list_reports},
    {REPORT "GetOriginal", .read = read_get_original},
    {REPORT "DownloadTemplate", .read = read_download_template},
    {REPORT "ListConfirmations", .read = read_list_confirmations},
    {ABSENCE "NotifyAbsence", .check = check_notify_absence},
    {ABSENCE "UpdateAbsence", .check = check_update_absence},
    {ABSENCE "CancelAbsence", .check = check_cancel_absence},
    {ABSENCE "ListAbsences", .read = read_list_absences},
    {RETENTION "Erase", .check = check_erase},
    {RETENTION "PreviewErasure", .read = read_preview_erasure},
    {RETENTION "ListErasures", .read = read_list_erasures},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

const struct niva_service intake_service = {
    .name = "intake",
    .services = services,
    .service_count = COUNT(services),
    .methods = methods,
    .method_count = COUNT(methods),
    .migrations = niva_intake_migrations,
    .migration_count = NIVA_INTAKE_MIGRATION_COUNT,
    .types = niva_intake_events,
    .type_count = NIVA_INTAKE_EVENTS,
    .rules = {.read = rules_read, .decide = rules_decide},
    .request_max = NIVA_RPC_REQUEST_LARGE,
    .prepare = import_prepare,
    .verify_parts = intake_verify_parts,
    .verify_part_count = INTAKE_VERIFY_PARTS,
};
