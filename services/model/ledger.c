#include "services/model/ledger.h"

#include <string.h>

void ledger_clear(struct ledger *ledger)
{
    ratio_clear(&ledger->sum);
}

static bool ledger_reserve(struct ledger *ledger)
{
    if (ledger->count < ledger->capacity)
        return true;
    size_t capacity = ledger->capacity == 0 ? 8 : 2 * ledger->capacity;
    struct niva_line *lines = niva_arena_array(ledger->arena, capacity, sizeof *lines);
    if (lines == NULL)
        return false;
    if (ledger->count > 0)
        memcpy(lines, ledger->lines, ledger->count * sizeof *lines);
    ledger->lines = lines;
    ledger->capacity = capacity;
    return true;
}

bool ledger_add(struct ledger *ledger, const struct niva_line *line, const struct ratio *ore)
{
    if (!ledger_reserve(ledger))
        return false;
    struct niva_line *added = &ledger->lines[ledger->count];
    *added = *line;
    added->ore = ratio_print(ore, ledger->arena);
    if (added->ore == NULL)
        return false;
    ledger->count++;
    ratio_add(&ledger->sum, ore);
    return true;
}

bool ledger_settle(struct ledger *ledger, const struct niva_line *line, const struct ratio *target)
{
    struct ratio step __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;

    ratio_copy(&step, target);
    ratio_subtract(&step, &ledger->sum);
    return ratio_sign(&step) == 0 || ledger_add(ledger, line, &step);
}
