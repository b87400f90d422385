/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_WHOLE_TARGET_H
#define REGISTRY_WHOLE_TARGET_H

/* A target with all that it has, as walk.lua gives it: JSON, whose members are
 * strings. Pure. */

#include "proto/operator.h"
#include <stdbool.h>

struct whole_target {
    struct operator_export_target is; /* its strings are in `root` */
    json_t *root;
};

/* False when others have written it, and no message can hold it. To be released
 * in either case. */
bool whole_target_read(struct whole_target *self, const char *text);
void whole_target_release(struct whole_target *self);

#endif
