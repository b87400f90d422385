/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_SKIM_H
#define XMPP_FRONTEND_SKIM_H

/* Who sends a push, without reading it. To read a stanza is most of what it
 * costs to turn one away; when more comes than can be done, that would be taken
 * from those that are done. So of a push that is plain XML only the addresses
 * are looked at, and where it ends.
 *
 * It relies on the stanza being well-formed, as what comes out of an XMPP
 * server is: in it a '<' begins a tag and nothing else, unless there are
 * comments, CDATA sections or processing instructions. What has one of these,
 * or anything else that is not plain, is not skimmed. Pure. */

#include "services/xmpp-frontend/stanza.h"

enum { SKIM_TEXT = 1024 };

struct skimmed {
    size_t size;         /* bytes of the stanza */
    struct iq_head head; /* none is NULL; they lie in … */
    char text[SKIM_TEXT];
};

/* Is there a whole push at the beginning of `bytes`: an <iq type='set'/> whose
 * child is a <pubsub/> of XEP-0060? Returns false when it is not, or cannot be
 * told without reading it: then `out` is of no use. */
bool skim_push(const char *bytes, size_t size, struct skimmed *out);

/* How many bytes come before the next place where one might begin, which is not
 * the first byte: `size` if there is none. */
size_t skim_to_next(const char *bytes, size_t size);

#endif
