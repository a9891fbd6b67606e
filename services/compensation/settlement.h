/* The files of a settlement: what the region's ledger and its people are handed over. The same
 * settlement gives the same bytes. The writers read no clock and know no database; a workbook
 * passes through nameless files in memory, since its library writes to files only. */
#ifndef NIVA_COMPENSATION_SETTLEMENT_H
#define NIVA_COMPENSATION_SETTLEMENT_H

#include "niva/compensation/v1/adjustment.pb-c.h"
#include "niva/compensation/v1/settlement.pb-c.h"
#include "services/common/base/day.h"
#include "services/common/base/text.h"

/* A settlement and each file of it stays within a reply, and within what a workbook holds. */
enum { SETTLEMENT_LINES_MAX = 5000, SETTLEMENT_FILE_MAX = 12 << 20 };
enum { SETTLEMENT_DIGEST_SIZE = 32 };
/* A spreadsheet shows 15 digits of a number. */
#define SETTLEMENT_ORE_MAX INT64_C(100000000000000)

/* A line as it is settled: its channel is the one by which it is. */
struct settled_line {
    const Niva__Compensation__V1__Adjustment *adjustment;
    const Niva__Compensation__V1__SettlementConfig__Accounts *accounts; /* of its channel */
    size_t explanation_count;
    Niva__Compensation__V1__ExplanationLine *const *explanation; /* of the month's amount */
};

struct settlement {
    const char *settlement_id;
    const char *region_code;
    const char *period;       /* booking month, YYYY-MM */
    niva_day booking_day;     /* day of the voucher */
    niva_day today;           /* business day of the export */
    niva_instant exported_at; /* to the microsecond, the version's */
    const Niva__Compensation__V1__SettlementConfig *config;
    size_t line_count;
    const struct settled_line *lines;
};

/* The sum of the lines' deductions, öre. */
int64_t settlement_sum(const struct settlement *settlement);

/* Writes a settlement as a file into a text that was empty; the caller frees it, also on failure.
 * RESOURCE_EXHAUSTED when memory is out. */
typedef bool settlement_writer(const struct settlement *settlement, struct niva_text *text,
                               struct niva_error *err);

/* SIE 4I in code page 437: one voucher, which sums to 0; each line credits the cost account of its
 * channel and debits its settlement account, with its unit as the object of both. */
settlement_writer settlement_write_sie;
/* A line for each adjustment, after a line of names: UTF-8 with a byte order mark, semicolons,
 * decimal commas, CRLF. A text that a spreadsheet could take for a formula, or that begins with an
 * apostrophe, has an apostrophe before it: taking away one at the beginning gives the text again.
 */
settlement_writer settlement_write_csv;
/* An Excel workbook: lines, the days behind them, sums. */
settlement_writer settlement_write_xlsx;

/* A file that every settlement has. */
struct settlement_kind {
    Niva__Compensation__V1__Settlement__Format format;
    const char *suffix;
    const char *media_type;
    settlement_writer *write;
};
enum { SETTLEMENT_KINDS = 3 };
extern const struct settlement_kind settlement_kinds[SETTLEMENT_KINDS];

/* SHA-256 of a file. */
bool settlement_digest(ProtobufCBinaryData content, uint8_t ret_digest[SETTLEMENT_DIGEST_SIZE],
                       struct niva_error *err) NIVA_MUST_CHECK;

#endif
