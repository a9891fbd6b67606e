#include "services/compensation/explain_words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define DASH  "\u2013"
#define TIMES "\u00d7"
#define NBSP  "\u00a0"

enum { FIGURE_SIZE = 64, SENTENCE_SIZE = 512 };

/* Says the same in both languages: two formats, one list of figures. */
static void say(struct words *words, const char *format_sv, const char *format_en, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

static void say(struct words *words, const char *format_sv, const char *format_en, ...)
{
    char text[SENTENCE_SIZE];
    va_list figures;

    va_start(figures, format_en);
    vsnprintf(text, sizeof text, format_sv, figures);
    va_end(figures);
    niva_text_puts(&words->sv, text);
    va_start(figures, format_en);
    vsnprintf(text, sizeof text, format_en, figures);
    va_end(figures);
    niva_text_puts(&words->en, text);
}

void words_free(struct words *words)
{
    niva_text_free(&words->sv);
    niva_text_free(&words->en);
}

/* An exact amount rounded to öre, half away from zero, as people read it. What leaves 64 bits is
 * told in millions of kronor. */
static void amount_text(const mpq_t ore, char ret_text[FIGURE_SIZE])
{
    mpz_t twice;
    mpz_t whole;

    mpz_inits(twice, whole, NULL);
    mpz_mul_2exp(twice, mpq_numref(ore), 1);
    if (mpz_sgn(twice) < 0)
        mpz_sub(twice, twice, mpq_denref(ore));
    else
        mpz_add(twice, twice, mpq_denref(ore));
    mpz_mul_2exp(whole, mpq_denref(ore), 1);
    mpz_tdiv_q(whole, twice, whole);
    if (mpz_fits_slong_p(whole)) {
        niva_text_kronor(mpz_get_si(whole), ret_text);
    } else {
        mpz_tdiv_q_ui(whole, whole, 100000000);
        gmp_snprintf(ret_text, FIGURE_SIZE, "%Zd" NBSP "Mkr", whole);
    }
    mpz_clears(twice, whole, NULL);
}

/* "25 %", "12,5 %" of a permille. */
static void percent_text(int32_t permille, char ret_text[FIGURE_SIZE])
{
    if (permille % 10 == 0)
        snprintf(ret_text, FIGURE_SIZE, "%" PRId32 NBSP "%%", permille / 10);
    else
        snprintf(ret_text, FIGURE_SIZE, "%" PRId32 ",%" PRId32 NBSP "%%", permille / 10,
                 permille % 10);
}

/* "2022-07-04–2022-07-31", or the one day. */
static void span_text(struct niva_span days, char ret_text[FIGURE_SIZE])
{
    char first[16];
    char last[16];

    niva_day_format(days.from, first);
    niva_day_format(days.until - 1, last);
    if (days.until - days.from == 1)
        snprintf(ret_text, FIGURE_SIZE, "%s", first);
    else
        snprintf(ret_text, FIGURE_SIZE, "%s" DASH "%s", first, last);
}

static int32_t span_days(struct niva_span days)
{
    return days.until - days.from;
}

/* The days of a line and how many they are. */
static void days_say(const struct niva_line *line, struct words *words)
{
    int32_t days = span_days(line->days);
    char span[FIGURE_SIZE];

    span_text(line->days, span);
    if (days == 1)
        say(words, "%s, 1 dag: ", "%s, 1 day: ", span);
    else
        say(words, "%s, %" PRId32 " dagar: ", "%s, %" PRId32 " days: ", span, days);
}

/* What was counted, and by whose word. */
static void counted_say(const struct niva_month_run *run,
                        const Niva__Compliance__V1__Segment *segment, struct words *words)
{
    char required[16];
    char counted[16];

    niva_text_fte(run->required_milli, required);
    niva_text_fte(run->counted_milli, counted);
    say(words, "krav %s, räknat %s", "required %s, counted %s", required, counted);
    if (segment->finding_id[0] != '\0')
        say(words, " enligt konstaterande", " by a finding");
}

static void shortfall_say(const struct niva_month_run *run,
                          const Niva__Compliance__V1__Segment *segment, struct words *words)
{
    char shortfall[16];
    char limit[16];

    niva_text_fte(run->shortfall_milli, shortfall);
    niva_text_fte(run->counted_milli + run->shortfall_milli, limit);
    say(words, ", brist %s", ", short %s", shortfall);
    if (segment->dispensation_id[0] != '\0')
        say(words, " mot dispensens gräns %s", " of the dispensation's limit %s", limit);
    say(words, ".", ".");
}

/* The verdict of a run. */
static void verdict_say(const struct niva_month_run *run,
                        const Niva__Compliance__V1__Segment *segment, struct words *words)
{
    char required[16];

    switch (run->status) {
    case NIVA_NOT_REQUIRED:
        say(words, "inget krav.", "nothing is required.");
        return;
    case NIVA_NO_REQUIREMENT_BASIS:
        say(words, "underlag för kravet saknas.", "there is no basis for the requirement.");
        return;
    case NIVA_NO_REPORT:
        niva_text_fte(run->required_milli, required);
        say(words, "krav %s, ej redovisat.", "required %s, not reported.", required);
        return;
    case NIVA_MET:
        counted_say(run, segment, words);
        say(words, ", uppfyllt.", ", met.");
        return;
    case NIVA_DISPENSED:
        counted_say(run, segment, words);
        say(words, ", dispens.", ", dispensed.");
        return;
    case NIVA_BELOW_MINIMUM:
        counted_say(run, segment, words);
        shortfall_say(run, segment, words);
        return;
    }
}

/* What the days of a PER_MISSING_FTE line cost in all; the component may bear a part of it. */
static void missing_price(const struct words_line *line, const struct niva_month_run *run,
                          mpq_t ret_ore)
{
    const struct niva_month *month = &line->amounts->month;

    mpq_set_si(ret_ore, month->rule->ore_per_fte_month, 1);
    mpz_mul_si(mpq_numref(ret_ore), mpq_numref(ret_ore), run->shortfall_milli);
    mpz_mul_si(mpq_numref(ret_ore), mpq_numref(ret_ore), span_days(line->line->days));
    mpz_set_si(mpq_denref(ret_ore), 1000L * span_days(month->days));
    mpq_canonicalize(ret_ore);
}

static void missing_say(const struct words_line *line, const struct niva_month_run *run,
                        const char *amount, struct words *words)
{
    const struct niva_month *month = &line->amounts->month;
    char price[FIGURE_SIZE];
    char whole[FIGURE_SIZE];
    char shortfall[16];
    mpq_t all;

    mpq_init(all);
    missing_price(line, run, all);
    amount_text(all, whole);
    niva_text_kronor(month->rule->ore_per_fte_month, price);
    niva_text_fte(run->shortfall_milli, shortfall);
    say(words, " %" PRId32 " " TIMES " %s " TIMES " %s / %" PRId32 " = %s",
        " %" PRId32 " " TIMES " %s " TIMES " %s / %" PRId32 " = %s", span_days(line->line->days),
        price, shortfall, span_days(month->days), whole);
    if (!mpq_equal(all, line->ore))
        say(words, ", varav %s på denna komponent", ", of which %s on this component", amount);
    mpq_clear(all);
}

/* How a day-wise share is computed. */
static void share_say(const struct words_line *line, const struct niva_month_run *run,
                      struct words *words)
{
    const struct niva_month *month = &line->amounts->month;
    char amount[FIGURE_SIZE];
    char monthly[FIGURE_SIZE];
    char required[16];
    char shortfall[16];

    amount_text(line->ore, amount);
    niva_text_kronor(line->line->monthly_ore, monthly);
    niva_text_fte(run->required_milli, required);
    niva_text_fte(run->shortfall_milli, shortfall);
    if (month->rule->formula == NIVA_PRO_RATA)
        say(words, " %" PRId32 " " TIMES " %s / %" PRId32 " " TIMES " %s / %s = %s",
            " %" PRId32 " " TIMES " %s / %" PRId32 " " TIMES " %s / %s = %s",
            span_days(line->line->days), monthly, span_days(month->days), shortfall, required,
            amount);
    else if (month->rule->formula == NIVA_ALL_OR_NOTHING)
        say(words, " %" PRId32 " " TIMES " %s / %" PRId32 " = %s",
            " %" PRId32 " " TIMES " %s / %" PRId32 " = %s", span_days(line->line->days), monthly,
            span_days(month->days), amount);
    else
        missing_say(line, run, amount, words);
}

static bool day_wise(enum niva_formula formula)
{
    return formula == NIVA_PRO_RATA || formula == NIVA_ALL_OR_NOTHING ||
           formula == NIVA_PER_MISSING_FTE;
}

static void run_say(const struct words_line *line, struct words *words)
{
    const struct niva_month *month = &line->amounts->month;
    const struct niva_month_run *run = &month->runs[line->line->run];
    struct niva_span bad = amounts_bad_days(month, run);

    days_say(line->line, words);
    verdict_say(run, line->timeline->runs[line->line->run]->segment, words);
    if (run->status != NIVA_BELOW_MINIMUM || month->rule == NULL)
        return;
    if (line->line->days.from < bad.from)
        say(words, " Karens: dagarna kostar inget.", " Grace: the days cost nothing.");
    else if (!day_wise(month->rule->formula))
        return;
    else if (line->line->monthly_ore == 0 && mpq_sgn(line->ore) == 0)
        say(words, " Ingen fast ersättning regleras dessa dagar.",
            " No fixed compensation is regulated on these days.");
    else
        share_say(line, run, words);
}

/* "25 % av 84 000,00 kr = 21 000,00 kr". */
static void share_of_month_say(const struct words_line *line, struct words *words)
{
    char percent[FIGURE_SIZE];
    char full[FIGURE_SIZE];
    char amount[FIGURE_SIZE];
    mpq_t whole;

    mpq_init(whole);
    if (line->line->permille > 0 && line->line->monthly_ore == 0) {
        mpq_set_si(whole, 1000, (unsigned long)line->line->permille);
        mpq_canonicalize(whole);
        mpq_mul(whole, whole, line->ore);
    } else {
        mpq_set_si(whole, line->line->monthly_ore, 1);
    }
    amount_text(whole, full);
    amount_text(line->ore, amount);
    percent_text(line->line->permille, percent);
    mpq_clear(whole);
    say(words, "%s av %s = %s", "%s of %s = %s", percent, full, amount);
}

/* Fulfilment of the month in permille, cut: so it reads as below a step whenever it is. */
static void fulfilment_say(const struct words_line *line, struct words *words)
{
    const struct niva_month *month = &line->amounts->month;
    int64_t required = 0;
    int64_t missing = 0;
    char fulfilment[FIGURE_SIZE];
    char below[FIGURE_SIZE];
    char period[16];

    for (size_t i = 0; i < month->run_count; i++) {
        const struct niva_month_run *run = &month->runs[i];
        niva_day until = run->days.until <= month->today ? run->days.until : month->today + 1;

        if (run->days.from < until &&
            (run->status == NIVA_MET || run->status == NIVA_BELOW_MINIMUM))
            required += (int64_t)run->required_milli * (until - run->days.from);
        missing += (int64_t)run->shortfall_milli * span_days(amounts_bad_days(month, run));
    }
    niva_month_format(month->days.from, period);
    percent_text(required > 0 ? (int32_t)((required - missing) * 1000 / required) : 0, fulfilment);
    for (size_t i = 0; i < month->rule->step_count; i++)
        if ((required - missing) * 1000 < required * month->rule->steps[i].below_permille) {
            percent_text(month->rule->steps[i].below_permille, below);
            say(words, "%s: uppfyllelsen är %s, under %s. ", "%s: the fulfilment is %s, below %s. ",
                period, fulfilment, below);
            return;
        }
}

static void most_say(int32_t max_periods, const char *unit_sv, const char *unit_en,
                     struct words *words)
{
    if (max_periods < 0)
        return;
    niva_text_printf(&words->sv, " (högst %" PRId32 " %s regleras)", max_periods, unit_sv);
    niva_text_printf(&words->en, " (at most %" PRId32 " %s are regulated)", max_periods, unit_en);
}

/* First bad day of the breach of a run. */
static niva_day first_bad(const struct niva_month_run *run)
{
    return run->breach_first_day + run->grace_days;
}

static int32_t months_between(niva_day from, niva_day to)
{
    int from_year, from_month, to_year, to_month, day;

    niva_day_to_civil(from, &from_year, &from_month, &day);
    niva_day_to_civil(to, &to_year, &to_month, &day);
    return (to_year - from_year) * 12 + to_month - from_month;
}

/* Which month of which breach it is: of the first bad run whose months are not used up. */
static void started_month_say(const struct words_line *line, struct words *words)
{
    const struct niva_month *month = &line->amounts->month;
    char period[16];
    char since[16];

    niva_month_format(month->days.from, period);
    for (size_t i = 0; i < month->run_count; i++) {
        const struct niva_month_run *run = &month->runs[i];
        int32_t number;

        if (span_days(amounts_bad_days(month, run)) == 0)
            continue;
        number = months_between(first_bad(run), month->days.from) + 1;
        if (month->rule->max_periods >= 0 && number > month->rule->max_periods)
            continue;
        niva_day_format(first_bad(run), since);
        say(words, "%s: påbörjad månad nr %" PRId32 " i bristen från %s",
            "%s: started month no. %" PRId32 " of the shortfall since %s", period, number, since);
        break;
    }
    most_say(month->rule->max_periods, "månader", "months", words);
    say(words, ". ", ". ");
}

/* Which block of seven days of which breach it is. */
static void started_week_say(const struct words_line *line, struct words *words)
{
    const struct niva_month *month = &line->amounts->month;
    niva_day from = line->line->days.from;
    char span[FIGURE_SIZE];
    char since[16];

    span_text(line->line->days, span);
    for (size_t i = 0; i < month->run_count; i++) {
        const struct niva_month_run *run = &month->runs[i];

        if (run->status != NIVA_BELOW_MINIMUM || from < run->days.from || from >= run->days.until)
            continue;
        niva_day_format(first_bad(run), since);
        say(words, "%s: påbörjad vecka nr %" PRId32 " i bristen från %s",
            "%s: started week no. %" PRId32 " of the shortfall since %s", span,
            (from - first_bad(run)) / 7 + 1, since);
        break;
    }
    most_say(month->rule->max_periods, "veckor", "weeks", words);
    say(words, ". ", ". ");
}

static void period_say(const struct words_line *line, struct words *words)
{
    switch (line->amounts->month.rule->formula) {
    case NIVA_STEP_TABLE:
        fulfilment_say(line, words);
        break;
    case NIVA_PER_STARTED_MONTH:
        started_month_say(line, words);
        break;
    case NIVA_PER_STARTED_WEEK:
        started_week_say(line, words);
        break;
    case NIVA_PRO_RATA:
    case NIVA_ALL_OR_NOTHING:
    case NIVA_PER_MISSING_FTE:
    case NIVA_NO_DEDUCTION:
        break;
    }
    share_of_month_say(line, words);
}

static void rounding_say(const struct words_line *line, const char *after, struct words *words)
{
    int32_t unit = line->amounts->month.rule->rounding_unit_ore;
    char step[48];

    niva_text_kronor(unit, step);
    if (unit == 1)
        say(words, "Avrundat till närmaste öre: %s", "Rounded to the nearest öre: %s", after);
    else if (unit == 100)
        say(words, "Avrundat till hela kronor: %s", "Rounded to whole kronor: %s", after);
    else
        say(words, "Avrundat till jämna %s: %s", "Rounded to a multiple of %s: %s", step, after);
}

void words_say(const struct words_line *line, struct words *words)
{
    char before[FIGURE_SIZE];
    char after[FIGURE_SIZE];
    char figure[FIGURE_SIZE];

    amount_text(line->before, before);
    amount_text(line->after, after);
    switch (line->line->kind) {
    case NIVA_LINE_RUN:
        run_say(line, words);
        break;
    case NIVA_LINE_PERIOD:
        period_say(line, words);
        break;
    case NIVA_LINE_LIMIT:
        say(words, "Regleringen är aldrig större än månadens fasta ersättning: %s blir %s",
            "The deduction is never more than the month's fixed compensation: %s becomes %s",
            before, after);
        break;
    case NIVA_LINE_CAP:
        percent_text(line->line->permille, figure);
        say(words, "Regleringen är högst %s av månadens fasta ersättning: %s blir %s",
            "The deduction is at most %s of the month's fixed compensation: %s becomes %s", figure,
            before, after);
        break;
    case NIVA_LINE_MINIMUM:
        niva_text_kronor(line->amounts->month.rule->minimum_ore, figure);
        say(words, "Belopp under %s regleras inte: %s blir %s",
            "Amounts below %s are not regulated: %s becomes %s", figure, before, after);
        break;
    case NIVA_LINE_ROUNDING:
        rounding_say(line, after, words);
        break;
    }
}
