/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APNS_SENDER_PAYLOAD_CHECK_H
#define APNS_SENDER_PAYLOAD_CHECK_H

/* Would Apple take what the operator wants in each push, and do with it what is
 * meant? Pure.
 * https://developer.apple.com/documentation/usernotifications/
 *     generating-a-remote-notification
 *     sending-notification-requests-to-apns */

#include "common/settings.h"

/* Note the faults of an app's payload, and of what it must agree with, as those
 * of the settings. */
void payload_check(const struct settings *settings, const struct app *app);

#endif
