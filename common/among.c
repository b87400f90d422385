/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/among.h"

#include <stddef.h>
#include <string.h>

bool is_among(const char *text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(text, *words) == 0) {
            return true;
        }
    }
    return false;
}
