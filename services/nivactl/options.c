#include "services/nivactl/options.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/common/base/day.h"

enum { TIMEOUT_MOST_S = 86400, WITHIN_MOST_DAYS = 366, FLAG_SHOWN = 40 };

struct option_row {
    option_set option;
    const char *key;
    enum niva_config_type type;
    size_t offset; /* in struct options */
    const char *preset;
    int64_t least;
    int64_t most;
    bool setting;      /* read from the environment too */
    const char *words; /* the only values, separated by spaces; "": any */
    const char *help_sv;
    const char *help_en;
};

#define IN_OPTIONS(member) offsetof(struct options, member)

static const struct option_row rows[] = {
    {OPTION_LANG, "lang", NIVA_CONFIG_TEXT, IN_OPTIONS(lang), "sv", 0, 0, true, "sv en",
     "språk: sv eller en", "language: sv or en"},
    {OPTION_OUTPUT, "output", NIVA_CONFIG_TEXT, IN_OPTIONS(output), "table", 0, 0, true,
     "table json", "table för människor, json för program", "table for people, json for programs"},
    {OPTION_RUN_DIR, "run-dir", NIVA_CONFIG_TEXT, IN_OPTIONS(run_dir), "", 0, 0, true, "",
     "katalogen med tjänsternas socklar; annars hittas klonens",
     "directory of the services' sockets; otherwise the clone's is found"},
    {OPTION_AS, "as", NIVA_CONFIG_TEXT, IN_OPTIONS(as), "", 0, 0, false, "",
     "vem som anropar (principal); annars local:<användare>",
     "who calls (the principal); otherwise local:<user>"},
    {OPTION_TIMEOUT, "timeout", NIVA_CONFIG_INTEGER, IN_OPTIONS(timeout), "60", 1, TIMEOUT_MOST_S,
     true, "", "sekunder som svaret får ta", "seconds that the answer may take"},
    {OPTION_GROUP, "group", NIVA_CONFIG_TEXT, IN_OPTIONS(group), "fysioterapeut", 0, 0, true, "",
     "yrkesgrupp", "profession group"},
    {OPTION_REGION, "region", NIVA_CONFIG_TEXT, IN_OPTIONS(region), "", 0, 0, true, "",
     "bara denna region (två siffror)", "only this region (two digits)"},
    {OPTION_KNOWN_AT, "known-at", NIVA_CONFIG_TEXT, IN_OPTIONS(known_at), "", 0, 0, false, "",
     "så som det var känt då (2022-06-23 eller 2022-06-23T12:00:00Z)",
     "as it was known then (2022-06-23 or 2022-06-23T12:00:00Z)"},
    {OPTION_DATA, "data", NIVA_CONFIG_TEXT, IN_OPTIONS(data), "", 0, 0, false, "",
     "begäran som JSON, @fil eller -", "the request as JSON, @file or -"},
    {OPTION_SERVICE, "service", NIVA_CONFIG_TEXT, IN_OPTIONS(service), "", 0, 0, false,
     "intake compliance compensation", "tjänsten som ska svara", "the service that answers"},
    {OPTION_UNIT, "unit", NIVA_CONFIG_TEXT, IN_OPTIONS(unit), "", 0, 0, false, "",
     "bara denna vårdcentral (HSA-id eller del av namnet)",
     "only this unit (HSA-id or a part of its name)"},
    {OPTION_KIND, "kind", NIVA_CONFIG_TEXT, IN_OPTIONS(kind), "", 0, 0, false,
     "BELOW_MINIMUM REPORT_OVERDUE REPORT_LATE ABSENCE_LATE ABSENCE_PLAN_MISSING",
     "bara detta slag, t.ex. REPORT_OVERDUE", "only this kind, e.g. REPORT_OVERDUE"},
    {OPTION_TEMPLATE, "format", NIVA_CONFIG_TEXT, IN_OPTIONS(template_format), "xlsx", 0, 0, false,
     "xlsx csv", "mallens format", "the format of the template"},
    {OPTION_FILE_KIND, "kind", NIVA_CONFIG_TEXT, IN_OPTIONS(kind), "reports", 0, 0, false,
     "reports listings contracts indicators", "vad filen är en tabell av",
     "what the file is a table of"},
    {OPTION_STATE, "state", NIVA_CONFIG_TEXT, IN_OPTIONS(state), "", 0, 0, false, "",
     "bara detta läge, t.ex. OPEN", "only this state, e.g. OPEN"},
    {OPTION_OPEN_ON, "open-on", NIVA_CONFIG_TEXT, IN_OPTIONS(open_on), "", 0, 0, false, "",
     "bara de som omfattar denna dag", "only those that cover this day"},
    {OPTION_DELEGATION, "delegation", NIVA_CONFIG_TEXT, IN_OPTIONS(delegation), "", 0, 0, false, "",
     "delegationen som beslutet fattas på", "the delegation by which it is decided"},
    {OPTION_CODE, "code", NIVA_CONFIG_TEXT, IN_OPTIONS(code), "", 0, 0, false,
     "UNABLE_TO_RECRUIT UNFORESEEABLE MEASURES_TAKEN NEED_MET_OTHERWISE STAFFING_SHOWN "
     "PURCHASER_ERROR DISPROPORTIONATE EQUAL_TREATMENT MINOR_AMOUNT OTHER",
     "skälets kod, t.ex. UNABLE_TO_RECRUIT", "code of the reason, e.g. UNABLE_TO_RECRUIT"},
    {OPTION_REASON, "reason", NIVA_CONFIG_TEXT, IN_OPTIONS(reason), "", 0, 0, false, "",
     "skälet i ord: inga namn, ingen hälsa", "the reason in words: no names, no health"},
    {OPTION_STATEMENT, "statement", NIVA_CONFIG_TEXT, IN_OPTIONS(statement), "", 0, 0, false, "",
     "vad enheten svarat, i korthet: inga namn, ingen hälsa",
     "what the unit answered, in short: no names, no health"},
    {OPTION_RESPONSE, "response", NIVA_CONFIG_TEXT, IN_OPTIONS(response), "", 0, 0, false, "",
     "hur svaret bemöts", "how the answer is met"},
    {OPTION_DECIDED_AT, "decided-at", NIVA_CONFIG_TEXT, IN_OPTIONS(decided_at), "", 0, 0, false, "",
     "när beslutet fattades, om det var tidigare (2022-09-02 eller 2022-09-02T12:00:00Z)",
     "when it was decided, if that was earlier (2022-09-02 or 2022-09-02T12:00:00Z)"},
    {OPTION_CLASS, "class", NIVA_CONFIG_TEXT, IN_OPTIONS(class_name), "all", 0, 0, false,
     "all reports absences originals", "vad som ska gallras", "what is to be erased"},
    {OPTION_BEFORE, "before", NIVA_CONFIG_TEXT, IN_OPTIONS(before), "", 0, 0, false, "",
     "det som bara gäller dagar före denna", "what bears on days before this one alone"},
    {OPTION_DECISION, "decision", NIVA_CONFIG_TEXT, IN_OPTIONS(decision), "", 0, 0, false, "",
     "beslutet, t.ex. diarienumret", "the decision, e.g. its case number"},
    {OPTION_FILE, "file", NIVA_CONFIG_TEXT, IN_OPTIONS(file), "", 0, 0, false, "",
     "filen som skrivs; - för standard ut; annars SLAG-ID.pdf",
     "the file that is written; - for standard output; otherwise KIND-ID.pdf"},
    {OPTION_LETTERS, "letters", NIVA_CONFIG_TEXT, IN_OPTIONS(letters), "", 0, 0, true, "",
     "brevens inställningar; annars klonens deploy/letters/letters.conf",
     "the settings of letters; otherwise the clone's deploy/letters/letters.conf"},
    {OPTION_CONTACT, "contact", NIVA_CONFIG_TEXT, IN_OPTIONS(contact), "", 0, 0, false, "",
     "handläggaren: namn, telefon, e-post; annars inställningarnas",
     "the case officer: name, telephone, e-mail; otherwise the settings'"},
    {OPTION_CASE_NUMBER, "case-number", NIVA_CONFIG_TEXT, IN_OPTIONS(case_number), "", 0, 0, false,
     "", "ärendets diarienummer", "case number (diarienummer)"},
    {OPTION_FORMAT, "format", NIVA_CONFIG_TEXT, IN_OPTIONS(format), "sie4i", 0, 0, false,
     "sie4i csv xlsx", "filens format", "format of the file"},
    {OPTION_FROM, "from", NIVA_CONFIG_TEXT, IN_OPTIONS(from), "", 0, 0, false, "",
     "från och med denna månad (2022-01); annars årets första",
     "from this month (2022-01); otherwise the first of the year"},
    {OPTION_TO, "to", NIVA_CONFIG_TEXT, IN_OPTIONS(to), "", 0, 0, false, "",
     "till och med denna månad; annars dagens", "up to this month; otherwise today's"},
    {OPTION_MONTHLY, "monthly", NIVA_CONFIG_SWITCH, IN_OPTIONS(monthly), "false", 0, 0, false, "",
     "månad för månad", "month by month"},
    {OPTION_LEAST, "least", NIVA_CONFIG_INTEGER, IN_OPTIONS(least), "5", 3, 1000, false, "",
     "grupper med färre vårdcentraler än så döljs", "groups of fewer units than this are hidden"},
    {OPTION_DRY_RUN, "dry-run", NIVA_CONFIG_SWITCH, IN_OPTIONS(dry_run), "false", 0, 0, false, "",
     "visa vad som skulle hända, och ändra inget", "show what would happen, and change nothing"},
    {OPTION_BY, "by", NIVA_CONFIG_TEXT, IN_OPTIONS(by), "", 0, 0, false, "",
     "till och med denna dag: för ett svar eller en åtgärd",
     "until this day: for an answer or a measure"},
    {OPTION_SIDE, "side", NIVA_CONFIG_TEXT, IN_OPTIONS(side), "", 0, 0, false, "purchaser provider",
     "vems anteckning eller åtgärd: beställarens eller utförarens",
     "whose note or measure: the purchaser's or the provider's"},
    {OPTION_FTE, "fte", NIVA_CONFIG_TEXT, IN_OPTIONS(fte), "", 0, 0, false, "",
     "heltider som åtgärden ger, t.ex. 0,50", "full-time positions that the measure brings"},
    {OPTION_STEPS, "steps", NIVA_CONFIG_TEXT, IN_OPTIONS(steps), "", 0, 0, false, "",
     "kan inte rekrytera, och vad som prövats: none eller advertised=2022-05-02,…",
     "cannot recruit, and what was tried: none or advertised=2022-05-02,…"},
    {OPTION_RECEIVED, "received", NIVA_CONFIG_TEXT, IN_OPTIONS(received), "", 0, 0, false, "",
     "när det sades eller kom in (2022-06-23 eller 2022-06-23T12:00:00Z); annars nu",
     "when it was said or received (2022-06-23 or 2022-06-23T12:00:00Z); otherwise now"},
    {OPTION_OFFICER, "officer", NIVA_CONFIG_TEXT, IN_OPTIONS(officer), "", 0, 0, false, "",
     "bristens handläggare", "the case officer of the breach"},
    {OPTION_MISSED, "missed", NIVA_CONFIG_SWITCH, IN_OPTIONS(missed), "false", 0, 0, false, "",
     "åtgärden uteblev", "the measure was missed"},
    {OPTION_YES, "yes", NIVA_CONFIG_SWITCH, IN_OPTIONS(yes), "false", 0, 0, false, "", "fråga inte",
     "do not ask"},
    {OPTION_WITHIN, "within", NIVA_CONFIG_INTEGER, IN_OPTIONS(within), "90", 1, WITHIN_MOST_DAYS,
     false, "", "så många dagar efter idag", "so many days after today"},
    {OPTION_AFTER, "after", NIVA_CONFIG_INTEGER, IN_OPTIONS(after), "0", 0, INT64_MAX, false, "",
     "händelser efter denna position", "events after this position"},
    {OPTION_LIMIT, "limit", NIVA_CONFIG_INTEGER, IN_OPTIONS(limit), "0", 0, INT64_MAX, false, "",
     "högst så många händelser; 0: alla", "at most so many events; 0: all"},
    {OPTION_FOLLOW, "follow", NIVA_CONFIG_SWITCH, IN_OPTIONS(follow), "false", 0, 0, false, "",
     "fortsätt när nya händelser kommer", "go on as new events come"},
    {OPTION_CHECK, "check", NIVA_CONFIG_SWITCH, IN_OPTIONS(check), "false", 0, 0, false, "",
     "jämför med det väntade svaret", "compare with the expected answer"},
    {OPTION_HELP, "help", NIVA_CONFIG_SWITCH, IN_OPTIONS(help), "false", 0, 0, false, "",
     "visa denna hjälp", "show this help"},
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

/* The option of a mask with this name, up to its "="; NULL: none. */
static const struct option_row *row_of_flag(option_set mask, const char *flag)
{
    size_t length = strcspn(flag, "=");

    for (size_t i = 0; i < ROW_COUNT; i++)
        if ((mask & rows[i].option) != 0 && strlen(rows[i].key) == length &&
            memcmp(rows[i].key, flag, length) == 0)
            return &rows[i];
    return NULL;
}

size_t options_argument_at(int argc, char *const *argv)
{
    for (int at = 1; at < argc; at++) {
        const struct option_row *row;

        if (strncmp(argv[at], "--", 2) != 0)
            return (size_t)at;
        row = row_of_flag(UINT64_MAX, argv[at] + 2);
        if (row != NULL && row->type != NIVA_CONFIG_SWITCH && strchr(argv[at], '=') == NULL)
            at++;
    }
    return 0;
}

static bool variable_is(const char *variable, const struct option_row *row)
{
    const char *at = variable + 5;

    for (const char *key = row->key; *key != '\0'; key++, at++)
        if (*at != (*key == '-' ? '_' : (char)toupper((unsigned char)*key)))
            return false;
    return *at == '=';
}

/* The variables that the options of `mask` are read from. NULL when memory is out. */
static char **variables_choose(option_set mask, char *const *variables)
{
    char **chosen = calloc(ROW_COUNT + 1, sizeof *chosen);
    size_t count = 0;

    if (chosen == NULL || variables == NULL)
        return chosen;
    for (; *variables != NULL && count < ROW_COUNT; variables++) {
        if (strncmp(*variables, "NIVA_", 5) != 0)
            continue;
        for (size_t i = 0; i < ROW_COUNT; i++)
            if (rows[i].setting && (mask & rows[i].option) != 0 &&
                variable_is(*variables, &rows[i]))
                chosen[count++] = *variables;
    }
    return chosen;
}

static bool word_taken(const struct option_row *row, const char *value)
{
    size_t length = strlen(value);
    const char *at = row->words;

    while (length > 0 && *at != '\0') {
        size_t word = strcspn(at, " ");

        if (word == length && memcmp(at, value, length) == 0)
            return true;
        at += word + (at[word] == ' ');
    }
    return *row->words == '\0' || (length == 0 && *row->preset == '\0');
}

static bool words_check(option_set mask, const struct options *options, struct niva_error *err)
{
    char text_sv[160];
    char text_en[160];

    for (size_t i = 0; i < ROW_COUNT; i++) {
        const char *value;

        if ((mask & rows[i].option) == 0 || rows[i].type != NIVA_CONFIG_TEXT)
            continue;
        memcpy(&value, (const char *)options + rows[i].offset, sizeof value);
        if (word_taken(&rows[i], value))
            continue;
        snprintf(text_sv, sizeof text_sv, "Flaggan --%s tar bara något av: %s.", rows[i].key,
                 rows[i].words);
        snprintf(text_en, sizeof text_en, "Flag --%s takes only one of: %s.", rows[i].key,
                 rows[i].words);
        return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
    }
    return true;
}

/* Options that the command does not take have their preset all the same; of two with one name,
 * those that it takes come last. */
static void options_preset(struct options *options)
{
    for (size_t i = ROW_COUNT; i-- > 0;)
        if (rows[i].type == NIVA_CONFIG_TEXT)
            memcpy((char *)options + rows[i].offset, &rows[i].preset, sizeof rows[i].preset);
}

static bool day_check(const char *key, const char *value, bool instant_too, struct niva_error *err)
{
    char text_sv[128];
    char text_en[128];
    niva_instant instant;
    niva_day day;

    if (*value == '\0' || niva_day_parse(value, &day) ||
        (instant_too && niva_instant_parse(value, &instant)))
        return true;
    snprintf(text_sv, sizeof text_sv,
             instant_too
                 ? "--%s ska vara en dag (2022-06-23) eller en tidpunkt (2022-06-23T12:00:00Z)."
                 : "--%s ska vara en dag som 2022-06-23.",
             key);
    snprintf(text_en, sizeof text_en,
             instant_too ? "--%s must be a day (2022-06-23) or an instant (2022-06-23T12:00:00Z)."
                         : "--%s must be a day like 2022-06-23.",
             key);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

static bool days_check(const struct options *options, struct niva_error *err)
{
    return day_check("open-on", options->open_on, false, err) &&
           day_check("before", options->before, false, err) &&
           day_check("by", options->by, false, err) &&
           day_check("known-at", options->known_at, true, err) &&
           day_check("received", options->received, true, err) &&
           day_check("decided-at", options->decided_at, true, err);
}

static size_t entries_fill(option_set mask, struct options *options,
                           struct niva_config_entry *ret_entries)
{
    size_t count = 0;

    for (size_t i = 0; i < ROW_COUNT; i++)
        if ((mask & rows[i].option) != 0)
            ret_entries[count++] = (struct niva_config_entry){
                .key = rows[i].key,
                .type = rows[i].type,
                .preset = rows[i].preset,
                .least = rows[i].least,
                .most = rows[i].most,
                .help = rows[i].help_en,
                .ret_value = (char *)options + rows[i].offset,
            };
    return count;
}

/* INVALID_ARGUMENT for an option that is not of the mask: one of other commands, of other verbs of
 * this one, of the services (--config), or none at all. */
static bool strangers_check(option_set mask, int argc, char *const *argv, struct niva_error *err)
{
    char text_sv[160];
    char text_en[160];

    for (int at = 1; at < argc && strcmp(argv[at], "--") != 0; at++) {
        if (strncmp(argv[at], "--", 2) != 0 || row_of_flag(mask, argv[at] + 2) != NULL)
            continue;
        int length = (int)strcspn(argv[at], "=");
        if (length > FLAG_SHOWN)
            length = FLAG_SHOWN;
        snprintf(text_sv, sizeof text_sv, "Flaggan %.*s hör inte hit.", length, argv[at]);
        snprintf(text_en, sizeof text_en, "Flag %.*s does not belong here.", length, argv[at]);
        return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
    }
    return true;
}

struct niva_config *options_read(option_set mask, int argc, char *const *argv,
                                 char *const *variables, struct options *ret_options,
                                 size_t *ret_rest_count, const char *const **ret_rest,
                                 struct niva_error *err)
{
    struct niva_config_entry entries[ROW_COUNT];
    struct options options = {0};
    struct niva_config *config = NULL;
    char **chosen;
    size_t count = entries_fill(mask, &options, entries);

    options_preset(&options);
    if (!strangers_check(mask, argc, argv, err))
        return NULL;
    chosen = variables_choose(mask, variables);
    if (chosen == NULL)
        niva_fail_internal(err, "out of memory");
    else
        config = niva_config_read(entries, count, NULL, argc, argv, chosen, ret_rest_count,
                                  ret_rest, err);
    free(chosen);
    if (config == NULL)
        return NULL;
    if (!words_check(mask, &options, err) || !days_check(&options, err))
        return niva_config_free(config);
    *ret_options = options;
    return config;
}

void options_help(option_set mask, enum language language, struct niva_text *text)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char flag[32];
        bool value = rows[i].type != NIVA_CONFIG_SWITCH;

        if ((mask & rows[i].option) == 0)
            continue;
        snprintf(flag, sizeof flag, "--%s%s", rows[i].key, value ? "=…" : "");
        /* "…" is three bytes and one column */
        niva_text_printf(text, "  %-*s %s", value ? 16 : 14, flag,
                         words_pick(language, rows[i].help_sv, rows[i].help_en));
        if (value && *rows[i].preset != '\0')
            niva_text_printf(text, " (%s)", rows[i].preset);
        niva_text_puts(text, "\n");
    }
}

bool option_at(size_t index, option_set *ret_option, const char **ret_key, const char **ret_words,
               bool *ret_value)
{
    if (index >= ROW_COUNT)
        return false;
    *ret_option = rows[index].option;
    *ret_key = rows[index].key;
    *ret_words = rows[index].words;
    *ret_value = rows[index].type != NIVA_CONFIG_SWITCH;
    return true;
}
