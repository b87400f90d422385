/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_LINK_H
#define XMPP_FRONTEND_LINK_H

/* The connection to the XMPP server as an external component (XEP-0114). It
 * is kept up for ever: a lost one is opened again within a second, and a dead
 * one is found by a ping to ourselves through the server. */

#include "common/metrics.h"
#include "common/settings.h"
#include "services/xmpp-frontend/link_past.h"
#include "services/xmpp-frontend/stanza.h"
#include <czmq.h>

typedef struct link link_t;

struct link_events {
    void (*on_iq)(void *arg, const struct iq *iq); /* `iq` lives in the call */
    /* Only after link_skim: a push, of which only the addresses were looked at.
     * Returns whether it is answered; else it is read. `head` lives in the
     * call. */
    bool (*on_skimmed)(void *arg, const struct iq_head *head);
    void (*on_batch_end)(void *arg); /* all that came in one go was given */
    void (*on_closed)(void *arg);    /* after link_close, once */
    void *arg;
};

/* Connects in the background. Never NULL; there can be one in a process. */
link_t *link_new(zloop_t *loop, const struct settings *settings,
                 const struct link_events *events);
void link_destroy(link_t **self_p);

/* Go on with other settings, which have the same server, name and secret. */
void link_use(link_t *self, const struct settings *settings);

/* Do stanzas get through, as far as is known? */
bool link_is_up(const link_t *self);

/* Borrowed. */
const struct link_past *link_past(const link_t *self);

/* Ping the server, through itself to ourselves, unless that is under way; and
 * how long a ping has been under way, 0 when none is. */
void link_prove(link_t *self);
int64_t link_silent_ms(const link_t *self);

void link_metrics(const link_t *self, metrics_t *page);

/* Show pushes before they are read, if they are plain; or do not any more. */
void link_skim(link_t *self, bool skims);

/* Send a stanza, and free it. It goes out with the next link_flush; while
 * there is no connection it is dropped, as nobody waits for it any more. */
void link_send(link_t *self, char *stanza);
void link_flush(link_t *self);

/* End the stream politely and stay away; on_closed follows when the server has
 * read all, or does not within eight seconds. */
void link_close(link_t *self);

#endif
