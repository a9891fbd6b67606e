/* Letters: a template in a file and values become an accessible PDF. A template is words with names
 * for what changes (README.md has its grammar); it computes nothing, and a name that nobody knows,
 * or a value that is missing where the template wants one, is an error and never a hole in a
 * letter. The same template and values give the same bytes. No RPC, no database, no clock. */
#ifndef NIVA_LETTERS_LETTERS_H
#define NIVA_LETTERS_LETTERS_H

#include "services/common/base/arena.h"
#include "services/common/base/day.h"
#include "services/common/base/text.h"

/* A name that a template may use. A vocabulary is an array of them, ended by one without name. */
struct niva_letter_name {
    const char *name;  /* a-z, 0-9 and _; NULL ends the vocabulary */
    const char *words; /* the only words that the text may be, separated by spaces; NULL: any */
    const struct niva_letter_name *fields; /* of a list: the names of an item; NULL: a text */
};

struct niva_letter_values;

/* No values yet; NULL when the arena is out, and then so is everything below: values that could not
 * be made or filled say so in niva_letter_write. */
struct niva_letter_values *niva_letter_values_new(struct niva_arena *arena,
                                                  const struct niva_letter_name *vocabulary);
/* Gives a name of the vocabulary its text, UTF-8, borrowed; "" is no value. NULL, which is how a
 * text that found no memory arrives, spoils the values. */
void niva_letter_put(struct niva_letter_values *values, const char *name, const char *text);
/* Adds an item to a list of the vocabulary. */
struct niva_letter_values *niva_letter_add(struct niva_letter_values *values, const char *list);

struct niva_letter_template;

/* Reads a template against a vocabulary, which it borrows. INVALID_ARGUMENT says path and line:
 * what is not of the grammar, a name that is not in the vocabulary, a word that a name never is. */
bool niva_letter_template_read(const char *path, const char *bytes, size_t size,
                               const struct niva_letter_name *vocabulary, struct niva_arena *arena,
                               const struct niva_letter_template **ret_template,
                               struct niva_error *err) NIVA_MUST_CHECK;

/* Appends the letter as PDF. `day` is its date in the file's metadata. The values must be of the
 * template's vocabulary. FAILED_PRECONDITION names the line of a value that is missing; UNAVAILABLE
 * when the fonts are not installed. */
bool niva_letter_write(const struct niva_letter_template *letter,
                       const struct niva_letter_values *values, niva_day day,
                       struct niva_arena *arena, struct niva_text *pdf,
                       struct niva_error *err) NIVA_MUST_CHECK;

#endif
