/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_DIALECT_FPUSH_H
#define XMPP_FRONTEND_DIALECT_FPUSH_H

/* The dialect of fpush, as Monal and its forks speak it: there is nothing to
 * register. The node of a publish is the device token, and the publish-option
 * `pushModule` is the app; without one it is the default app of the backend
 * that has tokens of this form. Only apps that are stateless are reached so,
 * as whoever knows a token can push to it. Pure. */

#include "services/xmpp-frontend/request.h"

/* `request` is what p2_publish has made of `iq`: a push. If it is in this
 * dialect it is changed into REQUEST_WAKE, or REQUEST_REFUSE when the node can
 * be no token of the app, or there is no such app. */
void fpush_publish(struct request *request, const struct iq *iq,
                   const struct settings *settings);

#endif
