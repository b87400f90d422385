/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_ARGUMENTS_H
#define WAKEBUSCTL_ARGUMENTS_H

/* A command line, by the table of what a command takes, which is what --help
 * and the completions of shells tell as well. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { ARGUMENTS_OPTIONS_MAX = 12 };

struct command_option {
    const char *name;  /* without its dashes */
    const char *value; /* "FILE", or NULL: it has none */
    const char *help;  /* one line */
};

struct arguments;

struct command {
    const char *name;
    const char *operands; /* "NODE", "[ADDRESS]", or "": none */
    size_t min_operands;
    size_t max_operands;
    const char *help;                     /* one line */
    const struct command_option *options; /* the last one has no name */

    /* Returns the exit status: 64 (EX_USAGE) after saying what is wrong, which
     * is answered with where there is help. */
    int (*run)(const struct arguments *arguments);
};

struct arguments {
    const struct command *command;
    bool help; /* --help, which each command has */
    bool given[ARGUMENTS_OPTIONS_MAX];
    const char *values[ARGUMENTS_OPTIONS_MAX]; /* in the order of the table */
    size_t operand_count;
    char **operands;
};

/* What follows "wakebusctl"; argv[0] is the command's name. Returns 0, or 64
 * after saying what is wrong. */
int arguments_read(struct arguments *self, const struct command *command,
                   int argc, char **argv);

/* Was the option given? What is its value, or NULL? It is in the table. */
bool arguments_has(const struct arguments *self, const char *option);
const char *arguments_value(const struct arguments *self, const char *option);

/* "show [--config FILE] NODE", and below it what each option is. */
void arguments_print_synopsis(const struct command *command, FILE *to);
void arguments_print_help(const struct command *command, FILE *to);

#endif
