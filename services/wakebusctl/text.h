/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_TEXT_H
#define WAKEBUSCTL_TEXT_H

/* How things are written for people. Pure. */

#include <stddef.h>
#include <stdint.h>

enum { TEXT_TIME_ROOM = 32 };

/* "2026-11-23T15:47:08Z", or "" for 0: not known. */
void text_time(char out[TEXT_TIME_ROOM], int64_t unix_ms);

/* A copy that fits and holds nothing that a terminal would obey. NULL gives
 * "". */
void text_plain(char *out, size_t size, const char *text);

#endif
