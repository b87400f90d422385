/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_REPLY_H
#define XMPP_FRONTEND_REPLY_H

/* The stanzas that we send, as text. Each function returns malloc'd XML that
 * the caller frees; from and to of the request are swapped in it, byte for
 * byte, because Prosody matches answers by them. All values are escaped. */

#include "services/xmpp-frontend/answer.h"
#include "services/xmpp-frontend/stanza.h"

/* An empty result. */
char *reply_result(const struct iq_head *to);

/* `text` replaces the answer's own, or NULL. */
char *reply_error(const struct iq_head *to, enum answer answer,
                  const char *text);

/* XEP-0030: what this component is; what a command is. */
char *reply_disco_info(const struct iq_head *to);
char *reply_disco_command(const struct iq_head *to, const char *node);

/* XEP-0030: no items. With `node` the query is about that node. */
char *reply_disco_items_none(const struct iq_head *to, const char *node);

/* XEP-0050: the list of commands; one NULL-terminated list of their names. */
char *reply_disco_commands(const struct iq_head *to, const char *const *names);

/* XEP-0050: ask for the fields of a command that came without a form. */
char *reply_command_form(const struct iq_head *to, const char *node,
                         const char *session, bool with_token);

/* XEP-0050: canceled, or completed without anything to tell. */
char *reply_command_done(const struct iq_head *to, const char *node,
                         const char *session, const char *status);

/* XEP-0050: a push registration, in the form that p2's clients expect. */
char *reply_registered(const struct iq_head *to, const char *node,
                       const char *session, const char *push_node,
                       const char *push_secret);

/* XEP-0199: a ping from and to our own address. */
char *reply_self_ping(const char *jid, const char *id);

#endif
