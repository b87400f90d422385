/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_READING_H
#define COMMON_READING_H

/* The value of one setting on its way into its struct, for config.c alone: is
 * it of the right type, and within its bounds? What is not is a fault, and the
 * member stays as it is. */

#include "common/config.h"

enum { READING_PATH_SIZE = 160 };

struct reading {
    config_t *config;
    const struct setting *setting;
    char path[READING_PATH_SIZE]; /* full, e.g. apps.ios.key_id */
    const char *variable;         /* set if it is from the environment */
    bool foreign;                 /* it is for another program */
    void *member;
};

void reading_fault(const struct reading *self, const char *what);

/* As the file has it: the type must be right. */
void reading_take_json(const struct reading *self, json_t *value);

/* As the environment or a default has it: all is text. */
void reading_take_words(const struct reading *self, const char *words);

/* A text or a secret. */
void reading_take_text(const struct reading *self, const char *text);

/* What config.c does for it. Returns the string itself: it belongs to the
 * config from now on, as does the value, which config_print will show. */
const char *config_keep(config_t *self, char *string);
void config_show(config_t *self, const char *path, json_t *value);

#endif
