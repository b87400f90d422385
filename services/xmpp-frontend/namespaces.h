/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_NAMESPACES_H
#define XMPP_FRONTEND_NAMESPACES_H

#define NS_COMMANDS "http://jabber.org/protocol/commands"
#define NS_DATA "jabber:x:data"
#define NS_DISCO_INFO "http://jabber.org/protocol/disco#info"
#define NS_DISCO_ITEMS "http://jabber.org/protocol/disco#items"
#define NS_PING "urn:xmpp:ping"
#define NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define NS_PUBSUB_PUBLISH "http://jabber.org/protocol/pubsub#publish"
#define NS_PUBSUB_ERRORS "http://jabber.org/protocol/pubsub#errors"
#define NS_PUSH "urn:xmpp:push:0"
#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"
#define NS_STREAMS "http://etherx.jabber.org/streams"
#define NS_TIGASE_ENCRYPT "tigase:push:encrypt:0"
#define NS_TIGASE_PRIORITY "tigase:push:priority:0"

#endif
