/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_JID_H
#define XMPP_FRONTEND_JID_H

/* Addresses (RFC 7622). Servers stamp them in normal form; ASCII case is folded
 * here in case one does not. Pure. */

#include <stdbool.h>
#include <stddef.h>

enum { DOMAIN_SIZE = 1024 };

/* How many bytes it has without its resource. */
size_t jid_bare_size(const char *jid);
bool jid_is_bare(const char *jid);

/* `size` bytes of `text` in lower case, and a NUL. */
void jid_fold(char *out, const char *text, size_t size);

/* Its domain. Returns 0, or -1 when there is none or it is too long. */
int jid_domain(char out[DOMAIN_SIZE], const char *jid);

#endif
