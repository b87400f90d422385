/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/message.h"

#include "common/content.h"
#include "proto/text.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part that is written already. */
struct part {
    char *json;
    size_t size;
};

struct message {
    const struct app *app;
    struct part data; /* {… the app's own, without the last bracket */
    size_t data_size; /* as FCM counts it */
    struct part quiet;
    struct part urgent; /* "android":{… without the last bracket */
};

/* ---- what is the same in each ---- */

static struct part part_of(struct text *text)
{
    char *json = text_end(text);

    return (struct part){json, strlen(json) - 1};
}

static struct part new_android(const struct app *app, bool is_urgent)
{
    struct text out;
    char ttl[24];

    snprintf(ttl, sizeof ttl, "%llds", (long long)app->ttl_s);
    text_begin(&out);
    text_member(&out, "priority", is_urgent ? "HIGH" : "NORMAL");
    text_member(&out, "ttl", ttl);
    if (app->direct_boot_ok) {
        text_name(&out, "direct_boot_ok");
        text_true(&out);
    }
    text_member(&out, "restricted_package_name", app->restricted_package);
    return part_of(&out);
}

static struct part new_data(json_t *data, size_t *size)
{
    char *json = data != NULL ? json_dumps(data, JSON_COMPACT) : strdup("{}");
    const char *name;
    json_t *value;

    assert(json != NULL);
    *size = 0;
    json_object_foreach(data, name, value) {
        *size += strlen(name) + json_string_length(value);
    }
    return (struct part){json, strlen(json) - 1};
}

message_t *message_new(const struct app *app)
{
    message_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->app = app;
    self->data =
        new_data(json_object_get(app->payload, "data"), &self->data_size);
    self->quiet = new_android(app, false);
    self->urgent = new_android(app, true);
    return self;
}

void message_destroy(message_t **self_p)
{
    message_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    free(self->data.json);
    free(self->quiet.json);
    free(self->urgent.json);
    free(self);
    *self_p = NULL;
}

/* ---- what is not ---- */

static size_t size_of(const char *name, const char *value)
{
    return value != NULL ? strlen(name) + strlen(value) : 0;
}

static size_t data_size(const message_t *self,
                        const struct push_request *request)
{
    return self->data_size + size_of(CONTENT_ACCOUNT, request->device) +
           size_of(CONTENT_CHANNEL, request->channel);
}

static enum forwarding weigh(const message_t *self,
                             const struct push_request *request)
{
    if (!self->app->forwards_encrypted || request->encrypted == NULL ||
        request->iv == NULL) {
        return FORWARDED_NOTHING;
    }
    return data_size(self, request) +
                       size_of(CONTENT_ENCRYPTED, request->encrypted) +
                       size_of(CONTENT_IV, request->iv) <=
                   MESSAGE_DATA_MAX
               ? FORWARDED
               : FORWARDED_NOT;
}

static bool write_data(const message_t *self, struct text *out,
                       const struct push_request *request,
                       enum forwarding forwarding)
{
    text_raw(out, self->data.json, self->data.size);
    bool good = text_member(out, CONTENT_ACCOUNT, request->device);
    good = text_member(out, CONTENT_CHANNEL, request->channel) && good;
    if (forwarding == FORWARDED) {
        good = text_member(out, CONTENT_ENCRYPTED, request->encrypted) && good;
        good = text_member(out, CONTENT_IV, request->iv) && good;
    }
    text_close(out, '}');
    return good;
}

static bool write_android(const message_t *self, struct text *out,
                          const struct push_request *request)
{
    const struct part *part = app_is_urgent(self->app, request->priority)
                                  ? &self->urgent
                                  : &self->quiet;
    const char *chat =
        request->channel != NULL ? request->channel : request->device;
    bool good = true;

    text_raw(out, part->json, part->size);
    if (self->app->collapse == COLLAPSE_ACCOUNT) {
        good = text_member(out, "collapse_key", chat);
    }
    text_close(out, '}');
    return good;
}

/* False when something in it is not UTF-8; `out` is to be ended all the same.
 */
static bool write_message(const message_t *self, struct text *out,
                          const struct push_request *request,
                          enum forwarding forwarding)
{
    text_name(out, "message");
    text_open(out, '{');
    bool good = text_member(out, "token", request->token);
    text_name(out, "data");
    good = write_data(self, out, request, forwarding) && good;
    text_name(out, "android");
    good = write_android(self, out, request) && good;
    text_close(out, '}');
    return good;
}

char *message_body(const message_t *self, const struct push_request *request,
                   enum forwarding *forwarding)
{
    struct text out;

    *forwarding = weigh(self, request);
    text_begin(&out);
    bool good = write_message(self, &out, request, *forwarding);
    char *body = text_end(&out);
    if (!good) {
        free(body);
        return NULL;
    }
    return body;
}

/* The form of a token, which FCM gave to nobody. */
#define TEN "AAAAAAAAAA"
#define NO_TOKEN                                                               \
    TEN TEN "AA:APA91b" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN    \
            "AAAA"

static const char NO_DEVICE[] = "0000000000000000000000000000000000000000";

char *message_trial_body(const message_t *self)
{
    static const struct push_request request = {
        .token = NO_TOKEN, .device = NO_DEVICE, .priority = PRIORITY_LOW};
    struct text out;

    text_begin(&out);
    bool good = write_message(self, &out, &request, FORWARDED_NOTHING);
    assert(good); /* all of it is ours */
    (void)good;
    text_name(&out, "validate_only");
    text_true(&out);
    return text_end(&out);
}

long message_room(const message_t *self)
{
    static const struct push_request largest = {.device = NO_DEVICE,
                                                .channel = NO_DEVICE};

    return MESSAGE_DATA_MAX - (long)data_size(self, &largest);
}
