#include "services/compliance/events.h"

#include "services/compliance/messages.h"

const struct niva_event_type compliance_events[COMPLIANCE_EVENT_COUNT] = {
    {"se.niva.compliance.rule-set.published.v1",
     &niva__compliance__v1__rule_set_published__descriptor, false},
    {"se.niva.compliance.contract.changed.v1", &niva__compliance__v1__contract_changed__descriptor,
     false},
    {"se.niva.compliance.listing.changed.v1", &niva__compliance__v1__listing_changed__descriptor,
     false},
    {"se.niva.compliance.dispensation.changed.v1",
     &niva__compliance__v1__dispensation_changed__descriptor, false},
    {"se.niva.compliance.finding.changed.v1", &niva__compliance__v1__finding_changed__descriptor,
     false},
    {"se.niva.compliance.day.begun.v1", &niva__compliance__v1__day_begun__descriptor, false},
    {"se.niva.compliance.timeline.changed.v1", &niva__compliance__v1__timeline_changed__descriptor,
     false},
    {"se.niva.compliance.breach.opened.v1", &niva__compliance__v1__breach_opened__descriptor,
     false},
    {"se.niva.compliance.breach.changed.v1", &niva__compliance__v1__breach_changed__descriptor,
     false},
    {"se.niva.compliance.breach.closed.v1", &niva__compliance__v1__breach_closed__descriptor,
     false},
    {"se.niva.compliance.breach.withdrawn.v1", &niva__compliance__v1__breach_withdrawn__descriptor,
     false},
    {"se.niva.compliance.breach.merged.v1", &niva__compliance__v1__breach_merged__descriptor,
     false},
};
