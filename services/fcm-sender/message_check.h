/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FCM_SENDER_MESSAGE_CHECK_H
#define FCM_SENDER_MESSAGE_CHECK_H

/* Would FCM take what the operator wants in each push, and give it to the app?
 * Pure.
 * https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages */

#include "common/settings.h"

/* Note the faults of an app's payload, and of the package that shall get it, as
 * those of the settings. */
void message_check(const struct settings *settings, const struct app *app);

#endif
