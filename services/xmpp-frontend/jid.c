/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/jid.h"

#include <ctype.h>
#include <string.h>

size_t jid_bare_size(const char *jid)
{
    return strcspn(jid, "/");
}

bool jid_is_bare(const char *jid)
{
    return jid[jid_bare_size(jid)] == '\0';
}

void jid_fold(char *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = (char)tolower((unsigned char)text[i]);
    }
    out[size] = '\0';
}

int jid_domain(char out[DOMAIN_SIZE], const char *jid)
{
    size_t size = jid_bare_size(jid);
    const char *at = memchr(jid, '@', size);
    const char *domain = at != NULL ? at + 1 : jid;

    size -= (size_t)(domain - jid);
    if (size < 1 || size >= DOMAIN_SIZE) {
        return -1;
    }
    jid_fold(out, domain, size);
    return 0;
}
