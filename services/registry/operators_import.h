/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_OPERATORS_IMPORT_H
#define REGISTRY_OPERATORS_IMPORT_H

/* operator.import. */

#include "services/registry/task.h"

/* Returns 0 when it will be answered, or -1 with `err` set. */
int operators_take_import(struct task *task, const struct msg *m,
                          struct proto_err *err);

#endif
