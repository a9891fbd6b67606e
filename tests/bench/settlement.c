/* How long the writer is kept by an export: `settlement-bench [LINES=5000]` decides so many lines
 * of as many units on a cluster of its own, settles them, and prints the seconds that each step
 * took, the bytes of the files, and the greatest size of the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "services/common/base/clock.h"
#include "services/compensation/settlement.h"
#include "tests/support/compensation_rig.h"

enum { LINES = 5000, EVENTS_AT_ONCE = 64 };

/* A month that changes every few days, as with absences of many. */
static const struct run_spec runs[] = {
    RUN_MET(1, 3, 2800),
    RUN_BELOW(4, 9, 2800, 2000, "2022-07-04"),
    RUN_BELOW(10, 17, 2800, 2300, "2022-07-04"),
    RUN_BELOW(18, 24, 2800, 1750, "2022-07-04"),
    RUN_BELOW(25, 31, 2800, 2000, "2022-07-04"),
};

static double seconds_since(int64_t *begun_ms)
{
    int64_t now_ms = niva_clock_monotonic_ms();
    double seconds = (double)(now_ms - *begun_ms) / 1000;

    *begun_ms = now_ms;
    return seconds;
}

static const char *unit_name(struct rig *rig, int number)
{
    return niva_arena_printf(rig->arena, "SE2321000016-%04d", number);
}

static void july_tell(struct rig *rig, int lines)
{
    for (int i = 0; i < lines; i++)
        rig_put(rig, unit_name(rig, i), "fysioterapi", "2020-01-01", "", 8400000);
    rig_day(rig, "2022-07-01");
    for (int i = 0; i < lines; i++) {
        Niva__Compliance__V1__TimelineChanged *timeline =
            timeline_make(rig->arena, unit_name(rig, i), "2022-07", runs, 5);

        timeline->rule_set =
            rule_set_make(rig->arena, NIVA__COMPLIANCE__V1__REGULATION__FORMULA__PRO_RATA);
        timeline->registered_unit->region_code = text_make(rig->arena, "19");
        rig_month(rig, timeline);
        if (rig->event_count == EVENTS_AT_ONCE)
            rig_apply(rig);
    }
    rig_days(rig, "2022-07-02", "2022-08-10");
    rig_apply(rig);
}

static void july_decide(struct rig *rig, int lines)
{
    for (int i = 0; i < lines; i++)
        rig_settle(rig, rig_line(rig, unit_name(rig, i), "2022-07"), RIG_APPROVE, 0);
}

static void july_settle(struct rig *rig)
{
    Niva__Compensation__V1__ExportSettlementRequest request =
        NIVA__COMPENSATION__V1__EXPORT_SETTLEMENT_REQUEST__INIT;
    const Niva__Compensation__V1__Settlement *settlement;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.region_code = (char *)"19";
    request.period = (char *)"2022-07";
    request.format = NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__SIE4I;
    if (!rig_call(rig, "SettlementService/ExportSettlement", "economist", &request.base, &reply,
                  &err))
        fail_msg("%s (%s)", err.text_en, err.cause);
    settlement = ((Niva__Compensation__V1__ExportSettlementResponse *)reply)->settlement;
    printf("lines,%zu\n", settlement->n_adjustment_ids);
    for (size_t i = 0; i < settlement->n_files; i++)
        printf("bytes_%s,%lld\n", settlement->files[i]->media_type,
               (long long)settlement->files[i]->size);
}

int main(int argc, char **argv)
{
    int lines = argc > 1 ? atoi(argv[1]) : LINES;
    int64_t begun_ms = niva_clock_monotonic_ms();
    struct cluster *cluster = cluster_new();
    struct rusage usage;
    struct rig rig;

    rig_open(&rig, cluster);
    july_tell(&rig, lines);
    printf("told_s,%.3f\n", seconds_since(&begun_ms));
    july_decide(&rig, lines);
    printf("decided_s,%.3f\n", seconds_since(&begun_ms));
    getrusage(RUSAGE_SELF, &usage);
    printf("before_kb,%ld\n", usage.ru_maxrss);
    july_settle(&rig);
    printf("settled_s,%.3f\n", seconds_since(&begun_ms));
    getrusage(RUSAGE_SELF, &usage);
    printf("after_kb,%ld\n", usage.ru_maxrss);
    rig_close(&rig);
    cluster_free(cluster);
    return 0;
}
