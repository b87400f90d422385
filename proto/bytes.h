/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_BYTES_H
#define PROTO_BYTES_H

/* Bytes that grow at their end, for what is written with each push: a stream of
 * the C library (open_memstream, snprintf) takes ten times as long. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { DECIMAL_SIZE = 21 }; /* of any 64-bit number, with a sign and a NUL */

/* All zero: none yet. `data` is malloc'd. */
struct bytes {
    char *data;
    size_t size;
    size_t room;
};

/* Make room for `size` more. */
void bytes_grow(struct bytes *bytes, size_t size);

/* Returns where `size` more can be written, `bytes->data + bytes->size`; valid
 * until the next call. What is written counts once `bytes->size` says so. */
static inline char *bytes_extend(struct bytes *bytes, size_t size)
{
    if (bytes->room - bytes->size < size) {
        bytes_grow(bytes, size);
    }
    return bytes->data + bytes->size;
}

static inline void bytes_append(struct bytes *bytes, const void *data,
                                size_t size)
{
    if (size > 0) {
        memcpy(bytes_extend(bytes, size), data, size);
        bytes->size += size;
    }
}

/* As digits. */
void bytes_append_number(struct bytes *bytes, int64_t value);

/* Take the first `size` away. */
void bytes_remove(struct bytes *bytes, size_t size);

void bytes_free(struct bytes *bytes);

/* Writes `value` as digits, and a NUL. Returns how many digits. */
size_t decimal_write(char out[DECIMAL_SIZE], uint64_t value);

#endif
