/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SUPPORT_STANZA_TEXT_H
#define SUPPORT_STANZA_TEXT_H

/* A stanza written as text and read as the component reads it: as a part of a
 * stream. */

#include "services/xmpp-frontend/guard.h"
#include "services/xmpp-frontend/stanza.h"

/* The header of a stream, as a component's server sends it. */
#define STREAM_HEADER                                                          \
    "<?xml version='1.0'?><stream:stream "                                     \
    "xmlns:stream='http://etherx.jabber.org/streams' "                         \
    "xmlns='jabber:component:accept' id='1'>"

struct stanza_text {
    guard_t *guard;
    const struct element *stanza;
    struct iq iq; /* its strings live until stanza_text_close */
};

/* Returns 0, or -1 when it is not one whole stanza within the guard's limits:
 * then nothing is to be closed. `xml` must outlive `t`. */
int stanza_text_open(struct stanza_text *t, const char *xml);
void stanza_text_close(struct stanza_text *t);

#endif
