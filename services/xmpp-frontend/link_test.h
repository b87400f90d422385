/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_LINK_TEST_H
#define XMPP_FRONTEND_LINK_TEST_H

/* The frontend's part of --self-test: is the component's name in the DNS, does
 * the XMPP server take us for it, and does it route to us?
 *
 * A component has one link, or with ejabberd several that share the stanzas:
 * another one, be it for a second, may take the place of the one that works
 * (Prosody's kick_old), or get pushes that nobody then sends. So where a
 * frontend runs nothing is tried: that one knows how its link is. */

#include "common/self_test.h"

typedef struct link_test link_test_t;

/* Begins, as parts of the test. Never NULL. */
link_test_t *link_test_new(self_test_t *test);
void link_test_destroy(link_test_t **self_p);

#endif
