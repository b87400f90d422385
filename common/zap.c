/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/zap.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include <assert.h>
#include <string.h>
#include <zmq.h>

enum { KEY_SIZE = 32, KEY_TEXT_SIZE = 41 };

struct zap {
    zloop_t *loop;
    const keyring_t *keys;
    zsock_t *requests; /* REP, where ZeroMQ's own threads ask */
    uint64_t strangers;
    repeats_t *repeats;
};

const char *zap_refusal(const char *domain, const char *role)
{
    if (role == NULL) {
        return "its key is not authorized";
    }
    bool frontend = strcmp(role, ROLE_FRONTEND) == 0;
    if (strcmp(domain, ZAP_INBOX) == 0) {
        return frontend ? "a frontend is no worker" : NULL;
    }
    if (strcmp(domain, ZAP_JOBS) == 0) {
        return frontend ? NULL : "only a frontend gives jobs";
    }
    return "the socket has no such domain";
}

static void report(zap_t *self, const char *address, const char *role,
                   const char *why)
{
    int64_t times = repeats_note(self->repeats, why, clock_mono_ms());

    self->strangers++;
    if (times > 0) {
        log_warn("bus.stranger", TEXT("address", address), TEXT("role", role),
                 TEXT("why", why), TIMES(times),
                 TEXT("remedy", "if it is one of ours, put its public key "
                                "into bus.curve_authorized_dir"));
    }
}

/* Z85 text of the key that a request brings; false when there is none. */
static bool read_key(zframe_t *credentials, char out[KEY_TEXT_SIZE])
{
    return credentials != NULL && zframe_size(credentials) == KEY_SIZE &&
           zmq_z85_encode(out, zframe_data(credentials), KEY_SIZE) != NULL;
}

/* Returns why not, or NULL; `key` is then who it is. */
static const char *judge(zap_t *self, const char *domain, const char *address,
                         zframe_t *credentials, char key[KEY_TEXT_SIZE])
{
    if (!read_key(credentials, key)) {
        return "it brings no key";
    }
    const char *role = keyring_role(self->keys, key);
    const char *why = zap_refusal(domain, role);
    if (why != NULL) {
        report(self, address, role, why);
    }
    return why;
}

/* Frames: version, request, domain, address, identity, mechanism, and what the
 * mechanism brings. */
static void answer(zap_t *self, zmsg_t *request)
{
    char *version = zmsg_popstr(request);
    char *id = zmsg_popstr(request);
    char *domain = zmsg_popstr(request);
    char *address = zmsg_popstr(request);
    zframe_t *identity = zmsg_pop(request);
    char *mechanism = zmsg_popstr(request);
    char key[KEY_TEXT_SIZE] = "";

    assert(version && id && domain && address && mechanism);
    const char *why =
        strcmp(mechanism, "CURVE") != 0
            ? "it does not use CURVE"
            : judge(self, domain, address, zmsg_first(request), key);
    zstr_sendx(self->requests, "1.0", id, why ? "400" : "200", why ? why : "OK",
               why ? "" : key, "", NULL);
    zstr_free(&version);
    zstr_free(&id);
    zstr_free(&domain);
    zstr_free(&address);
    zframe_destroy(&identity);
    zstr_free(&mechanism);
}

static int on_request(zloop_t *loop, zsock_t *requests, void *arg)
{
    zmsg_t *request = zmsg_recv(requests);

    (void)loop;
    if (request != NULL) {
        answer(arg, request);
    }
    zmsg_destroy(&request);
    return 0;
}

uint64_t zap_strangers(const zap_t *self)
{
    return self->strangers;
}

zap_t *zap_new(zloop_t *loop, const keyring_t *keys)
{
    zap_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->keys = keys;
    self->repeats = repeats_new();
    self->requests = zsock_new(ZMQ_REP);
    assert(self->requests);
    /* Where RFC 27 says; nobody else in this process binds it. */
    int bound = zsock_bind(self->requests, "inproc://zeromq.zap.01");
    assert(bound == 0);
    zloop_reader(loop, self->requests, on_request, self);
    return self;
}

void zap_destroy(zap_t **self_p)
{
    zap_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_reader_end(self->loop, self->requests);
    zsock_destroy(&self->requests);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}
