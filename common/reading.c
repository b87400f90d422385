/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/reading.h"

#include "common/config.h"
#include "proto/codec.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reading_fault(const struct reading *r, const char *what)
{
    char line[400];

    if (r->variable == NULL) {
        config_fault(r->config, r->path, what, r->setting->help);
        return;
    }
    snprintf(line, sizeof line, "%s (from the environment, %s)", r->path,
             r->variable);
    config_fault(r->config, line, what, r->setting->help);
}

static void show(const struct reading *r, json_t *value)
{
    config_show(r->config, r->path, value);
}

static void out_of_bounds(const struct reading *r, int64_t n, const char *unit)
{
    char what[160];

    snprintf(what, sizeof what,
             "%" PRId64 "%s is not within %" PRId64 " to %" PRId64, n, unit,
             r->setting->min, r->setting->max);
    reading_fault(r, what);
}

void reading_take_text(const struct reading *r, const char *text)
{
    int64_t size = (int64_t)strlen(text);

    if (size < r->setting->min || size > r->setting->max) {
        out_of_bounds(r, size, " bytes");
        return;
    }
    json_t *shown =
        json_string(r->setting->kind == SETTING_SECRET ? "********" : text);
    if (shown == NULL) {
        reading_fault(r, "not UTF-8");
        return;
    }
    *(const char **)r->member = config_keep(r->config, strdup(text));
    show(r, shown);
}

static void take_int(const struct reading *r, int64_t number)
{
    if (number < r->setting->min || number > r->setting->max) {
        out_of_bounds(r, number, "");
        return;
    }
    *(int64_t *)r->member = number;
    show(r, json_integer(number));
}

static void take_word(const struct reading *r, const char *word)
{
    char what[200] = "not one of:";

    for (int i = 0; r->setting->words[i] != NULL; i++) {
        if (strcmp(r->setting->words[i], word) == 0) {
            *(int *)r->member = i;
            show(r, json_string(word));
            return;
        }
        strncat(what, " ", sizeof what - strlen(what) - 1);
        strncat(what, r->setting->words[i], sizeof what - strlen(what) - 1);
    }
    reading_fault(r, what);
}

static void take_item(const struct reading *r, const char *item)
{
    struct name_list *list = r->member;
    int64_t size = (int64_t)strlen(item);

    if (size < r->setting->min || size > r->setting->max) {
        out_of_bounds(r, size, " bytes in an item");
    } else if (list->count == PROTO_LIST_MAX) {
        reading_fault(r, "more than 64 items");
    } else {
        list->items[list->count++] = config_keep(r->config, strdup(item));
    }
}

static void show_list(const struct reading *r)
{
    const struct name_list *list = r->member;
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++) {
        json_array_append_new(array, json_string(list->items[i]));
    }
    show(r, array);
}

static void take_json_list(const struct reading *r, json_t *value)
{
    size_t index;
    json_t *item;

    json_array_foreach(value, index, item) {
        if (!json_is_string(item)) {
            reading_fault(r, "has an item that is no string");
            return;
        }
        take_item(r, json_string_value(item));
    }
    show_list(r);
}

/* `effective` keeps it as long as the config lives. */
static void take_object(const struct reading *r, json_t *value)
{
    if (!json_is_object(value)) {
        reading_fault(r, "not a JSON object");
        return;
    }
    *(json_t **)r->member = value;
    show(r, json_incref(value));
}

void reading_take_json(const struct reading *r, json_t *value)
{
    switch (r->setting->kind) {
    case SETTING_TEXT:
    case SETTING_SECRET:
        json_is_string(value) ? reading_take_text(r, json_string_value(value))
                              : reading_fault(r, "not a string");
        break;
    case SETTING_INT:
        json_is_integer(value) ? take_int(r, json_integer_value(value))
                               : reading_fault(r, "not a whole number");
        break;
    case SETTING_BOOL:
        if (!json_is_boolean(value)) {
            reading_fault(r, "neither true nor false");
            break;
        }
        *(bool *)r->member = json_is_true(value);
        show(r, json_incref(value));
        break;
    case SETTING_WORD:
        json_is_string(value) ? take_word(r, json_string_value(value))
                              : reading_fault(r, "not a string");
        break;
    case SETTING_LIST:
        json_is_array(value) ? take_json_list(r, value)
                             : reading_fault(r, "not a list of strings");
        break;
    case SETTING_OBJECT:
        take_object(r, value);
        break;
    }
}

static void take_list_words(const struct reading *r, const char *words)
{
    char *copy = strdup(words);
    char *rest = NULL;

    for (char *word = strtok_r(copy, " ,", &rest); word != NULL;
         word = strtok_r(NULL, " ,", &rest)) {
        take_item(r, word);
    }
    free(copy);
    show_list(r);
}

static void take_number_word(const struct reading *r, const char *word)
{
    char *end;

    errno = 0;
    long long number = strtoll(word, &end, 10);
    if (errno != 0 || end == word || *end != '\0') {
        reading_fault(r, "not a whole number");
    } else {
        take_int(r, number);
    }
}

static void take_object_words(const struct reading *r, const char *words)
{
    json_t *value = json_loads(words, JSON_REJECT_DUPLICATES, NULL);

    take_object(r, value);
    json_decref(value);
}

void reading_take_words(const struct reading *r, const char *words)
{
    switch (r->setting->kind) {
    case SETTING_TEXT:
    case SETTING_SECRET:
        reading_take_text(r, words);
        break;
    case SETTING_INT:
        take_number_word(r, words);
        break;
    case SETTING_BOOL:
        if (strcmp(words, "true") != 0 && strcmp(words, "false") != 0) {
            reading_fault(r, "neither true nor false");
            break;
        }
        *(bool *)r->member = strcmp(words, "true") == 0;
        show(r, json_boolean(*(bool *)r->member));
        break;
    case SETTING_WORD:
        take_word(r, words);
        break;
    case SETTING_LIST:
        take_list_words(r, words);
        break;
    case SETTING_OBJECT:
        take_object_words(r, words);
        break;
    }
}
