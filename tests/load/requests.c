/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/requests.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FCM_TOKEN_SIZE = 163, APNS_TOKEN_SIZE = 64 };

/* An odd number's multiples visit each residue once: different for different
 * devices, and without an order that anything could profit from. */
static uint64_t scatter(uint64_t number)
{
    return number * UINT64_C(0x9E3779B97F4A7C15);
}

static void write_token(char *out, size_t size, uint64_t device)
{
    size_t length = 0;

    for (uint64_t part = 0; length < size; part++) {
        int some = snprintf(out + length, size + 1 - length, "%016" PRIx64,
                            scatter(device * 16 + part));
        length += (size_t)some < size - length ? (size_t)some : size - length;
    }
}

static size_t finished(int length)
{
    assert(length > 0 && length < REQUEST_ROOM);
    return (size_t)length;
}

size_t request_register(char *out, const struct addresses *who, uint64_t id,
                        const char *service, uint64_t device)
{
    char token[FCM_TOKEN_SIZE + 1];

    write_token(token,
                strcmp(service, "fcm") == 0 ? FCM_TOKEN_SIZE : APNS_TOKEN_SIZE,
                device);
    return finished(snprintf(
        out, REQUEST_ROOM,
        "<iq type='set' id='%" PRIu64 "' to='%s' from='user%" PRIu64
        "@%s/phone'><command xmlns='http://jabber.org/protocol/commands'"
        " action='execute' node='register-push-%s'>"
        "<x xmlns='jabber:x:data' type='submit'>"
        "<field var='token'><value>%s</value></field>"
        "<field var='device-id'><value>%016" PRIx64 "</value></field>"
        "</x></command></iq>",
        id, who->component, device, who->domain, service, token,
        scatter(device)));
}

size_t request_publish(char *out, const struct addresses *who, uint64_t id,
                       const char *node, const char *secret)
{
    return finished(snprintf(
        out, REQUEST_ROOM,
        "<iq id='%" PRIu64 "' type='set' from='%s' to='%s'>"
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        "<publish node='%s'><item>"
        "<notification xmlns='urn:xmpp:push:0'>"
        "<x type='form' xmlns='jabber:x:data'>"
        "<field var='FORM_TYPE' type='hidden'>"
        "<value>urn:xmpp:push:summary</value></field>"
        "<field var='message-count' type='text-single'>"
        "<value>1</value></field>"
        "<field var='pending-subscription-count' type='text-single'/>"
        "<field var='last-message-sender' type='jid-single'/>"
        "<field var='last-message-body' type='text-single'>"
        "<value>New Message!</value></field></x>"
        "</notification></item></publish>"
        "<publish-options><x xmlns='jabber:x:data' type='submit'>"
        "<field var='FORM_TYPE' type='hidden'><value>"
        "http://jabber.org/protocol/pubsub#publish-options</value></field>"
        "<field var='secret'><value>%s</value></field>"
        "</x></publish-options></pubsub></iq>",
        id, who->domain, who->component, node, secret));
}
