/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_RECORDS_H
#define WAKEBUSCTL_RECORDS_H

/* A table as text: a record a line, its fields between commas or tabs. Pure.
 * Covers CSV (RFC 4180), what MariaDB's mysqldump --tab and SELECT … INTO
 * OUTFILE write ("LOAD DATA INFILE" in its manual), and mysql --batch. */

#include <stdbool.h>
#include <stddef.h>

enum { FIELDS_MAX = 32 };

struct records_format {
    char separator;
    bool quotes;  /* a field may stand in "", with a " in it doubled */
    bool escapes; /* \n, \t, \0 and so on; \ before any other stands for that */
};

struct records {
    char *at;    /* what is not yet read … */
    char *end;   /* … up to here */
    size_t line; /* where that begins: 1 at first */
    struct records_format format;
};

struct record {
    size_t line; /* where it begins: a field may have a line end in it */
    size_t count;
    char *fields[FIELDS_MAX]; /* NULL for an unquoted NULL or \N */
    const char *why;          /* it cannot be read, or NULL */
};

/* Begin with a text of `size` bytes, behind which there is one more to write
 * to. It is changed: fields are made of it, and live as long as it does. */
void records_begin(struct records *self, char *text, size_t size,
                   const struct records_format *format);

/* The next record that is not empty; false at the end. One that cannot be read
 * has `why` and no fields; the next begins behind the end of its line. */
bool records_next(struct records *self, struct record *record);

#endif
