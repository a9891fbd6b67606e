/* The handlers: checks of requests, which are pure and run on any thread, and reads. */
#ifndef NIVA_INTAKE_HANDLERS_H
#define NIVA_INTAKE_HANDLERS_H

#include "services/intake/store.h"

typedef bool check_function(const ProtobufCMessage *request, struct niva_error *err);
typedef bool read_function(struct niva_read *read, const ProtobufCMessage *request,
                           ProtobufCMessage *reply, struct niva_error *err);

check_function check_put_unit;
check_function check_submit_report;
check_function check_import_reports;
check_function check_withdraw_report;
check_function check_confirm_staffing;
check_function check_notify_absence;
check_function check_update_absence;
check_function check_cancel_absence;
check_function check_erase;

read_function read_get_unit;
read_function read_list_units;
read_function read_get_report;
read_function read_list_reports;
read_function read_get_original;
read_function read_download_template; /* import_columns.c */
read_function read_list_confirmations;
read_function read_list_absences;
read_function read_preview_erasure;
read_function read_list_erasures;

/* A report, with or without its positions; paths begin with "report.". */
void report_check(struct niva_check *check, const Niva__Intake__V1__StaffingReport *report,
                  bool positions);
/* A day that is only checked. */
void day_check(struct niva_check *check, const char *field, const char *value, bool required);
/* A time of receipt, if given. */
void received_check(struct niva_check *check, const struct Google__Protobuf__Timestamp *value);

/* The filter of a list in the order of the record: page_size and page_token. */
void page_read(struct niva_check *check, int32_t page_size, const char *page_token,
               struct store_filter *filter);
/* unit and profession_group, each only where given. */
void subject_read(struct niva_check *check, const char *unit, const char *profession_group,
                  struct store_filter *filter);

/* Unpacks what was recorded. NULL with err. */
void *body_read(const ProtobufCMessageDescriptor *type, ProtobufCBinaryData body,
                struct niva_arena *arena, struct niva_error *err);
/* The messages of a page, in its order, and the token of the next one ("" on the last). */
bool page_messages(const ProtobufCMessageDescriptor *type, const struct store_page *page,
                   struct niva_arena *arena, size_t *ret_count, void ***ret_messages,
                   struct niva_error *err) NIVA_MUST_CHECK;
bool page_token(const struct store_page *page, struct niva_arena *arena, char **ret_token,
                struct niva_error *err) NIVA_MUST_CHECK;

#endif
