/* What a command about settlements reads and writes. Such a command is decided in a batch of its
 * own (a batch that has others too is taken apart), so that it sees what every other has written:
 * which lines are decided, which settlements live. It lives in the batch's arena. */
#ifndef NIVA_COMPENSATION_SETTLING_H
#define NIVA_COMPENSATION_SETTLING_H

#include "services/compensation/settlement.h"
#include "services/compensation/sheet.h"

/* A settlement, or a version of one, as it is stored. Never changed once it was made. */
struct settlement_row {
    struct niva_uuid id;
    niva_day period; /* first day of the booking month */
    niva_instant recorded_at;
    const Niva__Compensation__V1__Settlement *body; /* without content */
};

/* A line that waits for its settlement. */
struct settling_line {
    const struct sheet_row *row;
    niva_day closed_on; /* last open day of its unit, as known now; NIVA_DAY_END: it is open */
    size_t explanation_count;
    Niva__Compensation__V1__ExplanationLine *const *explanation;
};

struct settling {
    /* an export: the region's first living settlement of the booking month or after it, and the
     * file of it that is asked for, if it is of that very month */
    const struct settlement_row *living;
    ProtobufCBinaryData content;
    /* … and if there is none: how the region books, and the lines that can be settled, unit by unit
     */
    const Niva__Compensation__V1__SettlementConfig *config;
    size_t waiting_count;
    struct settling_line *waiting;
    /* the end of one: as it is, and its lines in its order */
    const struct settlement_row *present;
    size_t line_count;
    struct sheet_row **lines;

    /* to be written, beside the lines' next versions: */
    const struct settlement_row *row;            /* NULL: nothing is */
    bool exported;                               /* it is new, with the files */
    bool voided;                                 /* it gives its lines back */
    ProtobufCBinaryData files[SETTLEMENT_KINDS]; /* in the order of settlement_kinds */
    uint8_t digests[SETTLEMENT_KINDS][SETTLEMENT_DIGEST_SIZE];
};

#endif
