/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_TABLE_H
#define WAKEBUSCTL_TABLE_H

/* Text in columns, each as wide as its widest cell. Pure. */

#include <stdbool.h>
#include <stdio.h>

typedef struct table table_t;

/* One letter for each column: 'l' left, 'r' right. Never NULL. */
table_t *table_new(const char *columns);
void table_destroy(table_t **self_p);

/* The next cell, from left to right, row after row; what a terminal would obey
 * is taken out. Cut after 255 bytes. */
void table_add(table_t *self, const char *text);
void table_add_count(table_t *self, double number);

/* Rows that are not whole are not printed. */
void table_print(const table_t *self, FILE *to);

#endif
