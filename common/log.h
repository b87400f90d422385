/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

/* One line an event on standard error, as logfmt or JSON:
 *     2026-11-23T15:47:08.123Z info fcm-sender ev=push.sent id=k3f9-17.2 …
 * Levels: error = somebody must act; warn = something was lost or refused;
 * info = the life of the process; debug = each job.
 * No token, secret, JID or message body may be given to any of these. */

#include <stddef.h>
#include <stdint.h>

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };
enum log_format { FORMAT_LOGFMT, FORMAT_JSON };

/* Names of the two enums above, in their order, NULL-terminated. */
extern const char *const LOG_LEVELS[];
extern const char *const LOG_FORMATS[];

/* A `key=value` pair: TEXT for strings (NULL is left out), NUM for numbers, and
 * TIMES for how many a line stands for (one is left out). */
struct log_field {
    const char *key;
    const char *text;
    int64_t number;
};
/* clang-format off */
#define TEXT(key, value) {key, value, 0}
#define NUM(key, value) {key, LOG_NUMBER, (int64_t)(value)}
#define TIMES(n) {"times", (n) > 1 ? LOG_NUMBER : NULL, (int64_t)(n)}
#define NO_FIELDS {NULL, NULL, 0}
/* clang-format on */
extern const char LOG_NUMBER[]; /* marks a field that holds a number */

/* `service` must outlive the process's logging; the default is info, logfmt. */
void log_start(const char *service);
void log_configure(enum log_level level, enum log_format format);
/* From now on nothing is written: for a program that tells all it has to tell
 * in other ways. */
void log_silence(void);

/* `event` is noun.verb. Text may hold anything: it is quoted and escaped, and
 * cut after 512 bytes. A line has 4096 bytes; fields past that are left out. */
void log_write(enum log_level level, const char *event,
               const struct log_field *fields);

#define LOG_AT(level, event, ...)                                              \
    log_write(level, event,                                                    \
              (const struct log_field[]){__VA_ARGS__, {NULL, NULL, 0}})
#define log_error(event, ...) LOG_AT(LEVEL_ERROR, event, __VA_ARGS__)
#define log_warn(event, ...) LOG_AT(LEVEL_WARN, event, __VA_ARGS__)
#define log_info(event, ...) LOG_AT(LEVEL_INFO, event, __VA_ARGS__)
#define log_debug(event, ...) LOG_AT(LEVEL_DEBUG, event, __VA_ARGS__)

#endif
