/* Short names for the messages that this service reads and writes. Nothing else. */
#ifndef NIVA_COMPLIANCE_MESSAGES_H
#define NIVA_COMPLIANCE_MESSAGES_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/component.pb-c.h"
#include "niva/compensation/v1/events.pb-c.h"
#include "niva/compliance/v1/call.pb-c.h"
#include "niva/compliance/v1/compliance.pb-c.h"
#include "niva/compliance/v1/dialogue.pb-c.h"
#include "niva/compliance/v1/dispensation.pb-c.h"
#include "niva/compliance/v1/events.pb-c.h"
#include "niva/compliance/v1/follow_up.pb-c.h"
#include "niva/compliance/v1/forecast.pb-c.h"
#include "niva/compliance/v1/requirement.pb-c.h"
#include "niva/compliance/v1/retention.pb-c.h"
#include "niva/compliance/v1/rule.pb-c.h"
#include "niva/intake/v1/absence.pb-c.h"
#include "niva/intake/v1/events.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"

typedef Niva__Intake__V1__Unit pb_unit;
typedef Niva__Intake__V1__Owner pb_owner;
typedef Niva__Intake__V1__StaffingReport pb_report;
typedef Niva__Intake__V1__Confirmation pb_confirmation;
typedef Niva__Intake__V1__Absence pb_absence;

typedef Niva__Compensation__V1__Component pb_component;
typedef Niva__Compensation__V1__Adjustment pb_adjustment;

typedef Niva__Compliance__V1__RuleSet pb_rule_set;
typedef Niva__Compliance__V1__Requirement pb_requirement;
typedef Niva__Compliance__V1__Counting pb_counting;
typedef Niva__Compliance__V1__Reporting pb_reporting;
typedef Niva__Compliance__V1__Regulation pb_regulation;
typedef Niva__Compliance__V1__Contract pb_contract;
typedef Niva__Compliance__V1__Listing pb_listing;
typedef Niva__Compliance__V1__Indicator pb_indicator;
typedef Niva__Compliance__V1__Dispensation pb_dispensation;
typedef Niva__Compliance__V1__Finding pb_finding;
typedef Niva__Compliance__V1__Call pb_call;
typedef Niva__Compliance__V1__DialogueEntry pb_entry;
typedef Niva__Compliance__V1__Inability pb_inability;

typedef Niva__Compliance__V1__Erasure pb_erasure;
typedef Niva__Compliance__V1__FrozenGroup pb_frozen_group;

typedef Niva__Compliance__V1__Segment pb_segment;
typedef Niva__Compliance__V1__Breach pb_breach;
typedef Niva__Compliance__V1__Breach__Kind pb_breach_kind;
typedef Niva__Compliance__V1__Forecast pb_forecast;
typedef Niva__Compliance__V1__ForecastChanged pb_forecast_changed;
typedef Niva__Compliance__V1__TimelineChanged pb_timeline_changed;
typedef Niva__Compliance__V1__TimelineChanged__Run pb_run;
typedef Niva__Compliance__V1__TimelineChanged__Cause pb_cause;

#define PB_NEW_DAY        NIVA__COMPLIANCE__V1__TIMELINE_CHANGED__CAUSE__CAUSE_UNSPECIFIED
#define PB_PROVIDER_FACT  NIVA__COMPLIANCE__V1__TIMELINE_CHANGED__CAUSE__PROVIDER_FACT
#define PB_PURCHASER_FACT NIVA__COMPLIANCE__V1__TIMELINE_CHANGED__CAUSE__PURCHASER_FACT
#define PB_RULE           NIVA__COMPLIANCE__V1__TIMELINE_CHANGED__CAUSE__RULE

#define PB_OPEN      NIVA__COMPLIANCE__V1__BREACH__STATE__OPEN
#define PB_CLOSED    NIVA__COMPLIANCE__V1__BREACH__STATE__CLOSED
#define PB_WITHDRAWN NIVA__COMPLIANCE__V1__BREACH__STATE__WITHDRAWN
#define PB_MERGED    NIVA__COMPLIANCE__V1__BREACH__STATE__MERGED

#define PB_BELOW_MINIMUM        NIVA__COMPLIANCE__V1__BREACH__KIND__BELOW_MINIMUM
#define PB_REPORT_OVERDUE       NIVA__COMPLIANCE__V1__BREACH__KIND__REPORT_OVERDUE
#define PB_REPORT_LATE          NIVA__COMPLIANCE__V1__BREACH__KIND__REPORT_LATE
#define PB_ABSENCE_LATE         NIVA__COMPLIANCE__V1__BREACH__KIND__ABSENCE_LATE
#define PB_ABSENCE_PLAN_MISSING NIVA__COMPLIANCE__V1__BREACH__KIND__ABSENCE_PLAN_MISSING

#define PB_OPENED            NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__OPENED
#define PB_NOTE              NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__NOTE
#define PB_ANSWERED          NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__ANSWERED
#define PB_MEASURE_AGREED    NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__MEASURE_AGREED
#define PB_MEASURE_COMPLETED NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__MEASURE_COMPLETED

#define PB_PURCHASER NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__SIDE__PURCHASER
#define PB_PROVIDER  NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__SIDE__PROVIDER

#endif
