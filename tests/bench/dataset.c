#include "tests/bench/dataset.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 128, TITLES = 1 };

static const int rate_of_group[DATASET_GROUPS] = {1000, 450}; /* milli-FTE per 1000 listed */
static const char *const title[TITLES] = {"FT"};

/* xorshift64: the same figures everywhere. */
static unsigned draw(uint64_t *state, unsigned below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)((*state >> 16) % below);
}

static FILE *file_open(const char *directory, const char *name, const char *mode)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.csv", directory, name);
    return fopen(path, mode);
}

static void steps_write(FILE *file, int unit, int group, int listed, niva_day end, uint64_t *state)
{
    char from[16];
    char until[16];
    for (niva_day day = niva_day_from_civil(DATASET_FIRST_YEAR, 1, 1); day < end;) {
        niva_day next = day + 15 + (niva_day)draw(state, 36);
        if (next > end) {
            next = end;
        }
        niva_day_format(day, from);
        niva_day_format(next, until);
        int needed = listed * rate_of_group[group] / 1000;
        fprintf(file, "%d,%d,%s,%s,%d\n", unit, group + 1, from, until,
                needed / 100 * (85 + (int)draw(state, 30)));
        day = next;
    }
}

bool dataset_generate(const char *directory, int units, int years)
{
    uint64_t state = UINT64_C(88172645463325252);
    niva_day end = niva_day_from_civil(DATASET_FIRST_YEAR + years, 1, 1);
    char from[16];
    char until[16];
    FILE *centre = file_open(directory, "centre", "w");
    FILE *rate = file_open(directory, "rate", "w");
    FILE *listing = file_open(directory, "listed", "w");
    FILE *step = file_open(directory, "step", "w");
    bool opened = centre != NULL && rate != NULL && listing != NULL && step != NULL;
    for (int year = 0; opened && year < years; year++) {
        for (int group = 0; group < DATASET_GROUPS; group++) {
            fprintf(rate, "%d,%d-01-01,%d-01-01,%d\n", group + 1, DATASET_FIRST_YEAR + year,
                    DATASET_FIRST_YEAR + year + 1, rate_of_group[group] + 10 * year);
        }
    }
    for (int unit = 1; opened && unit <= units; unit++) {
        int listed = 3000 + (int)draw(&state, 12000);
        fprintf(centre, "%d,%d\n", unit, (20000 + (int)draw(&state, 60000)) * 100);
        for (int group = 0; group < DATASET_GROUPS; group++) {
            steps_write(step, unit, group, listed, end, &state);
        }
        for (niva_day month = niva_day_from_civil(DATASET_FIRST_YEAR, 1, 1); month < end;
             month = niva_month_next(month)) {
            niva_day_format(month, from);
            niva_day_format(niva_month_next(month), until);
            fprintf(listing, "%d,%s,%d\n", unit, from, listed);
            listed += (int)draw(&state, 101) - 50;
        }
    }
    FILE *files[] = {centre, rate, listing, step};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        opened = (files[i] == NULL || fclose(files[i]) == 0) && opened;
    }
    return opened;
}

/* A line of comma-separated fields, cut in place. */
static int fields_cut(char *line, char *fields[], int most)
{
    int count = 0;
    for (char *at = line; count < most; at++) {
        fields[count++] = at;
        while (*at != ',' && *at != '\n' && *at != '\0') {
            at++;
        }
        bool last = *at != ',';
        *at = '\0';
        if (last) {
            break;
        }
    }
    return count;
}

/* Calls `take` with the fields of every line. */
static bool file_read(const char *directory, const char *name, int width,
                      bool (*take)(struct dataset *, struct niva_arena *, char **),
                      struct dataset *dataset, struct niva_arena *arena)
{
    FILE *file = file_open(directory, name, "r");
    char line[LINE_MAX_BYTES];
    char *fields[8];
    bool good = file != NULL;
    while (good && fgets(line, sizeof line, file) != NULL) {
        good = fields_cut(line, fields, 8) == width && take(dataset, arena, fields);
    }
    return (file == NULL || fclose(file) == 0) && good;
}

/* Arrays grow by doubling inside the arena; what is left behind is given back with it. */
static void *array_grow(struct niva_arena *arena, const void *old, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0) {
        return (void *)(uintptr_t)old;
    }
    char *grown = niva_arena_array(arena, count == 0 ? 1 : 2 * count, size);
    for (size_t i = 0; grown != NULL && i < count * size; i++) {
        grown[i] = ((const char *)old)[i];
    }
    return grown;
}

static struct dataset_case *case_of(struct dataset *dataset, const char *unit, int group)
{
    return &dataset->cases[(atoi(unit) - 1) * DATASET_GROUPS + group];
}

static bool centre_take(struct dataset *dataset, struct niva_arena *arena, char **fields)
{
    size_t count = (size_t)dataset->units * DATASET_GROUPS;
    struct dataset_case *cases = count == 0 ? NULL : dataset->cases;
    for (int group = 0; group < DATASET_GROUPS; group++) {
        cases = array_grow(arena, cases, count, sizeof *cases);
        if (cases == NULL) {
            return false;
        }
        cases[count++] = (struct dataset_case){
            .facts = {.open = {NIVA_DAY_NONE, NIVA_DAY_END}, .known_at = INT64_MAX},
            .component = {.name = "fast",
                          .days = {NIVA_DAY_NONE, NIVA_DAY_END},
                          .monthly_ore = atoll(fields[1]),
                          .regulated = true},
        };
    }
    dataset->cases = cases;
    dataset->units++;
    return true;
}

/* A rate of a year becomes a rule set of that year, the same for all units. */
static bool rate_take(struct dataset *dataset, struct niva_arena *arena, char **fields)
{
    int group = atoi(fields[0]) - 1;
    struct niva_facts *first = &dataset->cases[group].facts;
    struct niva_rule_set rule = {
        .id = "bench",
        .severity = NIVA_BINDING,
        .requirement = {.kind = NIVA_REQUIRE_PER_WEIGHTED,
                        .persons_per_fte = 1000,
                        .rounding_step_milli = 10,
                        .rounding_mode = NIVA_ROUND_HALF_UP,
                        .snapshot = NIVA_SAME_DAY},
        .counting = {.title_count = TITLES,
                     .titles = title,
                     .employments = 1u << NIVA_EMPLOYED,
                     .absence_threshold_days = 30,
                     .counts_from = NIVA_FROM_FIRST_DAY,
                     .join_gap_days = -1,
                     .hired_cap_permille = -1},
        .regulation = {.formula = NIVA_PRO_RATA,
                       .max_periods = -1,
                       .cap_permille = -1,
                       .minimum_ore = -1,
                       .rounding_unit_ore = 1},
    };
    rule.id = niva_arena_printf(arena, "%s-%s", fields[0], fields[1]);
    if (rule.id == NULL || !niva_day_parse(fields[1], &rule.days.from) ||
        !niva_day_parse(fields[2], &rule.days.until)) {
        return false;
    }
    struct niva_rule_set *rules =
        array_grow(arena, first->rule_sets, first->rule_set_count, sizeof *rules);
    if (rules == NULL) {
        return false;
    }
    rules[first->rule_set_count++] = rule;
    for (int unit = 0; unit < dataset->units; unit++) {
        struct niva_facts *facts = &dataset->cases[unit * DATASET_GROUPS + group].facts;
        facts->rule_sets = rules;
        facts->rule_set_count = first->rule_set_count;
    }
    dataset->years = (int)first->rule_set_count;
    return true;
}

/* listed × the rate of the year is the weighted listing: listed × rate / 1000 is required. */
static bool listed_take(struct dataset *dataset, struct niva_arena *arena, char **fields)
{
    for (int group = 0; group < DATASET_GROUPS; group++) {
        struct niva_facts *facts = &case_of(dataset, fields[0], group)->facts;
        struct niva_listing *listings =
            array_grow(arena, facts->listings, facts->listing_count, sizeof *listings);
        struct niva_listing listing = {.listed = atoi(fields[2])};
        int year = atoi(fields[1]) - DATASET_FIRST_YEAR;
        if (listings == NULL || !niva_day_parse(fields[1], &listing.as_of)) {
            return false;
        }
        listing.weighted_milli = (int64_t)listing.listed * (rate_of_group[group] + 10 * year);
        listings[facts->listing_count++] = listing;
        facts->listings = listings;
    }
    return true;
}

/* A step of staffing becomes a report: full-time positions and the rest. */
static bool step_take(struct dataset *dataset, struct niva_arena *arena, char **fields)
{
    struct niva_facts *facts = &case_of(dataset, fields[0], atoi(fields[1]) - 1)->facts;
    struct niva_report *reports =
        array_grow(arena, facts->reports, facts->report_count, sizeof *reports);
    int fte_milli = atoi(fields[4]);
    size_t count = (size_t)(fte_milli + 999) / 1000;
    struct niva_position *positions = niva_arena_array(arena, count, sizeof *positions);
    struct niva_report report = {.position_count = count, .positions = positions};
    report.id = niva_arena_printf(arena, "%s-%s-%s", fields[0], fields[1], fields[2]);
    if (reports == NULL || positions == NULL || report.id == NULL ||
        !niva_day_parse(fields[2], &report.effective_from)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        positions[i] = (struct niva_position){
            .key = niva_arena_printf(arena, "p%zu", i),
            .title_code = title[0],
            .employment = NIVA_EMPLOYED,
            .fte_milli = i + 1 < count ? 1000 : fte_milli - 1000 * (int)(count - 1),
            .licensed = true,
            .active = {NIVA_DAY_NONE, NIVA_DAY_END},
        };
        if (positions[i].key == NULL) {
            return false;
        }
    }
    report.recorded_at = facts->report_count == 0 ? 0 : (niva_instant)facts->report_count;
    reports[facts->report_count++] = report;
    facts->reports = reports;
    return true;
}

bool dataset_read(const char *directory, struct niva_arena *arena, struct dataset *ret_dataset)
{
    struct dataset dataset = {0};
    if (!file_read(directory, "centre", 2, centre_take, &dataset, arena) ||
        !file_read(directory, "rate", 4, rate_take, &dataset, arena) ||
        !file_read(directory, "listed", 3, listed_take, &dataset, arena) ||
        !file_read(directory, "step", 5, step_take, &dataset, arena)) {
        return false;
    }
    *ret_dataset = dataset;
    return true;
}
