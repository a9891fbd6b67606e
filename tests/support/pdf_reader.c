#include "tests/support/pdf_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { COMMAND_MAX = 400 };

static void file_read(FILE *file, struct niva_text *text)
{
    char buffer[4096];
    size_t size;

    while ((size = fread(buffer, 1, sizeof buffer, file)) > 0)
        niva_text_append(text, buffer, size);
    niva_text_append(text, "", 0);
    assert_false(text->failed);
}

char *pdf_ask(const struct niva_text *pdf, const char *command)
{
    char path[] = "/tmp/niva-letter-XXXXXX";
    int handle = mkstemp(path);
    struct niva_text answer = {0};
    char line[COMMAND_MAX];
    FILE *pipe;

    assert_true(handle >= 0);
    assert_int_equal(write(handle, pdf->data, pdf->length), pdf->length);
    close(handle);
    snprintf(line, sizeof line, "PDF=%s; %s", path, command);
    pipe = popen(line, "re");
    assert_non_null(pipe);
    file_read(pipe, &answer);
    if (pclose(pipe) != 0)
        fail_msg("%s:\n%s", line, answer.data);
    unlink(path);
    return answer.data == NULL ? strdup("") : answer.data;
}

void golden_check(const char *path, const char *text)
{
    struct niva_text golden = {0};
    FILE *file;

    if (getenv("NIVA_UPDATE_GOLDEN") != NULL) {
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
        return;
    }
    file = fopen(path, "re");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    file_read(file, &golden);
    fclose(file);
    if (golden.data == NULL || strcmp(golden.data, text) != 0)
        fail_msg("%s\nexpected:\n%s\nactual:\n%s", path, golden.data, text);
    niva_text_free(&golden);
}
