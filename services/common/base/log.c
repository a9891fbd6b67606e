#include "services/common/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "services/common/base/clock.h"
#include "services/common/base/text.h"

/* A line of at most PIPE_BUF bytes reaches a pipe whole. */
enum { LINE_MAX_BYTES = 4096, VALUE_MAX_BYTES = 512 };

static struct {
    char service[64];
    enum niva_log_level least;
    bool json;
} setup = {.service = "niva", .least = NIVA_LOG_INFO};

struct line {
    char bytes[LINE_MAX_BYTES];
    size_t length;
    bool full;
};

static const char *level_name(enum niva_log_level level)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};

    return names[level];
}

/* Two bytes are kept for the closing brace and the line feed. */
static void line_add(struct line *line, const char *bytes, size_t size)
{
    if (line->full || size > sizeof line->bytes - 2 - line->length) {
        line->full = true;
        return;
    }
    memcpy(line->bytes + line->length, bytes, size);
    line->length += size;
}

static bool value_is_plain(const char *value, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)value[i] <= ' ' || value[i] == '"' || value[i] == '\\' ||
            value[i] == '=' || value[i] == 0x7f)
            return false;
    return length > 0;
}

static void line_add_escape(struct line *line, unsigned char c)
{
    char escape[8];
    int length = c == '"' || c == '\\' ? snprintf(escape, sizeof escape, "\\%c", c)
                                       : snprintf(escape, sizeof escape, "\\u%04x", c);

    line_add(line, escape, (size_t)length);
}

/* Quoted as in JSON. What is not UTF-8 becomes question marks, so that a line always is. */
static void line_add_quoted(struct line *line, const char *value, size_t length)
{
    bool valid = niva_utf8_valid(value, length);

    line_add(line, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];

        if (c == '"' || c == '\\' || c < ' ' || c == 0x7f)
            line_add_escape(line, c);
        else
            line_add(line, c < 0x80 || valid ? value + i : "?", 1);
    }
    line_add(line, "\"", 1);
}

static size_t value_length(const char *value)
{
    size_t length = strnlen(value, VALUE_MAX_BYTES + 1);

    if (length <= VALUE_MAX_BYTES)
        return length;
    length = VALUE_MAX_BYTES;
    while (length > 0 && ((unsigned char)value[length] & 0xc0) == 0x80)
        length--;
    return length;
}

static void line_add_value(struct line *line, const char *value)
{
    size_t length = value_length(value);

    if (setup.json || !value_is_plain(value, length) || !niva_utf8_valid(value, length))
        line_add_quoted(line, value, length);
    else
        line_add(line, value, length);
}

/* A pair that does not fit is left out whole. */
static void line_add_pair(struct line *line, const char *key, const char *value)
{
    size_t before = line->length;

    if (value == NULL || line->full)
        return;
    line_add(line, setup.json ? ",\"" : " ", setup.json ? 2 : 1);
    line_add(line, key, strlen(key));
    line_add(line, setup.json ? "\":" : "=", setup.json ? 2 : 1);
    line_add_value(line, value);
    if (line->full)
        line->length = before;
}

static void line_begin(struct line *line, enum niva_log_level level, const char *event)
{
    char now[32];
    int length;

    niva_instant_format(niva_clock_now(), now);
    if (setup.json)
        length = snprintf(line->bytes, sizeof line->bytes,
                          "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%.64s\"", now,
                          level_name(level), event);
    else
        length =
            snprintf(line->bytes, sizeof line->bytes, "%s %s %.64s", now, level_name(level), event);
    line->length = (size_t)length;
    line->full = false;
    line_add_pair(line, "service", setup.service);
}

/* A log that cannot be written has nobody to tell; the caller's errno is not its business. */
static void line_end(struct line *line)
{
    int saved = errno;
    ssize_t written;

    if (setup.json)
        line->bytes[line->length++] = '}';
    line->bytes[line->length++] = '\n';
    do
        written = write(STDERR_FILENO, line->bytes, line->length);
    while (written < 0 && errno == EINTR);
    errno = saved;
}

void niva_log_setup(const char *service, enum niva_log_level least, bool json)
{
    snprintf(setup.service, sizeof setup.service, "%s", service);
    setup.least = least;
    setup.json = json;
}

void niva_log(enum niva_log_level level, const char *event, ...)
{
    struct line line;
    va_list pairs;
    const char *key;

    if (level < setup.least)
        return;
    line_begin(&line, level, event);
    va_start(pairs, event);
    while ((key = va_arg(pairs, const char *)) != NULL)
        line_add_pair(&line, key, va_arg(pairs, const char *));
    va_end(pairs);
    line_end(&line);
}

void niva_log_error(const char *event, const struct niva_error *err)
{
    bool blamed = err->violation_count > 0;

    niva_log(NIVA_LOG_ERROR, event, "code", niva_code_name((int)err->code), "text", err->text_en,
             "field", blamed ? err->violations[0].field : NULL, "reason",
             blamed ? err->violations[0].reason : NULL, "cause",
             err->cause[0] == '\0' ? NULL : err->cause, NULL);
}
