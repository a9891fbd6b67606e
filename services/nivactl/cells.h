/* Cells of tables: figures, days and verdicts as people read them. An unknown figure is a word,
 * never 0. Texts live in the session's arena or are constants; NULL when the arena is out. */
#ifndef NIVA_NIVACTL_CELLS_H
#define NIVA_NIVACTL_CELLS_H

#include "niva/compliance/v1/compliance.pb-c.h"
#include "services/nivactl/session.h"

const char *cell_integer(const struct session *session, int64_t value);
/* "2,80" from milli-FTE. */
const char *cell_fte(const struct session *session, int32_t milli);
/* "1 234,50 kr" from öre. */
const char *cell_kronor(const struct session *session, int64_t ore);
/* Thousandths, as "3", "3,5" or "-0,125". */
const char *cell_milli(const struct session *session, int64_t milli);
/* A last day; "tills vidare" for an empty one. */
const char *cell_last_day(const struct session *session, const char *last_day);

/* The figures of a segment. */
const char *cell_required(const struct session *session,
                          const Niva__Compliance__V1__Segment *segment);
const char *cell_counted(const struct session *session,
                         const Niva__Compliance__V1__Segment *segment);
const char *cell_shortfall(const struct session *session,
                           const Niva__Compliance__V1__Segment *segment);
/* The verdict in words; a forecast says so. */
const char *cell_status(const struct session *session,
                        const Niva__Compliance__V1__Segment *segment);

/* How current a unit's report is: "aktuell, 34 dagar", "inaktuell, 212 dagar", "saknas". */
const char *cell_report(const struct session *session,
                        const Niva__Compliance__V1__UnitStatus *status);

#endif
