/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_DIALECT_P2_H
#define XMPP_FRONTEND_DIALECT_P2_H

/* The dialect of p2, "Conversations Push Proxy", as Conversations, Quicksy,
 * Snikket and their forks speak it: the ad-hoc commands register-push-fcm,
 * register-push-apns and unregister-push-…, then pushes as XEP-0357 has them
 * with the secret among the publish-options. Ours is that a command can name
 * the app, register-push-fcm-NAME; without, it is the backend's default one.
 * Pure: from a stanza to what shall be asked of the registry. */

#include "services/xmpp-frontend/request.h"

/* `iq` holds a command, and head.from is set. */
void p2_command(struct request *request, const struct iq *iq,
                const struct settings *settings);

/* `iq` holds a publish, and head.from is set. */
void p2_publish(struct request *request, const struct iq *iq);

/* The names of the commands that there are, NULL-terminated, malloc'd in one
 * piece for the caller to free. */
const char **p2_commands(const struct settings *settings);

/* Is there such a command? */
bool p2_is_command(const struct settings *settings, const char *node);

/* Lower-case hex SHA-1 of the bare JID of `jid` in lower case, one NUL byte
 * and the device id: clients compute the same to tell their accounts apart. */
void p2_hash(char out[HASH_SIZE], const char *jid, const char *device_id);

#endif
