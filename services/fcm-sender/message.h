/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FCM_SENDER_MESSAGE_H
#define FCM_SENDER_MESSAGE_H

/* The message that a push is: data that wakes the app, and shows nothing by
 * itself. What is the same in each of an app's is written once. Pure.
 * https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages */

#include "common/app.h"
#include "common/delivery.h"

typedef struct message message_t;

enum { MESSAGE_DATA_MAX = 4096 }; /* bytes of names and values that FCM takes */

/* The app has passed message_check. Never NULL. */
message_t *message_new(const struct app *app);
void message_destroy(message_t **self_p);

/* The request's body, malloc'd, or NULL when it cannot be put in JSON. Content
 * that is forwarded is left off when it does not fit. */
char *message_body(const message_t *self, const struct push_request *request,
                   enum forwarding *forwarding);

/* The same for no device and not to be delivered (validate_only): FCM looks at
 * all of it, and finds fault with the device alone: see FCM_TRIAL_REASONS. */
char *message_trial_body(const message_t *self);

/* How many bytes of data are left in the largest that has no forwarded content:
 * less than 0 when that is larger than FCM takes. */
long message_room(const message_t *self);

#endif
