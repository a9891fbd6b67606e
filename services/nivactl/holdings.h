/* What services have of each other's streams, unit by unit: the owner of a stream and the service
 * that follows it must have the same. */
#ifndef NIVA_NIVACTL_HOLDINGS_H
#define NIVA_NIVACTL_HOLDINGS_H

#include "niva/control/v1/control.pb-c.h"
#include "services/nivactl/session.h"

enum { HOLDING_DIGEST_SIZE = 32 };

struct holding {
    enum service service; /* who has it */
    enum service stream;  /* of whose stream */
    const char *unit;     /* "" for what is about none */
    int64_t count;
    uint8_t digest[HOLDING_DIGEST_SIZE];
};

/* A list that grows in the session's arena; all zero is an empty one. */
struct holdings {
    size_t count;
    size_t capacity;
    struct holding *list;
};

/* What the owner of a stream has of a unit, and what its follower has; NULL: nothing. */
struct pair {
    enum service owner;
    enum service follower;
    const char *unit;
    const struct holding *own;
    const struct holding *copy;
};

/* Adds what a service said that it has; of a stream that is none it is passed over. */
bool holdings_add(struct holdings *holdings, struct session *session, enum service service,
                  const Niva__Control__V1__Holding *said, struct niva_error *err) NIVA_MUST_CHECK;

/* Puts them in order of stream and unit. */
void holdings_sort(struct holdings *holdings);
/* The next pair of a sorted list; false behind the last. `at` begins as 0. */
bool holdings_next(const struct holdings *holdings, size_t *at, struct pair *ret_pair);
/* The pair of a stream and unit, in a list in any order. */
void holdings_pair(const struct holdings *holdings, enum service owner, const char *unit,
                   struct pair *ret_pair);
/* Any unit of which there is something; "" when there is none. */
const char *holdings_any_unit(const struct holdings *holdings);

bool pair_equal(const struct pair *pair);
/* "17, 3f2a…" or "0". */
void holding_words(const struct holding *holding, char ret_words[48]);

#endif
