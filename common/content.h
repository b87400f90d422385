/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_CONTENT_H
#define COMMON_CONTENT_H

/* What of a push is ours, and not the operator's to choose: the members that
 * the app finds under the same names at each provider. Pure. */

#include "common/app.h"

#define CONTENT_ACCOUNT "account"     /* the registration's device hash */
#define CONTENT_CHANNEL "channel"     /* the same of a group chat */
#define CONTENT_ENCRYPTED "encrypted" /* forwarded, see push_request … */
#define CONTENT_IV "iv"               /* … as is this */

/* How many bytes an app's payload must leave for what is forwarded, names
 * included: Prosody's mod_cloud_notify_encrypted, which does not ask what
 * there is room for, cuts a message at 255 bytes, and base64 makes three
 * bytes four. */
enum { CONTENT_ROOM = 1024 };

/* Is it one of these, in the pushes of this app? */
bool content_is_ours(const struct app *app, const char *name);

/* What became of content that was to be forwarded to the app. */
enum forwarding {
    FORWARDED_NOTHING, /* there was none, or the app wants none */
    FORWARDED,
    FORWARDED_NOT, /* the provider takes no push as large as that */
};
enum { FORWARDINGS = FORWARDED_NOT + 1 };

#endif
