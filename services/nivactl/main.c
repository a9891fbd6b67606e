/* nivactl: the command line of Nivå. Finds the command, reads its options, runs it. */
#include <stdlib.h>
#include <string.h>

#include "services/nivactl/commands.h"

extern char **environ;

/* Before the options are read the language is not known: both are said. */
static int usage_refuse(const struct command *command, const struct niva_error *err)
{
    fprintf(stderr, "%s\n%s\nnivactl %s%s--help\n", err->text_sv, err->text_en,
            command != NULL ? command->name : "", command != NULL ? " " : "");
    return EXIT_USAGE;
}

static int help_write(const struct command *command, option_set options, enum language language)
{
    struct niva_text text = {0};
    bool written;

    help_print(command, options, language, &text);
    written = !text.failed && fputs(text.data, stdout) >= 0 && fflush(stdout) == 0;
    niva_text_free(&text);
    return written ? EXIT_YES : EXIT_SERVER;
}

static bool arguments_fit(const struct session *session, const struct command *command,
                          size_t count)
{
    char text_sv[240];
    char text_en[240];

    if (count >= command->least && count <= command->most)
        return true;
    snprintf(text_sv, sizeof text_sv, "Användning: nivactl %s %s", command->name,
             command->arguments);
    snprintf(text_en, sizeof text_en, "Usage: nivactl %s %s", command->name, command->arguments);
    session_refuse(session, text_sv, text_en);
    return false;
}

static int command_run(const struct command *command, const struct options *options, size_t count,
                       const char *const *arguments)
{
    struct session session;
    int code = EXIT_USAGE;

    if (!session_open(&session, options, stdout, stderr)) {
        fputs("nivactl: Minnet tog slut. / Memory ran out.\n", stderr);
        return EXIT_SERVER;
    }
    if (arguments_fit(&session, command, count))
        code = command->run(&session, count, arguments);
    session_close(&session);
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) && code == EXIT_YES) {
        fputs("nivactl: Svaret kunde inte skrivas ut. / The answer could not be written.\n",
              stderr);
        code = EXIT_SERVER;
    }
    return code;
}

/* What may stand on the command line, of which the command's name was taken away. */
static option_set line_options(const struct command *command, int argc, char *const *argv)
{
    size_t at = options_argument_at(argc, argv);

    return command == NULL ? OPTIONS_ALL : command_options(command, at > 0 ? argv[at] : NULL);
}

/* Runs what stands on the command line; `at` is where the command's name stands, 0: nowhere. */
static int line_run(const struct command *command, size_t at, int argc, char **argv)
{
    option_set mask;
    struct niva_error err;
    struct options options;
    struct niva_config *config;
    size_t count = 0;
    const char *const *arguments = NULL;
    int code;

    niva_error_clear(&err);
    if (at > 0) { /* the options before the name are those behind it */
        memmove(&argv[at], &argv[at + 1], (size_t)(argc - (int)at) * sizeof *argv);
        argc--;
    }
    mask = line_options(command, argc, argv);
    config = options_read(mask, argc, argv, environ, &options, &count, &arguments, &err);
    if (config == NULL)
        return usage_refuse(command, &err);
    if (options.help || command == NULL)
        code = help_write(command, mask, strcmp(options.lang, "en") == 0 ? ENGLISH : SWEDISH);
    else
        code = command_run(command, &options, count, arguments);
    niva_config_free(config);
    return options.help || command != NULL ? code : EXIT_USAGE;
}

int main(int argc, char **argv)
{
    size_t at = options_argument_at(argc, argv);
    const struct command *command = at == 0 ? NULL : command_find(argv[at]);

    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("nivactl " NIVA_VERSION) >= 0 ? EXIT_YES : EXIT_SERVER;
    if (at > 0 && command == NULL) {
        fprintf(stderr, "Okänt kommando / unknown command: %s\nnivactl --help\n", argv[at]);
        return EXIT_USAGE;
    }
    return line_run(command, at, argc, argv);
}
