/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_DIALECT_SEALED_H
#define XMPP_FRONTEND_DIALECT_SEALED_H

/* p2's dialect for apps that are stateless: the commands and the pushes are the
 * same, but the node that a client gets holds all that a registry would keep
 * (see sealed_node.h). It takes keys: sealed.keys_file. Pure. */

#include "services/xmpp-frontend/request.h"

/* Can such an app be registered with? */
bool sealed_can_register(const struct settings *settings);

/* `request` is a registration for a stateless app, as p2_command has read it:
 * it becomes REQUEST_SEALED, or REQUEST_REFUSE when the token is too long. */
void sealed_register(struct request *request, const struct settings *settings,
                     int64_t unix_s);

/* The end of one. Nothing is kept, so there is nothing to delete: it becomes
 * REQUEST_DONE. The client tells its server to push no more, and a token that
 * is not valid any more ends what is left. */
void sealed_unregister(struct request *request);

/* `request` is what p2_publish has made of `iq`: a push. If its node is a
 * sealed one it becomes REQUEST_WAKE, or REQUEST_REFUSE, alike for all that is
 * wrong with it. */
void sealed_publish(struct request *request, const struct iq *iq,
                    const struct settings *settings, int64_t unix_s);

#endif
