/* No person leaves by an external event: every text that one can carry is known by name here, so
 * that a field that is added to any message in one must be thought about before it leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "services/common/wire/event_types.h"

/* Texts that may leave: opaque ids, days of verdicts and decisions, codes, names of what is no
 * person, references, principals. */
static const char *const allowed[] = {
    "niva.compensation.v1.Adjustment.adjustment_id",
    "niva.compensation.v1.Adjustment.answer_by",
    "niva.compensation.v1.Adjustment.breach_ids",
    "niva.compensation.v1.Adjustment.case_number",
    "niva.compensation.v1.Adjustment.component",
    "niva.compensation.v1.Adjustment.decided_by",
    "niva.compensation.v1.Adjustment.delegation",
    "niva.compensation.v1.Adjustment.erased_by",
    "niva.compensation.v1.Adjustment.owner",
    "niva.compensation.v1.Adjustment.period",
    "niva.compensation.v1.Adjustment.prepared_by",
    "niva.compensation.v1.Adjustment.profession_group",
    "niva.compensation.v1.Adjustment.region_code",
    "niva.compensation.v1.Adjustment.rule_set_id",
    "niva.compensation.v1.Adjustment.settlement_id",
    "niva.compensation.v1.Adjustment.superseded_by",
    "niva.compensation.v1.Adjustment.unit",
    "niva.compensation.v1.Adjustment.unit_name",
    "niva.compensation.v1.Adjustment.voucher_number",
    "niva.compensation.v1.Component.component",
    "niva.compensation.v1.Component.first_day",
    "niva.compensation.v1.Component.last_day",
    "niva.compensation.v1.Component.profession_group",
    "niva.compensation.v1.Component.recorded_by",
    "niva.compensation.v1.Component.unit",
    "niva.compensation.v1.Settlement.File.file_name",
    "niva.compensation.v1.Settlement.File.media_type",
    "niva.compensation.v1.Settlement.File.sha256",
    "niva.compensation.v1.Settlement.adjustment_ids",
    "niva.compensation.v1.Settlement.booking_day",
    "niva.compensation.v1.Settlement.erased_by",
    "niva.compensation.v1.Settlement.exported_by",
    "niva.compensation.v1.Settlement.period",
    "niva.compensation.v1.Settlement.recorded_by",
    "niva.compensation.v1.Settlement.region_code",
    "niva.compensation.v1.Settlement.settlement_id",
    "niva.compensation.v1.Settlement.voucher_number",
    "niva.compliance.v1.Breach.absence_id",
    "niva.compliance.v1.Breach.breach_id",
    "niva.compliance.v1.Breach.case_officer",
    "niva.compliance.v1.Breach.caused_by",
    "niva.compliance.v1.Breach.first_day",
    "niva.compliance.v1.Breach.last_day",
    "niva.compliance.v1.Breach.merged_into",
    "niva.compliance.v1.Breach.profession_group",
    "niva.compliance.v1.Breach.report_id",
    "niva.compliance.v1.Breach.returns_from",
    "niva.compliance.v1.Breach.unit",
    "niva.compliance.v1.Call.answer_by",
    "niva.compliance.v1.Call.call_id",
    "niva.compliance.v1.Call.current_since",
    "niva.compliance.v1.Call.issued_on",
    "niva.compliance.v1.Call.profession_group",
    "niva.compliance.v1.Call.recorded_by",
    "niva.compliance.v1.Call.reference",
    "niva.compliance.v1.Call.region_code",
    "niva.compliance.v1.Call.unit",
    "niva.compliance.v1.Contract.binding_from",
    "niva.compliance.v1.Contract.first_day",
    "niva.compliance.v1.Contract.import_id",
    "niva.compliance.v1.Contract.last_day",
    "niva.compliance.v1.Contract.profession_group",
    "niva.compliance.v1.Contract.recorded_by",
    "niva.compliance.v1.Contract.reference",
    "niva.compliance.v1.Contract.unit",
    "niva.compliance.v1.Counting.title_codes",
    "niva.compliance.v1.DayBegun.day",
    "niva.compliance.v1.DialogueEntry.answer_by",
    "niva.compliance.v1.DialogueEntry.breach_id",
    "niva.compliance.v1.DialogueEntry.case_officer",
    "niva.compliance.v1.DialogueEntry.due_on",
    "niva.compliance.v1.DialogueEntry.ended_on",
    "niva.compliance.v1.DialogueEntry.entry_id",
    "niva.compliance.v1.DialogueEntry.erased_by",
    "niva.compliance.v1.DialogueEntry.measure_id",
    "niva.compliance.v1.DialogueEntry.profession_group",
    "niva.compliance.v1.DialogueEntry.recorded_by",
    "niva.compliance.v1.DialogueEntry.unit",
    "niva.compliance.v1.Dispensation.decision_reference",
    "niva.compliance.v1.Dispensation.dispensation_id",
    "niva.compliance.v1.Dispensation.first_day",
    "niva.compliance.v1.Dispensation.last_day",
    "niva.compliance.v1.Dispensation.profession_group",
    "niva.compliance.v1.Dispensation.recorded_by",
    "niva.compliance.v1.Dispensation.region_code",
    "niva.compliance.v1.Dispensation.review_on",
    "niva.compliance.v1.Dispensation.revoked_from",
    "niva.compliance.v1.Dispensation.unit",
    "niva.compliance.v1.ErasureRecorded.before",
    "niva.compliance.v1.ErasureRecorded.decision_reference",
    "niva.compliance.v1.ErasureRecorded.erasure_id",
    "niva.compliance.v1.ErasureRecorded.recorded_by",
    "niva.compliance.v1.ErasureRecorded.said_groups",
    "niva.compliance.v1.ErasureRecorded.unit",
    "niva.compliance.v1.Finding.case_number",
    "niva.compliance.v1.Finding.finding_id",
    "niva.compliance.v1.Finding.first_day",
    "niva.compliance.v1.Finding.last_day",
    "niva.compliance.v1.Finding.profession_group",
    "niva.compliance.v1.Finding.recorded_by",
    "niva.compliance.v1.Finding.unit",
    "niva.compliance.v1.Forecast.Cause.fact_id",
    "niva.compliance.v1.Forecast.Cost.component",
    "niva.compliance.v1.Forecast.Cost.month",
    "niva.compliance.v1.Forecast.first_day",
    "niva.compliance.v1.Forecast.last_day",
    "niva.compliance.v1.Forecast.profession_group",
    "niva.compliance.v1.Forecast.rule_set_id",
    "niva.compliance.v1.Forecast.unit",
    "niva.compliance.v1.Forecast.unit_name",
    "niva.compliance.v1.ForecastChanged.profession_group",
    "niva.compliance.v1.ForecastChanged.unit",
    "niva.compliance.v1.Inability.Step.day",
    "niva.compliance.v1.Indicator.code",
    "niva.compliance.v1.Indicator.import_id",
    "niva.compliance.v1.Indicator.measure",
    "niva.compliance.v1.Indicator.period",
    "niva.compliance.v1.Indicator.profession_group",
    "niva.compliance.v1.Indicator.recorded_by",
    "niva.compliance.v1.Indicator.source",
    "niva.compliance.v1.Indicator.unit",
    "niva.compliance.v1.Listing.as_of",
    "niva.compliance.v1.Listing.import_id",
    "niva.compliance.v1.Listing.recorded_by",
    "niva.compliance.v1.Listing.unit",
    "niva.compliance.v1.Reporting.current_since",
    "niva.compliance.v1.RuleSet.decision_reference",
    "niva.compliance.v1.RuleSet.first_day",
    "niva.compliance.v1.RuleSet.last_day",
    "niva.compliance.v1.RuleSet.profession_group",
    "niva.compliance.v1.RuleSet.recorded_by",
    "niva.compliance.v1.RuleSet.region_code",
    "niva.compliance.v1.RuleSet.remark_en",
    "niva.compliance.v1.RuleSet.remark_sv",
    "niva.compliance.v1.RuleSet.rule_set_id",
    "niva.compliance.v1.RuleSet.source_documents",
    "niva.compliance.v1.Segment.absence_ids",
    "niva.compliance.v1.Segment.dispensation_id",
    "niva.compliance.v1.Segment.finding_id",
    "niva.compliance.v1.Segment.first_day",
    "niva.compliance.v1.Segment.last_day",
    "niva.compliance.v1.Segment.report_id",
    "niva.compliance.v1.Segment.rule_set_id",
    "niva.compliance.v1.TimelineChanged.Run.breach_first_day",
    "niva.compliance.v1.TimelineChanged.Run.breach_id",
    "niva.compliance.v1.TimelineChanged.Run.registered_by",
    "niva.compliance.v1.TimelineChanged.month",
    "niva.compliance.v1.TimelineChanged.profession_group",
    "niva.compliance.v1.TimelineChanged.unit",
    "niva.intake.v1.ErasedGroup.absence_ids",
    "niva.intake.v1.ErasedGroup.erased_until",
    "niva.intake.v1.ErasedGroup.profession_group",
    "niva.intake.v1.ErasedGroup.report_ids",
    "niva.intake.v1.Erasure.before",
    "niva.intake.v1.Erasure.decision_reference",
    "niva.intake.v1.Erasure.erasure_id",
    "niva.intake.v1.Erasure.recorded_by",
    "niva.intake.v1.Erasure.unit",
    "niva.intake.v1.Owner.first_day",
    "niva.intake.v1.Owner.org_number",
    "niva.intake.v1.Unit.closed_on",
    "niva.intake.v1.Unit.email",
    "niva.intake.v1.Unit.hsa_id",
    "niva.intake.v1.Unit.name",
    "niva.intake.v1.Unit.opened_on",
    "niva.intake.v1.Unit.recorded_by",
    "niva.intake.v1.Unit.region_code",
};

/* Free texts that stand in such messages and are emptied before they are told; that no event of a
 * real system carries them is tests/system/test_events.c's affair. */
static const char *const emptied[] = {
    "niva.compliance.v1.DialogueEntry.text",
    "niva.compliance.v1.Finding.evidence",
    "niva.compliance.v1.Dispensation.void_reason",
    "niva.compliance.v1.Call.void_reason",
    "niva.compensation.v1.Adjustment.statement",
    "niva.compensation.v1.Adjustment.statement_response",
    "niva.compensation.v1.Adjustment.reason",
    "niva.compensation.v1.Settlement.void_reason",
    /* a file and what is said of it where it is answered; events have `files` */
    "niva.compensation.v1.Settlement.content",
    "niva.compensation.v1.Settlement.file_name",
    "niva.compensation.v1.Settlement.media_type",
    "niva.compensation.v1.Settlement.sha256",
};

/* Messages that are about persons: no external event may hold one, however deep. */
static const ProtobufCMessageDescriptor *const persons[] = {
    &niva__intake__v1__position__descriptor,        &niva__intake__v1__absence__descriptor,
    &niva__intake__v1__staffing_report__descriptor, &niva__intake__v1__certifier__descriptor,
    &niva__intake__v1__original__descriptor,
};

enum { DEPTH_MAX = 12 };

static bool is_text(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES;
}

static bool is_allowed(const char *name)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (strcmp(allowed[i], name) == 0)
            return true;
    for (size_t i = 0; i < sizeof emptied / sizeof *emptied; i++)
        if (strcmp(emptied[i], name) == 0)
            return true;
    return false;
}

/* Looks at every field that an event can hold; returns how many it does not know. */
static size_t message_look(const char *event, const ProtobufCMessageDescriptor *type, int depth)
{
    size_t unknown = 0;

    assert_in_range(depth, 0, DEPTH_MAX);
    for (size_t i = 0; i < sizeof persons / sizeof *persons; i++)
        if (persons[i] == type)
            fail_msg("%s holds a %s: that is about persons", event, type->name);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        char name[160];

        snprintf(name, sizeof name, "%s.%s", type->name, field->name);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            unknown += message_look(event, field->descriptor, depth + 1);
        if (!is_text(field) || is_allowed(name))
            continue;
        fprintf(stderr, "%s can carry %s\n", event, name);
        unknown++;
    }
    return unknown;
}

static void external_events_carry_known_texts_alone(void **state)
{
    const struct niva_event_type *type;
    size_t unknown = 0;
    size_t external = 0;

    (void)state;
    for (size_t i = 0; (type = niva_event_type_at(i, NULL)) != NULL; i++) {
        if (type->internal)
            continue;
        external++;
        unknown += message_look(type->name, type->data, 0);
    }
    assert_true(external > 15);
    if (unknown > 0)
        fail_msg("%zu texts can leave by external events that are not known to be without persons",
                 unknown);
}

/* What is about persons is told downstream only. */
static void events_about_persons_are_internal(void **state)
{
    const struct niva_event_type *type;
    size_t internal = 0;

    (void)state;
    for (size_t i = 0; (type = niva_event_type_at(i, NULL)) != NULL; i++)
        internal += type->internal;
    assert_int_equal(internal, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(external_events_carry_known_texts_alone),
        cmocka_unit_test(events_about_persons_are_internal),
    };
    int failed = cmocka_run_group_tests_name("event privacy", tests, NULL, NULL);

    return failed ? 1 : 0;
}
