/* Which units will fall below their minimum, why, and what it costs: computed from facts, a set of
 * units at a time. */
#include <stdio.h>
#include <string.h>

#include "services/common/run/page.h"
#include "services/common/wire/token.h"
#include "services/common/wire/wire.h"
#include "services/compliance/forecast_costs.h"
#include "services/compliance/frozen.h"
#include "services/compliance/handlers.h"
#include "services/compliance/snapshot.h"

typedef Niva__Compliance__V1__ListForecastsRequest list_request;
typedef Niva__Compliance__V1__ListForecastsResponse list_response;

#define PAGE_FORECASTS "w:"

enum {
    FORECAST_UNITS = 64,              /* units whose facts are read at once */
    FORECAST_ARENA_BYTES = 256 << 20, /* for the facts of so many units */
    WITHIN_PRESET = 90,
    WITHIN_MOST = 366,
};

/* What is asked of every unit, and the page that is filled. */
struct search {
    struct niva_read *read;
    const list_request *request;
    struct niva_page page;
    int32_t within;
    niva_day today;
    char last_unit[NIVA_PAGE_KEY_MAX]; /* of the last forecast that was seen; "": none */
    niva_day last_day;                 /* its first day */
    struct niva_arena *scratch;
    list_response *answer;
    size_t bytes;
    bool full; /* there is more */
};

/* What is known of a set of units. */
struct known {
    struct records all;
    struct records regional;
    size_t component_count;
    struct stored_component *components;
};

/* "<unit>/<day>" of the last forecast that was seen. */
static bool key_read(struct search *search, struct niva_error *err)
{
    const char *key = search->page.key + strlen(PAGE_FORECASTS);
    const char *slash = strrchr(key, '/');
    if (search->page.key[0] == '\0')
        return true;
    if (slash == NULL || !niva_day_parse(slash + 1, &search->last_day))
        return niva_page_refuse(err);
    snprintf(search->last_unit, sizeof search->last_unit, "%.*s", (int)(slash - key), key);
    return true;
}

static bool check_forecasts(struct search *search, struct niva_error *err)
{
    const list_request *list = search->request;
    struct niva_check check;
    niva_check_begin(&check, err);
    if (list->region_code[0] != '\0')
        niva_check_region(&check, "region_code", list->region_code);
    if (list->unit[0] != '\0')
        niva_check_hsa_id(&check, "unit", list->unit);
    niva_check_name_key(&check, "profession_group", list->profession_group);
    niva_check_range(&check, "within_days", list->within_days, 0, WITHIN_MOST);
    search->within = list->within_days == 0 ? WITHIN_PRESET : list->within_days;
    niva_page_check(&check, list->page_size, list->page_token, list->known_at, PAGE_FORECASTS,
                    &search->page);
    return niva_check_end(&check) && key_read(search, err);
}

static char *day_text(niva_day day, struct niva_arena *arena)
{
    char text[16];
    niva_day_format(day, text);
    return niva_arena_strdup(arena, text);
}

/* The facts go with the scratch arena, the answer stays. */
static bool forecast_add(struct search *search, const struct dossier *dossier,
                         pb_forecast *forecast, struct niva_error *err)
{
    list_response *answer = search->answer;
    size_t bytes = protobuf_c_message_get_packed_size(&forecast->base);
    search->full = answer->n_forecasts == (size_t)search->page.size ||
                   (answer->n_forecasts > 0 && search->bytes + bytes > (size_t)NIVA_PAGE_BYTES_MAX);
    if (search->full)
        return true;
    forecast->unit_name = dossier->registered->name;
    forecast = niva_wire_copy(&forecast->base, search->read->arena);
    if (forecast == NULL)
        return niva_fail_memory(err);
    search->bytes += bytes;
    answer->forecasts[answer->n_forecasts++] = forecast;
    return true;
}

/* The amounts of one unit among those of a set. */
static bool amounts_of(const struct search *search, const struct known *known,
                       const struct dossier *dossier, struct amounts *ret_amounts,
                       struct niva_error *err)
{
    struct stored_component *own =
        niva_arena_array(search->scratch, known->component_count, sizeof *own);
    size_t count = 0;
    if (own == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < known->component_count; i++) {
        if (strcmp(known->components[i].unit, dossier->unit) == 0)
            own[count++] = known->components[i];
    }
    return amounts_read(own, count, dossier->group, search->page.known_at, search->scratch,
                        ret_amounts, err);
}

/* Whether the page before has this one. */
static bool was_seen(const struct search *search, const struct dossier *dossier,
                     const struct forecast *forecast)
{
    return strcmp(search->last_unit, dossier->unit) == 0 && forecast->days.from <= search->last_day;
}

static bool forecasts_add(struct search *search, const struct known *known,
                          const struct dossier *dossier, const struct niva_timeline *timeline,
                          size_t count, const struct forecast *forecasts, struct niva_error *err)
{
    struct amounts amounts;
    if (count > 0 && !amounts_of(search, known, dossier, &amounts, err))
        return false;
    for (size_t i = 0; i < count && !search->full; i++) {
        if (was_seen(search, dossier, &forecasts[i]))
            continue;
        pb_forecast *message = forecast_message(dossier, &forecasts[i], search->scratch);
        if (message == NULL)
            return niva_fail_memory(err);
        if (!forecast_costs(&dossier->facts, timeline, &amounts, &forecasts[i],
                            search->today + search->within, search->scratch, message, err) ||
            !forecast_add(search, dossier, message, err))
            return false;
    }
    return true;
}

static bool asked_for(const struct search *search, const struct dossier *dossier)
{
    const char *region = search->request->region_code;
    return dossier->registered != NULL &&
           (region[0] == '\0' || strcmp(dossier->registered->region_code, region) == 0);
}

/* The whole timeline is made only where there is something to tell, or may be something hidden. */
static bool unit_look(struct search *search, const struct known *known,
                      const struct dossier *dossier, struct niva_error *err)
{
    struct niva_span days = dossier_span(dossier);
    struct niva_timeline timeline = {0};
    const struct forecast *forecasts;
    size_t count;
    if (!asked_for(search, dossier))
        return true;
    if (!forecasts_find(dossier, search->today, search->within, search->scratch, &count, &forecasts,
                        NULL, err))
        return false;
    if (days.from >= days.until || (count == 0 && dossier->hidden == NULL))
        return true;
    return niva_timeline_compute(&dossier->facts, days, false, search->scratch, &timeline, err) &&
           frozen_check(dossier, (struct niva_span){search->today, NIVA_DAY_END}, &timeline, err) &&
           forecasts_add(search, known, dossier, &timeline, count, forecasts, err);
}

/* Looks at units in order until the page is full. */
static bool units_look(struct search *search, const char *const *units, size_t count,
                       struct niva_error *err)
{
    struct known known;
    niva_arena_reset(search->scratch);
    if (!snapshot_records(search->read, units, count, search->scratch, &known.all, &known.regional,
                          err) ||
        !store_components(search->read->pg, units, count, search->scratch, &known.component_count,
                          &known.components, err))
        return false;
    for (size_t i = 0; i < count && !search->full; i++) {
        struct records own;
        struct dossier dossier;
        if (!records_of_unit(&known.all, units[i], search->scratch, &own, err) ||
            !dossier_make(units[i], search->request->profession_group, search->page.known_at, &own,
                          &known.regional, search->scratch, &dossier, err) ||
            !unit_look(search, &known, &dossier, err))
            return false;
    }
    return true;
}

/* The one unit that is asked for, or that on which the page before ended. */
static bool unit_first(struct search *search, struct niva_error *err)
{
    const char *unit = search->request->unit[0] != '\0' ? search->request->unit : search->last_unit;
    return unit[0] == '\0' || units_look(search, &unit, 1, err);
}

static bool units_rest(struct search *search, struct niva_error *err)
{
    const char *after = search->last_unit;
    size_t count = FORECAST_UNITS;
    while (count == FORECAST_UNITS && !search->full && search->request->unit[0] == '\0') {
        const char **units = NULL;
        if (!store_registered(search->read->pg, search->request->region_code, search->page.known_at,
                              after, FORECAST_UNITS, search->read->arena, &count, &units, err) ||
            !units_look(search, units, count, err))
            return false;
        after = count > 0 ? units[count - 1] : after;
    }
    return true;
}

/* Says where a full page goes on. */
static bool page_end(const struct search *search, struct niva_error *err)
{
    list_response *answer = search->answer;
    char key[NIVA_PAGE_KEY_MAX];
    if (!search->full)
        return true;
    const pb_forecast *last = answer->forecasts[answer->n_forecasts - 1];
    snprintf(key, sizeof key, PAGE_FORECASTS "%s/%s", last->unit, last->first_day);
    answer->next_page_token = niva_token_write(key, search->read->arena);
    return answer->next_page_token != NULL || niva_fail_memory(err);
}

bool read_list_forecasts(struct niva_read *read, const ProtobufCMessage *request,
                         ProtobufCMessage *reply, struct niva_error *err)
{
    struct search search = {
        .read = read, .request = (const void *)request, .answer = (void *)reply};
    list_response *answer = search.answer;
    if (!check_forecasts(&search, err) ||
        !snapshot_today(read, search.page.known_at, &search.today, &answer->pending, err))
        return false;
    answer->today = day_text(search.today, read->arena);
    answer->last_day = day_text(search.today + search.within, read->arena);
    answer->forecasts =
        niva_arena_array(read->arena, (size_t)search.page.size, sizeof *answer->forecasts);
    search.scratch = niva_arena_new(FORECAST_ARENA_BYTES);
    bool good = answer->today != NULL && answer->last_day != NULL && answer->forecasts != NULL &&
                search.scratch != NULL;
    good = good ? unit_first(&search, err) && units_rest(&search, err) && page_end(&search, err)
                : niva_fail_memory(err);
    niva_arena_free(search.scratch);
    return good;
}
