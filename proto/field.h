/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_FIELD_H
#define PROTO_FIELD_H

/* What decoding and encoding share; for proto/ alone. */

#include "proto/codec.h"

#define MISTYPED "missing or of the wrong type"
#define OUT_OF_BOUNDS "out of bounds"

/* Returns -1 with `err` set to these constants. */
int refuse(struct proto_err *err, const char *field, const char *why);

/* Is this number, or this many bytes or items, within the field's bounds? */
bool in_bounds(const struct field *f, int64_t n);

#endif
