#include "tests/support/casebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/wire/wire.h"

enum { ARENA_BYTES = 64 << 20 };
static const niva_instant MINUTE = INT64_C(60000000);

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "casebook: %s failed\n", what);
    abort();
}

static char *text(struct casebook *book, const char *value)
{
    char *copy = niva_arena_strdup(book->arena, value);
    must(copy != NULL, "memory");
    return copy;
}

static niva_day day(const char *value)
{
    niva_day result = NIVA_DAY_NONE;
    must(value[0] == '\0' || niva_day_parse(value, &result), value);
    return result;
}

static void *message(struct casebook *book, const ProtobufCMessageDescriptor *type)
{
    void *made = niva_wire_new(type, book->arena);
    must(made != NULL, "memory");
    return made;
}

void casebook_begin(struct casebook *book, const char *today)
{
    *book = (struct casebook){
        .arena = niva_arena_new(ARENA_BYTES), .received = NIVA_DAY_NONE, .by = "test"};
    must(book->arena != NULL, "memory");
    casebook_today(book, today);
}

void casebook_end(struct casebook *book)
{
    niva_arena_free(book->arena);
}

void casebook_today(struct casebook *book, const char *today)
{
    book->today = day(today);
    if (book->now < niva_local_midnight(book->today))
        book->now = niva_local_midnight(book->today);
}

void casebook_received(struct casebook *book, const char *received)
{
    book->received = day(received);
}

/* Puts a fact at the end of the record and says when it was recorded. */
static void put(struct casebook *book, enum record_kind kind, const char *id, int version,
                bool regional, const ProtobufCMessage *body)
{
    struct niva_error err;
    struct records *records = regional ? &book->regional : &book->own;
    struct record record = {
        .kind = kind,
        .fact = {.fact_no = ++book->fact_no,
                 .kind = record_kind_name(kind),
                 .id = text(book, id),
                 .version = version,
                 .unit = regional ? "" : CASEBOOK_UNIT,
                 .group = kind == RECORD_UNIT ? "" : CASEBOOK_GROUP,
                 .region = regional || kind == RECORD_UNIT ? "99" : "",
                 .refers_to = "",
                 .recorded_at = book->now,
                 .recorded_by = book->by},
        .message = body,
    };
    must(records_reserve(records, book->arena, &err), "memory");
    records_push(records, &record);
    book->now += MINUTE;
}

static struct Google__Protobuf__Timestamp *now(struct casebook *book)
{
    struct Google__Protobuf__Timestamp *made = niva_wire_timestamp(book->now, book->arena);
    must(made != NULL, "memory");
    return made;
}

/* When what comes now was received: about noon of that day. */
static struct Google__Protobuf__Timestamp *received(struct casebook *book)
{
    if (book->received == NIVA_DAY_NONE)
        return now(book);
    struct Google__Protobuf__Timestamp *made =
        niva_wire_timestamp(niva_local_midnight(book->received) + 720 * MINUTE, book->arena);
    must(made != NULL, "memory");
    return made;
}

void casebook_unit(struct casebook *book, const char *opened_on, const char *closed_on)
{
    pb_unit *unit = message(book, &niva__intake__v1__unit__descriptor);
    pb_owner *owner = message(book, &niva__intake__v1__owner__descriptor);
    unit->hsa_id = text(book, CASEBOOK_UNIT);
    unit->name = text(book, "Fiktiva vårdcentralen");
    unit->region_code = text(book, "99");
    unit->opened_on = text(book, opened_on);
    unit->closed_on = text(book, closed_on);
    owner->org_number = text(book, "5560360793");
    owner->form = NIVA__INTAKE__V1__OWNER__FORM__PRIVATE;
    owner->first_day = text(book, opened_on);
    unit->owners = niva_arena_array(book->arena, 1, sizeof *unit->owners);
    must(unit->owners != NULL, "memory");
    unit->owners[0] = owner;
    unit->n_owners = 1;
    unit->version = 1;
    put(book, RECORD_UNIT, CASEBOOK_UNIT, 1, false, &unit->base);
}

pb_rule_set *casebook_rule_set(struct casebook *book, const char *id, int version,
                               const char *first_day, const char *last_day)
{
    pb_rule_set *rule_set = message(book, &niva__compliance__v1__rule_set__descriptor);
    pb_counting *counting = message(book, &niva__compliance__v1__counting__descriptor);
    rule_set->rule_set_id = text(book, id);
    rule_set->region_code = text(book, "99");
    rule_set->profession_group = text(book, CASEBOOK_GROUP);
    rule_set->version = version;
    rule_set->first_day = text(book, first_day);
    rule_set->last_day = text(book, last_day);
    rule_set->severity = NIVA__COMPLIANCE__V1__RULE_SET__SEVERITY__BINDING;
    rule_set->recorded_at = now(book);
    rule_set->requirement = message(book, &niva__compliance__v1__requirement__descriptor);
    rule_set->requirement->kind = NIVA__COMPLIANCE__V1__REQUIREMENT__KIND__CONTRACTED;
    rule_set->regulation = message(book, &niva__compliance__v1__regulation__descriptor);
    rule_set->regulation->formula = NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA;
    rule_set->counting = counting;
    counting->absence_threshold_days = 30;
    counting->title_codes = niva_arena_array(book->arena, 2, sizeof *counting->title_codes);
    counting->employments = niva_arena_array(book->arena, 2, sizeof *counting->employments);
    must(counting->title_codes != NULL && counting->employments != NULL, "memory");
    counting->title_codes[0] = text(book, "FT");
    counting->title_codes[1] = text(book, "SG");
    counting->n_title_codes = 2;
    counting->employments[0] = NIVA__INTAKE__V1__POSITION__EMPLOYMENT__EMPLOYED;
    counting->employments[1] = NIVA__INTAKE__V1__POSITION__EMPLOYMENT__SUBSTITUTE;
    counting->n_employments = 2;
    put(book, RECORD_RULE_SET, id, version, true, &rule_set->base);
    return rule_set;
}

void casebook_contract(struct casebook *book, const char *first_day, int minimum_milli)
{
    pb_contract *contract = message(book, &niva__compliance__v1__contract__descriptor);
    char id[64];
    snprintf(id, sizeof id, CASEBOOK_UNIT "/%s", first_day);
    contract->unit = text(book, CASEBOOK_UNIT);
    contract->profession_group = text(book, CASEBOOK_GROUP);
    contract->first_day = text(book, first_day);
    contract->minimum_milli = minimum_milli;
    contract->version = 1;
    contract->recorded_at = now(book);
    put(book, RECORD_CONTRACT, id, 1, false, &contract->base);
}

void casebook_listing(struct casebook *book, const char *as_of, int listed)
{
    pb_listing *listing = message(book, &niva__compliance__v1__listing__descriptor);
    char id[64];
    snprintf(id, sizeof id, CASEBOOK_UNIT "/%s", as_of);
    listing->unit = text(book, CASEBOOK_UNIT);
    listing->as_of = text(book, as_of);
    listing->listed = listed;
    listing->recorded_at = now(book);
    put(book, RECORD_LISTING, id, 1, false, &listing->base);
}

static Niva__Intake__V1__Position *position(struct casebook *book, int index, int milli)
{
    Niva__Intake__V1__Position *made = message(book, &niva__intake__v1__position__descriptor);
    char key[16];
    snprintf(key, sizeof key, "p%d", index);
    made->position_key = text(book, key);
    made->title_code = text(book, "FT");
    made->employment = NIVA__INTAKE__V1__POSITION__EMPLOYMENT__EMPLOYED;
    made->fte_milli = milli;
    made->licensed = true;
    return made;
}

pb_report *casebook_report(struct casebook *book, const char *id, const char *corrects,
                           const char *effective_from, int milli)
{
    pb_report *report = message(book, &niva__intake__v1__staffing_report__descriptor);
    size_t count = (size_t)(milli + 999) / 1000;
    report->report_id = text(book, id);
    report->unit = text(book, CASEBOOK_UNIT);
    report->profession_group = text(book, CASEBOOK_GROUP);
    report->effective_from = text(book, effective_from);
    report->corrects_report_id = text(book, corrects);
    report->positions = niva_arena_array(book->arena, count, sizeof *report->positions);
    must(report->positions != NULL, "memory");
    for (size_t i = 0; i < count; i++, milli -= 1000)
        report->positions[i] = position(book, (int)i, milli < 1000 ? milli : 1000);
    report->n_positions = count;
    report->received_at = received(book);
    report->recorded_at = now(book);
    put(book, RECORD_REPORT, id, 1, false, &report->base);
    return report;
}

void casebook_withdrawal(struct casebook *book, const char *report_id)
{
    pb_report *report = message(book, &niva__intake__v1__staffing_report__descriptor);
    report->report_id = text(book, report_id);
    report->withdrawn = true;
    put(book, RECORD_REPORT, report_id, 2, false, &report->base);
}

void casebook_confirmation(struct casebook *book, const char *report_id, const char *as_of)
{
    pb_confirmation *confirmation = message(book, &niva__intake__v1__confirmation__descriptor);
    confirmation->confirmation_id = text(book, as_of);
    confirmation->report_id = text(book, report_id);
    confirmation->as_of = text(book, as_of);
    confirmation->received_at = received(book);
    confirmation->recorded_at = now(book);
    put(book, RECORD_CONFIRMATION, as_of, 1, false, &confirmation->base);
}

pb_absence *casebook_absence(struct casebook *book, const char *id, int version,
                             const char *position_key, const char *first_day,
                             const char *expected_last_day)
{
    pb_absence *absence = message(book, &niva__intake__v1__absence__descriptor);
    absence->absence_id = text(book, id);
    absence->unit = text(book, CASEBOOK_UNIT);
    absence->profession_group = text(book, CASEBOOK_GROUP);
    absence->position_key = text(book, position_key);
    absence->first_day = text(book, first_day);
    absence->expected_last_day = text(book, expected_last_day);
    absence->version = version;
    absence->received_at = received(book);
    absence->recorded_at = now(book);
    put(book, RECORD_ABSENCE, id, version, false, &absence->base);
    return absence;
}

pb_call *casebook_call(struct casebook *book, const char *id, int version, const char *issued_on,
                       const char *current_since)
{
    pb_call *call = message(book, &niva__compliance__v1__call__descriptor);
    call->call_id = text(book, id);
    call->unit = text(book, CASEBOOK_UNIT);
    call->profession_group = text(book, CASEBOOK_GROUP);
    call->issued_on = text(book, issued_on);
    call->current_since = text(book, current_since);
    call->version = version;
    call->recorded_at = now(book);
    put(book, RECORD_CALL, id, version, false, &call->base);
    return call;
}

void casebook_finding(struct casebook *book, const char *id, const char *first_day,
                      const char *last_day, int milli)
{
    pb_finding *finding = message(book, &niva__compliance__v1__finding__descriptor);
    finding->finding_id = text(book, id);
    finding->unit = text(book, CASEBOOK_UNIT);
    finding->profession_group = text(book, CASEBOOK_GROUP);
    finding->first_day = text(book, first_day);
    finding->last_day = text(book, last_day);
    finding->counted_milli = milli;
    finding->version = 1;
    finding->recorded_at = now(book);
    put(book, RECORD_FINDING, id, 1, false, &finding->base);
}

void casebook_dispensation(struct casebook *book, const char *id, const char *first_day,
                           const char *last_day)
{
    pb_dispensation *dispensation = message(book, &niva__compliance__v1__dispensation__descriptor);
    dispensation->dispensation_id = text(book, id);
    dispensation->region_code = text(book, "99");
    dispensation->profession_group = text(book, CASEBOOK_GROUP);
    dispensation->first_day = text(book, first_day);
    dispensation->last_day = text(book, last_day);
    dispensation->version = 1;
    dispensation->recorded_at = now(book);
    put(book, RECORD_DISPENSATION, id, 1, true, &dispensation->base);
}

struct dossier casebook_dossier(struct casebook *book, niva_instant known_at)
{
    struct dossier dossier;
    struct niva_error err;
    bool made = dossier_make(CASEBOOK_UNIT, CASEBOOK_GROUP, known_at, &book->own, &book->regional,
                             book->arena, &dossier, &err);
    if (!made)
        fprintf(stderr, "casebook: %s (%s)\n", err.text_en, err.cause);
    must(made, "dossier");
    return dossier;
}

static void remember_breach(struct casebook *book, const pb_breach *version)
{
    for (size_t i = 0; i < book->breach_count; i++) {
        if (strcmp(book->breaches[i].message->breach_id, version->breach_id) == 0) {
            book->breaches[i].message = version;
            return;
        }
    }
    must(book->breach_count < sizeof book->breaches / sizeof *book->breaches, "room for breaches");
    book->breaches[book->breach_count] =
        (struct known_breach){version, (int64_t)book->breach_count + 1};
    book->breach_count++;
}

/* Leaves the changes of BELOW_MINIMUM. */
static void below_alone(struct recomputed *done)
{
    struct breach_change *changes = (struct breach_change *)(uintptr_t)done->breaches;
    size_t kept = 0;
    for (size_t i = 0; i < done->breach_count; i++) {
        if (changes[i].version->kind == PB_BELOW_MINIMUM)
            changes[kept++] = changes[i];
    }
    done->breach_count = kept;
}

static void remember_month(struct casebook *book, const struct month_change *change)
{
    size_t i = 0;
    while (i < book->month_count && book->months[i].month < change->month)
        i++;
    if (i == book->month_count || book->months[i].month != change->month) {
        must(book->month_count < sizeof book->months / sizeof *book->months, "room for months");
        memmove(&book->months[i + 1], &book->months[i],
                (book->month_count - i) * sizeof book->months[0]);
        book->month_count++;
    }
    book->months[i].month = change->month;
    memcpy(book->months[i].digest, change->digest, DIGEST_SIZE);
}

struct recomputed casebook_recompute(struct casebook *book, pb_cause cause)
{
    struct dossier *dossier = niva_arena_alloc(book->arena, sizeof *dossier);
    struct recomputed done;
    struct niva_error err;
    must(dossier != NULL, "memory");
    *dossier = casebook_dossier(book, INT64_MAX);
    const struct recompute input = {
        .dossier = dossier,
        .today = book->today,
        .recorded_at = book->now,
        .cause = cause,
        .caused_by = "test",
        .breach_count = book->breach_count,
        .breaches = book->breaches,
        .month_count = book->month_count,
        .months = book->months,
        .forecast = book->forecasts ? book->digest : NULL,
    };
    bool good = recompute(&input, book->arena, &done, &err);
    if (!good)
        fprintf(stderr, "casebook: %s (%s)\n", err.text_en, err.cause);
    must(good, "recompute");
    if (!book->all_kinds)
        below_alone(&done);
    for (size_t i = 0; i < done.breach_count; i++)
        remember_breach(book, done.breaches[i].version);
    for (size_t i = 0; i < done.month_count; i++)
        remember_month(book, &done.months[i]);
    book->forecasts = done.forecast.any;
    memcpy(book->digest, done.forecast.digest, DIGEST_SIZE);
    book->now += MINUTE;
    return done;
}

const pb_breach *casebook_breach(const struct casebook *book, size_t index)
{
    must(index < book->breach_count, "breach");
    return book->breaches[index].message;
}
