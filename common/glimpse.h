/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_GLIMPSE_H
#define COMMON_GLIMPSE_H

/* So much of what is secret or personal that an operator can tell one from
 * another, and no more. Pure. */

enum { GLIMPSE_SIZE = 8, GLIMPSE_ROOM = GLIMPSE_SIZE + 1 };

/* The first 8 digits of a hash; NULL gives "". */
void glimpse_of_hash(char out[GLIMPSE_ROOM], const char *hash);

/* The last 8 bytes of a token, or a quarter of a short one; what is not a
 * letter, a digit or punctuation of ASCII becomes '?'. "" for less than four
 * bytes. */
void glimpse_of_token(char out[GLIMPSE_ROOM], const char *token);

#endif
