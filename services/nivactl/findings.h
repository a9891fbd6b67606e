/* What a proof found: differences and notices, with the service that they were found in, shown as a
 * table or as JSON. */
#ifndef NIVA_NIVACTL_FINDINGS_H
#define NIVA_NIVACTL_FINDINGS_H

#include "niva/control/v1/control.pb-c.h"
#include "services/nivactl/session.h"

typedef Niva__Control__V1__Difference Difference;

struct finding {
    enum service service;
    const Difference *difference;
};

/* A list that grows in the session's arena; all zero is an empty one. */
struct findings {
    size_t count;
    size_t capacity;
    struct finding *list;
};

/* Adds a difference, which must live as long as the session. */
bool findings_add(struct findings *findings, struct session *session, enum service service,
                  const Difference *difference, struct niva_error *err) NIVA_MUST_CHECK;
/* The same for one that is copied. */
bool findings_copy(struct findings *findings, struct session *session, enum service service,
                   const Difference *difference, struct niva_error *err) NIVA_MUST_CHECK;

/* Prints the first of them as a table, and under it what each code means. */
bool findings_print(struct session *session, const struct findings *findings,
                    struct niva_error *err) NIVA_MUST_CHECK;

/* Appends all of them as a JSON list, each with its `service`. */
bool findings_json(const struct findings *findings, struct niva_text *text,
                   struct niva_error *err) NIVA_MUST_CHECK;

#endif
