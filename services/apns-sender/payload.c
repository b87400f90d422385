/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/payload.h"

#include "common/content.h"
#include "proto/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How it begins, without its last bracket. */
struct beginning {
    char *json;
    size_t size;
};

struct payload {
    struct beginning quiet;
    struct beginning urgent;
    bool forwards_encrypted;
};

/* ---- what is the same in each ---- */

/* What clients understand: an alert with mutable-content starts their
 * extension, which looks for messages and writes the real text. */
static json_t *new_alert(void)
{
    return json_pack("{s:{s:s,s:s},s:i,s:s}", "alert", "title", "New message",
                     "body", "Open the app to read it", "mutable-content", 1,
                     "sound", "default");
}

static json_t *new_silence(void)
{
    return json_pack("{s:i}", "content-available", 1);
}

static json_t *new_aps(const struct app *app, bool is_urgent)
{
    json_t *own = json_object_get(app->payload, "aps");
    json_t *aps = own != NULL                    ? json_copy(own)
                  : app->push_type == APNS_ALERT ? new_alert()
                                                 : new_silence();

    if (!is_urgent) { /* nobody waits for it */
        json_object_del(aps, "sound");
        json_object_del(aps, "interruption-level");
    }
    return aps;
}

static struct beginning begin(const struct app *app, bool is_urgent)
{
    json_t *whole = json_pack("{s:o}", "aps", new_aps(app, is_urgent));
    const char *name;
    json_t *value;

    assert(whole != NULL);
    json_object_foreach(app->payload, name, value) {
        if (strcmp(name, "aps") != 0) {
            json_object_set(whole, name, value);
        }
    }
    char *json = json_dumps(whole, JSON_COMPACT | JSON_REAL_PRECISION(15));
    assert(json != NULL);
    json_decref(whole);
    return (struct beginning){json, strlen(json) - 1};
}

payload_t *payload_new(const struct app *app)
{
    payload_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->quiet = begin(app, false);
    self->urgent = begin(app, true);
    self->forwards_encrypted = app->forwards_encrypted;
    return self;
}

void payload_destroy(payload_t **self_p)
{
    payload_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    free(self->quiet.json);
    free(self->urgent.json);
    free(self);
    *self_p = NULL;
}

/* ---- what is not ---- */

static enum forwarding forward(const payload_t *self, struct text *out,
                               const struct push_request *request)
{
    size_t before = out->written.size;

    if (!self->forwards_encrypted || request->encrypted == NULL ||
        request->iv == NULL) {
        return FORWARDED_NOTHING;
    }
    if (text_member(out, CONTENT_ENCRYPTED, request->encrypted) &&
        text_member(out, CONTENT_IV, request->iv) &&
        out->written.size < PAYLOAD_MAX) {
        return FORWARDED;
    }
    out->written.size = before;
    return FORWARDED_NOT;
}

char *payload_write(const payload_t *self, const struct push_request *request,
                    bool is_urgent, enum forwarding *forwarding)
{
    const struct beginning *beginning =
        is_urgent ? &self->urgent : &self->quiet;
    struct text out;

    text_begin(&out);
    text_raw(&out, beginning->json + 1, beginning->size - 1);
    text_member(&out, CONTENT_ACCOUNT, request->device);
    text_member(&out, CONTENT_CHANNEL, request->channel);
    *forwarding = forward(self, &out, request);
    return text_end(&out);
}

long payload_room(const payload_t *self)
{
    static const char HASH[] = "0000000000000000000000000000000000000000";
    const struct push_request largest = {.device = HASH, .channel = HASH};
    enum forwarding forwarding;
    char *whole = payload_write(self, &largest, true, &forwarding);
    long size = (long)strlen(whole);

    free(whole);
    return PAYLOAD_MAX - size;
}
