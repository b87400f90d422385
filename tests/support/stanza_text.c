/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/stanza_text.h"

#include <string.h>
#include <strophe.h>

int stanza_text_open(struct stanza_text *t, const char *xml)
{
    xmpp_initialize();
    t->ctx = xmpp_ctx_new(NULL, NULL);
    t->stanza = xmpp_stanza_new_from_string(t->ctx, xml);
    if (t->stanza == NULL) {
        xmpp_ctx_free(t->ctx);
        return -1;
    }
    stanza_read(&t->iq, t->stanza);
    return 0;
}

void stanza_text_close(struct stanza_text *t)
{
    xmpp_stanza_release(t->stanza);
    xmpp_ctx_free(t->ctx);
}

struct _xmpp_stanza_t *stanza_child(struct _xmpp_stanza_t *parent,
                                    const char *name, const char *ns)
{
    if (parent == NULL) {
        return NULL;
    }
    return ns != NULL ? xmpp_stanza_get_child_by_name_and_ns(parent, name, ns)
                      : xmpp_stanza_get_child_by_name(parent, name);
}

struct _xmpp_stanza_t *stanza_next(struct _xmpp_stanza_t *element)
{
    return element != NULL ? xmpp_stanza_get_next(element) : NULL;
}

const char *stanza_attribute(struct _xmpp_stanza_t *element, const char *name)
{
    return element != NULL ? xmpp_stanza_get_attribute(element, name) : NULL;
}

const char *stanza_string(struct _xmpp_stanza_t *element)
{
    xmpp_stanza_t *text =
        element != NULL ? xmpp_stanza_get_children(element) : NULL;

    return text != NULL && xmpp_stanza_is_text(text)
               ? xmpp_stanza_get_text_ptr(text)
               : NULL;
}
