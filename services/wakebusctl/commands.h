/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_COMMANDS_H
#define WAKEBUSCTL_COMMANDS_H

/* Each command is a function in a file of its own, and a line in main.c's
 * table. It gets what follows "wakebusctl" (argv[0] is its own name) and
 * returns the exit status: 64 (EX_USAGE) after saying what is wrong with it,
 * whereupon main prints where there is help. */

int health_command(int argc, char **argv);
int keygen_command(int argc, char **argv);

#endif
