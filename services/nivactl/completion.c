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

/* Whether an option before the index-th has the same name: then that one told its words too. */
static bool option_told(size_t index, const char *name)
{
    option_set option;
    const char *key;
    const char *words;
    bool value;

    for (size_t i = 0; i < index && option_at(i, &option, &key, &words, &value); i++)
        if (strcmp(key, name) == 0)
            return true;
    return false;
}

/* The words of all options of a name. */
static void words_print(FILE *out, const char *name)
{
    option_set option;
    const char *key;
    const char *words;
    const char *space = "";
    bool value;

    fprintf(out, "    --%s) COMPREPLY=($(compgen -W '", name);
    for (size_t i = 0; option_at(i, &option, &key, &words, &value); i++) {
        if (strcmp(key, name) != 0)
            continue;
        fprintf(out, "%s%s", space, words);
        space = " ";
    }
    fputs("' -- \"$current\"))\n        return ;;\n", out);
}

/* What stands behind an option that takes a value: its words, a directory or file, or nothing we
 * know. */
static void option_words_print(FILE *out)
{
    option_set option;
    const char *key;
    const char *words;
    bool value;

    fputs("    case $previous in\n", out);
    for (size_t i = 0; option_at(i, &option, &key, &words, &value); i++) {
        if (!value || option_told(i, key))
            continue;
        if (*words != '\0')
            words_print(out, key);
        else if (option == OPTION_RUN_DIR)
            fprintf(out, "    --%s) COMPREPLY=($(compgen -d -- \"$current\"))\n        return ;;\n",
                    key);
        else if (option == OPTION_FILE || option == OPTION_LETTERS)
            fprintf(out, "    --%s) COMPREPLY=($(compgen -f -- \"$current\"))\n        return ;;\n",
                    key);
        else
            fprintf(out, "    --%s) return ;;\n", key);
    }
    fputs("    esac\n", out);
}

static void flags_print(FILE *out)
{
    const struct command *command;

    fputs("    case $command in\n", out);
    for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
        option_set option;
        const char *key;
        const char *words;
        bool value;
        const char *space = "";

        fprintf(out, "    %s) options='", command->name);
        for (size_t j = 0; option_at(j, &option, &key, &words, &value); j++) {
            if ((command->options & option) == 0)
                continue;
            fprintf(out, "%s--%s", space, key);
            space = " ";
        }
        fputs("' ;;\n", out);
    }
    fputs("    esac\n", out);
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
          "    local command= options= word\n",
          out);
    commands_print(out);
    methods_print(out);
    fputs("    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
          "        case \" $commands \" in *\" $word \"*) command=$word && break ;; esac\n"
          "    done\n",
          out);
    option_words_print(out);
    flags_print(out);
    fputs("    case $command:$current in\n"
          "    *:--*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")) ;;\n"
          "    :*) COMPREPLY=($(compgen -W \"$commands\" -- \"$current\")) ;;\n"
          "    call:*) COMPREPLY=($(compgen -W \"$methods\" -- \"$current\")) ;;\n"
          "    events:*) COMPREPLY=($(compgen -W 'tail intake compliance compensation' -- "
          "\"$current\")) ;;\n"
          "    dialogue:*) COMPREPLY=($(compgen -W 'open note answer measure complete' -- "
          "\"$current\")) ;;\n"
          "    letter:*) COMPREPLY=($(compgen -W 'communication decision call receipt' -- "
          "\"$current\")) ;;\n"
          "    decide:*) COMPREPLY=($(compgen -W 'approve waive' -- \"$current\")) ;;\n"
          "    settle:*) COMPREPLY=($(compgen -W 'export get list void book' -- \"$current\")) ;;\n"
          "    completion:*) COMPREPLY=($(compgen -W 'bash' -- \"$current\")) ;;\n"
          "    apply:* | evaluate:* | import:* | preview:* | dry-run:*) "
          "COMPREPLY=($(compgen -f -- \"$current\")) ;;\n"
          "    esac\n"
          "}\n"
          "complete -F _nivactl nivactl deploy/nivactl\n",
          out);
    return EXIT_YES;
}
