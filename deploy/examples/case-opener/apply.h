/* What the case opener does with events. A ledger is the opener's database as one stream sees it:
 * how far that stream is applied, and what its events change. Each event is one transaction that
 * moves the cursor first and then makes the change: both or neither, whatever is killed when. */
#ifndef CASE_OPENER_APPLY_H
#define CASE_OPENER_APPLY_H

#include "services/common/bus/consumer.h"

struct ledger {
    const char *stream; /* "compliance" or "compensation" */
    struct niva_pg *pg;
    struct niva_arena *arena;
};

/* Opens a ledger over a connection string. What was opened is closed by ledger_close also when this
 * fails. */
bool ledger_open(struct ledger *ledger, const char *stream, const char *database,
                 struct niva_error *err) NIVA_MUST_CHECK;
void ledger_close(struct ledger *ledger);

/* The types of events of a stream that the opener reacts to; returns their number. */
enum { LEDGER_TYPES_MAX = 8 };
size_t ledger_types(const char *stream, const char *ret_types[LEDGER_TYPES_MAX]);

/* The ledger as one who applies events. It must outlive the consumer. */
struct niva_sink ledger_sink(struct ledger *ledger);

#endif
