/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/component.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_SIZE = 64 * 1024,
    ROOM = 256 * 1024,  /* for bytes that the kernel does not take yet */
    ENOUGH = 64 * 1024, /* of them, before more is written */
    HEX_DIGEST = 40,    /* SHA-1 */
};

static const char STREAM_ID[] = "load";

struct component {
    struct component_conf conf;
    int listener;
    int fd; /* of the component, or -1 */
    bool is_up;
    bool lost; /* to be closed at the end of the turn */
    unsigned losses;
    answers_t *answers;
    char unsent[ROOM];
    size_t unsent_from; /* what is before it was sent */
    size_t unsent_size;
};

/* ---- the connection ---- */

static void on_open(void *arg)
{
    component_t *self = arg;
    char header[512];

    int size = snprintf(header, sizeof header,
                        "<?xml version='1.0'?><stream:stream"
                        " xmlns='jabber:component:accept'"
                        " xmlns:stream='http://etherx.jabber.org/streams'"
                        " from='%s' id='%s'>",
                        self->conf.jid, STREAM_ID);
    assert(size > 0 && (size_t)size < sizeof header);
    component_write(self, header, (size_t)size);
}

static void write_digest(const char *secret, char out[HEX_DIGEST + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char text[512];

    int length = snprintf(text, sizeof text, "%s%s", STREAM_ID, secret);
    assert(length > 0 && (size_t)length < sizeof text);
    EVP_Digest(text, (size_t)length, digest, &size, EVP_sha1(), NULL);
    for (unsigned i = 0; i < size; i++) {
        snprintf(out + (size_t)2 * i, 3, "%02x", digest[i]);
    }
}

static void on_handshake(void *arg, const char *digest)
{
    static const char DONE[] = "<handshake/>";
    component_t *self = arg;
    char expected[HEX_DIGEST + 1];

    write_digest(self->conf.secret, expected);
    if (strcmp(digest, expected) == 0) {
        self->is_up = true;
        component_write(self, DONE, sizeof DONE - 1);
    } else {
        self->lost = true;
    }
}

/* What a component says to itself goes through the server and back: Wakebus
 * looks so whether the connection lives. */
static bool bounce(component_t *self, const struct answer *answer)
{
    char back[512];

    if (strcmp(answer->to, self->conf.jid) != 0) {
        return false;
    }
    int size =
        snprintf(back, sizeof back, "<iq type='%s' id='%s' from='%s' to='%s'/>",
                 answer->type, answer->id, self->conf.jid, self->conf.jid);
    assert(size > 0 && (size_t)size < sizeof back);
    component_write(self, back, (size_t)size);
    return true;
}

static void on_answer(void *arg, const struct answer *answer)
{
    component_t *self = arg;

    if (!bounce(self, answer)) {
        self->conf.on_answer(self->conf.arg, answer);
    }
}

static void take_component(component_t *self)
{
    const struct answers_events events = {on_open, on_handshake, on_answer,
                                          self};
    int on = 1;

    self->fd =
        accept4(self->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (self->fd >= 0) {
        setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        self->answers = answers_new(&events);
    }
}

static void drop_component(component_t *self)
{
    close(self->fd);
    answers_destroy(&self->answers);
    self->fd = -1;
    self->unsent_from = self->unsent_size = 0;
    self->losses += self->is_up ? 1 : 0;
    self->is_up = self->lost = false;
}

/* ---- bytes ---- */

static void read_component(component_t *self)
{
    char bytes[READ_SIZE];
    ssize_t size = recv(self->fd, bytes, sizeof bytes, 0);

    if (size > 0) {
        self->lost =
            answers_feed(self->answers, bytes, (size_t)size) != 0 || self->lost;
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        self->lost = true;
    }
}

bool component_has_room(const component_t *self)
{
    return self->unsent_size < ENOUGH;
}

void component_write(component_t *self, const char *bytes, size_t size)
{
    if (size > sizeof self->unsent - self->unsent_from - self->unsent_size) {
        memmove(self->unsent, self->unsent + self->unsent_from,
                self->unsent_size);
        self->unsent_from = 0;
    }
    assert(size <= sizeof self->unsent - self->unsent_size);
    memcpy(self->unsent + self->unsent_from + self->unsent_size, bytes, size);
    self->unsent_size += size;
}

void component_flush(component_t *self)
{
    if (self->fd < 0 || self->unsent_size == 0) {
        return;
    }
    ssize_t sent = send(self->fd, self->unsent + self->unsent_from,
                        self->unsent_size, MSG_NOSIGNAL);
    if (sent > 0) {
        self->unsent_size -= (size_t)sent;
        self->unsent_from =
            self->unsent_size > 0 ? self->unsent_from + (size_t)sent : 0;
    } else if (errno != EAGAIN && errno != EINTR) {
        self->lost = true;
    }
}

struct pollfd component_poll(const component_t *self)
{
    if (self->fd < 0) {
        return (struct pollfd){.fd = self->listener, .events = POLLIN};
    }
    return (struct pollfd){
        .fd = self->fd,
        .events = (short)(POLLIN | (self->unsent_size > 0 ? POLLOUT : 0))};
}

void component_turn(component_t *self, short happened)
{
    if (self->fd < 0) {
        if (happened != 0) {
            take_component(self);
        }
        return;
    }
    if ((happened & (POLLIN | POLLHUP | POLLERR)) != 0) {
        read_component(self);
    }
    component_flush(self);
    if (self->lost) {
        drop_component(self);
    }
}

/* ---- life ---- */

static int listen_on(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 &&
        (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
         bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
         listen(fd, 1) != 0)) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

component_t *component_new(const struct component_conf *conf)
{
    component_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->conf = *conf;
    self->fd = -1;
    self->listener = listen_on(conf->port);
    if (self->listener < 0) {
        free(self);
        return NULL;
    }
    return self;
}

void component_destroy(component_t **self_p)
{
    component_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    if (self->fd >= 0) {
        drop_component(self);
    }
    close(self->listener);
    free(self);
    *self_p = NULL;
}

bool component_is_up(const component_t *self)
{
    return self->is_up;
}

unsigned component_losses(const component_t *self)
{
    return self->losses;
}
