/* The words of an explanation: one sentence or two for each line, in Swedish and English. Private
 * to explain.c, which knows the order of the lines and their sum. */
#ifndef NIVA_COMPENSATION_EXPLAIN_WORDS_H
#define NIVA_COMPENSATION_EXPLAIN_WORDS_H

#include <gmp.h>

#include "services/common/base/text.h"
#include "services/compensation/amounts.h"

/* A text that grows in both languages at once. All zero is empty; free with words_free. */
struct words {
    struct niva_text sv;
    struct niva_text en;
};
void words_free(struct words *words);

/* A line and where the sum of the lines stood before and stands after it. */
struct words_line {
    const Niva__Compliance__V1__TimelineChanged *timeline;
    const struct amounts *amounts;
    const struct niva_line *line;
    mpq_t ore;
    mpq_t before;
    mpq_t after;
};

/* Says a line. `words->sv.failed` or `words->en.failed` when memory is out. */
void words_say(const struct words_line *line, struct words *words);

#endif
