/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/log.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, TEXT_MAX_BYTES = 512 };

const char *const LOG_LEVELS[] = {"error", "warn", "info", "debug", NULL};
const char *const LOG_FORMATS[] = {"logfmt", "json", NULL};
const char LOG_NUMBER[] = "";

/* The one piece of mutable state of a file: a log handle passed through every
 * function would say nothing more. */
static struct {
    const char *service;
    enum log_level level;
    enum log_format format;
} settings = {"wakebus", LEVEL_INFO, FORMAT_LOGFMT};

struct line {
    char text[LINE_MAX_BYTES];
    size_t used;
};

void log_start(const char *service)
{
    settings.service = service;
}

void log_configure(enum log_level level, enum log_format format)
{
    settings.level = level;
    settings.format = format;
}

/* The last byte stays free for the newline. */
static void put(struct line *line, const char *text, size_t size)
{
    size_t room = sizeof line->text - 1 - line->used;
    size_t taken = size < room ? size : room;

    memcpy(line->text + line->used, text, taken);
    line->used += taken;
}

static void puts_to(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

static bool is_plain(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c == '"' || *c == '=' || *c == '\\' || *c == 127) {
            return false;
        }
    }
    return *text != '\0';
}

/* JSON's escapes serve logfmt as well. */
static void put_quoted(struct line *line, const char *text)
{
    size_t size = strnlen(text, TEXT_MAX_BYTES);

    /* Not in the middle of a UTF-8 sequence. */
    while (size == TEXT_MAX_BYTES && size > 0 &&
           ((unsigned char)text[size] & 0xC0) == 0x80) {
        size--;
    }
    puts_to(line, "\"");
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            put(line, "\\", 1);
            put(line, text + i, 1);
        } else if (c < ' ' || c == 127) {
            char escape[8];
            snprintf(escape, sizeof escape, "\\u%04x", c);
            puts_to(line, escape);
        } else {
            put(line, text + i, 1);
        }
    }
    puts_to(line, "\"");
}

static void put_text(struct line *line, const char *text)
{
    if (settings.format == FORMAT_LOGFMT && is_plain(text) &&
        strlen(text) <= TEXT_MAX_BYTES) {
        puts_to(line, text);
    } else {
        put_quoted(line, text);
    }
}

static void put_key(struct line *line, const char *key)
{
    if (settings.format == FORMAT_JSON) {
        puts_to(line, line->used > 1 ? ",\"" : "\"");
        puts_to(line, key);
        puts_to(line, "\":");
    } else {
        puts_to(line, line->used > 0 ? " " : "");
        puts_to(line, key);
        puts_to(line, "=");
    }
}

static void put_field(struct line *line, const struct log_field *field)
{
    if (field->text == NULL) {
        return;
    }
    put_key(line, field->key);
    if (field->text == LOG_NUMBER) {
        char digits[24];
        snprintf(digits, sizeof digits, "%" PRId64, field->number);
        puts_to(line, digits);
    } else {
        put_text(line, field->text);
    }
}

static void format_time(char *out, size_t size)
{
    struct timeval now;
    struct tm utc;
    char day[24];

    gettimeofday(&now, NULL);
    gmtime_r(&now.tv_sec, &utc);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out, size, "%s.%03dZ", day, (int)(now.tv_usec / 1000));
}

static void put_head(struct line *line, enum log_level level,
                     const char *event)
{
    char when[32];

    format_time(when, sizeof when);
    if (settings.format == FORMAT_JSON) {
        puts_to(line, "{");
        put_field(line, &(struct log_field)TEXT("ts", when));
        put_field(line, &(struct log_field)TEXT("level", LOG_LEVELS[level]));
        put_field(line, &(struct log_field)TEXT("svc", settings.service));
    } else {
        puts_to(line, when);
        puts_to(line, " ");
        puts_to(line, LOG_LEVELS[level]);
        puts_to(line, " ");
        puts_to(line, settings.service);
    }
    put_field(line, &(struct log_field)TEXT("ev", event));
}

void log_write(enum log_level level, const char *event,
               const struct log_field *fields)
{
    struct line line;

    if (level > settings.level) {
        return;
    }
    line.used = 0;
    put_head(&line, level, event);
    for (const struct log_field *f = fields; f->key != NULL; f++) {
        put_field(&line, f);
    }
    if (settings.format == FORMAT_JSON) {
        puts_to(&line, "}");
    }
    line.text[line.used++] = '\n';
    /* One write, so that lines of several processes do not mix. */
    if (write(STDERR_FILENO, line.text, line.used) < 0) {
        return; /* nowhere left to say so */
    }
}
