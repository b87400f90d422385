/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_CONTENT_ROOM_H
#define COMMON_CONTENT_ROOM_H

/* Does an app's payload leave room for what is ours? */

#include "common/settings.h"

struct content_room {
    const char *member;   /* of the app: "payload" */
    const char *provider; /* "Apple" */
    long most;            /* bytes that it takes in a push … */
    long left;            /* … and that the largest one of this app leaves;
                             negative: so many too many */
};

/* Notes a fault of the app if not. */
void content_room_check(const struct settings *settings, const struct app *app,
                        const struct content_room *room);

#endif
