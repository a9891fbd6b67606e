/* The data set of the model's benchmark: units with two profession groups, a listing a month, a
 * change of staffing every 15 to 50 days, a yearly rate. Deterministic. It is written as CSV for
 * the SQL peer and read back for the model, so that both compute from the same rows. */
#ifndef NIVA_TESTS_BENCH_DATASET_H
#define NIVA_TESTS_BENCH_DATASET_H

#include "services/model/regulation.h"

enum { DATASET_GROUPS = 2, DATASET_FIRST_YEAR = 2016 };

/* One unit and group as the model takes it. */
struct dataset_case {
    struct niva_facts facts;
    struct niva_component component;
};

struct dataset {
    int units;
    int years;
    struct dataset_case *cases; /* unit by unit, group by group */
};

/* Writes centre.csv, rate.csv, listed.csv and step.csv into a directory. */
bool dataset_generate(const char *directory, int units, int years);

/* Reads them back into `arena`. */
bool dataset_read(const char *directory, struct niva_arena *arena, struct dataset *ret_dataset);

#endif
