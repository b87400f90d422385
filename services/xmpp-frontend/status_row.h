/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_STATUS_ROW_H
#define XMPP_FRONTEND_STATUS_ROW_H

/* Objects of texts, as the status page is made of. */

#include <jansson.h>

void row_set(json_t *row, const char *name, const char *text);

/* The number as word_count has it. */
void row_set_count(json_t *row, const char *name, double number);

/* A new row at the end of a list, which knows its place there: "index". */
json_t *row_add(json_t *list);

#endif
