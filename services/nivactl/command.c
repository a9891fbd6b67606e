#include "services/nivactl/commands.h"

#include <string.h>

enum { ANY_COUNT = 1 << 20 };

/* What both decisions take. */
#define OPTIONS_DECISION                                                                           \
    (OPTIONS_SYSTEM | OPTION_CASE_NUMBER | OPTION_DELEGATION | OPTION_CODE | OPTION_REASON |       \
     OPTION_DECIDED_AT | OPTION_YES)

static const struct command commands[] = {
    {"call", "METHOD [JSON | @FILE | -]", OPTIONS_SYSTEM | OPTION_DATA | OPTION_SERVICE, 1, 2,
     command_call, "anropar vilken metod som helst och skriver svaret som JSON",
     "calls any method and prints the reply as JSON"},
    {"wait", "", OPTIONS_SYSTEM, 0, 0, command_wait,
     "väntar tills alla tjänster har tagit in allt som är sparat",
     "waits until every service has applied all that is committed"},
    {"apply", "FILE…", OPTIONS_SYSTEM, 1, ANY_COUNT, command_apply,
     "läser in rader {\"method\", \"request\", …}; en gång till ändrar inget",
     "loads lines {\"method\", \"request\", …}; once more changes nothing"},
    {"import", "FILE… | template KIND", OPTIONS_SYSTEM, 1, ANY_COUNT, command_import,
     "läser in en tabell (CSV eller XLSX), hela filen eller inget av den",
     "imports a table (CSV or XLSX), the whole file or nothing of it"},
    {"summary", "", OPTIONS_SYSTEM | OPTION_GROUP | OPTION_REGION, 0, 0, command_summary,
     "läget i korthet: vem som inte redovisat, vem som är under, vad som regleras",
     "the state in short: who has not reported, who is below, what is regulated"},
    {"status", "[DAY]", OPTIONS_SYSTEM | OPTION_GROUP | OPTION_REGION | OPTION_KNOWN_AT, 0, 1,
     command_status, "hur varje vårdcentral står en dag, och vem som saknar aktuell redovisning",
     "how every unit stands on a day, and who has no current report"},
    {"overdue", "[DAY]", OPTIONS_SYSTEM | OPTION_GROUP | OPTION_REGION | OPTION_KNOWN_AT, 0, 1,
     command_overdue, "vem som saknar aktuell redovisning, sedan när, och vem som är uppmanad",
     "who has no current report, since when, and who has been called"},
    {"timeline", "UNIT [FROM [TO]]", OPTIONS_SYSTEM | OPTION_GROUP | OPTION_KNOWN_AT, 1, 3,
     command_timeline, "en vårdcentrals tidslinje (HSA-id eller del av namnet)",
     "the timeline of a unit (HSA-id or a part of its name)"},
    {"preview", "FILE [FROM [TO]]", OPTIONS_SYSTEM | OPTION_GROUP, 1, 3, command_preview,
     "vad en redovisning eller frånvaro som ingen har lämnat skulle leda till och kosta",
     "what a report or an absence that nobody has filed would lead to and cost"},
    {"dry-run", "FILE FROM TO", OPTIONS_SYSTEM, 3, 3, command_dry_run,
     "vad ett regelverk som ingen har beslutat skulle kosta, enhet för enhet, mot det som gäller",
     "what a rule set that nobody has put would cost, unit by unit, against what holds"},
    {"breaches", "",
     OPTIONS_SYSTEM | OPTION_GROUP | OPTION_UNIT | OPTION_KIND | OPTION_STATE | OPTION_OPEN_ON |
         OPTION_KNOWN_AT,
     0, 0, command_breaches, "brister: av vilket slag, från när till när, och läge",
     "breaches: of what kind, from when to when, and their state"},
    {"dialogue", "BREACH_ID | open|note|answer|measure|complete BREACH_ID …", OPTIONS_SYSTEM, 1, 4,
     command_dialogue, "dialogen om en brist: visar den, eller lägger till det som sägs",
     "the dialogue about a breach: shows it, or adds what is said"},
    {"forecast", "",
     OPTIONS_SYSTEM | OPTION_GROUP | OPTION_REGION | OPTION_UNIT | OPTION_WITHIN | OPTION_KNOWN_AT,
     0, 0, command_forecast, "vem som kommer att falla under miniminivån, när, varför och till vad",
     "who will fall below the minimum, when, why and at what cost"},
    {"followup", "",
     OPTIONS_SYSTEM | OPTION_GROUP | OPTION_REGION | OPTION_FROM | OPTION_TO | OPTION_MONTHLY |
         OPTION_LEAST | OPTION_KNOWN_AT,
     0, 0, command_followup,
     "uppföljning per driftsform: krav, redovisning, reglering och importerade mått",
     "follow-up by operating form: requirement, reports, regulation and imported indicators"},
    {"adjustments", "[PERIOD]",
     OPTIONS_SYSTEM | OPTION_GROUP | OPTION_UNIT | OPTION_STATE | OPTION_KNOWN_AT, 0, 1,
     command_adjustments, "reglering av fast ersättning, med summor",
     "regulation of the fixed compensation, with sums"},
    {"explain", "ADJUSTMENT_ID", OPTIONS_SYSTEM | OPTION_KNOWN_AT, 1, 1, command_explain,
     "hur ett belopp är uträknat, rad för rad", "how an amount was computed, line by line"},
    {"letter", "communication|decision|call|receipt ID",
     OPTIONS_SYSTEM | OPTION_FILE | OPTION_LETTERS | OPTION_CONTACT | OPTION_CASE_NUMBER, 2, 2,
     command_letter,
     "brev som PDF: kommunicering eller beslut (reglerings-id), uppmaning (uppmaningens id eller "
     "vårdcentral), kvitto (redovisningens id)",
     "a letter as PDF: communication or decision (adjustment id), call (its id or a unit), receipt "
     "(report id)"},
    {"prepare", "ADJUSTMENT_ID", OPTIONS_SYSTEM | OPTION_STATEMENT | OPTION_RESPONSE | OPTION_YES,
     1, 1, command_prepare, "bereder en reglering: skriver under beräkningen (handläggare)",
     "prepares an adjustment: signs for the computation (officer)"},
    {"decide", "ADJUSTMENT_ID approve|waive", OPTIONS_DECISION, 2, 2, command_decide,
     "beslutar en beredd reglering: godkänner eller avstår (beslutsfattare)",
     "decides a prepared adjustment: approves or waives it (decider)"},
    {"revise", "ADJUSTMENT_ID KRONOR", OPTIONS_DECISION, 2, 2, command_revise,
     "jämkar en beredd reglering till ett lägre belopp (beslutsfattare)",
     "revises a prepared adjustment to a smaller amount (decider)"},
    {"settle",
     "export MONTH [FILE] | get ID [FILE] | list [MONTH] | void ID REASON | book ID NUMBER",
     OPTIONS_SYSTEM, 1, 3, command_settle,
     "överför beslutade regleringar till ekonomi, som filer, en gång",
     "hands decided adjustments over to the ledger, as files, once"},
    {"events", "tail STREAM",
     OPTIONS_SYSTEM | OPTION_AFTER | OPTION_LIMIT | OPTION_FOLLOW | OPTION_UNIT, 2, 2,
     command_events, "händelser som CloudEvents, en JSON-rad för varje",
     "events as CloudEvents, one line of JSON each"},
    {"today", "[DAY]", OPTIONS_SYSTEM, 0, 1, command_today,
     "affärsdagen; i en repetition flyttas den fram till DAY",
     "the business day; in a rehearsal it is moved forward to DAY"},
    {"evaluate", "FILE…", OPTIONS_ALL | OPTION_CHECK, 1, ANY_COUNT, command_evaluate,
     "räknar modellen på fallfiler, utan system", "computes the model on case files, offline"},
    {"verify", "", OPTIONS_SYSTEM | OPTION_GROUP | OPTION_REGION | OPTION_UNIT, 0, 0,
     command_verify,
     "bevisar att inget har ändrats i efterhand, räknar om allt ur fakta och jämför",
     "proves that nothing was altered afterwards, computes everything from the facts and compares"},
    {"erase", "",
     OPTIONS_SYSTEM | OPTION_REGION | OPTION_UNIT | OPTION_CLASS | OPTION_BEFORE | OPTION_DECISION |
         OPTION_DRY_RUN | OPTION_YES,
     0, 0, command_erase, "gallrar personuppgifter i gamla redovisningar, frånvaro och original",
     "erases persons from old reports, absences and originals"},
    {"doctor", "", OPTIONS_SYSTEM, 0, 0, command_doctor,
     "hur tjänsterna mår: svar, positioner, kvarvarande arbete",
     "how the services are: answers, positions, pending work"},
    {"completion", "bash", OPTIONS_ALL, 1, 1, command_completion,
     "skriver komplettering för skalet", "prints completion for the shell"},
};

static const struct verb verbs[] = {
    {"import", "template", OPTION_TEMPLATE},
    {"import", NULL, OPTION_FILE_KIND | OPTION_DRY_RUN},
    {"dialogue", "open", OPTION_BY | OPTION_OFFICER | OPTION_RECEIVED},
    {"dialogue", "note", OPTION_SIDE | OPTION_STEPS | OPTION_OFFICER | OPTION_RECEIVED},
    {"dialogue", "answer", OPTION_STEPS | OPTION_RECEIVED},
    {"dialogue", "measure", OPTION_BY | OPTION_FTE | OPTION_SIDE | OPTION_RECEIVED},
    {"dialogue", "complete", OPTION_MISSED | OPTION_RECEIVED},
    {"dialogue", NULL, OPTION_KNOWN_AT},
    {"letter", "communication", OPTION_BY},
    {"letter", "decision", 0},
    {"letter", "call", OPTION_GROUP | OPTION_UNIT},
    {"letter", "receipt", 0},
    {"settle", "export", OPTION_REGION | OPTION_FORMAT},
    {"settle", "get", OPTION_FORMAT | OPTION_KNOWN_AT},
    {"settle", "list", OPTION_REGION | OPTION_KNOWN_AT},
    {"settle", "void", 0},
    {"settle", "book", 0},
};

const struct verb *verb_at(size_t index)
{
    return index < sizeof verbs / sizeof *verbs ? &verbs[index] : NULL;
}

option_set command_options(const struct command *command, const char *argument)
{
    option_set options = command->options;
    const struct verb *verb;

    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        if (strcmp(verb->command, command->name) != 0)
            continue;
        if (argument == NULL)
            options |= verb->options;
        else if (verb->name == NULL || strcmp(verb->name, argument) == 0)
            return options | verb->options;
    }
    return options;
}

const struct command *command_at(size_t index)
{
    return index < sizeof commands / sizeof *commands ? &commands[index] : NULL;
}

const struct command *command_find(const char *name)
{
    const struct command *command;

    for (size_t i = 0; (command = command_at(i)) != NULL; i++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static void help_all(enum language language, struct niva_text *text)
{
    const struct command *command;

    niva_text_puts(text,
                   words_pick(language, "Användning: nivactl KOMMANDO [ARGUMENT] [FLAGGOR]\n\n",
                              "Usage: nivactl COMMAND [ARGUMENTS] [OPTIONS]\n\n"));
    for (size_t i = 0; (command = command_at(i)) != NULL; i++)
        niva_text_printf(text, "  %-12s %s\n", command->name,
                         words_pick(language, command->help_sv, command->help_en));
    niva_text_puts(
        text,
        words_pick(language,
                   "\nnivactl KOMMANDO --help visar kommandots flaggor; --version versionen.\n"
                   "NIVA_RUN_DIR, NIVA_GROUP, NIVA_REGION, NIVA_LANG, NIVA_OUTPUT och "
                   "NIVA_TIMEOUT gäller när flaggan saknas.\n"
                   "Slutkod: 0 ja, 1 nej (avslag, skillnad, finns inte), 2 fel användning, "
                   "3 systemet svarar inte.\n",
                   "\nnivactl COMMAND --help shows the options of a command; --version the "
                   "version.\n"
                   "NIVA_RUN_DIR, NIVA_GROUP, NIVA_REGION, NIVA_LANG, NIVA_OUTPUT and "
                   "NIVA_TIMEOUT hold where the option is not given.\n"
                   "Exit code: 0 yes, 1 no (refused, different, not found), 2 wrong usage, "
                   "3 the system does not answer.\n"));
}

void help_print(const struct command *command, option_set options, enum language language,
                struct niva_text *text)
{
    if (command == NULL) {
        help_all(language, text);
        return;
    }
    niva_text_printf(text, "%s: nivactl %s %s\n  %s\n\n",
                     words_pick(language, "Användning", "Usage"), command->name, command->arguments,
                     words_pick(language, command->help_sv, command->help_en));
    options_help(options, language, text);
}
