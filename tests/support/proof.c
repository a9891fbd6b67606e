#include "tests/support/proof.h"

#include <inttypes.h>

#include "services/common/base/text.h"

enum { ARENA_BYTES = 16 << 20 };

typedef bool chain_verify(struct niva_pg *pg, int64_t after, int32_t limit,
                          struct niva_verify *verify, int64_t *ret_next, struct niva_error *err);

static int64_t chain_walk(struct niva_pg *pg, chain_verify *chain, int32_t limit,
                          struct niva_text *found)
{
    struct niva_verify verify = {.arena = niva_arena_new(ARENA_BYTES)};
    struct niva_error err;
    int64_t next = 0;

    do {
        if (!chain(pg, next, limit, &verify, &next, &err)) {
            niva_text_printf(found, "error %s (%s), ", err.text_en, err.cause);
            break;
        }
    } while (next >= 0);
    for (size_t i = 0; i < verify.difference_count; i++) {
        const niva_difference *difference = verify.differences[i];

        niva_text_printf(found, "%s %" PRId64 " %s, ", difference->code, difference->position,
                         difference->field);
    }
    niva_arena_free(verify.arena);
    return verify.checked;
}

const char *proof_chains(struct niva_pg *pg, int32_t limit, int64_t *ret_events, int64_t *ret_facts)
{
    static char text[2000];
    struct niva_text found = {0};

    *ret_events = chain_walk(pg, niva_verify_events, limit, &found);
    *ret_facts = chain_walk(pg, niva_verify_facts, limit, &found);
    niva_text_set(text, sizeof text, found.data);
    niva_text_free(&found);
    return text;
}
