/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/status_row.h"

#include "common/words.h"
#include <assert.h>
#include <stdio.h>

void row_set(json_t *row, const char *name, const char *text)
{
    json_t *value = json_string(text);

    /* Text of others may have been cut in the middle of a character. */
    int status = json_object_set_new(row, name,
                                     value != NULL ? value : json_string("?"));
    assert(status == 0);
}

void row_set_count(json_t *row, const char *name, double number)
{
    char word[WORD_ROOM];

    word_count(word, number);
    row_set(row, name, word);
}

json_t *row_add(json_t *list)
{
    json_t *row = json_object();
    char index[WORD_ROOM];

    assert(row);
    snprintf(index, sizeof index, "%zu", json_array_size(list));
    row_set(row, "index", index);
    json_array_append_new(list, row);
    return row;
}
