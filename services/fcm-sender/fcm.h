/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FCM_SENDER_FCM_H
#define FCM_SENDER_FCM_H

/* The words of the FCM HTTP v1 API. Pure.
 * https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
 * https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */

#include "common/http_client.h"
#include "common/judgement.h"

/* Where the messages of a project go; malloc'ed. */
char *fcm_path(const char *project_id);

/* A data message that wakes the app, malloc'ed, or NULL when it cannot be put
 * in JSON. It shows nothing by itself, and replaces no other message: FCM
 * throttles those that do. */
char *fcm_body(const struct push_request *request, int64_t ttl_s);

/* The same for no device and not to be delivered (validate_only): FCM looks at
 * all of it, and finds fault with the device alone, for one of these reasons.
 */
char *fcm_trial_body(int64_t ttl_s);
extern const char *const FCM_TRIAL_REASONS[];

/* What an answer with a status means. Bodies may be anything: HTML pages come
 * from the front ends, and details may be absent. */
void fcm_judge(const struct http_response *response,
               struct judgement *judgement);

#endif
