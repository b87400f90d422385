/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/bytes.h"

#include <assert.h>
#include <stdlib.h>

enum { ROOM = 512 };

void bytes_grow(struct bytes *bytes, size_t size)
{
    size_t room = bytes->room > 0 ? bytes->room : ROOM;

    while (room - bytes->size < size) {
        room *= 2;
    }
    bytes->data = realloc(bytes->data, room);
    assert(bytes->data != NULL);
    bytes->room = room;
}

void bytes_append_number(struct bytes *bytes, int64_t value)
{
    char digits[DECIMAL_SIZE];
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

    if (value < 0) {
        bytes_append(bytes, "-", 1);
    }
    bytes_append(bytes, digits, decimal_write(digits, magnitude));
}

void bytes_remove(struct bytes *bytes, size_t size)
{
    assert(size <= bytes->size);
    bytes->size -= size;
    if (size > 0 && bytes->size > 0) {
        memmove(bytes->data, bytes->data + size, bytes->size);
    }
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

size_t decimal_write(char out[DECIMAL_SIZE], uint64_t value)
{
    char reversed[DECIMAL_SIZE];
    size_t size = 0;

    do {
        reversed[size++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < size; i++) {
        out[i] = reversed[size - 1 - i];
    }
    out[size] = '\0';
    return size;
}
