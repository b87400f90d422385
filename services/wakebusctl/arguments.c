/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/arguments.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>
#include <sysexits.h>

static size_t count_options(const struct command *command)
{
    size_t count = 0;

    while (command->options[count].name != NULL) {
        count++;
    }
    assert(count <= ARGUMENTS_OPTIONS_MAX);
    return count;
}

static size_t index_of(const struct arguments *self, const char *option)
{
    const struct command_option *options = self->command->options;
    size_t i = 0;

    while (strcmp(options[i].name, option) != 0) {
        i++;
        assert(options[i].name != NULL); /* only those of the table are asked */
    }
    return i;
}

bool arguments_has(const struct arguments *self, const char *option)
{
    return self->given[index_of(self, option)];
}

const char *arguments_value(const struct arguments *self, const char *option)
{
    return self->values[index_of(self, option)];
}

/* ---- reading ---- */

enum { HELP = 1000 }; /* no index of an option */

static void fill(struct option out[ARGUMENTS_OPTIONS_MAX + 2],
                 const struct command *command)
{
    size_t count = count_options(command);

    for (size_t i = 0; i < count; i++) {
        const struct command_option *option = &command->options[i];
        out[i] = (struct option){option->name,
                                 option->value != NULL ? required_argument
                                                       : no_argument,
                                 NULL, (int)i};
    }
    out[count] = (struct option){"help", no_argument, NULL, HELP};
    out[count + 1] = (struct option){0};
}

static int check_operands(const struct arguments *self)
{
    const struct command *command = self->command;

    if (self->help) {
        return EX_OK;
    }
    if (self->operand_count > command->max_operands) {
        fprintf(stderr, "%s: unexpected argument: %s\n", command->name,
                self->operands[command->max_operands]);
        return EX_USAGE;
    }
    if (self->operand_count < command->min_operands) {
        fprintf(stderr, "%s: missing: %s\n", command->name, command->operands);
        return EX_USAGE;
    }
    return EX_OK;
}

int arguments_read(struct arguments *self, const struct command *command,
                   int argc, char **argv)
{
    struct option options[ARGUMENTS_OPTIONS_MAX + 2];
    int index;

    *self = (struct arguments){.command = command};
    fill(options, command);
    while ((index = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (index == HELP) {
            self->help = true;
        } else if (index >= ARGUMENTS_OPTIONS_MAX) {
            return EX_USAGE; /* '?': getopt has said what is wrong */
        } else {
            self->given[index] = true;
            self->values[index] = optarg;
        }
    }
    self->operand_count = (size_t)(argc - optind);
    self->operands = argv + optind;
    return check_operands(self);
}

/* ---- help ---- */

void arguments_print_synopsis(const struct command *command, FILE *to)
{
    fprintf(to, "%s", command->name);
    for (const struct command_option *o = command->options; o->name != NULL;
         o++) {
        fprintf(to, " [--%s%s%s]", o->name, o->value != NULL ? " " : "",
                o->value != NULL ? o->value : "");
    }
    fprintf(to, "%s%s\n", command->operands[0] != '\0' ? " " : "",
            command->operands);
}

void arguments_print_help(const struct command *command, FILE *to)
{
    char left[64];

    fputs("Usage: wakebusctl ", to);
    arguments_print_synopsis(command, to);
    fprintf(to, "\n%s.\n\n", command->help);
    for (const struct command_option *o = command->options; o->name != NULL;
         o++) {
        snprintf(left, sizeof left, "--%s%s%s", o->name,
                 o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
        fprintf(to, "  %-19s %s\n", left, o->help);
    }
    fprintf(to, "  %-19s %s\n", "--help", "print this");
}
