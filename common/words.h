/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_WORDS_H
#define COMMON_WORDS_H

/* Numbers as people read them. Pure. */

#include <stdint.h>

enum { WORD_ROOM = 32 };

/* "12,345" */
void word_count(char out[WORD_ROOM], double number);

/* "1 sender", "2 senders", "no sender" */
void word_some(char out[WORD_ROOM], double number, const char *noun);

/* Times a second: "0", "0.02", "1.5", "120" */
void word_rate(char out[WORD_ROOM], double rate);

/* "0.4 ms", "12 ms", "1.3 s" */
void word_time(char out[WORD_ROOM], double us);

/* "99.8 %": 100 and 0 only if it is all or nothing. "–" of none. */
void word_share(char out[WORD_ROOM], double part, double whole);

/* "40 s", "12 min", "3 h 5 min", "2 d 4 h" */
void word_span(char out[WORD_ROOM], int64_t seconds);

#endif
