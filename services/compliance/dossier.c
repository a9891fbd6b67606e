#include "services/compliance/dossier.h"

#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"

/* The arrays of the facts while they are filled. */
struct filling {
    struct niva_arena *arena;
    struct niva_rule_set *rule_sets;
    const pb_rule_set **rule_set_messages;
    struct niva_contract *contracts;
    const char **contract_by;
    struct niva_listing *listings;
    struct niva_report *reports;
    struct filed_report *filed;
    struct niva_withdrawal *withdrawals;
    struct niva_absence *absences;
    const pb_absence **absence_messages;
    struct niva_dispensation *dispensations;
    const char **dispensation_by;
    struct niva_finding *findings;
    const char **finding_by;
    const pb_confirmation **confirmations;
    const pb_call **calls;
    const char **erased_absences;
    pb_frozen_group **frozen;
    size_t frozen_count;
};

const pb_unit *records_unit(const struct records *own, niva_instant known_at)
{
    const pb_unit *found = NULL;
    for (size_t i = 0; i < own->count; i++) {
        const struct record *record = &own->list[i];
        if (record->kind == RECORD_UNIT && record->fact.recorded_at <= known_at &&
            record->message != NULL)
            found = (const pb_unit *)record->message;
    }
    return found;
}

static bool filling_begin(struct filling *filling, const struct records *own,
                          const struct records *regional, struct niva_arena *arena,
                          struct niva_error *err)
{
    size_t counts[RECORD_KINDS] = {0};
    for (size_t i = 0; i < own->count; i++)
        counts[own->list[i].kind]++;
    for (size_t i = 0; i < regional->count; i++)
        counts[regional->list[i].kind]++;
    filling->arena = arena;
#define MAKE(array, kind)                                                                          \
    (filling->array = niva_arena_array(arena, counts[kind], sizeof *filling->array)) != NULL
    bool made = MAKE(rule_sets, RECORD_RULE_SET) && MAKE(rule_set_messages, RECORD_RULE_SET) &&
                MAKE(contracts, RECORD_CONTRACT) && MAKE(contract_by, RECORD_CONTRACT) &&
                MAKE(listings, RECORD_LISTING) && MAKE(reports, RECORD_REPORT) &&
                MAKE(filed, RECORD_REPORT) && MAKE(withdrawals, RECORD_REPORT) &&
                MAKE(absences, RECORD_ABSENCE) && MAKE(absence_messages, RECORD_ABSENCE) &&
                MAKE(dispensations, RECORD_DISPENSATION) &&
                MAKE(dispensation_by, RECORD_DISPENSATION) && MAKE(findings, RECORD_FINDING) &&
                MAKE(finding_by, RECORD_FINDING) && MAKE(confirmations, RECORD_CONFIRMATION) &&
                MAKE(calls, RECORD_CALL) && MAKE(erased_absences, RECORD_ABSENCE) &&
                MAKE(frozen, RECORD_ERASURE);
#undef MAKE
    return made || niva_fail_memory(err);
}

/* A report's first version is the report; a later one says that it was withdrawn, when the fact was
 * recorded. */
static bool fill_report(struct dossier *dossier, struct filling *filling,
                        const struct record *record, struct niva_error *err)
{
    struct niva_facts *facts = &dossier->facts;
    const pb_report *message = (const pb_report *)record->message;
    if (record->fact.version > 1) {
        filling->withdrawals[facts->withdrawal_count++] =
            (struct niva_withdrawal){message->report_id, record->fact.recorded_at};
        return true;
    }
    struct niva_report *report = &filling->reports[facts->report_count++];
    filling->filed[dossier->report_count++] =
        (struct filed_report){message, report, false, record->fact.recorded_by};
    return niva_facts_report(message, filling->arena, report, err);
}

/* Of the versions of a call the last one holds, and none once it is voided. */
static void fill_call(struct dossier *dossier, struct filling *filling, const pb_call *call)
{
    size_t kept = 0;
    for (size_t i = 0; i < dossier->call_count; i++) {
        if (strcmp(filling->calls[i]->call_id, call->call_id) != 0)
            filling->calls[kept++] = filling->calls[i];
    }
    if (!call->voided)
        filling->calls[kept++] = call;
    dossier->call_count = kept;
}

static pb_frozen_group *group_of(const pb_erasure *erasure, const char *group)
{
    for (size_t i = 0; i < erasure->n_groups; i++) {
        if (strcmp(erasure->groups[i]->profession_group, group) == 0)
            return erasure->groups[i];
    }
    return NULL;
}

/* Of two erasures the one that reaches further; the second touches the group. */
static const pb_erasure *further(const pb_erasure *one, const pb_erasure *other)
{
    return one == NULL || strcmp(other->before, one->before) > 0 ? other : one;
}

static void fill_frozen(struct dossier *dossier, struct filling *filling, const pb_erasure *erasure)
{
    pb_frozen_group *group = group_of(erasure, dossier->group);
    if (group == NULL)
        return;
    filling->frozen[filling->frozen_count++] = group;
    dossier->erasure = further(dossier->erasure, erasure);
}

static bool fill(struct dossier *dossier, struct filling *filling, const struct record *record,
                 struct niva_error *err)
{
    struct niva_facts *facts = &dossier->facts;
    const void *message = record->message;
    switch (record->kind) {
    case RECORD_REPORT:
        return fill_report(dossier, filling, record, err);
    case RECORD_CONFIRMATION:
        filling->confirmations[dossier->confirmation_count++] = message;
        return true;
    case RECORD_ABSENCE:
        if (((const pb_absence *)message)->erased_by[0] != '\0') {
            filling->erased_absences[dossier->erased_absence_count++] = record->fact.id;
            return true;
        }
        filling->absence_messages[facts->absence_count] = message;
        return niva_facts_absence(message, filling->arena,
                                  &filling->absences[facts->absence_count++], err);
    case RECORD_RULE_SET:
        filling->rule_set_messages[dossier->rule_set_count++] = message;
        return niva_facts_rule_set(message, filling->arena,
                                   &filling->rule_sets[facts->rule_set_count++], err);
    case RECORD_CONTRACT:
        filling->contract_by[facts->contract_count] = record->fact.recorded_by;
        return niva_facts_contract(message, &filling->contracts[facts->contract_count++], err);
    case RECORD_LISTING:
        return niva_facts_listing(message, &filling->listings[facts->listing_count++], err);
    case RECORD_DISPENSATION:
        filling->dispensation_by[facts->dispensation_count] = record->fact.recorded_by;
        return niva_facts_dispensation(message,
                                       &filling->dispensations[facts->dispensation_count++], err);
    case RECORD_FINDING:
        filling->finding_by[facts->finding_count] = record->fact.recorded_by;
        return niva_facts_finding(message, &filling->findings[facts->finding_count++], err);
    case RECORD_CALL:
        fill_call(dossier, filling, message);
        return true;
    case RECORD_ERASURE:
        fill_frozen(dossier, filling, message);
        return true;
    case RECORD_UNIT:
    case RECORD_DIALOGUE:
    case RECORD_INDICATOR:
    case RECORD_IMPORT:
    case RECORD_KINDS:
        return true;
    }
    return true;
}

static bool concerns(const struct dossier *dossier, const struct record *record)
{
    const struct niva_fact *fact = &record->fact;
    if (record->message == NULL || fact->recorded_at > dossier->facts.known_at)
        return false;
    if (fact->group[0] != '\0' && strcmp(fact->group, dossier->group) != 0)
        return false;
    if (fact->unit[0] != '\0')
        return true;
    return dossier->registered != NULL &&
           strcmp(fact->region, dossier->registered->region_code) == 0;
}

/* What is on record was checked when it came; that it can't be read is nobody's bad input. */
static bool unreadable(const struct record *record, const struct niva_error *cause,
                       struct niva_error *err)
{
    if (cause->code == NIVA_RESOURCE_EXHAUSTED)
        return niva_fail_memory(err);
    return niva_fail_internal(err, "fact %lld can't be read: %s", (long long)record->fact.fact_no,
                              cause->text_en);
}

/* Merges the two records in the order in which they were written, so that of equal instants the
 * later one is the later. */
static bool fill_all(struct dossier *dossier, struct filling *filling, const struct records *own,
                     const struct records *regional, struct niva_error *err)
{
    struct niva_error cause;
    size_t i = 0;
    size_t j = 0;
    while (i < own->count || j < regional->count) {
        bool mine = j == regional->count ||
                    (i < own->count && own->list[i].fact.fact_no < regional->list[j].fact.fact_no);
        const struct record *record = mine ? &own->list[i++] : &regional->list[j++];
        if (concerns(dossier, record) && !fill(dossier, filling, record, &cause))
            return unreadable(record, &cause, err);
    }
    return true;
}

/* Whether a version of an absence that was known then is erased, and was not its last. */
static bool was_superseded(const struct records *own, size_t index, niva_instant known_at)
{
    const struct record *record = &own->list[index];
    for (size_t i = index + 1; i < own->count; i++) {
        const struct record *later = &own->list[i];
        if (later->kind == RECORD_ABSENCE && later->fact.recorded_at > known_at &&
            strcmp(later->fact.id, record->fact.id) == 0)
            return true;
    }
    return false;
}

/* What was known then and has been erased since. */
static void note_hidden(struct dossier *dossier, const struct records *own)
{
    niva_instant known_at = dossier->facts.known_at;
    for (size_t i = 0; i < own->count; i++) {
        const struct record *record = &own->list[i];
        if (record->kind == RECORD_ERASURE && record->fact.recorded_at > known_at &&
            group_of((const pb_erasure *)record->message, dossier->group) != NULL)
            dossier->hidden = further(dossier->hidden, (const pb_erasure *)record->message);
    }
    for (size_t i = 0; dossier->hidden != NULL && i < own->count; i++) {
        const struct record *record = &own->list[i];
        if (record->kind == RECORD_ABSENCE && concerns(dossier, record) &&
            ((const pb_absence *)record->message)->erased_by[0] != '\0' &&
            was_superseded(own, i, known_at))
            dossier->hidden_absence = true;
    }
}

static void mark_withdrawn(const struct dossier *dossier, const struct filling *filling)
{
    for (size_t w = 0; w < dossier->facts.withdrawal_count; w++) {
        for (size_t i = 0; i < dossier->report_count; i++) {
            if (strcmp(filling->withdrawals[w].report_id, filling->reports[i].id) == 0)
                filling->filed[i].withdrawn = true;
        }
    }
}

bool dossier_make(const char *unit, const char *group, niva_instant known_at,
                  const struct records *own, const struct records *regional,
                  struct niva_arena *arena, struct dossier *ret_dossier, struct niva_error *err)
{
    struct filling filling = {0};
    if (!filling_begin(&filling, own, regional, arena, err))
        return false;
    struct dossier dossier = {
        .unit = unit,
        .group = group,
        .registered = records_unit(own, known_at),
        .facts = {.known_at = known_at,
                  .rule_sets = filling.rule_sets,
                  .contracts = filling.contracts,
                  .listings = filling.listings,
                  .reports = filling.reports,
                  .withdrawals = filling.withdrawals,
                  .absences = filling.absences,
                  .dispensations = filling.dispensations,
                  .findings = filling.findings},
        .rule_sets = filling.rule_set_messages,
        .reports = filling.filed,
        .confirmations = filling.confirmations,
        .absences = filling.absence_messages,
        .contract_by = filling.contract_by,
        .dispensation_by = filling.dispensation_by,
        .finding_by = filling.finding_by,
        .erased_absences = filling.erased_absences,
        .calls = filling.calls,
    };
    if (!niva_facts_open(dossier.registered, &dossier.facts.open, err))
        return false;
    if (!fill_all(&dossier, &filling, own, regional, err) ||
        !niva_facts_frozen(filling.frozen, filling.frozen_count, arena, &dossier.facts, err))
        return false;
    note_hidden(&dossier, own);
    mark_withdrawn(&dossier, &filling);
    *ret_dossier = dossier;
    return true;
}

niva_day received_on(const struct Google__Protobuf__Timestamp *received_at,
                     const struct Google__Protobuf__Timestamp *recorded_at)
{
    niva_instant instant;
    if (received_at != NULL && niva_wire_instant(received_at, &instant))
        return niva_local_day(instant);
    if (recorded_at != NULL && niva_wire_instant(recorded_at, &instant))
        return niva_local_day(instant);
    return NIVA_DAY_NONE;
}

const pb_rule_set *dossier_rule_set(const struct dossier *dossier,
                                    const struct niva_rule_set *rule_set)
{
    if (rule_set == NULL)
        return NULL;
    for (size_t i = 0; i < dossier->rule_set_count; i++) {
        const pb_rule_set *message = dossier->rule_sets[i];
        if (message->version == rule_set->version &&
            strcmp(message->rule_set_id, rule_set->id) == 0)
            return message;
    }
    return NULL;
}

const pb_rule_set *dossier_rule_set_on(const struct dossier *dossier, niva_day day)
{
    return dossier_rule_set(dossier, niva_rule_set_on(&dossier->facts, day));
}

pb_owner *dossier_owner_on(const struct dossier *dossier, niva_day day)
{
    pb_owner *found = NULL;
    if (dossier->registered == NULL)
        return NULL;
    for (size_t i = 0; i < dossier->registered->n_owners; i++) {
        niva_day first;
        if (niva_day_parse(dossier->registered->owners[i]->first_day, &first) && first <= day)
            found = dossier->registered->owners[i];
    }
    return found;
}

/* The first day of the month after the last day of a span; NIVA_DAY_END stays. */
static niva_day months_until(niva_day until)
{
    return until == NIVA_DAY_END ? until : niva_month_next(until - 1);
}

struct niva_span dossier_span(const struct dossier *dossier)
{
    const struct niva_facts *facts = &dossier->facts;
    struct niva_span rules = {NIVA_DAY_END, NIVA_DAY_NONE};
    for (size_t i = 0; i < facts->rule_set_count; i++) {
        const struct niva_span *days = &facts->rule_sets[i].days;
        rules.from = days->from < rules.from ? days->from : rules.from;
        rules.until = days->until > rules.until ? days->until : rules.until;
    }
    struct niva_span span = rules;
    if (facts->open.from > span.from)
        span.from = facts->open.from;
    if (facts->open.until < span.until)
        span.until = facts->open.until;
    if (dossier->registered == NULL || span.from >= span.until)
        return (struct niva_span){0, 0};
    return (struct niva_span){niva_month_begin(span.from), months_until(span.until)};
}

struct niva_span dossier_span_until(const struct dossier *dossier, niva_day day)
{
    struct niva_span month = {niva_month_begin(day), niva_month_next(day)};
    struct niva_span required = dossier_span(dossier);
    if (required.from < required.until && required.from < month.from)
        month.from = required.from;
    return month;
}
