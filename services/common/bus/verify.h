/* Proving what a service keeps. Events and facts are proved here, by their chains and heads; what a
 * service keeps beside them it proves itself (services/common/run/service.h). A page of the proof
 * is read in one snapshot and says where to go on; what it finds is collected, never an error:
 * errors are for what could not be read. */
#ifndef NIVA_COMMON_BUS_VERIFY_H
#define NIVA_COMMON_BUS_VERIFY_H

#include "niva/control/v1/control.pb-c.h"
#include "services/common/base/arena.h"
#include "services/common/pg/facts.h"

typedef Niva__Control__V1__Difference niva_difference;
typedef Niva__Control__V1__Holding niva_holding;

/* A kind of difference: its code and its sentences. Static for ever. */
struct niva_difference_kind {
    const char *code;
    const char *text_sv;
    const char *text_en;
};

/* What has been found so far; all zero but the arena, in which everything lives. */
struct niva_verify {
    struct niva_arena *arena;
    int64_t checked;
    size_t difference_count;
    size_t difference_capacity;
    niva_difference **differences;
    size_t notice_count;
    size_t notice_capacity;
    niva_difference **notices;
    size_t holding_count;
    size_t holding_capacity;
    niva_holding **holdings;
    bool failed; /* the arena is out: what was found may be incomplete */
};

/* Begins a difference: NIVA__CONTROL__V1__DIFFERENCE__INIT, shorter. */
#define NIVA_DIFFERENCE(...)                                                                       \
    (&(const niva_difference){                                                                     \
        .base = PROTOBUF_C_MESSAGE_INIT(&niva__control__v1__difference__descriptor), __VA_ARGS__})

/* Adds a difference; texts are copied, NULL is "". Code and sentences are those of `kind`. */
void niva_verify_differs(struct niva_verify *verify, const struct niva_difference_kind *kind,
                         const niva_difference *difference);
/* The same for what is right and still worth knowing. */
void niva_verify_notes(struct niva_verify *verify, const struct niva_difference_kind *kind,
                       const niva_difference *difference);

/* Texts of values in the arena of what was found, for `expected` and `actual`. */
char *niva_verify_number(struct niva_verify *verify, int64_t number);
char *niva_verify_day(struct niva_verify *verify, niva_day day);
char *niva_verify_instant(struct niva_verify *verify, niva_instant instant);

/* What a service has of a stream and unit, while it is collected; all zero but the arena. */
struct niva_items {
    struct niva_arena *arena;
    size_t count;
    size_t capacity;
    uint8_t (*digests)[32];
};

/* Adds the bytes of a fact or an event. */
bool niva_items_add(struct niva_items *items, const void *bytes, size_t size,
                    struct niva_error *err) NIVA_MUST_CHECK;
/* Adds an event as its owner and its follower know it, by position and data. */
bool niva_items_add_event(struct niva_items *items, int64_t position, ProtobufCBinaryData data,
                          struct niva_error *err) NIVA_MUST_CHECK;
/* Adds a fact as all who have it know it, by kind, id, version, instant of record and body. */
bool niva_items_add_fact(struct niva_items *items, const struct niva_fact *fact,
                         struct niva_error *err) NIVA_MUST_CHECK;
/* Makes a holding of them; their order does not matter. Nothing is no holding. */
bool niva_verify_holds(struct niva_verify *verify, const char *stream, const char *unit,
                       struct niva_items *items, struct niva_error *err) NIVA_MUST_CHECK;

/* A kind of facts that travels in a stream; of some only first versions carry content there. */
struct niva_held_kind {
    const char *name;
    bool first_version_only;
};
/* The facts of these kinds of a unit as a holding of `stream`, to which they belong: its own, or
 * copies. What is erased is held without its content. */
bool niva_verify_holds_facts(struct niva_pg *pg, const char *stream,
                             const struct niva_held_kind *kinds, size_t kind_count,
                             const char *unit, struct niva_arena *arena, struct niva_verify *verify,
                             struct niva_error *err) NIVA_MUST_CHECK;

/* The same facts, added to items that are collected. */
bool niva_items_add_facts(struct niva_pg *pg, const struct niva_held_kind *kinds, size_t kind_count,
                          const char *unit, struct niva_items *items,
                          struct niva_error *err) NIVA_MUST_CHECK;

/* Units in their order, after one, by a statement of the store ($1: after, $2: at most so many); or
 * `unit` alone, borrowed, unless it is "". */
bool niva_verify_units(struct niva_pg *pg, const struct niva_statement *units, const char *unit,
                       const char *after, int32_t limit, struct niva_arena *arena,
                       size_t *ret_count, const char ***ret_units,
                       struct niva_error *err) NIVA_MUST_CHECK;

/* An event of the own stream, as it stands. */
struct niva_told {
    int64_t position;
    const char *type;
    ProtobufCBinaryData data; /* NULL once erased */
};
/* The events about a subject whose type begins with `types`, in order. */
bool niva_verify_told_of(struct niva_pg *pg, const char *subject, const char *types,
                         struct niva_arena *arena, size_t *ret_count, struct niva_told **ret_told,
                         struct niva_error *err) NIVA_MUST_CHECK;
/* The same whatever they are about. */
bool niva_verify_told(struct niva_pg *pg, const char *types, struct niva_arena *arena,
                      size_t *ret_count, struct niva_told **ret_told,
                      struct niva_error *err) NIVA_MUST_CHECK;

/* Whether a failure came from what is kept, and not from the database or from memory. */
bool niva_verify_content_broken(const struct niva_pg *pg, const struct niva_error *err);

/* The events after position `after`, at most `limit` of them: no gap, nothing behind the head, data
 * as digested, each link of the chain, columns as in the envelope, times that never go back; the
 * head at the end. `ret_next` is where to go on, -1 at the end. */
bool niva_verify_events(struct niva_pg *pg, int64_t after, int32_t limit,
                        struct niva_verify *verify, int64_t *ret_next,
                        struct niva_error *err) NIVA_MUST_CHECK;

/* The facts after number `after`, in the same way: no gap, no version without the one before it,
 * content as digested, each link of the chain; the head at the end. */
bool niva_verify_facts(struct niva_pg *pg, int64_t after, int32_t limit, struct niva_verify *verify,
                       int64_t *ret_next, struct niva_error *err) NIVA_MUST_CHECK;

/* How many events and facts there are, by the head. */
bool niva_verify_total(struct niva_pg *pg, int64_t *ret_total,
                       struct niva_error *err) NIVA_MUST_CHECK;

#endif
