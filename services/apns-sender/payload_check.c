/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/payload_check.h"

#include "common/content.h"
#include "common/content_room.h"
#include "services/apns-sender/payload.h"
#include <string.h>

/* An app whose faults are noted. */
struct check {
    const struct settings *settings;
    const struct app *app;
};

#define REFUSE(check, what, remedy, ...)                                       \
    settings_app_note((check)->settings, (check)->app, NOTE_FAULT, what,       \
                      remedy, __VA_ARGS__)
#define WARN(check, what, remedy, ...)                                         \
    settings_app_note((check)->settings, (check)->app, NOTE_WARNING, what,     \
                      remedy, __VA_ARGS__)

/* ---- values ---- */

static bool is_switch(const json_t *value)
{
    return json_is_integer(value) &&
           (json_integer_value(value) == 0 || json_integer_value(value) == 1);
}

static bool is_count(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_share(const json_t *value)
{
    return json_is_number(value) && json_number_value(value) >= 0 &&
           json_number_value(value) <= 1;
}

static bool is_text(const json_t *value)
{
    return json_is_string(value);
}

static bool is_texts(const json_t *value)
{
    size_t index;
    const json_t *item;

    json_array_foreach(value, index, item) {
        if (!json_is_string(item)) {
            return false;
        }
    }
    return json_is_array(value);
}

static bool is_level(const json_t *value)
{
    static const char *const LEVELS[] = {"passive", "active", "time-sensitive",
                                         "critical"};
    const char *text = json_string_value(value);

    for (size_t i = 0; text != NULL && i < sizeof LEVELS / sizeof *LEVELS;
         i++) {
        if (strcmp(LEVELS[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_text_or_object(const json_t *value)
{
    return json_is_string(value) || json_is_object(value);
}

/* ---- the tables ---- */

struct key {
    const char *name;
    bool (*is_right)(const json_t *value);
    const char *remedy;
};

static const char WRITE_TEXT[] = "write it as a text: \"…\"";
static const char WRITE_TEXTS[] = "write it as a list of texts: [\"…\"]";
static const char WRITE_SWITCH[] = "write 1, or 0";

static const struct key APS[] = {
    {"alert", is_text_or_object,
     "write it as a text, or as an object with title and body"},
    {"badge", is_count, "write a whole number, 0 or more"},
    {"sound", is_text_or_object,
     "write the name of a sound, such as \"default\", or an object with name"},
    {"thread-id", is_text, WRITE_TEXT},
    {"category", is_text, WRITE_TEXT},
    {"content-available", is_switch, WRITE_SWITCH},
    {"mutable-content", is_switch, WRITE_SWITCH},
    {"target-content-id", is_text, WRITE_TEXT},
    {"interruption-level", is_level,
     "write passive, active, time-sensitive or critical"},
    {"relevance-score", is_share, "write a number from 0 to 1"},
    {"filter-criteria", is_text, WRITE_TEXT},
    {NULL, NULL, NULL},
};

static const struct key ALERT[] = {
    {"title", is_text, WRITE_TEXT},
    {"subtitle", is_text, WRITE_TEXT},
    {"body", is_text, WRITE_TEXT},
    {"launch-image", is_text, WRITE_TEXT},
    {"title-loc-key", is_text, WRITE_TEXT},
    {"title-loc-args", is_texts, WRITE_TEXTS},
    {"subtitle-loc-key", is_text, WRITE_TEXT},
    {"subtitle-loc-args", is_texts, WRITE_TEXTS},
    {"loc-key", is_text, WRITE_TEXT},
    {"loc-args", is_texts, WRITE_TEXTS},
    {NULL, NULL, NULL},
};

static const struct key SOUND[] = {
    {"critical", is_switch, WRITE_SWITCH},
    {"name", is_text, WRITE_TEXT},
    {"volume", is_share, "write a number from 0 to 1"},
    {NULL, NULL, NULL},
};

/* Apple may have more some day than it had when this was written. */
static void check_keys(const struct check *check, const char *path,
                       const struct key *keys, json_t *object)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value) {
        const struct key *key = keys;
        while (key->name != NULL && strcmp(key->name, name) != 0) {
            key++;
        }
        if (key->name == NULL) {
            WARN(check, "is no key of Apple's that is known here",
                 "check its spelling; what is the app's own goes beside aps",
                 "%s.%s", path, name);
        } else if (!key->is_right(value)) {
            REFUSE(check, "is not what Apple takes", key->remedy, "%s.%s", path,
                   name);
        }
    }
}

/* ---- what push_type demands ---- */

/* Is there a text to show? Without one no extension is started either. */
static bool shows_something(const json_t *alert)
{
    static const char *const TEXTS[] = {
        "title",         "subtitle",         "body",
        "title-loc-key", "subtitle-loc-key", "loc-key"};

    if (json_is_string(alert)) {
        return json_string_length(alert) > 0;
    }
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        if (json_string_length(json_object_get(alert, TEXTS[i])) > 0) {
            return true;
        }
    }
    return false;
}

static void check_alert(const struct check *check, json_t *aps)
{
    const json_t *alert = json_object_get(aps, "alert");
    bool starts_extension =
        json_integer_value(json_object_get(aps, "mutable-content")) == 1;

    if (alert == NULL) {
        REFUSE(check, "has no alert, so that it would wake nobody",
               "give it one, which the app's extension replaces, or set "
               "push_type to background",
               "payload.aps");
    } else if (is_text_or_object(alert) && !shows_something(alert)) {
        REFUSE(check, "has no text, so that it would wake nobody",
               "give it a title or a body, which the app's extension replaces",
               "payload.aps.alert");
    } else if (check->app->forwards_encrypted && !starts_extension) {
        WARN(check, "starts no extension that could read what is forwarded",
             "add \"mutable-content\": 1, or take forward_encrypted away",
             "payload.aps");
    }
}

static void check_background(const struct check *check, json_t *aps)
{
    static const char *const SHOWN[] = {"alert", "badge", "sound"};

    if (json_integer_value(json_object_get(aps, "content-available")) != 1) {
        REFUSE(check, "would start no app: push_type is background",
               "add \"content-available\": 1", "payload.aps");
    }
    for (size_t i = 0; i < sizeof SHOWN / sizeof *SHOWN; i++) {
        if (json_object_get(aps, SHOWN[i]) != NULL) {
            REFUSE(check, "is for alerts: push_type is background",
                   "take it away, or set push_type to alert", "payload.aps.%s",
                   SHOWN[i]);
        }
    }
}

static void check_aps(const struct check *check, json_t *aps)
{
    check_keys(check, "payload.aps", APS, aps);
    check_keys(check, "payload.aps.alert", ALERT,
               json_object_get(aps, "alert"));
    check_keys(check, "payload.aps.sound", SOUND,
               json_object_get(aps, "sound"));
    if (check->app->push_type == APNS_ALERT) {
        check_alert(check, aps);
    } else {
        check_background(check, aps);
    }
}

/* ---- the whole ---- */

static void check_size(const struct check *check)
{
    payload_t *payload = payload_new(check->app);
    const struct content_room room = {"payload", "Apple", PAYLOAD_MAX,
                                      payload_room(payload)};

    payload_destroy(&payload);
    content_room_check(check->settings, check->app, &room);
}

static void check_names(const struct check *check)
{
    const char *name;
    json_t *value;

    json_object_foreach(check->app->payload, name, value) {
        if (content_is_ours(check->app, name)) {
            REFUSE(check, "is what Wakebus puts there itself",
                   "give it another name", "payload.%s", name);
        }
    }
}

void payload_check(const struct settings *settings, const struct app *app)
{
    const struct check check = {settings, app};
    json_t *aps = json_object_get(app->payload, "aps");

    if (app->push_type == APNS_BACKGROUND &&
        app->priority == APP_PRIORITY_HIGH) {
        REFUSE(&check, "is more than Apple lets a background push have",
               "leave it away, or set push_type to alert", "priority");
    }
    check_names(&check);
    if (aps != NULL && !json_is_object(aps)) {
        REFUSE(&check, "is not a JSON object",
               "write it as {\"alert\": …}, or leave it away", "payload.aps");
        return;
    }
    if (aps != NULL) {
        check_aps(&check, aps);
    }
    check_size(&check);
}
