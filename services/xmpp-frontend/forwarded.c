/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/forwarded.h"

#include "proto/push.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* RFC 4648, 4, without blanks at its ends: malloc'd, or NULL. */
static char *copy_base64(const char *text, size_t most)
{
    static const char BLANKS[] = " \t\r\n";
    static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789+/";

    if (text == NULL) {
        return NULL;
    }
    text += strspn(text, BLANKS);
    size_t digits = strspn(text, ALPHABET);
    size_t size = digits + strspn(text + digits, "=");
    const char *rest = text + size;
    if (digits < 1 || size % 4 != 0 || size - digits > 2 || size > most ||
        rest[strspn(rest, BLANKS)] != '\0') {
        return NULL;
    }
    char *copied = strndup(text, size);
    assert(copied != NULL);
    return copied;
}

bool forwarded_take(struct forwarded *self, const char *encrypted,
                    const char *iv, bool is_urgent)
{
    *self = (struct forwarded){0};
    if (encrypted == NULL && iv == NULL) {
        return true;
    }
    self->encrypted = copy_base64(encrypted, PUSH_ENCRYPTED_MAX);
    self->iv = copy_base64(iv, PUSH_IV_MAX);
    self->is_urgent = is_urgent;
    bool is_fit = self->encrypted != NULL && self->iv != NULL;
    if (!is_fit) {
        forwarded_drop(self);
    }
    return is_fit;
}

void forwarded_drop(struct forwarded *self)
{
    free(self->encrypted);
    free(self->iv);
    *self = (struct forwarded){0};
}

void forwarded_merge(struct forwarded *self, struct forwarded *later)
{
    if (later->encrypted == NULL ||
        (self->encrypted != NULL && self->is_urgent && !later->is_urgent)) {
        forwarded_drop(later);
        return;
    }
    forwarded_drop(self);
    *self = *later;
    *later = (struct forwarded){0};
}
