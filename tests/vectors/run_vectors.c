/* Runs every worked case (*.json) of a directory through the model and prints what differs. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/text.h"
#include "services/common/facts/facts.h"
#include "services/common/wire/wire.h"

enum { CASE_BYTES = 64 * 1024 * 1024 };

static bool file_read(const char *path, struct niva_text *text)
{
    char buffer[16384];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL)
        return false;
    while ((size = fread(buffer, 1, sizeof buffer, file)) > 0)
        niva_text_append(text, buffer, size);
    bool good = !ferror(file) && !text->failed && text->length > 0;
    fclose(file);
    return good;
}

static void error_print(const char *path, const struct niva_error *err)
{
    printf("%s: %s: %s\n", path, niva_code_name((int)err->code), err->text_en);
    for (size_t i = 0; i < err->violation_count; i++)
        printf("  %s: %s\n", err->violations[i].field, err->violations[i].text_en);
}

static void timeline_write(const Niva__Model__V1__Outcome *outcome, struct niva_text *text)
{
    for (size_t i = 0; i < outcome->n_timeline; i++) {
        const Niva__Compliance__V1__Segment *segment = outcome->timeline[i];
        niva_text_printf(text, "  run       %s … %s status %d required %d counted %d missing %d\n",
                         segment->first_day, segment->last_day, (int)segment->status,
                         segment->required_milli, segment->counted_milli, segment->shortfall_milli);
    }
}

static void outcome_write(const Niva__Model__V1__Outcome *outcome, struct niva_text *text)
{
    timeline_write(outcome, text);
    for (size_t i = 0; i < outcome->n_breaches; i++)
        niva_text_printf(text, "  breach    %s … %s\n", outcome->breaches[i]->first_day,
                         outcome->breaches[i]->last_day);
    for (size_t i = 0; i < outcome->n_deductions; i++)
        niva_text_printf(text, "  deduction %s %s %lld\n", outcome->deductions[i]->period,
                         outcome->deductions[i]->component,
                         (long long)outcome->deductions[i]->deduction_ore);
}

static bool outcomes_compare(const char *name, const Niva__Model__V1__Outcome *expected,
                             const Niva__Model__V1__Outcome *actual)
{
    struct niva_text expected_text = {0};
    struct niva_text actual_text = {0};

    outcome_write(expected, &expected_text);
    outcome_write(actual, &actual_text);
    bool same = !expected_text.failed && !actual_text.failed &&
                expected_text.length == actual_text.length &&
                (expected_text.length == 0 || strcmp(expected_text.data, actual_text.data) == 0);
    if (!same)
        printf("%s\nexpected:\n%sactual:\n%s", name, expected_text.length ? expected_text.data : "",
               actual_text.length ? actual_text.data : "");
    niva_text_free(&expected_text);
    niva_text_free(&actual_text);
    return same;
}

static bool case_run(const char *path, struct niva_arena *arena)
{
    struct niva_text text = {0};
    struct niva_error err;
    ProtobufCMessage *message = NULL;
    Niva__Model__V1__Outcome *outcome = NULL;
    bool good = false;

    niva_error_clear(&err);
    if (!file_read(path, &text)) {
        printf("%s: %s\n", path, strerror(errno));
    } else if (!niva_json_parse(&niva__model__v1__vector__descriptor, text.data, text.length, arena,
                                &message, &err)) {
        error_print(path, &err);
    } else {
        const Niva__Model__V1__Vector *vector = (const Niva__Model__V1__Vector *)message;
        if (vector->scenario == NULL || vector->expect == NULL)
            printf("%s: not a case: scenario or expect is missing\n", path);
        else if (!niva_evaluate(vector->scenario, arena, &outcome, &err))
            error_print(path, &err);
        else
            good = outcomes_compare(vector->name, vector->expect, outcome);
    }
    niva_text_free(&text);
    return good;
}

static int case_select(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : NIVA_CASES;
    struct dirent **entries = NULL;
    struct niva_arena *arena = niva_arena_new(CASE_BYTES);
    int count = scandir(directory, &entries, case_select, alphasort);
    int failed = 0;

    if (count <= 0 || arena == NULL) {
        fprintf(stderr, "%s: no cases\n", directory);
        return 1;
    }
    for (int i = 0; i < count; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        if (length < 0 || (size_t)length >= sizeof path || !case_run(path, arena))
            failed++;
        niva_arena_reset(arena);
        free(entries[i]);
    }
    free(entries);
    niva_arena_free(arena);
    printf("%d cases, %d failed\n", count, failed);
    return failed ? 1 : 0;
}
