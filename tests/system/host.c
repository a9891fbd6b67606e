/* A rehearsed system of real processes for a test that is not written in C: prints the system's
 * directory, then obeys lines of its input and answers each with one line. At the input's end it
 * proves the system, as every test does, and ends it. What goes wrong ends it with a message. */
#include <stdio.h>
#include <string.h>

#include "tests/support/process.h"
#include "tests/support/system.h"

enum { LINE = 64 };

static enum part part_read(const char *name)
{
    static const char *const names[] = {"intake", "compliance", "compensation"};

    for (int part = PART_INTAKE; part <= PART_COMPENSATION; part++)
        if (strcmp(name, names[part]) == 0)
            return (enum part)part;
    give_up("\"%s\" is no service", name);
}

static void answer(const char *text)
{
    printf("%s\n", text);
    fflush(stdout);
}

static void obey(struct system *system, char *line)
{
    const char *verb = strtok(line, " \n");
    const char *name = strtok(NULL, " \n");

    if (verb == NULL)
        give_up("an empty line");
    if (strcmp(verb, "digest") == 0) {
        answer(system_digest(system));
        return;
    }
    if (strcmp(verb, "restart") != 0 || name == NULL)
        give_up("\"%s\" is nothing that can be done", verb);
    system_kill(system, part_read(name));
    system_start(system, part_read(name), NULL);
    answer("ready");
}

int main(void)
{
    struct system *system = system_new(true);
    char line[LINE];

    answer(system_directory(system));
    while (fgets(line, sizeof line, stdin) != NULL)
        obey(system, line);
    system_free(system);
    return 0;
}
