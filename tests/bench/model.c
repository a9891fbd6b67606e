/* The model alone: `model-bench generate DIR UNITS YEARS` writes the data set, `model-bench run DIR
 * [CONNINFO]` reads it, computes required, days below and deduction of every unit, group and month,
 * and with a database stores them. Prints CSV: seconds of load, compute and store, unit-months, the
 * sum of all deductions. The sum must equal the peer's: both round listed × rate to 10 milli-FTE
 * and each deduction once, half away from zero. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/common/base/text.h"
#include "tests/bench/dataset.h"

#define LOAD_MEMORY ((size_t)8 << 30)
#define CASE_MEMORY ((size_t)64 << 20)

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int complain(const char *what)
{
    fprintf(stderr, "model-bench: %s\n", what);
    return 3;
}

struct totals {
    int64_t months;
    int64_t deduction_ore;
    int64_t days_below;
};

/* One unit and group: the timeline once, then month by month; a row for each into `rows` if there
 * is one. */
static bool case_compute(const struct dataset *dataset, int index, struct niva_arena *arena,
                         struct niva_text *rows, struct totals *totals, struct niva_error *err)
{
    const struct dataset_case *one = &dataset->cases[index];
    struct niva_span horizon = {niva_day_from_civil(DATASET_FIRST_YEAR, 1, 1),
                                niva_day_from_civil(DATASET_FIRST_YEAR + dataset->years, 1, 1)};
    struct niva_timeline timeline;
    if (!niva_timeline_compute(&one->facts, horizon, false, arena, &timeline, err)) {
        return false;
    }
    struct niva_month month = {.today = horizon.until - 1,
                               .open = one->facts.open,
                               .component_count = 1,
                               .components = &one->component};
    for (niva_day begin = horizon.from; begin < horizon.until; begin = month.days.until) {
        size_t count = 0;
        const struct niva_deduction *deductions = NULL;
        month.days = (struct niva_span){begin, niva_month_next(begin)};
        month.rule = &niva_rule_set_on(&one->facts, month.days.until - 1)->regulation;
        if (!niva_month_runs(&timeline, month.days, arena, &month.run_count, &month.runs, err) ||
            !niva_deductions_compute(&month, arena, &count, &deductions, err)) {
            return false;
        }
        int64_t below = 0;
        for (size_t i = 0; i < month.run_count; i++) {
            if (month.runs[i].status == NIVA_BELOW_MINIMUM) {
                below += month.runs[i].days.until - month.runs[i].days.from;
            }
        }
        totals->months++;
        totals->days_below += below;
        totals->deduction_ore += deductions[0].ore;
        if (rows != NULL) {
            char day[16];
            niva_day_format(begin, day);
            niva_text_printf(rows, "%d,%s,%d,%d,%lld,%lld\n", index / DATASET_GROUPS + 1, day,
                             index % DATASET_GROUPS + 1, month.runs[0].required_milli,
                             (long long)below, (long long)deductions[0].ore);
        }
    }
    return true;
}

static bool all_compute(const struct dataset *dataset, struct niva_text *rows,
                        struct totals *totals)
{
    struct niva_error err = {0};
    struct niva_arena *arena = niva_arena_new(CASE_MEMORY);
    bool good = arena != NULL;
    for (int i = 0; good && i < dataset->units * DATASET_GROUPS; i++) {
        good = case_compute(dataset, i, arena, rows, totals, &err);
        niva_arena_reset(arena);
    }
    niva_arena_free(arena);
    if (!good) {
        fprintf(stderr, "model-bench: %s (%s)\n", err.text_en, err.cause);
    }
    return good;
}

static bool rows_store(const char *conninfo, const struct niva_text *rows)
{
    PGconn *connection = PQconnectdb(conninfo);
    PGresult *result = NULL;
    bool good = PQstatus(connection) == CONNECTION_OK;
    if (good) {
        PQclear(PQexec(connection, "truncate rl_result"));
        result = PQexec(connection, "copy rl_result from stdin csv");
        good = PQresultStatus(result) == PGRES_COPY_IN &&
               PQputCopyData(connection, rows->data, (int)rows->length) == 1 &&
               PQputCopyEnd(connection, NULL) == 1;
        PQclear(result);
        result = PQgetResult(connection);
        good = good && PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
    }
    if (!good) {
        fprintf(stderr, "model-bench: %s", PQerrorMessage(connection));
    }
    PQfinish(connection);
    return good;
}

static int run(const char *directory, const char *conninfo)
{
    struct dataset dataset;
    struct totals totals = {0};
    struct niva_text rows = {0};
    struct niva_arena *arena = niva_arena_new(LOAD_MEMORY);
    double begun = seconds_now();
    bool good = arena != NULL && dataset_read(directory, arena, &dataset);
    double loaded = seconds_now();
    good = good && all_compute(&dataset, conninfo == NULL ? NULL : &rows, &totals) && !rows.failed;
    double computed = seconds_now();
    good = good && (conninfo == NULL || rows_store(conninfo, &rows));
    double stored = seconds_now();
    if (good) {
        printf("%.4f,%.4f,%.4f,%lld,%lld,%lld\n", loaded - begun, computed - loaded,
               stored - computed, (long long)totals.months, (long long)totals.days_below,
               (long long)totals.deduction_ore);
    }
    niva_text_free(&rows);
    niva_arena_free(arena);
    return good ? 0 : complain("the run failed");
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "generate") == 0) {
        return dataset_generate(argv[2], atoi(argv[3]), atoi(argv[4])) ? 0
                                                                       : complain("no data set");
    }
    if ((argc == 3 || argc == 4) && strcmp(argv[1], "run") == 0) {
        return run(argv[2], argc == 4 ? argv[3] : NULL);
    }
    fputs("usage: model-bench generate DIR UNITS YEARS | model-bench run DIR [CONNINFO]\n", stderr);
    return 2;
}
