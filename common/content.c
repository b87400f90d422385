/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/content.h"

#include <string.h>

bool content_is_ours(const struct app *app, const char *name)
{
    static const char *const NAMES[] = {CONTENT_ACCOUNT, CONTENT_CHANNEL,
                                        CONTENT_ENCRYPTED, CONTENT_IV};
    size_t count = app->forwards_encrypted ? 4 : 2;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(NAMES[i], name) == 0) {
            return true;
        }
    }
    return false;
}
