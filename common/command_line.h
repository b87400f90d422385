/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_COMMAND_LINE_H
#define COMMON_COMMAND_LINE_H

/* The command line of all programs that run as services: --config FILE
 * --check-config --print-config --self-test --version --help. */

#include "common/self_test.h"
#include "common/settings.h"

/* Everything that main does before its own work: reads the command line, then
 * the configuration, and sets up the log. `origin` tells the program and its
 * check; its file is set here.
 *
 * Returns -1 when the process shall go on, with `settings` to be released, and
 * `test` set. Else the status to exit with: 0 after --help and the like, 64 for
 * a wrong command line, 78 when the configuration has faults, each of which was
 * then printed with its member and the remedy. A self-test goes on with faults
 * as well: it is the one to tell them. */
int command_line_start(const struct settings **settings,
                       struct self_test_request *test,
                       struct settings_origin *origin, int argc, char **argv);

#endif
