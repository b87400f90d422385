/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APNS_SENDER_APNS_H
#define APNS_SENDER_APNS_H

/* The words of the APNs provider API. Pure.
 * https://developer.apple.com/documentation/usernotifications/
 *     sending-notification-requests-to-apns
 *     handling-notification-responses-from-apns */

#include "common/delivery.h"
#include "common/settings.h"
#include "services/apns-sender/payload.h"

/* What an app's pushes have in common; both are borrowed. */
struct apns_form {
    const struct app *app;
    const payload_t *payload;
};

/* A push for a device of the app. Returns 0 with `call` filled, or -1 with
 * `judgement` set when the token cannot be one, just as Apple would judge it,
 * or when the device is no hash. The same job gives the same apns-id. */
int apns_compose(const struct apns_form *form,
                 const struct push_request *request, const char *job,
                 int64_t unix_ms, struct call *call,
                 struct judgement *judgement);

/* The same for no device: Apple finds fault with that alone, for one of these
 * reasons, when it knows the credentials and takes the topic. */
void apns_compose_trial(const struct apns_form *form, int64_t unix_ms,
                        struct call *call);
extern const char *const APNS_TRIAL_REASONS[];

/* What an answer with a status means. */
void apns_judge(const struct http_response *response,
                struct judgement *judgement);

#endif
