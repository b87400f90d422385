/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/setting.h"

#include "proto/codec.h"
#include <string.h>

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_list(const struct name_list *a, const struct name_list *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool is_same_object(const json_t *a, const json_t *b)
{
    return a == b || (a != NULL && b != NULL && json_equal(a, b));
}

static size_t size_of(enum setting_kind kind)
{
    switch (kind) {
    case SETTING_TEXT:
    case SETTING_SECRET:
        return sizeof(const char *);
    case SETTING_INT:
        return sizeof(int64_t);
    case SETTING_BOOL:
        return sizeof(bool);
    case SETTING_WORD:
        return sizeof(int);
    case SETTING_LIST:
        return sizeof(struct name_list);
    case SETTING_OBJECT:
        return sizeof(json_t *);
    }
    return 0;
}

bool setting_is_same(const struct setting *setting, const void *a,
                     const void *b)
{
    const void *in_a = (const char *)a + setting->offset;
    const void *in_b = (const char *)b + setting->offset;

    switch (setting->kind) {
    case SETTING_TEXT:
    case SETTING_SECRET:
        return is_same_text(*(const char *const *)in_a,
                            *(const char *const *)in_b);
    case SETTING_LIST:
        return is_same_list(in_a, in_b);
    case SETTING_OBJECT:
        return is_same_object(*(const json_t *const *)in_a,
                              *(const json_t *const *)in_b);
    case SETTING_INT:
    case SETTING_BOOL:
    case SETTING_WORD:
        break;
    }
    return memcmp(in_a, in_b, size_of(setting->kind)) == 0;
}

void setting_copy(const struct setting *setting, void *to, const void *from)
{
    memcpy((char *)to + setting->offset, (const char *)from + setting->offset,
           size_of(setting->kind));
}
