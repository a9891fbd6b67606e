#include "services/intake/verify.h"

#include "services/intake/store.h"

enum { UNITS_MOST = 200, UNIT_ARENA_BYTES = 64 << 20 };

/* What goes into events; a withdrawal goes without what was withdrawn. */
static const struct niva_held_kind kinds[] = {
    {"unit", false}, {"report", true}, {"confirmation", false}, {"absence", false}};

static bool units_check(struct niva_read *read, const char *unit, const char *after, int32_t limit,
                        struct niva_verify *verify, const char **ret_next, struct niva_error *err)
{
    struct niva_arena *arena = niva_arena_new(UNIT_ARENA_BYTES);
    int32_t most = limit < UNITS_MOST ? limit : UNITS_MOST;
    const char **units;
    size_t count = 0;
    bool good = arena != NULL || niva_fail_memory(err);

    good =
        good && store_verify_units(read->pg, unit, after, most, read->arena, &count, &units, err);
    for (size_t i = 0; good && i < count; i++) {
        niva_arena_reset(arena);
        good = niva_verify_holds_facts(read->pg, "intake", kinds, sizeof kinds / sizeof *kinds,
                                       units[i], arena, verify, err);
    }
    niva_arena_free(arena);
    *ret_next = good && count == (size_t)most ? units[count - 1] : NULL;
    return good;
}

const struct niva_verify_part intake_verify_parts[INTAKE_VERIFY_PARTS] = {{"units", units_check}};
