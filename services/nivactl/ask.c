#include "services/nivactl/ask.h"

#include <string.h>
#include <unistd.h>

bool ask_wanted(const struct session *session)
{
    return !session->options.yes && isatty(STDIN_FILENO) == 1 && isatty(fileno(session->err)) == 1;
}

bool ask_confirmed(const struct session *session, const char *question_sv, const char *question_en)
{
    char answer[16] = "";

    fflush(session->out);
    fprintf(session->err, "\n%s ", words_pick(session->language, question_sv, question_en));
    fflush(session->err);
    return fgets(answer, sizeof answer, stdin) != NULL &&
           (strcmp(answer, "ja\n") == 0 || strcmp(answer, "yes\n") == 0);
}
