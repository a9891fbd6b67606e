/* GetFollowUp: computed from the facts of all units of a region, some units at a time. Nothing is
 * kept. */
#include <stdlib.h>
#include <string.h>

#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"
#include "services/compliance/checks.h"
#include "services/compliance/follow_up_message.h"
#include "services/compliance/follow_up_unit.h"
#include "services/compliance/handlers.h"
#include "services/compliance/snapshot.h"

typedef Niva__Compliance__V1__GetFollowUpRequest FollowUpRequest;
typedef Niva__Compliance__V1__GetFollowUpResponse FollowUpResponse;
typedef Niva__Compliance__V1__FollowUpDispensation pb_confounder;

enum {
    MONTHS_MOST = 120,
    UNITS_MOST = 5000,
    UNITS_AT_ONCE = 256,
    CODES_MOST = 100,
    LEAST_PRESET = 5,
    LEAST_FLOOR = 3, /* of two units each knows the other's figure */
    LEAST_MOST = 1000,
    ARENA_BYTES = 512 << 20, /* for the facts of so many units */
};

/* A follow-up on its way. */
struct handling {
    struct niva_read *read;
    const FollowUpRequest *request;
    struct niva_span months;
    niva_instant known_at;
    niva_day today;
    struct niva_span compared; /* the months looked at for figures, those before included */
    const char **units;
    size_t unit_count;
    struct records regional;
    struct follow_up follow;
    struct following following;
    struct niva_arena *scratch; /* of the units that are looked at */
    FollowUpResponse *answer;
};

/* ---- what is asked ---- */

static int32_t months_in(struct niva_span months)
{
    int32_t count = 0;
    for (niva_day month = months.from; month < months.until; month = niva_month_next(month))
        count++;
    return count;
}

static bool request_check(struct handling *handling, struct niva_error *err)
{
    const FollowUpRequest *request = handling->request;
    struct niva_span first = {0, 0};
    struct niva_span last = {0, 0};
    struct niva_check check;
    niva_check_begin(&check, err);
    niva_check_region(&check, "region_code", request->region_code);
    niva_check_name_key(&check, "profession_group", request->profession_group);
    if (request->least_units != 0)
        niva_check_range(&check, "least_units", request->least_units, LEAST_FLOOR, LEAST_MOST);
    niva_check_known_at(&check, request->known_at, &handling->known_at);
    bool good = check_month(&check, "first_period", request->first_period, true, &first);
    good &= check_month(&check, "last_period", request->last_period, true, &last);
    if (good && last.from < first.from)
        niva_check_fail(&check, "last_period", "LAST_BEFORE_FIRST",
                        "Den sista månaden ligger före den första.",
                        "The last month is before the first one.");
    else if (good && months_in((struct niva_span){first.from, last.until}) > MONTHS_MOST)
        niva_check_fail(&check, "last_period", "TOO_LONG",
                        "En uppföljning omfattar högst 120 månader.",
                        "A follow-up spans at most 120 months.");
    handling->months = (struct niva_span){first.from, last.until};
    return niva_check_end(&check);
}

/* ---- units ---- */

static int compare_units(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool units_find(struct handling *handling, struct niva_error *err)
{
    struct niva_read *read = handling->read;
    const char *region = handling->request->region_code;
    if (!store_regions(read->pg, &region, 1, read->arena, &handling->regional, err) ||
        !store_registered(read->pg, region, handling->known_at, "", UNITS_MOST + 1, read->arena,
                          &handling->unit_count, &handling->units, err))
        return false;
    if (handling->unit_count > UNITS_MOST)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, "regionCode", "TOO_MANY_UNITS",
                           "Region %s har fler än %d vårdcentraler: fler ryms inte i ett svar.",
                           "Region %s has more than %d units: an answer holds no more.", region,
                           (int)UNITS_MOST);
    if (handling->unit_count > 1)
        qsort(handling->units, handling->unit_count, sizeof *handling->units, compare_units);
    return true;
}

static struct followed_question question_of(const struct handling *handling,
                                            const char *const *units, size_t count)
{
    return (struct followed_question){units, count, handling->request->profession_group,
                                      handling->known_at};
}

static bool follow_begin(struct handling *handling, struct niva_error *err)
{
    const FollowUpRequest *request = handling->request;
    struct niva_arena *arena = handling->read->arena;
    const bool monthly =
        request->division == NIVA__COMPLIANCE__V1__GET_FOLLOW_UP_REQUEST__DIVISION__MONTH;
    const struct followed_question question =
        question_of(handling, handling->units, handling->unit_count);
    const char **codes;
    size_t count;
    if (!follow_up_begin(&handling->follow, handling->months, monthly, handling->today, 0, arena,
                         err))
        return false;
    handling->compared =
        (struct niva_span){follow_up_figures_from(&handling->follow), handling->months.until};
    if (!store_followed_codes(handling->read->pg, &question, handling->compared, CODES_MOST + 1,
                              arena, &count, &codes, err))
        return false;
    if (count > CODES_MOST)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, "firstPeriod", "TOO_MANY_INDICATORS",
                           "Månaderna har fler än %d mått: fler ryms inte i ett svar.",
                           "The months have more than %d indicators: an answer holds no more.",
                           (int)CODES_MOST);
    handling->following = (struct following){&handling->follow, codes, count};
    return follow_up_begin(&handling->follow, handling->months, monthly, handling->today, count,
                           arena, err);
}

/* What is kept of some units, each list in the order of the units. */
struct kept {
    struct records records;
    struct stored_component *components;
    size_t component_count;
    struct followed_rows adjustments;
    struct followed_rows breaches;
    struct followed_rows figures;
};

static int compare_records(const void *left, const void *right)
{
    const struct niva_fact *a = &((const struct record *)left)->fact;
    const struct niva_fact *b = &((const struct record *)right)->fact;
    int order = strcmp(a->unit, b->unit);
    return order != 0 ? order : (a->fact_no < b->fact_no ? -1 : a->fact_no > b->fact_no);
}

static int compare_components(const void *left, const void *right)
{
    const struct stored_component *a = left;
    const struct stored_component *b = right;
    int order = strcmp(a->unit, b->unit);
    return order != 0 ? order : (a->position < b->position ? -1 : a->position > b->position);
}

static bool kept_read(const struct handling *handling, const char *const *units, size_t count,
                      struct kept *kept, struct niva_error *err)
{
    struct niva_pg *pg = handling->read->pg;
    struct niva_arena *scratch = handling->scratch;
    const struct followed_question question = question_of(handling, units, count);
    if (!store_units(pg, units, count, scratch, &kept->records, err) ||
        !store_components(pg, units, count, scratch, &kept->component_count, &kept->components,
                          err) ||
        !store_followed_adjustments(pg, &question, handling->months, scratch, &kept->adjustments,
                                    err) ||
        !store_followed_breaches(pg, &question, scratch, &kept->breaches, err) ||
        !store_followed_figures(pg, &question, handling->compared, scratch, &kept->figures, err))
        return false;
    if (kept->records.count > 1)
        qsort(kept->records.list, kept->records.count, sizeof *kept->records.list, compare_records);
    if (kept->component_count > 1)
        qsort(kept->components, kept->component_count, sizeof *kept->components,
              compare_components);
    return true;
}

/* Takes the rows of a unit from the front of a list. */
static struct followed_rows rows_take(struct followed_rows *rows, const char *unit)
{
    struct followed_rows taken = {.list = rows->list};
    while (taken.count < rows->count && strcmp(rows->list[taken.count].unit, unit) == 0)
        taken.count++;
    rows->list += taken.count;
    rows->count -= taken.count;
    return taken;
}

static struct records records_take(struct records *records, const char *unit)
{
    struct records taken = {.list = records->list};
    while (taken.count < records->count && strcmp(records->list[taken.count].fact.unit, unit) == 0)
        taken.count++;
    records->list += taken.count;
    records->count -= taken.count;
    taken.capacity = taken.count;
    return taken;
}

static bool amounts_take(const struct handling *handling, struct kept *kept, const char *unit,
                         struct amounts *ret_amounts, struct niva_error *err)
{
    const struct stored_component *first = kept->components;
    size_t count = 0;
    while (count < kept->component_count && strcmp(first[count].unit, unit) == 0)
        count++;
    kept->components += count;
    kept->component_count -= count;
    return amounts_read(first, count, handling->request->profession_group, handling->known_at,
                        handling->scratch, ret_amounts, err);
}

static bool unit_follow(struct handling *handling, const char *unit, struct kept *kept,
                        struct niva_error *err)
{
    struct niva_arena *scratch = handling->scratch;
    const struct records own = records_take(&kept->records, unit);
    struct dossier dossier;
    struct amounts amounts;
    struct followed_unit followed;
    const struct followed_sources sources = {.dossier = &dossier,
                                             .own = &own,
                                             .amounts = &amounts,
                                             .adjustments = rows_take(&kept->adjustments, unit),
                                             .breaches = rows_take(&kept->breaches, unit),
                                             .figures = rows_take(&kept->figures, unit)};
    return amounts_take(handling, kept, unit, &amounts, err) &&
           dossier_make(unit, handling->request->profession_group, handling->known_at, &own,
                        &handling->regional, scratch, &dossier, err) &&
           followed_unit_make(&handling->following, &sources, scratch, &followed, err) &&
           follow_up_add(&handling->follow, &followed, err);
}

static bool units_follow(struct handling *handling, struct niva_error *err)
{
    bool good = true;
    handling->scratch = niva_arena_new(ARENA_BYTES);
    if (handling->scratch == NULL)
        return niva_fail_memory(err);
    for (size_t done = 0; good && done < handling->unit_count; done += UNITS_AT_ONCE) {
        const char *const *units = handling->units + done;
        size_t left = handling->unit_count - done;
        size_t count = left < UNITS_AT_ONCE ? left : UNITS_AT_ONCE;
        struct kept kept;
        niva_arena_reset(handling->scratch);
        good = kept_read(handling, units, count, &kept, err);
        for (size_t i = 0; good && i < count; i++)
            good = unit_follow(handling, units[i], &kept, err);
    }
    handling->scratch = niva_arena_free(handling->scratch);
    return good;
}

/* ---- what confounds ---- */

/* The present version of a dispensation of the whole region, or NULL: it was voided, or there is a
 * later one. */
static const pb_dispensation *regional_dispensation(const struct handling *handling, size_t index)
{
    const struct records *regional = &handling->regional;
    const struct record *record = &regional->list[index];
    if (record->kind != RECORD_DISPENSATION || record->fact.recorded_at > handling->known_at ||
        strcmp(record->fact.group, handling->request->profession_group) != 0)
        return NULL;
    for (size_t i = index + 1; i < regional->count; i++) {
        const struct record *later = &regional->list[i];
        if (later->kind == RECORD_DISPENSATION && strcmp(later->fact.id, record->fact.id) == 0 &&
            later->fact.recorded_at <= handling->known_at)
            return NULL;
    }
    const pb_dispensation *dispensation = (const pb_dispensation *)record->message;
    return dispensation->voided ? NULL : dispensation;
}

static bool confounder_make(const struct handling *handling, const pb_dispensation *dispensation,
                            struct niva_span days, struct niva_error *err)
{
    struct niva_arena *arena = handling->read->arena;
    FollowUpResponse *answer = handling->answer;
    char until[16];
    pb_confounder *made =
        niva_wire_new(&niva__compliance__v1__follow_up_dispensation__descriptor, arena);
    if (made == NULL)
        return niva_fail_memory(err);
    niva_day_format(days.until == NIVA_DAY_END ? NIVA_DAY_END : days.until - 1, until);
    made->dispensation_id = dispensation->dispensation_id;
    made->first_day = dispensation->first_day;
    made->last_day = niva_arena_strdup(arena, until);
    made->text_sv = niva_arena_printf(
        arena,
        "Dispens för hela regionen %s–%s: kravet var ett annat de dagarna. Jämförelser mellan "
        "före, "
        "under och efter blandar samman dispensen med allt annat som ändrades, och visar ingen "
        "orsak.",
        dispensation->first_day, until[0] != '\0' ? until : "tills vidare");
    made->text_en = niva_arena_printf(
        arena,
        "Dispensation for the whole region %s–%s: the requirement was another on these days. "
        "Comparisons of before, during and after confound the dispensation with all else that "
        "changed, and show no cause.",
        dispensation->first_day, until[0] != '\0' ? until : "until further notice");
    if (made->last_day == NULL || made->text_sv == NULL || made->text_en == NULL)
        return niva_fail_memory(err);
    size_t at = answer->n_dispensations++;
    for (; at > 0 && strcmp(answer->dispensations[at - 1]->first_day, made->first_day) > 0; at--)
        answer->dispensations[at] = answer->dispensations[at - 1];
    answer->dispensations[at] = made;
    return true;
}

/* Dispensations of all units of the region on days that are followed or compared with. */
static bool confounders_find(const struct handling *handling, struct niva_error *err)
{
    FollowUpResponse *answer = handling->answer;
    answer->dispensations = niva_arena_array(handling->read->arena, handling->regional.count,
                                             sizeof *answer->dispensations);
    if (answer->dispensations == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < handling->regional.count; i++) {
        const pb_dispensation *dispensation = regional_dispensation(handling, i);
        struct niva_dispensation model;
        if (dispensation == NULL)
            continue;
        if (!niva_facts_dispensation(dispensation, &model, err))
            return false;
        if (model.revoked_from != NIVA_DAY_NONE && model.revoked_from < model.days.until)
            model.days.until = model.revoked_from;
        if (model.days.from < handling->compared.until &&
            model.days.until > handling->compared.from && model.days.from < model.days.until &&
            !confounder_make(handling, dispensation, model.days, err))
            return false;
    }
    return true;
}

/* ---- the answer ---- */

static char *const notes_sv[] = {
    (char *)"Uppföljningen visar tal, inte orsaker. Alla driftsformer räknas med samma regel och "
            "rangordnas inte.",
    (char *)"Ekonomi, kvalitet och tillgänglighet visas bara som importerade mått. Att en "
            "driftsform skulle ge bättre ekonomi, kvalitet eller tillgänglighet har inte visats.",
    (char *)"Dagar räknas under den driftsform som gällde den dagen, belopp och mått under den "
            "som gällde månadens sista öppna dag.",
    (char *)"Rader med få vårdcentraler är dolda, och det som de kunde räknas ut av i samma svar. "
            "Det skyddar inte mot den som jämför flera svar eller läser listorna.",
};
static char *const notes_en[] = {
    (char *)"The follow-up shows figures, not causes. All operating forms are counted by one rule "
            "and are not ranked.",
    (char *)"Economy, quality and access are shown only as imported indicators. That an operating "
            "form gives better economy, quality or access has not been shown.",
    (char *)"Days count under the operating form of the day, amounts and indicators under that of "
            "the month's last open day.",
    (char *)"Rows of few units are hidden, and what they could be computed from in the same "
            "answer. That does not protect against who compares several answers or reads the "
            "lists.",
};

static bool answer_fill(struct handling *handling, struct niva_error *err)
{
    struct niva_arena *arena = handling->read->arena;
    FollowUpResponse *answer = handling->answer;
    const int32_t least =
        handling->request->least_units == 0 ? LEAST_PRESET : handling->request->least_units;
    char today[16];
    niva_day_format(handling->today, today);
    answer->today = niva_arena_strdup(arena, today);
    answer->least_units = least;
    answer->notes_sv = (char **)(uintptr_t)notes_sv;
    answer->notes_en = (char **)(uintptr_t)notes_en;
    answer->n_notes_sv = answer->n_notes_en = sizeof notes_sv / sizeof *notes_sv;
    answer->periods =
        niva_arena_array(arena, handling->follow.period_count, sizeof *answer->periods);
    if (answer->today == NULL || answer->periods == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < handling->follow.period_count; i++) {
        if (!follow_period_message(&handling->follow, i, handling->following.codes, least, arena,
                                   &answer->periods[i], err))
            return false;
        answer->n_periods++;
    }
    return confounders_find(handling, err);
}

bool read_get_follow_up(struct niva_read *read, const ProtobufCMessage *request,
                        ProtobufCMessage *reply, struct niva_error *err)
{
    struct handling handling = {
        .read = read, .request = (const void *)request, .answer = (void *)reply};
    return request_check(&handling, err) &&
           snapshot_today(read, handling.known_at, &handling.today, &handling.answer->pending,
                          err) &&
           units_find(&handling, err) && follow_begin(&handling, err) &&
           units_follow(&handling, err) && answer_fill(&handling, err);
}
