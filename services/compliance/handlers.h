/* What is asked of compliance: one function a method, in a read-only snapshot of the database. */
#ifndef NIVA_COMPLIANCE_HANDLERS_H
#define NIVA_COMPLIANCE_HANDLERS_H

#include "services/common/run/service.h"

typedef bool read_function(struct niva_read *read, const ProtobufCMessage *request,
                           ProtobufCMessage *reply, struct niva_error *err);

read_function read_get_rule_set;
read_function read_list_rule_sets;
read_function read_list_contracts;
read_function read_list_listings;
read_function read_download_template;
read_function read_list_indicators;
read_function read_get_original;
read_function read_get_follow_up;
read_function read_list_dispensations;
read_function read_list_findings;
read_function read_list_calls;
read_function read_list_dialogue;
read_function read_list_erasures;

read_function read_get_timeline;
read_function read_preview;
read_function read_dry_run_rule_set;
read_function read_list_statuses;
read_function read_list_overdue_reports;
read_function read_list_forecasts;
read_function read_list_breaches;
read_function read_get_breach;
read_function read_get_business_day;
read_function read_list_changes;

/* For the status of the service. */
bool read_status(struct niva_read *read, struct niva_service_status *ret_status,
                 struct niva_error *err);

#endif
