/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_COMMANDS_H
#define WAKEBUSCTL_COMMANDS_H

/* Each command is a function in a file of its own, and a line in main.c's
 * table; what they return is explained in arguments.h. */

#include "services/wakebusctl/arguments.h"

int export_command(const struct arguments *arguments);
int doctor_command(const struct arguments *arguments);
int health_command(const struct arguments *arguments);
int import_fpush_command(const struct arguments *arguments);
int import_command(const struct arguments *arguments);
int keygen_command(const struct arguments *arguments);
int status_command(const struct arguments *arguments);
int count_command(const struct arguments *arguments);
int list_command(const struct arguments *arguments);
int push_command(const struct arguments *arguments);
int revoke_command(const struct arguments *arguments);
int show_command(const struct arguments *arguments);

#endif
