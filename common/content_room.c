/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/content_room.h"

#include "common/content.h"
#include <stdio.h>

enum { WHY_ROOM = 120 };

void content_room_check(const struct settings *settings, const struct app *app,
                        const struct content_room *room)
{
    char why[WHY_ROOM];

    if (room->left < 0) {
        snprintf(why, sizeof why, "makes a push of %ld bytes, and %s takes %ld",
                 room->most - room->left, room->provider, room->most);
        settings_app_note(settings, app, NOTE_FAULT, why, "shorten it", "%s",
                          room->member);
    } else if (app->forwards_encrypted && room->left < CONTENT_ROOM) {
        snprintf(why, sizeof why,
                 "leaves %ld bytes for what is forwarded, which needs %d",
                 room->left, CONTENT_ROOM);
        settings_app_note(settings, app, NOTE_FAULT, why,
                          "shorten it, or take forward_encrypted away", "%s",
                          room->member);
    }
}
