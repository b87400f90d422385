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
    bool silent;
} settings = {"wakebus", LEVEL_INFO, FORMAT_LOGFMT, false};

struct line {
    char text[LINE_MAX_BYTES];
    size_t used;
    bool full; /* something had no room */
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

void log_silence(void)
{
    settings.silent = true;
}

/* The last two bytes stay free for the end of the line. */
static void put(struct line *line, const char *text, size_t size)
{
    if (size > sizeof line->text - 2 - line->used) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->used, text, size);
    line->used += size;
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

/* Bytes in the UTF-8 sequence that begins here, or 0 if none does. */
static size_t sequence_size(const char *text, size_t room)
{
    static const struct {
        unsigned char mask, lead;
        size_t size;
    } LEADS[] = {
        {0x80, 0x00, 1}, {0xE0, 0xC0, 2}, {0xF0, 0xE0, 3}, {0xF8, 0xF0, 4}};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t size = 0;

    for (size_t i = 0; i < sizeof LEADS / sizeof *LEADS; i++) {
        if ((bytes[0] & LEADS[i].mask) == LEADS[i].lead) {
            size = LEADS[i].size;
        }
    }
    for (size_t i = 1; i < size; i++) {
        if (i >= room || (bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    /* Longer than need be, a surrogate, or past the end of Unicode. */
    if ((size == 2 && bytes[0] < 0xC2) ||
        (size == 3 && bytes[0] == 0xE0 && bytes[1] < 0xA0) ||
        (size == 3 && bytes[0] == 0xED && bytes[1] >= 0xA0) ||
        (size == 4 && bytes[0] == 0xF0 && bytes[1] < 0x90) ||
        (size == 4 &&
         (bytes[0] > 0xF4 || (bytes[0] == 0xF4 && bytes[1] >= 0x90)))) {
        return 0;
    }
    return size;
}

/* One character, or one byte that is none; returns how many bytes it had. */
static size_t put_character(struct line *line, const char *text, size_t room)
{
    unsigned char c = (unsigned char)text[0];
    size_t size = sequence_size(text, room);
    char escape[8];

    if (c == '"' || c == '\\') {
        put(line, "\\", 1);
        put(line, text, 1);
    } else if (c < ' ' || c == 127 || size == 0) {
        snprintf(escape, sizeof escape, "\\u%04x", c);
        puts_to(line, escape);
        size = 1;
    } else {
        put(line, text, size);
    }
    return size;
}

/* JSON's escapes serve logfmt as well. */
static void put_quoted(struct line *line, const char *text)
{
    size_t size = strnlen(text, TEXT_MAX_BYTES + 1);

    if (size > TEXT_MAX_BYTES) {
        size = TEXT_MAX_BYTES;
        while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80) {
            size--; /* not in the middle of a character */
        }
    }
    puts_to(line, "\"");
    for (size_t i = 0; i < size;) {
        i += put_character(line, text + i, size - i);
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

/* As a whole or not at all, so that the line remains well-formed. */
static void put_field(struct line *line, const struct log_field *field)
{
    size_t before = line->used;

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
    if (line->full) {
        line->used = before;
        line->full = false;
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

static void put_head(struct line *line, enum log_level level, const char *event)
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

    if (settings.silent || level > settings.level) {
        return;
    }
    line.used = 0;
    line.full = false;
    put_head(&line, level, event);
    for (const struct log_field *f = fields; f->key != NULL; f++) {
        put_field(&line, f);
    }
    if (settings.format == FORMAT_JSON) {
        line.text[line.used++] = '}';
    }
    line.text[line.used++] = '\n';
    /* One write, so that lines of several processes do not mix. */
    if (write(STDERR_FILENO, line.text, line.used) < 0) {
        return; /* nowhere left to say so */
    }
}
