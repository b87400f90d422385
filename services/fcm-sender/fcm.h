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

/* The reasons for which FCM finds fault with the device of a trial alone: see
 * message_trial_body. */
extern const char *const FCM_TRIAL_REASONS[];

/* What an answer with a status means. Bodies may be anything: HTML pages come
 * from the front ends, and details may be absent. */
void fcm_judge(const struct http_response *response,
               struct judgement *judgement);

#endif
