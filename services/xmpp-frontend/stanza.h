/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_STANZA_H
#define XMPP_FRONTEND_STANZA_H

/* What an incoming IQ says, read liberally: servers and clients differ in
 * attribute order, prefixes, form types and in where they put things. */

#include "services/xmpp-frontend/element.h"

enum { FORM_FIELDS_MAX = 32 };

enum iq_type { IQ_GET, IQ_SET, IQ_RESULT, IQ_ERROR, IQ_TYPE_BAD };

enum iq_payload {
    PAYLOAD_NOT_ONE,     /* no child, or several */
    PAYLOAD_UNKNOWN,     /* a namespace that we do not know */
    PAYLOAD_UNSUPPORTED, /* one that we know, but not this in it */
    PAYLOAD_PING,        /* XEP-0199 */
    PAYLOAD_DISCO_INFO,  /* XEP-0030 */
    PAYLOAD_DISCO_ITEMS,
    PAYLOAD_COMMAND, /* XEP-0050 */
    PAYLOAD_PUBLISH, /* XEP-0060, carrying an XEP-0357 notification */
};

/* A data form (XEP-0004): each field with its first value. Fields without a
 * value are left out, as are those past FORM_FIELDS_MAX. */
struct form {
    bool present;
    bool canceled; /* type='cancel' */
    size_t count;
    struct {
        const char *var;
        const char *value;
    } fields[FORM_FIELDS_MAX];
};

/* Who asked, and what an answer must repeat. Any may be NULL. */
struct iq_head {
    const char *id;
    const char *from;
    const char *to;
};

/* All strings are borrowed from the stanza, NULL where absent. */
struct iq {
    enum iq_type type;
    struct iq_head head;
    enum iq_payload payload;
    const char *node;   /* of the disco query, command or publish */
    const char *action; /* of the command */
    struct form form;   /* of the command, or the publish-options */
    bool is_urgent;     /* publish: somebody wrote something */
    /* Publish: what the server has encrypted for the app, as it stands there.
     */
    const char *encrypted;
    const char *iv;
};

/* Read an <iq/>. */
void stanza_read(struct iq *iq, const struct element *stanza);

/* The first value of the field, or NULL. Blank values count as absent. */
const char *form_value(const struct form *form, const char *var);

#endif
