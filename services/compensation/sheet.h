/* The sheet of a batch: what is known of the months that the batch can touch, what its items did
 * to them so far, and what is to be written at the end. Everything lives in the batch's arena. The
 * months are fixed once the batch was read: every month that an item can touch is among them, also
 * one that nothing is known of yet. No I/O. */
#ifndef NIVA_COMPENSATION_SHEET_H
#define NIVA_COMPENSATION_SHEET_H

#include "services/common/base/ids.h"
#include "services/compensation/decide_line.h"

struct settling; /* settling.h */

/* A list that grows in an arena. */
struct sheet_list {
    size_t count;
    size_t capacity;
    void **items;
};
bool sheet_list_add(struct sheet_list *list, void *item, struct niva_arena *arena) NIVA_MUST_CHECK;

/* A version of a component as it is on record. */
struct sheet_component {
    const char *id; /* of the fact */
    int32_t version;
    niva_instant recorded_at;
    struct niva_component dated;
};

/* The components of a unit and group, in the order of the record. */
struct sheet_account {
    const char *unit;
    const char *group;
    bool put; /* an item puts a component of it: all its months can be touched */
    struct sheet_list components; /* struct sheet_component */
    struct sheet_list dialogue;   /* struct dialogue_entry, in order */
};

/* An adjustment as it is stored: a line of a month, or a version of one. Never changed once it was
 * made. */
struct sheet_row {
    struct niva_uuid id;
    enum line_state state;
    const Niva__Compensation__V1__Adjustment *body;
    niva_day period; /* first day of the month */
    niva_instant recorded_at;
    niva_instant computed_at; /* it follows from the facts recorded up to this instant … */
    niva_day computed_for;    /* … as of this day */
};

/* The lines of a component in a month: the open one, and those that were decided. */
struct sheet_line {
    const char *component;
    const struct sheet_row *row; /* the open one; NULL: there is none any more */
    bool stored;                 /* the database has an open row of it, with the id of `row` */
    bool touched;                /* `row` is to be written */
    struct sheet_list decided;   /* struct sheet_row, in the order of their decisions */
};

struct sheet_month {
    struct sheet_account *account;
    struct niva_span days;
    int32_t version;          /* of the timeline; 0: compliance has told nothing yet */
    niva_instant recorded_at; /* of that version */
    niva_day below_from;      /* NIVA_DAY_NONE: no day below */
    ProtobufCBinaryData body;
    const Niva__Compliance__V1__TimelineChanged *timeline; /* NULL until it is needed */
    bool stale;              /* its preliminary lines are to be computed … */
    niva_instant stale_at;   /* … as of this instant, at which it was moved last */
    struct sheet_list lines; /* struct sheet_line */
};

/* A version of a month's timeline to be written. */
struct sheet_timeline {
    const struct sheet_month *month;
    int32_t version;
    niva_instant recorded_at;
    niva_day below_from;
    ProtobufCBinaryData body;
};

struct sheet {
    struct niva_arena *arena;
    niva_day today; /* NIVA_DAY_NONE: no day has begun yet */
    bool today_moved;
    bool broken;                 /* an item failed halfway: nothing of the batch may be written */
    struct sheet_list accounts;  /* struct sheet_account, in order of unit and group */
    struct sheet_list months;    /* struct sheet_month, in order of month, unit and group */
    struct sheet_list timelines; /* struct sheet_timeline, to be written */
    struct sheet_list told;      /* struct dialogue_entry, to be written */
    struct sheet_list versions;  /* struct sheet_row, to be written */
    struct sheet_list closed;    /* struct sheet_row, to be written: lines that are not open, each
                                    once, as it is now */
    struct sheet_list gone;      /* struct sheet_row: superseded ones that a command names */
    struct sheet_list erasing;   /* struct erasing (erasing.h), one for each erasure of the batch */
    struct settling *settling;   /* NULL: the batch is not about a settlement */
    struct sheet_list
        vanished; /* struct sheet_row: stored preliminary lines that cost nothing now */
};

/* The account of a unit and group, made when it is not there; NULL when the arena is out. The texts
 * are borrowed. */
struct sheet_account *sheet_account(struct sheet *sheet, const char *unit, const char *group);

/* The same; NULL when it is not there. */
struct sheet_account *sheet_account_find(const struct sheet *sheet, const char *unit,
                                         const char *group);

/* A month of an account, made when it is not there: only while the batch is read. NULL when the
 * arena is out. */
struct sheet_month *sheet_month(struct sheet *sheet, struct sheet_account *account,
                                struct niva_span days);

/* A month; NULL when the batch does not touch it. */
struct sheet_month *sheet_month_find(const struct sheet *sheet, const char *unit, const char *group,
                                     niva_day from);

/* The open line of a component, made (with no row) when it is not there; NULL when the arena is
 * out. */
struct sheet_line *sheet_line(struct sheet *sheet, struct sheet_month *month,
                              const char *component);

/* Adds a decided line at its place in the order of decisions, or puts another version of one that
 * is there in its place. False when the arena is out. */
bool sheet_decided_put(struct sheet *sheet, struct sheet_line *line,
                       const struct sheet_row *row) NIVA_MUST_CHECK;

/* Keeps a line that is not open any more to be written, in the place of an earlier version of it.
 * False when the arena is out. */
bool sheet_close(struct sheet *sheet, const struct sheet_row *row) NIVA_MUST_CHECK;

/* A line by its id, as it is now; NULL: there is none, or no command named it. `ret_month` and
 * `ret_line` get its place, NULL for one that is superseded. */
const struct sheet_row *sheet_row_find(const struct sheet *sheet, struct niva_uuid id,
                                       struct sheet_month **ret_month,
                                       struct sheet_line **ret_line);

/* Adds a version of a component at the end of the record of its account; the last of an identity
 * holds. NULL when the arena is out. */
struct sheet_component *sheet_component_add(struct sheet *sheet, struct sheet_account *account,
                                            const struct sheet_component *component);

/* The present version of a component; NULL: there is none. */
const struct sheet_component *sheet_component_find(const struct sheet_account *account,
                                                   const char *id);

/* The dated amounts of an account as the model takes them; NULL when the arena is out. */
const struct niva_component *sheet_components(const struct sheet *sheet,
                                              const struct sheet_account *account);

#endif
