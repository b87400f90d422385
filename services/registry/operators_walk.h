/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_OPERATORS_WALK_H
#define REGISTRY_OPERATORS_WALK_H

/* operator.count, operator.list and operator.export. */

#include "services/registry/task.h"

/* Return 0 when it will be answered, or -1 with `err` set. */
int operators_take_count(struct task *task, const struct msg *m,
                         struct proto_err *err);
int operators_take_list(struct task *task, const struct msg *m,
                        struct proto_err *err);
int operators_take_export(struct task *task, const struct msg *m,
                          struct proto_err *err);

#endif
