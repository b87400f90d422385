/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APNS_SENDER_PAYLOAD_H
#define APNS_SENDER_PAYLOAD_H

/* The payload of a push. What is the same in each of an app's, by its member
 * `payload`, is written once; the rest is put behind it. Pure.
 * https://developer.apple.com/documentation/usernotifications/
 *     generating-a-remote-notification */

#include "common/app.h"
#include "common/delivery.h"

typedef struct payload payload_t;

enum { PAYLOAD_MAX = 4096 }; /* bytes that Apple takes */

/* The app has passed payload_check. It is borrowed. Never NULL. */
payload_t *payload_new(const struct app *app);
void payload_destroy(payload_t **self_p);

/* The whole, malloc'd. Device and channel are hex digits: there is nothing to
 * refuse. Content that is forwarded is left off when it does not fit. */
char *payload_write(const payload_t *self, const struct push_request *request,
                    bool is_urgent, enum forwarding *forwarding);

/* How many bytes are left in the largest that has no forwarded content: less
 * than 0 when that is larger than Apple takes. */
long payload_room(const payload_t *self);

#endif
