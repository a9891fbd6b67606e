#include "services/common/wire/event_types.h"

#include "niva/compensation/v1/events.pb-c.h"
#include "niva/compliance/v1/events.pb-c.h"
#include "niva/intake/v1/events.pb-c.h"

const struct niva_event_type niva_intake_events[NIVA_INTAKE_EVENTS] = {
    {"se.niva.intake.unit.registered.v1", &niva__intake__v1__unit_registered__descriptor, false,
     NIVA_SUBJECT_UNIT, "En enhet har registrerats.", "A unit was registered."},
    {"se.niva.intake.unit.changed.v1", &niva__intake__v1__unit_changed__descriptor, false,
     NIVA_SUBJECT_UNIT, "En enhets uppgifter har ändrats.", "The particulars of a unit changed."},
    {"se.niva.intake.report.received.v1", &niva__intake__v1__report_received__descriptor, true,
     NIVA_SUBJECT_UNIT, "En redovisning av bemanningen har tagits emot.",
     "A staffing report was received."},
    {"se.niva.intake.report.corrected.v1", &niva__intake__v1__report_corrected__descriptor, true,
     NIVA_SUBJECT_UNIT, "En redovisning har ersatts av en rättelse.",
     "A report was replaced by a correction."},
    {"se.niva.intake.report.withdrawn.v1", &niva__intake__v1__report_withdrawn__descriptor, true,
     NIVA_SUBJECT_UNIT, "En redovisning har återkallats.", "A report was withdrawn."},
    {"se.niva.intake.report.confirmed.v1", &niva__intake__v1__report_confirmed__descriptor, true,
     NIVA_SUBJECT_UNIT, "Bemanningen har bekräftats vara som redovisad.",
     "The staffing was confirmed to be as reported."},
    {"se.niva.intake.absence.notified.v1", &niva__intake__v1__absence_notified__descriptor, true,
     NIVA_SUBJECT_UNIT, "En frånvaro har anmälts.", "An absence was notified."},
    {"se.niva.intake.absence.changed.v1", &niva__intake__v1__absence_changed__descriptor, true,
     NIVA_SUBJECT_UNIT, "En anmäld frånvaro har ändrats.", "A notified absence changed."},
    {"se.niva.intake.absence.cancelled.v1", &niva__intake__v1__absence_cancelled__descriptor, true,
     NIVA_SUBJECT_UNIT, "En anmäld frånvaro har tagits tillbaka.",
     "A notified absence was cancelled."},
    {"se.niva.intake.erasure.recorded.v1", &niva__intake__v1__erasure_recorded__descriptor, false,
     NIVA_SUBJECT_UNIT, "En enhets gamla redovisningar och frånvaro har gallrats.",
     "Old reports and absences of a unit were erased."},
};

const struct niva_event_type niva_compliance_events[NIVA_COMPLIANCE_EVENTS] = {
    {"se.niva.compliance.rule-set.published.v1",
     &niva__compliance__v1__rule_set_published__descriptor, false, NIVA_SUBJECT_NONE,
     "En version av ett regelverk har fastställts.", "A version of a rule set was published."},
    {"se.niva.compliance.contract.changed.v1", &niva__compliance__v1__contract_changed__descriptor,
     false, NIVA_SUBJECT_UNIT, "En enhets kontrakterade miniminivå har ändrats.",
     "The contracted minimum of a unit changed."},
    {"se.niva.compliance.listing.changed.v1", &niva__compliance__v1__listing_changed__descriptor,
     false, NIVA_SUBJECT_UNIT, "En enhets antal listade har lämnats.",
     "The number of listed persons of a unit was given."},
    {"se.niva.compliance.indicator.changed.v1",
     &niva__compliance__v1__indicator_changed__descriptor, false, NIVA_SUBJECT_UNIT,
     "Ett importerat mått för en enhet och månad har lämnats eller dragits tillbaka.",
     "An imported indicator of a unit and month was given or withdrawn."},
    {"se.niva.compliance.dispensation.changed.v1",
     &niva__compliance__v1__dispensation_changed__descriptor, false, NIVA_SUBJECT_EITHER,
     "En dispens har getts, avslutats i förtid eller förklarats ogiltig.",
     "A dispensation was granted, revoked or voided."},
    {"se.niva.compliance.finding.changed.v1", &niva__compliance__v1__finding_changed__descriptor,
     false, NIVA_SUBJECT_UNIT, "Beställaren har konstaterat en enhets bemanning.",
     "The purchaser established the staffing of a unit."},
    {"se.niva.compliance.call.changed.v1", &niva__compliance__v1__call_changed__descriptor, false,
     NIVA_SUBJECT_EITHER, "En uppmaning att redovisa har skickats eller förklarats ogiltig.",
     "A call for reports was issued or voided."},
    {"se.niva.compliance.day.begun.v1", &niva__compliance__v1__day_begun__descriptor, false,
     NIVA_SUBJECT_NONE, "En ny affärsdag har börjat.", "A new business day began."},
    {"se.niva.compliance.timeline.changed.v1", &niva__compliance__v1__timeline_changed__descriptor,
     false, NIVA_SUBJECT_UNIT, "En enhets månad har bedömts på nytt, dag för dag.",
     "A month of a unit was judged anew, day by day."},
    {"se.niva.compliance.breach.opened.v1", &niva__compliance__v1__breach_opened__descriptor, false,
     NIVA_SUBJECT_UNIT, "En brist har uppstått.", "A breach was opened."},
    {"se.niva.compliance.breach.changed.v1", &niva__compliance__v1__breach_changed__descriptor,
     false, NIVA_SUBJECT_UNIT, "En brists dagar har ändrats.", "The days of a breach changed."},
    {"se.niva.compliance.breach.closed.v1", &niva__compliance__v1__breach_closed__descriptor, false,
     NIVA_SUBJECT_UNIT, "En brist har upphört.", "A breach was closed."},
    {"se.niva.compliance.breach.withdrawn.v1", &niva__compliance__v1__breach_withdrawn__descriptor,
     false, NIVA_SUBJECT_UNIT, "En brist har bortfallit: dess dagar försvann när fakta rättades.",
     "A breach was withdrawn: its days vanished when facts were corrected."},
    {"se.niva.compliance.breach.merged.v1", &niva__compliance__v1__breach_merged__descriptor, false,
     NIVA_SUBJECT_UNIT, "En brist har gått upp i en annan.", "A breach was merged into another."},
    {"se.niva.compliance.dialogue.opened.v1", &niva__compliance__v1__dialogue_opened__descriptor,
     false, NIVA_SUBJECT_UNIT, "En enhet har underrättats om en brist och kan svara.",
     "A unit was told of a breach and may answer."},
    {"se.niva.compliance.dialogue.note-added.v1",
     &niva__compliance__v1__dialogue_note_added__descriptor, false, NIVA_SUBJECT_UNIT,
     "En anteckning har lagts till i dialogen om en brist.",
     "A note was added to the dialogue about a breach."},
    {"se.niva.compliance.dialogue.answered.v1",
     &niva__compliance__v1__dialogue_answered__descriptor, false, NIVA_SUBJECT_UNIT,
     "En enhet har yttrat sig om en brist.", "A unit stated its view of a breach."},
    {"se.niva.compliance.dialogue.measure-agreed.v1",
     &niva__compliance__v1__dialogue_measure_agreed__descriptor, false, NIVA_SUBJECT_UNIT,
     "En åtgärd mot en brist är överenskommen.", "A measure against a breach was agreed on."},
    {"se.niva.compliance.dialogue.measure-completed.v1",
     &niva__compliance__v1__dialogue_measure_completed__descriptor, false, NIVA_SUBJECT_UNIT,
     "En åtgärd mot en brist är genomförd eller utebliven.",
     "A measure against a breach was completed or missed."},
    {"se.niva.compliance.forecast.changed.v1", &niva__compliance__v1__forecast_changed__descriptor,
     false, NIVA_SUBJECT_UNIT,
     "Prognosen för när en enhet faller under sin miniminivå har ändrats.",
     "The forecast of when a unit falls below its minimum changed."},
    {"se.niva.compliance.erasure.recorded.v1", &niva__compliance__v1__erasure_recorded__descriptor,
     false, NIVA_SUBJECT_UNIT,
     "En gallring är genomförd: vad som sagts om en enhets gamla dagar ska bort.",
     "An erasure was carried out: what was said of the old days of a unit is to go."},
};

const struct niva_event_type niva_compensation_events[NIVA_COMPENSATION_EVENTS] = {
    {"se.niva.compensation.component.changed.v1",
     &niva__compensation__v1__component_changed__descriptor, false, NIVA_SUBJECT_UNIT,
     "En enhets fasta ersättning har ändrats.", "The fixed compensation of a unit changed."},
    {"se.niva.compensation.adjustment.proposed.v1",
     &niva__compensation__v1__adjustment_proposed__descriptor, false, NIVA_SUBJECT_UNIT,
     "En reglering har föreslagits.", "An adjustment was proposed."},
    {"se.niva.compensation.adjustment.superseded.v1",
     &niva__compensation__v1__adjustment_superseded__descriptor, false, NIVA_SUBJECT_UNIT,
     "En föreslagen reglering har ersatts eller bortfallit.",
     "A proposed adjustment was superseded or lapsed."},
    {"se.niva.compensation.adjustment.decided.v1",
     &niva__compensation__v1__adjustment_decided__descriptor, false, NIVA_SUBJECT_UNIT,
     "En reglering har beslutats.", "An adjustment was decided."},
    {"se.niva.compensation.adjustment.waived.v1",
     &niva__compensation__v1__adjustment_waived__descriptor, false, NIVA_SUBJECT_UNIT,
     "Beställaren har avstått från en reglering.", "An adjustment was waived."},
    {"se.niva.compensation.settlement.exported.v1",
     &niva__compensation__v1__settlement_exported__descriptor, false, NIVA_SUBJECT_NONE,
     "Beslutade regleringar har överförts till ekonomi.",
     "Decided adjustments were handed over to the ledger."},
    {"se.niva.compensation.settlement.voided.v1",
     &niva__compensation__v1__settlement_voided__descriptor, false, NIVA_SUBJECT_NONE,
     "En överföring till ekonomi har tagits tillbaka innan den bokfördes.",
     "A settlement was taken back before it was booked."},
    {"se.niva.compensation.settlement.booked.v1",
     &niva__compensation__v1__settlement_booked__descriptor, false, NIVA_SUBJECT_NONE,
     "Överförda regleringar har bokförts.", "A settlement was booked."},
};

const struct niva_event_type *niva_event_type_at(size_t index, const char **ret_stream)
{
    static const struct {
        const char *stream;
        const struct niva_event_type *types;
        size_t count;
    } streams[] = {
        {"intake", niva_intake_events, NIVA_INTAKE_EVENTS},
        {"compliance", niva_compliance_events, NIVA_COMPLIANCE_EVENTS},
        {"compensation", niva_compensation_events, NIVA_COMPENSATION_EVENTS},
    };

    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        if (index < streams[i].count) {
            if (ret_stream != NULL)
                *ret_stream = streams[i].stream;
            return &streams[i].types[index];
        }
        index -= streams[i].count;
    }
    return NULL;
}
