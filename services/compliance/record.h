/* Records: facts with their messages unpacked, in the order of the record. The record of a unit is
 * all that is known of it and no other, but for its indicators, which nothing is judged by; the
 * record of a region is its rule sets and the dispensations and calls that are for all of its
 * units. */
#ifndef NIVA_COMPLIANCE_RECORD_H
#define NIVA_COMPLIANCE_RECORD_H

#include "services/common/pg/facts.h"
#include "services/compliance/messages.h"

/* Kinds of facts that this service keeps; the first four are copies from intake's events, and
 * erasures follow its. */
enum record_kind {
    RECORD_UNIT = 1,
    RECORD_REPORT,
    RECORD_CONFIRMATION,
    RECORD_ABSENCE,
    RECORD_RULE_SET,
    RECORD_CONTRACT,
    RECORD_LISTING,
    RECORD_DISPENSATION,
    RECORD_FINDING,
    RECORD_CALL,
    RECORD_DIALOGUE,
    RECORD_ERASURE,
    RECORD_INDICATOR,
    RECORD_IMPORT, /* the file of an import; of no unit */
    RECORD_KINDS,  /* one more than the last */
};

/* How a kind is called in the fact table. */
const char *record_kind_name(enum record_kind kind);

struct record {
    enum record_kind kind;
    struct niva_fact fact;
    const ProtobufCMessage *message; /* NULL once erased */
};

/* A list that grows; all zero is an empty one. */
struct records {
    size_t count;
    size_t capacity;
    struct record *list;
};

/* Makes a record of a fact: unpacks its body into the arena. */
bool record_read(const struct niva_fact *fact, struct niva_arena *arena, struct record *ret_record,
                 struct niva_error *err) NIVA_MUST_CHECK;

/* Room for one more, so that the next push can't fail. */
bool records_reserve(struct records *records, struct niva_arena *arena,
                     struct niva_error *err) NIVA_MUST_CHECK;
/* Adds a record at the end; room was reserved. */
void records_push(struct records *records, const struct record *record);
/* The part of a list of records that is about one unit, in order. */
bool records_of_unit(const struct records *all, const char *unit, struct niva_arena *arena,
                     struct records *ret_records, struct niva_error *err) NIVA_MUST_CHECK;

#endif
