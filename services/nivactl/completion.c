#include <string.h>

#include "services/nivactl/commands.h"

static void commands_print(FILE *out)
{
    const struct command *command;

    fputs("    local commands='", out);
    for (size_t i = 0; (command = command_at(i)) != NULL; i++)
        fprintf(out, "%s%s", i > 0 ? " " : "", command->name);
    fputs("'\n", out);
}

static void methods_print(FILE *out)
{
    struct method method;

    fputs("    local methods='", out);
    for (size_t i = 0; method_at(i, &method); i++)
        fprintf(out, "%s%s", i > 0 ? " " : "", method.name + 1);
    fputs("'\n", out);
}

/* The words of the verbs of a command, or of no command: of all, as they are told apart. */
static void verbs_print(FILE *out, const char *command)
{
    const struct verb *verb;
    const char *between = "";

    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        if (verb->name == NULL || (command != NULL && strcmp(verb->command, command) != 0))
            continue;
        if (command != NULL)
            fprintf(out, "%s%s", between, verb->name);
        else
            fprintf(out, "%s%s:%s", between, verb->command, verb->name);
        between = command != NULL ? " " : " | ";
    }
}

/* Finds the command and its verb among the words before the one that is completed. */
static void place_print(FILE *out)
{
    fputs("    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
          "        case $command:$word in\n"
          "        ",
          out);
    verbs_print(out, NULL);
    fputs(") verb=$word && break ;;\n"
          "        esac\n"
          "        [[ -n $command ]] && continue\n"
          "        case \" $commands \" in *\" $word \"*) command=$word ;; esac\n"
          "    done\n",
          out);
}

/* Whether another option has the same name. */
static bool name_shared(size_t index, const char *name)
{
    option_set option;
    const char *key;
    const char *words;
    bool value;

    for (size_t i = 0; option_at(i, &option, &key, &words, &value); i++)
        if (i != index && strcmp(key, name) == 0)
            return true;
    return false;
}

/* "import:--kind": where an option stands that shares its name with one of another command. */
static void option_places_print(FILE *out, option_set option, const char *key)
{
    const struct command *command;
    const char *between = "";

    for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
        if ((command_options(command, NULL) & option) == 0)
            continue;
        fprintf(out, "%s%s:--%s", between, command->name, key);
        between = " | ";
    }
}

/* What stands behind an option that takes a value: its words, a directory or file, or nothing we
 * know. */
static void option_words_print(FILE *out)
{
    option_set option;
    const char *key;
    const char *words;
    bool value;

    fputs("    case $command:$previous in\n", out);
    for (size_t i = 0; option_at(i, &option, &key, &words, &value); i++) {
        if (!value)
            continue;
        fputs("    ", out);
        if (name_shared(i, key))
            option_places_print(out, option, key);
        else
            fprintf(out, "*:--%s", key);
        if (*words != '\0')
            fprintf(out, ") COMPREPLY=($(compgen -W '%s' -- \"$current\")); return ;;\n", words);
        else if (option == OPTION_RUN_DIR)
            fputs(") COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n", out);
        else if (option == OPTION_FILE || option == OPTION_LETTERS)
            fputs(") COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n", out);
        else
            fputs(") return ;;\n", out);
    }
    fputs("    esac\n", out);
}

/* The options of a set, behind `place`. */
static void flags_print(FILE *out, const char *command, const char *verb, option_set options)
{
    option_set option;
    const char *key;
    const char *words;
    bool value;
    const char *space = "";

    fprintf(out, "    %s:%s) options='", command, verb);
    for (size_t i = 0; option_at(i, &option, &key, &words, &value); i++) {
        if ((options & option) == 0)
            continue;
        fprintf(out, "%s--%s", space, key);
        space = " ";
    }
    fputs("' ;;\n", out);
}

static void all_flags_print(FILE *out)
{
    const struct command *command;
    const struct verb *verb;

    fputs("    case $command:$verb in\n", out);
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++)
        if (verb->name != NULL)
            flags_print(out, verb->command, verb->name,
                        command_options(command_find(verb->command), verb->name));
    for (size_t i = 0; (command = command_at(i)) != NULL; i++)
        flags_print(out, command->name, "", command_options(command, NULL));
    fputs("    esac\n", out);
}

/* The first arguments of the commands that have verbs. */
static void first_words_print(FILE *out)
{
    const struct verb *verb;
    const char *command = "";

    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        if (strcmp(verb->command, command) == 0)
            continue;
        command = verb->command;
        fprintf(out, "    %s::*) COMPREPLY=($(compgen %s-W '", command,
                strcmp(command, "import") == 0 ? "-f " : "");
        verbs_print(out, command);
        fputs("' -- \"$current\")) ;;\n", out);
    }
}

int command_completion(struct session *session, size_t count, const char *const *arguments)
{
    FILE *out = session->out;

    (void)count;
    if (strcmp(arguments[0], "bash") != 0)
        return session_refuse(session, "Bara bash kan kompletteras: nivactl completion bash",
                              "Only bash can be completed: nivactl completion bash");
    fputs("# Completion of nivactl for bash; made by `nivactl completion bash`.\n"
          "_nivactl() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local command= verb= options= word\n",
          out);
    commands_print(out);
    methods_print(out);
    place_print(out);
    option_words_print(out);
    all_flags_print(out);
    fputs(
        "    case $command:$verb:$current in\n"
        "    *:--*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")) ;;\n"
        "    ::*) COMPREPLY=($(compgen -W \"$commands\" -- \"$current\")) ;;\n"
        "    call::*) COMPREPLY=($(compgen -W \"$methods\" -- \"$current\")) ;;\n"
        "    events::*) COMPREPLY=($(compgen -W 'tail intake compliance compensation' -- "
        "\"$current\")) ;;\n"
        "    decide::*) COMPREPLY=($(compgen -W 'approve waive' -- \"$current\")) ;;\n"
        "    completion::*) COMPREPLY=($(compgen -W 'bash' -- \"$current\")) ;;\n"
        "    import:template:*) COMPREPLY=($(compgen -W 'reports listings contracts indicators' -- "
        "\"$current\")) ;;\n",
        out);
    first_words_print(out);
    fputs("    apply::* | evaluate::* | preview::* | dry-run::* | settle:export:* | settle:get:*) "
          "COMPREPLY=($(compgen -f -- \"$current\")) ;;\n"
          "    esac\n"
          "}\n"
          "complete -F _nivactl nivactl deploy/nivactl\n",
          out);
    return EXIT_YES;
}
