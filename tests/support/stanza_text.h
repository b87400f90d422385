/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SUPPORT_STANZA_TEXT_H
#define SUPPORT_STANZA_TEXT_H

/* A stanza written as text and read as the component reads it: through
 * libstrophe's parser. */

#include "services/xmpp-frontend/stanza.h"

struct stanza_text {
    void *ctx; /* libstrophe's */
    struct _xmpp_stanza_t *stanza;
    struct iq iq; /* its strings live until stanza_text_close */
};

/* Returns 0, or -1 when it is not well-formed: then nothing is to be closed. */
int stanza_text_open(struct stanza_text *t, const char *xml);
void stanza_text_close(struct stanza_text *t);

/* NULL-safe, so that they can be chained: the first element of that name and,
 * if not NULL, namespace in the stanza or element; what comes after one; an
 * attribute or the text of it. All borrowed. */
struct _xmpp_stanza_t *stanza_child(struct _xmpp_stanza_t *parent,
                                    const char *name, const char *ns);
struct _xmpp_stanza_t *stanza_next(struct _xmpp_stanza_t *element);
const char *stanza_attribute(struct _xmpp_stanza_t *element, const char *name);
const char *stanza_string(struct _xmpp_stanza_t *element);

#endif
