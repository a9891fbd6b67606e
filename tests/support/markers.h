/* Looking for what must be gone: a text, in every column of every table of a database, in what is
 * packed too. */
#ifndef NIVA_TESTS_SUPPORT_MARKERS_H
#define NIVA_TESTS_SUPPORT_MARKERS_H

/* SQL, for a superuser, whose last result names the columns that hold `marker` somewhere, as
 * "schema.table.column=rows " each; "" for none. A marker that is a day is looked for among dates
 * too. Valid until the next call of this thread. */
const char *markers_sql(const char *marker);

#endif
