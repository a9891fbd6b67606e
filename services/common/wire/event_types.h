/* Every type of event, in one table a stream: what it is called, what stands in it, who may read it
 * and what it says. A service writes what stands here under its name and nothing else, a reader
 * knows what may come. (Architecture: "Events".)
 *
 * A new type is a message in the events.proto of its service and a row here. */
#ifndef NIVA_COMMON_WIRE_EVENT_TYPES_H
#define NIVA_COMMON_WIRE_EVENT_TYPES_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

/* What the subject of an event names. */
enum niva_event_subject {
    NIVA_SUBJECT_UNIT,   /* a unit, by its HSA-id */
    NIVA_SUBJECT_NONE,   /* nothing: it concerns everybody */
    NIVA_SUBJECT_EITHER, /* a unit, or nothing when it concerns a whole region */
};

struct niva_event_type {
    const char *name; /* "se.niva.intake.report.received.v1" */
    const ProtobufCMessageDescriptor *data;
    /* Carries positions and dates of single employees: peer listener only. */
    bool internal;
    enum niva_event_subject subject;
    /* What happened, in a sentence. */
    const char *text_sv;
    const char *text_en;
};

enum { NIVA_INTAKE_EVENTS = 10, NIVA_COMPLIANCE_EVENTS = 21, NIVA_COMPENSATION_EVENTS = 8 };
extern const struct niva_event_type niva_intake_events[NIVA_INTAKE_EVENTS];
extern const struct niva_event_type niva_compliance_events[NIVA_COMPLIANCE_EVENTS];
extern const struct niva_event_type niva_compensation_events[NIVA_COMPENSATION_EVENTS];

/* The index-th type of all, in order of streams, and the name of its stream (`ret_stream` may be
 * NULL); NULL behind the last. */
const struct niva_event_type *niva_event_type_at(size_t index, const char **ret_stream);

#endif
