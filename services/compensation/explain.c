#include "services/compensation/explain.h"

#include <gmp.h>

#include "services/common/wire/wire.h"
#include "services/compensation/explain_decisions.h"
#include "services/compensation/explain_words.h"

typedef Niva__Compensation__V1__ExplanationLine ExplanationLine;
typedef Niva__Compliance__V1__TimelineChanged TimelineChanged;

/* A day as text in the arena; NULL when it is out. */
static char *day_text(niva_day day, struct niva_arena *arena)
{
    char text[16];

    niva_day_format(day, text);
    return niva_arena_strdup(arena, text);
}

/* The facts behind a run. They are borrowed from the timeline. */
static void run_facts(const Niva__Compliance__V1__TimelineChanged__Run *run, ExplanationLine *line)
{
    const Niva__Compliance__V1__Segment *segment = run->segment;

    line->required_milli = segment->required_milli;
    line->counted_milli = segment->counted_milli;
    line->shortfall_milli = segment->shortfall_milli;
    line->report_id = segment->report_id;
    line->finding_id = segment->finding_id;
    line->n_absence_ids = segment->n_absence_ids;
    line->absence_ids = segment->absence_ids;
    line->dispensation_id = segment->dispensation_id;
    line->rule_set_id = segment->rule_set_id;
    line->rule_set_version = segment->rule_set_version;
    line->breach_id = run->breach_id;
    line->status = segment->status;
}

/* The line but for its words; NULL when the arena is out. */
static ExplanationLine *line_make(const TimelineChanged *timeline, const struct niva_line *from,
                                  struct niva_arena *arena)
{
    ExplanationLine *line =
        niva_wire_new(&niva__compensation__v1__explanation_line__descriptor, arena);

    if (line == NULL)
        return NULL;
    line->kind = (Niva__Compensation__V1__ExplanationLine__Kind)from->kind;
    line->first_day = day_text(from->days.from, arena);
    line->last_day = day_text(from->days.until - 1, arena);
    line->days = from->days.until - from->days.from;
    line->ore = niva_arena_strdup(arena, from->ore);
    if (from->run != NIVA_NO_INDEX) {
        run_facts(timeline->runs[from->run], line);
    } else if (timeline->rule_set != NULL) {
        line->rule_set_id = timeline->rule_set->rule_set_id;
        line->rule_set_version = timeline->rule_set->version;
    }
    return line->first_day != NULL && line->last_day != NULL && line->ore != NULL ? line : NULL;
}

/* Gives a line its words; moves the sum of the lines on. */
static bool line_say(struct words_line *saying, ExplanationLine *line, struct niva_arena *arena)
{
    struct words words = {0};
    bool said;

    if (mpq_set_str(saying->ore, line->ore, 10) != 0)
        return false;
    mpq_add(saying->after, saying->before, saying->ore);
    words_say(saying, &words);
    mpq_set(saying->before, saying->after);
    said = !words.sv.failed && !words.en.failed;
    if (said) {
        line->text_sv = niva_arena_copy(arena, words.sv.data, words.sv.length);
        line->text_en = niva_arena_copy(arena, words.en.data, words.en.length);
        said = line->text_sv != NULL && line->text_en != NULL;
    }
    words_free(&words);
    return said;
}

static bool lines_make(struct words_line *saying, const struct niva_deduction *deduction,
                       struct niva_arena *arena, ExplanationLine **lines)
{
    for (size_t i = 0; i < deduction->line_count; i++) {
        saying->line = &deduction->lines[i];
        lines[i] = line_make(saying->timeline, saying->line, arena);
        if (lines[i] == NULL || !line_say(saying, lines[i], arena))
            return false;
    }
    return true;
}

/* The month's own lines into `lines`, which has room for them. */
static bool month_lines_make(const struct line_basis *basis, const struct niva_deduction *deduction,
                             struct niva_arena *arena, ExplanationLine **lines)
{
    struct words_line saying = {.timeline = basis->timeline, .amounts = basis->amounts};
    bool made;

    mpq_inits(saying.ore, saying.before, saying.after, NULL);
    made = lines_make(&saying, deduction, arena, lines);
    mpq_clears(saying.ore, saying.before, saying.after, NULL);
    return made;
}

bool explain_line(const struct line_basis *basis, const char *component,
                  const Niva__Compensation__V1__Adjustment *line, struct niva_arena *arena,
                  size_t *ret_count, ExplanationLine ***ret_lines, struct niva_error *err)
{
    const struct niva_deduction *deduction = amounts_find(basis->amounts, component);
    size_t count = deduction != NULL ? deduction->line_count : 0;
    ExplanationLine **lines = niva_arena_array(
        arena, count + explain_decisions_most(basis->decided_count), sizeof *lines);

    if (lines == NULL || (deduction != NULL && !month_lines_make(basis, deduction, arena, lines)))
        return niva_fail_memory(err);
    if (!explain_decisions(basis, component, line, arena, lines, &count, err))
        return false;
    *ret_count = count;
    *ret_lines = lines;
    return true;
}
