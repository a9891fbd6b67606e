#include "services/compliance/change_words.h"

#include <stdarg.h>
#include <stdio.h>

#include "services/common/base/text.h"

#define DASH "\u2013"

enum { SPAN_BYTES = 64, FIGURE_BYTES = 48 };

#define KIND(name)   NIVA__COMPLIANCE__V1__CHANGE__KIND__##name
#define ACTION(name) NIVA__COMPLIANCE__V1__CHANGE__ACTION__##name
#define CAUSE(name)  NIVA__COMPLIANCE__V1__CHANGE__CAUSE__##name

/* A message while it is given its words. */
struct saying {
    struct niva_arena *arena;
    pb_change *message;
};

/* Says the same in both languages: two formats, one list of figures. */
static void say(struct saying *saying, const char *format_sv, const char *format_en, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

static void say(struct saying *saying, const char *format_sv, const char *format_en, ...)
{
    char text[512];
    va_list figures;
    va_start(figures, format_en);
    vsnprintf(text, sizeof text, format_sv, figures);
    va_end(figures);
    saying->message->text_sv = niva_arena_strdup(saying->arena, text);
    va_start(figures, format_en);
    vsnprintf(text, sizeof text, format_en, figures);
    va_end(figures);
    saying->message->text_en = niva_arena_strdup(saying->arena, text);
}

static void is(struct saying *saying, Niva__Compliance__V1__Change__Kind kind,
               Niva__Compliance__V1__Change__Action action,
               Niva__Compliance__V1__Change__Cause cause)
{
    saying->message->kind = kind;
    saying->message->action = action;
    saying->message->cause = cause;
}

/* The first of its identity, or a later version of it. */
static Niva__Compliance__V1__Change__Action versioned(int32_t version)
{
    return version > 1 ? ACTION(UPDATED) : ACTION(ADDED);
}

/* "2022-07-01–2022-07-31", "2022-07-01–" where there is no end. */
static const char *span_text(const char *first_day, const char *last_day, char text[SPAN_BYTES])
{
    snprintf(text, SPAN_BYTES, "%s" DASH "%s", first_day, last_day);
    return text;
}

static void say_report(struct saying *saying, const struct record *record)
{
    const pb_report *report = (const pb_report *)record->message;
    if (record->fact.version > 1) {
        is(saying, KIND(REPORT), ACTION(WITHDRAWN), CAUSE(PROVIDER_FACT));
        say(saying, "Vårdcentralen återtog sin redovisning från %s.",
            "The unit withdrew its report from %s.", report->effective_from);
    } else if (report->corrects_report_id[0] != '\0') {
        is(saying, KIND(REPORT), ACTION(CORRECTED), CAUSE(PROVIDER_FACT));
        say(saying, "Vårdcentralen rättade en redovisning; den nya gäller från %s.",
            "The unit corrected a report; the new one holds from %s.", report->effective_from);
    } else {
        is(saying, KIND(REPORT), ACTION(ADDED), CAUSE(PROVIDER_FACT));
        say(saying, "Vårdcentralen redovisade sin bemanning från %s.",
            "The unit reported its staffing from %s.", report->effective_from);
    }
}

static void say_absence(struct saying *saying, const pb_absence *absence)
{
    bool covered = absence->n_cover > 0;
    if (absence->cancelled) {
        is(saying, KIND(ABSENCE), ACTION(CANCELLED), CAUSE(PROVIDER_FACT));
        say(saying, "Vårdcentralen tog tillbaka en anmäld frånvaro.",
            "The unit cancelled an absence that it had notified.");
    } else if (absence->version > 1) {
        is(saying, KIND(ABSENCE), ACTION(UPDATED), CAUSE(PROVIDER_FACT));
        if (covered)
            say(saying, "Vårdcentralen ändrade en anmäld frånvaro, som har vikarie.",
                "The unit changed an absence that it had notified, which has cover.");
        else
            say(saying, "Vårdcentralen ändrade en anmäld frånvaro, som saknar vikarie.",
                "The unit changed an absence that it had notified, which has no cover.");
    } else {
        is(saying, KIND(ABSENCE), ACTION(ADDED), CAUSE(PROVIDER_FACT));
        if (covered)
            say(saying, "Vårdcentralen anmälde en frånvaro, med vikarie.",
                "The unit notified an absence, with cover.");
        else
            say(saying, "Vårdcentralen anmälde en frånvaro, utan vikarie.",
                "The unit notified an absence, without cover.");
    }
}

static void say_finding(struct saying *saying, const pb_finding *finding)
{
    char days[SPAN_BYTES];
    char fte[16];
    niva_text_fte(finding->counted_milli, fte);
    is(saying, KIND(FINDING), versioned(finding->version), CAUSE(PURCHASER_FACT));
    say(saying, "Beställaren konstaterade att bemanningen var %s heltider %s.",
        "The purchaser established that the staffing was %s full-time positions %s.", fte,
        span_text(finding->first_day, finding->last_day, days));
}

static void say_contract(struct saying *saying, const pb_contract *contract)
{
    char days[SPAN_BYTES];
    char fte[16];
    niva_text_fte(contract->minimum_milli, fte);
    is(saying, KIND(CONTRACT), versioned(contract->version), CAUSE(PURCHASER_FACT));
    say(saying, "Beställaren registrerade miniminivån %s heltider i avtalet %s.",
        "The purchaser registered a contracted minimum of %s full-time positions %s.", fte,
        span_text(contract->first_day, contract->last_day, days));
}

static void say_listing(struct saying *saying, const struct record *record)
{
    const pb_listing *listing = (const pb_listing *)record->message;
    is(saying, KIND(LISTING), versioned(record->fact.version), CAUSE(PURCHASER_FACT));
    say(saying, "Beställaren registrerade %d listade den %s.",
        "The purchaser registered %d listed persons on %s.", (int)listing->listed, listing->as_of);
}

static void say_granted(struct saying *saying, const pb_dispensation *dispensation)
{
    char days[SPAN_BYTES];
    char fte[16];
    span_text(dispensation->first_day, dispensation->last_day, days);
    if (dispensation->reduced_case ==
        NIVA__COMPLIANCE__V1__DISPENSATION__REDUCED_REDUCED_MINIMUM_MILLI) {
        niva_text_fte(dispensation->reduced_minimum_milli, fte);
        say(saying, "Beställaren beviljade dispens %s, med sänkt miniminivå %s heltider.",
            "The purchaser granted a dispensation %s, with a minimum reduced to %s full-time "
            "positions.",
            days, fte);
    } else {
        say(saying, "Beställaren beviljade full dispens %s.",
            "The purchaser granted a full dispensation %s.", days);
    }
}

static void say_dispensation(struct saying *saying, const pb_dispensation *dispensation)
{
    char days[SPAN_BYTES];
    if (dispensation->voided) {
        is(saying, KIND(DISPENSATION), ACTION(VOIDED), CAUSE(PURCHASER_FACT));
        say(saying, "Beställaren makulerade dispensen %s, som var fel registrerad.",
            "The purchaser voided the dispensation %s, which had been registered by mistake.",
            span_text(dispensation->first_day, dispensation->last_day, days));
    } else if (dispensation->revoked_from[0] != '\0') {
        is(saying, KIND(DISPENSATION), ACTION(REVOKED), CAUSE(PURCHASER_FACT));
        say(saying, "Beställaren återkallade dispensen %s från och med %s.",
            "The purchaser revoked the dispensation %s from %s.",
            span_text(dispensation->first_day, dispensation->last_day, days),
            dispensation->revoked_from);
    } else {
        is(saying, KIND(DISPENSATION), versioned(dispensation->version), CAUSE(PURCHASER_FACT));
        say_granted(saying, dispensation);
    }
}

static void say_rule_set(struct saying *saying, const pb_rule_set *rule_set)
{
    char days[SPAN_BYTES];
    is(saying, KIND(RULE_SET), versioned(rule_set->version), CAUSE(RULE));
    say(saying, "Regelverket %s fastställdes i version %d, som gäller %s.",
        "The rule set %s was put in version %d, which holds %s.", rule_set->rule_set_id,
        (int)rule_set->version, span_text(rule_set->first_day, rule_set->last_day, days));
}

static void say_unit(struct saying *saying, int32_t version)
{
    is(saying, KIND(UNIT), versioned(version), CAUSE(PURCHASER_FACT));
    if (version > 1)
        say(saying, "Uppgifterna om vårdcentralen ändrades.",
            "The registration of the unit was changed.");
    else
        say(saying, "Vårdcentralen registrerades.", "The unit was registered.");
}

static void say_component(struct saying *saying, const pb_component *component)
{
    char days[SPAN_BYTES];
    char kronor[FIGURE_BYTES];
    niva_text_kronor(component->monthly_ore, kronor);
    span_text(component->first_day, component->last_day, days);
    is(saying, KIND(COMPONENT), versioned(component->version), CAUSE(PURCHASER_FACT));
    if (component->regulated)
        say(saying, "Den fasta ersättningen %s registrerades som %s i månaden %s.",
            "The fixed compensation %s was registered as %s a month %s.", component->component,
            kronor, days);
    else
        say(saying, "Den fasta ersättningen %s registrerades som %s i månaden %s, utan reglering.",
            "The fixed compensation %s was registered as %s a month %s, not regulated.",
            component->component, kronor, days);
}

static void say_days(struct saying *saying, struct niva_span days)
{
    char first[16];
    char last[16];
    niva_day_format(days.from, first);
    niva_day_format(days.until - 1, last);
    is(saying, KIND(DAY), ACTION(BEGUN), CAUSE(CAUSE_UNSPECIFIED));
    if (days.until - days.from == 1)
        say(saying, "Dagen %s kom.", "The day %s came.", first);
    else
        say(saying, "Dagarna %s" DASH "%s kom.", "The days %s" DASH "%s came.", first, last);
}

static void say_fact(struct saying *saying, const struct record *record)
{
    const void *message = record->message;
    switch (record->kind) {
    case RECORD_REPORT:
        say_report(saying, record);
        return;
    case RECORD_ABSENCE:
        say_absence(saying, message);
        return;
    case RECORD_RULE_SET:
        say_rule_set(saying, message);
        return;
    case RECORD_CONTRACT:
        say_contract(saying, message);
        return;
    case RECORD_LISTING:
        say_listing(saying, record);
        return;
    case RECORD_DISPENSATION:
        say_dispensation(saying, message);
        return;
    case RECORD_FINDING:
        say_finding(saying, message);
        return;
    case RECORD_UNIT:
        say_unit(saying, record->fact.version);
        return;
    case RECORD_CONFIRMATION:
    case RECORD_CALL:
    case RECORD_DIALOGUE:
    case RECORD_ERASURE:
    case RECORD_INDICATOR:
    case RECORD_IMPORT:
    case RECORD_KINDS:
        return;
    }
}

bool change_say(const struct change *change, struct niva_arena *arena, pb_change *message,
                struct niva_error *err)
{
    struct saying saying = {arena, message};
    if (change->fact != NULL)
        say_fact(&saying, change->fact);
    else if (change->component != NULL)
        say_component(&saying, change->component);
    else
        say_days(&saying, change->days);
    return (message->text_sv != NULL && message->text_en != NULL) || niva_fail_memory(err);
}
