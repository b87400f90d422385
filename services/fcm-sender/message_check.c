/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/message_check.h"

#include "common/among.h"
#include "common/content.h"
#include "common/content_room.h"
#include "services/fcm-sender/message.h"
#include <ctype.h>
#include <string.h>

/* An app whose faults are noted. */
struct check {
    const struct settings *settings;
    const struct app *app;
};

#define REFUSE(check, what, remedy, ...)                                       \
    settings_app_note((check)->settings, (check)->app, NOTE_FAULT, what,       \
                      remedy, __VA_ARGS__)

static bool starts_with(const char *name, const char *start)
{
    return strncmp(name, start, strlen(start)) == 0;
}

/* FCM refuses all but collapse_key, in whose place it puts its own
 * (https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode). */
static bool is_reserved(const char *name)
{
    static const char *const WORDS[] = {"from", "message_type", "collapse_key",
                                        NULL};

    return is_among(name, WORDS) || starts_with(name, "google") ||
           starts_with(name, "gcm");
}

static void check_value(const struct check *check, const char *name,
                        const json_t *value)
{
    if (name[0] == '\0') {
        REFUSE(check, "has a member without a name", "give it one",
               "payload.data");
    } else if (content_is_ours(check->app, name)) {
        REFUSE(check, "is what Wakebus puts there itself",
               "give it another name", "payload.data.%s", name);
    } else if (is_reserved(name)) {
        REFUSE(check, "is a name that FCM keeps for itself",
               "give it another name: not from, message_type or collapse_key, "
               "and nothing that starts with google or gcm",
               "payload.data.%s", name);
    }
    if (!json_is_string(value)) {
        REFUSE(check, "is not a text, and FCM takes nothing else",
               "write it between quotes", "payload.data.%s", name);
    }
}

static void check_size(const struct check *check)
{
    message_t *message = message_new(check->app);
    const struct content_room room = {"payload.data", "FCM", MESSAGE_DATA_MAX,
                                      message_room(message)};

    message_destroy(&message);
    content_room_check(check->settings, check->app, &room);
}

static void check_payload(const struct check *check)
{
    json_t *data = json_object_get(check->app->payload, "data");
    const char *name;
    json_t *value;

    json_object_foreach(check->app->payload, name, value) {
        if (strcmp(name, "data") != 0) {
            REFUSE(check, "is not data, and a push has nothing else",
                   "put it into payload.data; ttl_s, priority and the like "
                   "are members of the app",
                   "payload.%s", name);
        }
    }
    if (data != NULL && !json_is_object(data)) {
        REFUSE(check, "is not a JSON object",
               "write it as {\"name\": \"value\"}, or leave it away",
               "payload.data");
        return;
    }
    json_object_foreach(data, name, value) {
        check_value(check, name, value);
    }
    check_size(check);
}

/* https://developer.android.com/build/configure-app-module#set-application-id
 */
static bool is_package(const char *name)
{
    size_t dots = 0;
    bool begins = true;

    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        if (begins ? !isalpha(c) : !(isalnum(c) || c == '_' || c == '.')) {
            return false;
        }
        begins = c == '.';
        dots += begins ? 1 : 0;
    }
    return dots > 0 && !begins;
}

void message_check(const struct settings *settings, const struct app *app)
{
    const struct check check = {settings, app};

    if (app->restricted_package != NULL &&
        !is_package(app->restricted_package)) {
        REFUSE(&check, "is not the name of a package",
               "write the app's applicationId, e.g. org.example.app",
               "restricted_package");
    }
    check_payload(&check);
}
