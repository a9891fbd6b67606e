#include "services/compensation/blocks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "services/common/base/text.h"
#include "services/common/wire/wire.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compliance__V1__TimelineChanged TimelineChanged;

/* Adds one thing that blocks; both sentences take the same arguments. */
static bool block(struct niva_error *err, const char *what, const char *reason,
                  const char *format_sv, const char *format_en, ...)
    __attribute__((format(printf, 4, 6), format(printf, 5, 6)));

static bool block(struct niva_error *err, const char *what, const char *reason,
                  const char *format_sv, const char *format_en, ...)
{
    char text_sv[400];
    char text_en[400];
    va_list arguments;

    va_start(arguments, format_en);
    vsnprintf(text_sv, sizeof text_sv, format_sv, arguments);
    va_end(arguments);
    va_start(arguments, format_en);
    vsnprintf(text_en, sizeof text_en, format_en, arguments);
    va_end(arguments);
    return niva_fail_violation(err, NIVA_FAILED_PRECONDITION, what, reason, text_sv, text_en);
}

/* The local day of an instant of the line, "" when it is not there. */
static void day_text(const struct Google__Protobuf__Timestamp *instant, char ret_day[16])
{
    niva_instant at;

    ret_day[0] = '\0';
    if (instant != NULL && niva_wire_instant(instant, &at))
        niva_day_format(niva_local_day(at), ret_day);
}

static bool under_way_block(const Adjustment *line, struct niva_error *err)
{
    struct niva_span month;
    char day[16] = "";

    if (niva_month_parse(line->period, &month))
        niva_day_format(month.until, day);
    return block(err, line->adjustment_id, "MONTH_UNDER_WAY",
                 "%s pågår och beloppet är preliminärt: regleringen kan beredas och beslutas från "
                 "%s, när månaden är slut.",
                 "%s is under way and the amount is preliminary: it can be prepared and decided "
                 "from %s, when the month has ended.",
                 line->period, day);
}

static bool superseded_block(const Adjustment *line, struct niva_error *err)
{
    if (line->superseded_by[0] == '\0')
        return block(err, line->adjustment_id, "SUPERSEDED",
                     "Regleringen av %s har förfallit: fakta har ändrats och inget återstår att "
                     "reglera.",
                     "The adjustment of %s has lapsed: facts changed and nothing is left to be "
                     "regulated.",
                     line->period);
    return block(err, line->adjustment_id, "SUPERSEDED",
                 "Fakta har ändrats: regleringen är ersatt av %s. En handläggare bereder den.",
                 "Facts changed: the adjustment was superseded by %s. An officer prepares that "
                 "one.",
                 line->superseded_by);
}

static bool decided_block(const Adjustment *line, struct niva_error *err)
{
    char day[16];

    day_text(line->decided_at, day);
    return block(err, line->adjustment_id, "ALREADY_DECIDED",
                 "Regleringen beslutades %s (diarienummer %.60s). Ett beslut står fast: ändrade "
                 "fakta ger en differens.",
                 "The adjustment was decided on %s (case number %.60s). A decision stands: facts "
                 "that change make a difference.",
                 day, line->case_number);
}

/* Where the line must be for anybody to do anything to it. */
static bool state_block(const Adjustment *line, struct niva_error *err)
{
    switch ((enum line_state)line->state) {
    case LINE_PRELIMINARY:
        return under_way_block(line, err);
    case LINE_SUPERSEDED:
        return superseded_block(line, err);
    case LINE_PROPOSED:
    case LINE_IN_DIALOGUE:
        return true;
    default:
        return decided_block(line, err);
    }
}

static bool amount_block(const struct blocks *blocks, struct niva_error *err)
{
    char now[48];
    char seen[48];

    if (blocks->line->computed_ore == blocks->seen_ore)
        return true;
    niva_text_kronor(blocks->line->computed_ore, now);
    niva_text_kronor(blocks->seen_ore, seen);
    return block(err, blocks->line->adjustment_id, "AMOUNT_DIFFERS",
                 "Beloppet är %s, inte %s: läs regleringen på nytt och ta ställning till det som "
                 "gäller nu.",
                 "The amount is %s, not %s: read the adjustment again and consider what holds now.",
                 now, seen);
}

bool blocks_no_preparing(const struct blocks *blocks, struct niva_error *err)
{
    niva_error_clear(err);
    return state_block(blocks->line, err) && amount_block(blocks, err);
}

bool blocks_same_person(const char *principal, const char *other)
{
    return strcasecmp(principal, other) == 0;
}

bool blocks_stands_behind(const TimelineChanged *timeline, const char *principal)
{
    for (size_t i = 0; i < timeline->n_runs; i++)
        for (size_t j = 0; j < timeline->runs[i]->n_registered_by; j++)
            if (blocks_same_person(timeline->runs[i]->registered_by[j], principal))
                return true;
    return false;
}

niva_day blocks_heard_from(const TimelineChanged *timeline, niva_instant communicated_at,
                           niva_day answer_by)
{
    const Niva__Compliance__V1__Regulation *rule =
        timeline->rule_set != NULL ? timeline->rule_set->regulation : NULL;
    niva_day passed = niva_local_day(communicated_at) + (rule != NULL ? rule->statement_days : 0);

    return answer_by != NIVA_DAY_NONE && answer_by >= passed ? answer_by + 1 : passed;
}

static void prepared_block(const struct blocks_decision *decision, struct niva_error *err)
{
    const Adjustment *line = decision->of.line;
    niva_instant prepared_at;

    if (line->prepared_at == NULL || !niva_wire_instant(line->prepared_at, &prepared_at)) {
        block(err, line->adjustment_id, "NOT_PREPARED",
              "Regleringen är inte beredd: en handläggare ska först skriva under beräkningen.",
              "The adjustment is not prepared: an officer has to sign for the computation first.");
        return;
    }
    if (decision->decided_at < prepared_at)
        block(err, line->adjustment_id, "DECIDED_BEFORE_PREPARED",
              "Beslutet är daterat före beredningen: ange när det fattades, efter den.",
              "The decision is dated before the preparation: say when it was taken, after that.");
    if (blocks_same_person(line->prepared_by, decision->decider))
        block(err, line->adjustment_id, "DECIDER_PREPARED",
              "%.80s har själv berett regleringen: någon annan beslutsfattare ska besluta.",
              "%.80s prepared the adjustment: another decider has to decide.", decision->decider);
}

/* The first breach that bears on the line of which the unit was not told; NULL: none. */
static bool untold_find(const struct blocks_decision *decision, struct niva_arena *arena,
                        const char **ret_id, struct niva_error *err)
{
    const struct line_basis *basis = decision->basis;
    char **ids = NULL;
    size_t count = 0;

    *ret_id = NULL;
    if (!line_bearing(basis, arena, &ids, &count))
        return niva_fail_memory(err);
    for (size_t i = 0; i < count && *ret_id == NULL; i++) {
        struct dialogue dialogue;

        if (!dialogue_of(basis->entries, basis->entry_count, basis->known_at, &ids[i], 1, arena,
                         &dialogue, err))
            return false;
        if (dialogue.communicated_at == INT64_MIN)
            *ret_id = ids[i];
    }
    return true;
}

/* The unit was told: whether it has answered, or had its time to. */
static void heard_block(const struct blocks_decision *decision, struct niva_error *err)
{
    const Adjustment *line = decision->of.line;
    niva_instant communicated_at = INT64_MIN;
    niva_instant answered_at = INT64_MAX;
    niva_day from;
    char told[16];
    char first[16];

    if (line->answered_at != NULL && niva_wire_instant(line->answered_at, &answered_at) &&
        answered_at <= decision->decided_at)
        return;
    if (!niva_wire_instant(line->communicated_at, &communicated_at))
        return;
    from = blocks_heard_from(decision->basis->timeline, communicated_at,
                             niva_day_read(line->answer_by));
    if (decision->decided_on >= from)
        return;
    day_text(line->communicated_at, told);
    niva_day_format(from, first);
    block(err, line->adjustment_id, "DIALOGUE_UNANSWERED",
          "Enheten fick beräkningen %s och har inte svarat: beslut kan tas när den har svarat, "
          "eller från %s.",
          "The unit was told the computation on %s and has not answered: a decision can be taken "
          "when it has, or from %s.",
          told, first);
}

static bool dialogue_block(const struct blocks_decision *decision, struct niva_arena *arena,
                           struct niva_error *err)
{
    const TimelineChanged *timeline = decision->basis->timeline;
    const char *untold;

    if (line_is_money_back(decision->of.line) || timeline->rule_set == NULL ||
        timeline->rule_set->regulation == NULL ||
        !timeline->rule_set->regulation->dialogue_required)
        return true;
    if (decision->of.line->communicated_at != NULL) {
        heard_block(decision, err);
        return true;
    }
    if (!untold_find(decision, arena, &untold, err))
        return false;
    if (untold == NULL)
        untold = decision->of.line->adjustment_id;
    block(err, untold, "DIALOGUE_NOT_OPENED",
          "Enheten har inte fått beräkningen: en handläggare ska öppna dialogen om bristen %s.",
          "The unit was not told the computation: an officer has to open the dialogue about the "
          "breach %s.",
          untold);
    return true;
}

bool blocks_no_decision(const struct blocks_decision *decision, struct niva_arena *arena,
                        struct niva_error *err)
{
    const Adjustment *line = decision->of.line;

    if (!blocks_no_preparing(&decision->of, err))
        return false;
    prepared_block(decision, err);
    if (blocks_stands_behind(decision->basis->timeline, decision->decider))
        block(err, line->adjustment_id, "DECIDER_REGISTERED",
              "%.60s har registrerat en redovisning, ett konstaterande eller ett kontrakt, eller "
              "gett en dispens, bakom beloppet: någon annan ska besluta.",
              "%.60s registered a report, finding or contract, or granted a dispensation, behind "
              "the amount: another decider has to decide.",
              decision->decider);
    if (line_is_money_back(line) && decision->event != LINE_APPROVE)
        block(err, line->adjustment_id, "MONEY_BACK",
              "Pengar tillbaka kan bara godkännas, inte jämkas eller avstås från.",
              "Money back can only be approved, neither revised nor waived.");
    return dialogue_block(decision, arena, err) && err->violation_count == 0;
}
