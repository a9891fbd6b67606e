/* What is said of a calendar month: every day of it, those after today too, with the breach that
 * each run of bad days belongs to. */
#include <openssl/evp.h>
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"
#include "services/compliance/recompute.h"
#include "services/compliance/registered.h"
#include "services/model/breach.h"

/* A maximal run of bad days, not cut at today. */
struct bad_run {
    niva_day first_day;
    const char *breach_id; /* "" for a run that begins after today */
    int32_t grace_days;
};

struct months {
    const struct recompute *input;
    const struct niva_timeline *timeline;
    struct niva_arena *arena;
    const struct bad_run **bad_of_segment; /* NULL unless BELOW_MINIMUM */
    pb_unit *registered;
    size_t next_segment; /* the first that may reach into the next month */
};

static bool bad_runs(struct months *months, char *const *ids, size_t id_count,
                     struct niva_error *err)
{
    size_t count = 0;
    const struct niva_run *runs = NULL;
    if (!niva_runs_find(months->timeline, NIVA_DAY_END, months->arena, &count, &runs, err))
        return false;
    struct bad_run *bad = niva_arena_array(months->arena, count, sizeof *bad);
    months->bad_of_segment = niva_arena_array(months->arena, months->timeline->segment_count,
                                              sizeof *months->bad_of_segment);
    if (bad == NULL || months->bad_of_segment == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct niva_rule_set *rule_set =
            niva_rule_set_on(&months->input->dossier->facts, runs[i].days.from);
        bad[i] = (struct bad_run){runs[i].days.from, i < id_count ? ids[i] : "",
                                  rule_set != NULL ? rule_set->regulation.grace_days : 0};
        for (size_t s = 0; s < runs[i].segment_count; s++)
            months->bad_of_segment[runs[i].first_segment + s] = &bad[i];
    }
    return true;
}

/* What the stream says of a registration: what bears on verdicts and reading, and no more. */
static bool registration(struct months *months, struct niva_error *err)
{
    const pb_unit *unit = months->input->dossier->registered;
    if (unit == NULL)
        return true;
    pb_unit *shown = niva_wire_new(&niva__intake__v1__unit__descriptor, months->arena);
    if (shown == NULL)
        return niva_fail_memory(err);
    shown->hsa_id = unit->hsa_id;
    shown->name = unit->name;
    shown->region_code = unit->region_code;
    shown->opened_on = unit->opened_on;
    shown->closed_on = unit->closed_on;
    months->registered = shown;
    return true;
}

static bool month_run(const struct months *months, size_t index, struct niva_span month,
                      pb_run **ret_run, struct niva_error *err)
{
    struct niva_segment segment = months->timeline->segments[index];
    const struct bad_run *bad = months->bad_of_segment[index];
    if (segment.days.from < month.from)
        segment.days.from = month.from;
    if (segment.days.until > month.until)
        segment.days.until = month.until;
    pb_run *run =
        niva_wire_new(&niva__compliance__v1__timeline_changed__run__descriptor, months->arena);
    if (run == NULL)
        return niva_fail_memory(err);
    run->segment = niva_segment_message(&segment, false, months->arena);
    if (run->segment == NULL)
        return niva_fail_memory(err);
    if (!registered_by(months->input->dossier, &segment, months->arena, &run->n_registered_by,
                       &run->registered_by, err))
        return false;
    if (bad != NULL) {
        char text[16];
        niva_day_format(bad->first_day, text);
        run->breach_id = niva_arena_strdup(months->arena, bad->breach_id);
        run->breach_first_day = niva_arena_strdup(months->arena, text);
        if (run->breach_id == NULL || run->breach_first_day == NULL)
            return niva_fail_memory(err);
        run->breach_day = segment.days.from - bad->first_day + 1;
        run->grace_days = bad->grace_days;
    }
    *ret_run = run;
    return true;
}

static bool month_runs(struct months *months, struct niva_span month, pb_timeline_changed *content,
                       struct niva_error *err)
{
    const struct niva_timeline *timeline = months->timeline;
    size_t first = months->next_segment;
    while (first < timeline->segment_count && timeline->segments[first].days.until <= month.from)
        first++;
    size_t end = first;
    while (end < timeline->segment_count && timeline->segments[end].days.from < month.until)
        end++;
    months->next_segment = first;
    content->runs = niva_arena_array(months->arena, end - first, sizeof(pb_run *));
    if (content->runs == NULL)
        return niva_fail_memory(err);
    for (size_t i = first; i < end; i++) {
        if (!month_run(months, i, month, &content->runs[content->n_runs], err))
            return false;
        content->n_runs++;
    }
    return true;
}

/* The last day of the month on which the unit is open. */
static niva_day owner_day(const struct dossier *dossier, struct niva_span month)
{
    niva_day closed = dossier->facts.open.until;
    return closed > month.from && closed < month.until ? closed - 1 : month.until - 1;
}

static bool month_content(struct months *months, struct niva_span month,
                          pb_timeline_changed **ret_content, struct niva_error *err)
{
    const struct dossier *dossier = months->input->dossier;
    pb_timeline_changed *content =
        niva_wire_new(&niva__compliance__v1__timeline_changed__descriptor, months->arena);
    if (content == NULL)
        return niva_fail_memory(err);
    char text[16];
    niva_month_format(month.from, text);
    content->unit = niva_arena_strdup(months->arena, dossier->unit);
    content->profession_group = niva_arena_strdup(months->arena, dossier->group);
    content->month = niva_arena_strdup(months->arena, text);
    if (content->unit == NULL || content->profession_group == NULL || content->month == NULL)
        return niva_fail_memory(err);
    content->rule_set = (pb_rule_set *)dossier_rule_set_on(dossier, month.until - 1);
    content->registered_unit = months->registered;
    content->owner = dossier_owner_on(dossier, owner_day(dossier, month));
    if (!month_runs(months, month, content, err))
        return false;
    *ret_content = content;
    return true;
}

bool content_digest(const ProtobufCMessage *content, struct niva_arena *arena,
                    uint8_t ret_digest[DIGEST_SIZE], struct niva_error *err)
{
    ProtobufCBinaryData bytes;
    if (!niva_wire_pack(content, arena, &bytes, err))
        return false;
    if (EVP_Digest(bytes.data, bytes.len, ret_digest, NULL, EVP_sha256(), NULL) != 1)
        return niva_fail_internal(err, "SHA-256 failed");
    return true;
}

/* Whose fact moved a month: on a new day that of whoever said how things stand. */
static pb_cause cause_of(const struct recompute *input, const pb_timeline_changed *content)
{
    if (input->cause != PB_NEW_DAY)
        return input->cause;
    for (size_t i = 0; i < content->n_runs; i++) {
        const pb_run *run = content->runs[i];
        if (run->breach_first_day[0] != '\0' && run->segment->finding_id[0] != '\0')
            return PB_PURCHASER_FACT;
    }
    return PB_PROVIDER_FACT;
}

static bool was_said(const struct recompute *input, niva_day month,
                     const uint8_t digest[DIGEST_SIZE])
{
    for (size_t i = 0; i < input->month_count; i++) {
        if (input->months[i].month == month)
            return memcmp(input->months[i].digest, digest, DIGEST_SIZE) == 0;
    }
    return false;
}

static size_t months_in(struct niva_span span)
{
    size_t count = 0;
    for (niva_day day = span.from; day < span.until; day = niva_month_next(day))
        count++;
    return count;
}

bool months_update(const struct recompute *input, const struct niva_timeline *timeline,
                   struct niva_span said, char *const *breach_ids, size_t breach_id_count,
                   struct niva_arena *arena, size_t *ret_count,
                   const struct month_change **ret_changes, struct niva_error *err)
{
    struct months months = {.input = input, .timeline = timeline, .arena = arena};
    struct month_change *changes = niva_arena_array(arena, months_in(said), sizeof *changes);
    size_t count = 0;
    if (changes == NULL)
        return niva_fail_memory(err);
    if (!bad_runs(&months, breach_ids, breach_id_count, err) || !registration(&months, err))
        return false;
    for (niva_day day = said.from; day < said.until; day = niva_month_next(day)) {
        struct month_change change = {.month = day};
        if (!month_content(&months, (struct niva_span){day, niva_month_next(day)}, &change.content,
                           err) ||
            !content_digest(&change.content->base, arena, change.digest, err))
            return false;
        change.content->cause = cause_of(input, change.content);
        if (!was_said(input, day, change.digest))
            changes[count++] = change;
    }
    *ret_count = count;
    *ret_changes = changes;
    return true;
}
