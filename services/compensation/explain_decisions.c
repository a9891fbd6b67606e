#include "services/compensation/explain_decisions.h"

#include <inttypes.h>

#include "services/common/base/text.h"
#include "services/common/wire/wire.h"
#include "services/model/timeline.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__ExplanationLine ExplanationLine;
typedef Niva__Compensation__V1__ExplanationLine__Kind Kind;

#define DECIDED_BEFORE NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__DECIDED_BEFORE
#define WAIVED_BEFORE  NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__WAIVED_BEFORE
#define REVISED        NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__REVISED
#define WAIVED         NIVA__COMPENSATION__V1__EXPLANATION_LINE__KIND__WAIVED

/* Lines on their way. */
struct adding {
    const struct line_basis *basis;
    struct niva_arena *arena;
    ExplanationLine **lines;
    size_t count;
};

size_t explain_decisions_most(size_t decided_count)
{
    return decided_count + 2; /* what stays away, and the line's own decision */
}

/* "2022-09-02 (diarienummer 22RV1)"; both texts live in the arena. NULL when it is out. */
static const char *decision_words(const Adjustment *decided, const char *number,
                                  struct niva_arena *arena)
{
    niva_instant at;
    char day[16] = "";

    if (decided->decided_at != NULL && niva_wire_instant(decided->decided_at, &at))
        niva_day_format(niva_local_day(at), day);
    return niva_arena_printf(arena, "%s (%s %s)", day, number, decided->case_number);
}

/* Adds a line of the whole month with its words, NULL when the arena was out for them. */
static bool line_add(struct adding *adding, Kind kind, const Adjustment *about, int64_t ore,
                     const char *text_sv, const char *text_en)
{
    struct niva_span month = adding->basis->amounts->month.days;
    struct niva_arena *arena = adding->arena;
    ExplanationLine *line =
        niva_wire_new(&niva__compensation__v1__explanation_line__descriptor, arena);
    char day[16];

    if (line == NULL || text_sv == NULL || text_en == NULL)
        return false;
    line->kind = kind;
    niva_day_format(month.from, day);
    line->first_day = niva_arena_strdup(arena, day);
    niva_day_format(month.until - 1, day);
    line->last_day = niva_arena_strdup(arena, day);
    line->days = month.until - month.from;
    line->ore = niva_arena_printf(arena, "%" PRId64, ore);
    line->adjustment_id = niva_arena_strdup(arena, about->adjustment_id);
    line->rule_set_id = about->rule_set_id;
    line->rule_set_version = about->rule_set_version;
    line->text_sv = (char *)(uintptr_t)text_sv;
    line->text_en = (char *)(uintptr_t)text_en;
    adding->lines[adding->count++] = line;
    return line->first_day != NULL && line->last_day != NULL && line->ore != NULL &&
           line->adjustment_id != NULL;
}

/* What one decision before has taken or given back. */
static bool before_add(struct adding *adding, const Adjustment *decided)
{
    const char *sv = decision_words(decided, "diarienummer", adding->arena);
    const char *en = decision_words(decided, "case number", adding->arena);
    int64_t ore = decided->deduction_ore;
    char amount[48];

    niva_text_kronor(ore < 0 ? -ore : ore, amount);
    if (sv == NULL || en == NULL)
        return false;
    if (ore == 0)
        return line_add(
            adding, DECIDED_BEFORE, decided, 0,
            niva_arena_printf(adding->arena, "Beslut %s: inget har reglerats.", sv),
            niva_arena_printf(adding->arena, "Decision of %s: nothing was regulated.", en));
    return line_add(adding, DECIDED_BEFORE, decided, -ore,
                    niva_arena_printf(adding->arena,
                                      ore < 0 ? "Beslut %s: %s har redan lämnats tillbaka."
                                              : "Beslut %s: %s har redan reglerats.",
                                      sv, amount),
                    niva_arena_printf(adding->arena,
                                      ore < 0 ? "Decision of %s: %s were given back already."
                                              : "Decision of %s: %s were regulated already.",
                                      en, amount));
}

/* What was waived or revised away stays away. */
static bool held_add(struct adding *adding, const struct niva_due *due, int64_t total_ore)
{
    const Adjustment *holder = adding->basis->decided[due->held_by];
    const char *sv = decision_words(holder, "diarienummer", adding->arena);
    const char *en = decision_words(holder, "case number", adding->arena);
    char amount[48];

    niva_text_kronor(total_ore - due->due_ore, amount);
    return sv != NULL && en != NULL &&
           line_add(adding, WAIVED_BEFORE, holder, due->due_ore - total_ore,
                    niva_arena_printf(adding->arena,
                                      "Beslut %s: %s av månadens belopp har avståtts från eller "
                                      "jämkats bort, och ligger kvar så.",
                                      sv, amount),
                    niva_arena_printf(adding->arena,
                                      "Decision of %s: %s of the month's amount were waived or "
                                      "revised away, and stay so.",
                                      en, amount));
}

/* What the line's own decision made of it. */
static bool own_add(struct adding *adding, const Adjustment *line)
{
    bool waived = line->state == NIVA__COMPENSATION__V1__ADJUSTMENT__STATE__WAIVED;
    const char *sv = decision_words(line, "diarienummer", adding->arena);
    const char *en = decision_words(line, "case number", adding->arena);
    char from[48];
    char to[48];

    niva_text_kronor(line->computed_ore, from);
    niva_text_kronor(line->deduction_ore, to);
    if (sv == NULL || en == NULL)
        return false;
    if (waived)
        return line_add(
            adding, WAIVED, line, line->deduction_ore - line->computed_ore,
            niva_arena_printf(adding->arena, "Beslut %s: avstått från reglering av %s.", sv, from),
            niva_arena_printf(adding->arena, "Decision of %s: the deduction of %s is waived.", en,
                              from));
    return line_add(
        adding, REVISED, line, line->deduction_ore - line->computed_ore,
        niva_arena_printf(adding->arena, "Beslut %s: jämkat från %s till %s.", sv, from, to),
        niva_arena_printf(adding->arena, "Decision of %s: revised from %s to %s.", en, from, to));
}

bool explain_decisions(const struct line_basis *basis, const char *component,
                       const Adjustment *line, struct niva_arena *arena, ExplanationLine **lines,
                       size_t *count, struct niva_error *err)
{
    struct adding adding = {basis, arena, lines, *count};
    struct niva_due due;
    int64_t total_ore;

    if (!line_due(basis, component, arena, &total_ore, &due, err))
        return false;
    for (size_t i = 0; i < basis->decided_count; i++)
        if (!before_add(&adding, basis->decided[i]))
            return niva_fail_memory(err);
    if (due.held_by != NIVA_NO_INDEX && !held_add(&adding, &due, total_ore))
        return niva_fail_memory(err);
    if (line != NULL && line->decided_at != NULL && line->deduction_ore != line->computed_ore &&
        !own_add(&adding, line))
        return niva_fail_memory(err);
    *count = adding.count;
    return true;
}
