/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/link_past.h"

#include <stdio.h>

void link_past_note(struct link_past *self, const char *why, const char *text,
                    const char *remedy)
{
    char all[2 * sizeof self->why] = "";
    size_t size = sizeof self->why - 1;

    snprintf(all, sizeof all, "%s%s%s", why, text != NULL ? ": " : "",
             text != NULL ? text : "");
    while (((unsigned char)all[size] & 0xC0) == 0x80) {
        size--;
    }
    snprintf(self->why, sizeof self->why, "%.*s", (int)size, all);
    self->remedy = remedy;
}
