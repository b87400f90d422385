/* SPDX-License-Identifier: BSD-3-Clause */
/* wakebusctl: what an operator does beside running the processes. */
#include "common/version.h"
#include "services/wakebusctl/commands.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct command {
    const char *name;
    const char *arguments;
    const char *help; /* one line */
    int (*run)(int argc, char **argv);
} COMMANDS[] = {
    {"health", "[--live] [--config FILE] [ADDRESS]",
     "ask a process whether it is ready, or only alive", health_command},
    {"keygen", "[--rotate ROLE] DIR",
     "make the keys of the bus, those that are missing, or a new one",
     keygen_command},
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS };

static void print_usage(FILE *to)
{
    fputs("Usage: wakebusctl COMMAND [ARGUMENT]...\n\n", to);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fprintf(to, "  %s %s\n        %s\n", COMMANDS[i].name,
                COMMANDS[i].arguments, COMMANDS[i].help);
    }
    fputs("  --version\n"
          "        print the version and the commit\n"
          "  --help\n"
          "        print this\n",
          to);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    if (strcmp(name, "--help") == 0) {
        print_usage(stdout);
        return EX_OK;
    }
    if (strcmp(name, "--version") == 0) {
        version_print("wakebusctl");
        return EX_OK;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, COMMANDS[i].name) == 0) {
            int status = COMMANDS[i].run(argc - 1, argv + 1);
            if (status == EX_USAGE) {
                fputs("Try: wakebusctl --help\n", stderr);
            }
            return status;
        }
    }
    if (argc > 1) {
        fprintf(stderr, "wakebusctl: no such command: %s\n", name);
    }
    print_usage(stderr);
    return EX_USAGE;
}
