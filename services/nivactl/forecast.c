/* Who will fall below the minimum, why, and what it costs. */
#include <stdlib.h>
#include <string.h>

#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/remark.h"
#include "services/nivactl/status.h"
#include "services/nivactl/units.h"

typedef Niva__Compliance__V1__ListForecastsRequest ListForecastsRequest;
typedef Niva__Compliance__V1__ListForecastsResponse ListForecastsResponse;
typedef Niva__Compliance__V1__Forecast Forecast;

enum { PAGE = 1000 };

/* The month of the i-th cost where it is the first of its month; `ret_ore` the sum of the month. */
static const char *month_sum(const Forecast *forecast, size_t i, int64_t *ret_ore)
{
    const char *month = forecast->costs[i]->month;

    if (i > 0 && strcmp(forecast->costs[i - 1]->month, month) == 0)
        return NULL;
    for (*ret_ore = 0; i < forecast->n_costs && strcmp(forecast->costs[i]->month, month) == 0; i++)
        *ret_ore += forecast->costs[i]->ore;
    return month;
}

/* A row beside the first one has only a further cause and a further month. */
static void row_add(const struct session *session, struct table *table, const Forecast *forecast,
                    size_t row, const char *month, int64_t ore)
{
    bool first = row == 0;
    const char *cells[] = {
        first ? forecast->unit_name : NULL,
        first ? forecast->first_day : NULL,
        first ? cell_last_day(session, forecast->last_day) : NULL,
        first ? cell_fte(session, forecast->required_milli) : NULL,
        first ? cell_fte(session, forecast->counted_milli) : NULL,
        first ? cell_fte(session, forecast->shortfall_milli) : NULL,
        row < forecast->n_causes
            ? words_value(session->language, WORDS_FORECAST_CAUSE, (int)forecast->causes[row]->kind)
            : NULL,
        month,
        month != NULL ? cell_kronor(session, ore) : NULL,
    };

    table_row(table, cells);
}

static void forecast_add(const struct session *session, struct table *table,
                         const Forecast *forecast)
{
    size_t row = 0;

    for (size_t i = 0; i < forecast->n_costs; i++) {
        int64_t ore;
        const char *month = month_sum(forecast, i, &ore);

        if (month != NULL)
            row_add(session, table, forecast, row++, month, ore);
    }
    for (; row == 0 || row < forecast->n_causes; row++)
        row_add(session, table, forecast, row, NULL, 0);
}

/* The nearest first. */
static int forecast_compare(const void *left, const void *right)
{
    const Forecast *a = *(Forecast *const *)left;
    const Forecast *b = *(Forecast *const *)right;
    int order = strcmp(a->first_day, b->first_day);

    return order != 0 ? order : strcmp(a->unit, b->unit);
}

static const struct table *forecasts_table(const struct session *session,
                                           const ListForecastsResponse *list)
{
    static const struct column sv[] = {
        {"Vårdcentral", false}, {"Faller under", false}, {"Till", false},
        {"Krav", true},         {"Räknas", true},        {"Brist", true},
        {"Orsak", false},       {"Månad", false},        {"Kostnad", true},
    };
    static const struct column en[] = {
        {"Unit", false},    {"Falls below", false}, {"To", false},
        {"Required", true}, {"Counted", true},      {"Missing", true},
        {"Cause", false},   {"Month", false},       {"Cost", true},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < list->n_forecasts; i++)
        forecast_add(session, table, list->forecasts[i]);
    return table;
}

/* Of the rule sets by which something costs. */
static bool remarks_say(struct session *session, const ListForecastsResponse *list,
                        struct niva_error *err)
{
    const char **ids = niva_arena_array(session->arena, list->n_forecasts, sizeof *ids);

    if (ids == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < list->n_forecasts; i++)
        ids[i] = list->forecasts[i]->n_costs > 0 ? list->forecasts[i]->rule_set_id : NULL;
    return remarks_print(session, list->n_forecasts, ids, err);
}

static bool forecasts_print(struct session *session, const ListForecastsResponse *list,
                            struct niva_error *err)
{
    if (!session_say_rehearsal(session, err))
        return false;
    show(session->out,
         session_pick(session, "Faller under miniminivån efter %s, senast %s, yrkesgrupp %s: %zu\n",
                      "Fall below the minimum after %s, by %s, profession group %s: %zu\n"),
         list->today, list->last_day, session->options.group, list->n_forecasts);
    if (list->n_forecasts > 0) {
        qsort(list->forecasts, list->n_forecasts, sizeof *list->forecasts, forecast_compare);
        fputs("\n", session->out);
        if (!session_print_table(session, forecasts_table(session, list), err))
            return false;
        fputs(session_pick(session,
                           "\nEn prognos, om inget mer blir känt. Kostnad: vad det tar av månadens "
                           "fasta ersättning.\n",
                           "\nA forecast, if nothing else becomes known. Cost: what it takes from "
                           "the fixed compensation of the month.\n"),
              session->out);
    }
    if (!remarks_say(session, list, err))
        return false;
    pending_say(session, list->pending);
    return true;
}

int command_forecast(struct session *session, size_t count, const char *const *arguments)
{
    ListForecastsRequest request = NIVA__COMPLIANCE__V1__LIST_FORECASTS_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;
    const char *unit;

    (void)count;
    (void)arguments;
    niva_error_clear(&err);
    if (!unit_find(session, session->options.unit, &unit, &err))
        return session_fail(session, &err);
    request.region_code = (char *)(uintptr_t)session->options.region;
    request.unit = (char *)(uintptr_t)unit;
    request.profession_group = (char *)(uintptr_t)session->options.group;
    request.within_days = (int32_t)session->options.within;
    request.page_size = PAGE;
    if (!session_known_at(session, &request.known_at, &err) ||
        !session_list(session, "niva.compliance.v1.ComplianceService/ListForecasts", &request.base,
                      &reply, &err) ||
        !(session->json ? session_print_json(session, reply, &err)
                        : forecasts_print(session, (ListForecastsResponse *)reply, &err)))
        return session_fail(session, &err);
    return EXIT_YES;
}
