/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dialect_p2.h"

#include "common/among.h"
#include "services/xmpp-frontend/dialect_sealed.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGISTER "register-push-"
#define UNREGISTER "unregister-push-"

enum {
    JID_MAX = 3071, /* bytes, RFC 7622, 3.1 */
    DEVICE_ID_MAX = 1024,
    TOKEN_MAX = 4096,
    NODE_MAX = 1024,
    SECRET_MAX = 1024,
};

static void refuse(struct request *request, enum answer answer,
                   const char *text)
{
    request->step = REQUEST_REFUSE;
    request->answer = answer;
    request->text = text;
}

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

/* ---- hashes ---- */

static void hex(char *out, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
}

void p2_hash(char out[HASH_SIZE], const char *jid, const char *device_id)
{
    char text[JID_MAX + 1 + DEVICE_ID_MAX + 1];
    size_t jid_size = jid_bare_size(jid);
    size_t id_size = strlen(device_id);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_size = 0;

    assert(jid_size <= JID_MAX && id_size <= DEVICE_ID_MAX);
    jid_fold(text, jid, jid_size); /* with the NUL that stands between */
    memcpy(text + jid_size + 1, device_id, id_size + 1);
    int done = EVP_Digest(text, jid_size + 1 + id_size, digest, &digest_size,
                          EVP_sha1(), NULL);
    assert(done == 1 && 2 * digest_size + 1 == HASH_SIZE);
    hex(out, digest, digest_size);
}

/* ---- commands ---- */

/* What follows the prefix, or NULL. */
static const char *suffix(const char *node, const char *prefix)
{
    size_t size = strlen(prefix);

    return node != NULL && strncmp(node, prefix, size) == 0 ? node + size
                                                            : NULL;
}

static bool has_commands(const struct settings *settings, const struct app *app)
{
    return !app->is_stateless || sealed_can_register(settings);
}

/* Of register-push-fcm the default app, of register-push-fcm-NAME that one. */
static const struct app *app_of(const struct settings *settings,
                                const char *node)
{
    const char *what = suffix(node, REGISTER);

    what = what != NULL ? what : suffix(node, UNREGISTER);
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        const char *rest = suffix(what, app->backend);
        const char *name = suffix(rest, "-");
        if (has_commands(settings, app) &&
            (name != NULL ? strcmp(name, app->name) == 0
                          : app->is_default && rest != NULL && *rest == '\0')) {
            return app;
        }
    }
    return NULL;
}

bool p2_is_command(const struct settings *settings, const char *node)
{
    return app_of(settings, node) != NULL;
}

const char **p2_commands(const struct settings *settings)
{
    enum { SHORT = 2, EACH = 4 }; /* the short ones are the default app's */
    size_t most = EACH * settings->app_count;
    size_t name_size = sizeof UNREGISTER + 80;
    const char **names =
        calloc(1, (most + 1) * sizeof *names + most * name_size);
    size_t count = 0;

    assert(names);
    char *text = (char *)(names + most + 1);
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        for (int c = app->is_default ? 0 : SHORT;
             c < EACH && has_commands(settings, app); c++) {
            snprintf(text, name_size, "%s%s%s%s",
                     c % 2 == 0 ? REGISTER : UNREGISTER, app->backend,
                     c < SHORT ? "" : "-", c < SHORT ? "" : app->name);
            names[count++] = text;
            text += name_size;
        }
    }
    return names;
}

static int read_device(struct request *request, const struct iq *iq)
{
    const char *id = form_value(&iq->form, "device-id");

    if (id == NULL) {
        id = form_value(&iq->form, "android-id");
    }
    if (id == NULL) {
        refuse(request, ANSWER_BAD_REQUEST, "device-id: missing.");
        return -1;
    }
    if (strlen(id) > DEVICE_ID_MAX) {
        refuse(request, ANSWER_BAD_REQUEST,
               "device-id: longer than 1024 bytes.");
        return -1;
    }
    p2_hash(request->device, iq->head.from, id);
    const char *muc = form_value(&iq->form, "muc");
    if (muc == NULL) {
        return 0;
    }
    if (strlen(muc) > JID_MAX || !jid_is_bare(muc) ||
        jid_domain(request->domain, muc) != 0) {
        refuse(request, ANSWER_BAD_REQUEST, "muc: not a bare JID.");
        return -1;
    }
    /* A group chat's pushes come from its own domain, so that is the one that
     * the target is bound to. */
    p2_hash(request->channel, muc, id);
    return 0;
}

/* Conversations of 2019 no longer knows the group chat that it has left, and
 * repeats the hash that its push had. */
static int read_channel(struct request *request, const struct iq *iq)
{
    const char *channel = form_value(&iq->form, "channel");

    if (channel == NULL || request->channel[0] != '\0') {
        return 0;
    }
    if (strlen(channel) != HASH_SIZE - 1 ||
        strspn(channel, "0123456789abcdef") != HASH_SIZE - 1) {
        refuse(request, ANSWER_BAD_REQUEST,
               "channel: not 40 lower-case hexadecimal digits.");
        return -1;
    }
    memcpy(request->channel, channel, HASH_SIZE);
    return 0;
}

static void read_registration(struct request *request, const struct iq *iq)
{
    request->token = form_value(&iq->form, "token");
    if (request->token == NULL) {
        refuse(request, ANSWER_BAD_REQUEST, "token: missing.");
    } else if (strlen(request->token) > TOKEN_MAX) {
        refuse(request, ANSWER_BAD_REQUEST, "token: longer than 4096 bytes.");
    } else if (read_device(request, iq) == 0) {
        request->step = REQUEST_REGISTER;
    }
}

/* Conversations has sent execute, then complete; both mean the same, and so do
 * next and nothing at all (XEP-0050, 3.4: execute is the default). */
static bool read_action(struct request *request, const struct iq *iq)
{
    static const char *const DOING[] = {"execute", "next", "complete", NULL};
    const char *action = is_empty(iq->action) ? "execute" : iq->action;

    if (strcmp(action, "cancel") == 0 || iq->form.canceled) {
        request->step = REQUEST_CANCEL;
        return false;
    }
    if (!is_among(action, DOING)) {
        refuse(request, ANSWER_BAD_ACTION, NULL);
        return false;
    }
    if (!iq->form.present && strcmp(action, "execute") == 0) {
        request->step = REQUEST_ASK;
        return false;
    }
    if (!iq->form.present) {
        refuse(request, ANSWER_BAD_REQUEST, "form: missing.");
        return false;
    }
    return true;
}

void p2_command(struct request *request, const struct iq *iq,
                const struct settings *settings)
{
    memset(request, 0, sizeof *request);
    request->registers = suffix(iq->node, REGISTER) != NULL;
    request->app = app_of(settings, iq->node);
    if (request->app == NULL) {
        refuse(request, ANSWER_NO_COMMAND, NULL);
        return;
    }
    if (strlen(iq->head.from) > JID_MAX ||
        jid_domain(request->domain, iq->head.from) != 0) {
        refuse(request, ANSWER_BAD_REQUEST, "from: not a JID.");
        return;
    }
    if (!read_action(request, iq)) {
        return;
    }
    if (request->registers) {
        read_registration(request, iq);
    } else if (read_device(request, iq) == 0 &&
               read_channel(request, iq) == 0) {
        request->step = REQUEST_UNREGISTER;
    }
}

/* ---- pushes ---- */

void p2_publish(struct request *request, const struct iq *iq)
{
    const char *secret = form_value(&iq->form, "secret");

    memset(request, 0, sizeof *request);
    if (!jid_is_bare(iq->head.from)) {
        refuse(request, ANSWER_FORBIDDEN, NULL);
    } else if (strlen(iq->head.from) > JID_MAX ||
               jid_domain(request->domain, iq->head.from) != 0) {
        refuse(request, ANSWER_BAD_REQUEST, "from: not a JID.");
    } else if (is_empty(iq->node)) {
        refuse(request, ANSWER_NO_NODE, NULL);
    } else if (strlen(iq->node) > NODE_MAX) {
        refuse(request, ANSWER_BAD_REQUEST, "node: longer than 1024 bytes.");
    } else if (secret != NULL && strlen(secret) > SECRET_MAX) {
        refuse(request, ANSWER_BAD_REQUEST, "secret: longer than 1024 bytes.");
    } else {
        request->step = REQUEST_PUSH;
    }
}
