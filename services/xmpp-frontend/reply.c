/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/reply.h"

#include "services/xmpp-frontend/namespaces.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stanza being written. */
struct text {
    FILE *out;
    char *data;
    size_t size;
};

static void put(struct text *t, const char *xml)
{
    fputs(xml, t->out);
}

static void put_escaped(struct text *t, const char *value)
{
    for (const char *c = value; *c != '\0'; c++) {
        switch (*c) {
        case '&':
            put(t, "&amp;");
            break;
        case '<':
            put(t, "&lt;");
            break;
        case '>':
            put(t, "&gt;");
            break;
        case '\'':
            put(t, "&apos;");
            break;
        case '"':
            put(t, "&quot;");
            break;
        case '\t':
        case '\n':
        case '\r':
            /* Raw ones in an attribute are spaces to who reads it. */
            fprintf(t->out, "&#%d;", *c);
            break;
        default:
            fputc(*c, t->out);
        }
    }
}

/* ` name='value'`, or nothing for NULL. */
static void put_attribute(struct text *t, const char *name, const char *value)
{
    if (value != NULL) {
        fprintf(t->out, " %s='", name);
        put_escaped(t, value);
        put(t, "'");
    }
}

static void begin(struct text *t, const struct iq_head *request,
                  const char *type)
{
    t->out = open_memstream(&t->data, &t->size);
    assert(t->out);
    put(t, "<iq");
    put_attribute(t, "type", type);
    put_attribute(t, "id", request->id);
    put_attribute(t, "from", request->to);
    put_attribute(t, "to", request->from);
    put(t, ">");
}

static char *end(struct text *t)
{
    put(t, "</iq>");
    fclose(t->out);
    return t->data;
}

char *reply_result(const struct iq_head *to)
{
    struct text t;

    begin(&t, to, "result");
    return end(&t);
}

char *reply_error(const struct iq_head *to, enum answer answer,
                  const char *text)
{
    const struct stanza_error *error = answer_error(answer);
    struct text t;

    begin(&t, to, "error");
    fprintf(t.out, "<error type='%s'><%s xmlns='" NS_STANZAS "'/>", error->type,
            error->condition);
    put(&t, "<text xmlns='" NS_STANZAS "' xml:lang='en'>");
    put_escaped(&t, text != NULL ? text : error->text);
    put(&t, "</text>");
    if (error->detail != NULL) {
        fprintf(t.out, "<%s xmlns='%s'/>", error->detail, error->detail_ns);
    }
    put(&t, "</error>");
    return end(&t);
}

/* XEP-0357 demands the identity pubsub/push and the feature. Publish-options
 * are not announced: XEP-0060, 7.1.5 would then have us refuse unknown ones. */
char *reply_disco_info(const struct iq_head *to)
{
    static const char *const FEATURES[] = {
        NS_DISCO_INFO, NS_DISCO_ITEMS, NS_COMMANDS,      NS_DATA,
        NS_PING,       NS_PUSH,        NS_PUBSUB_PUBLISH};
    struct text t;

    begin(&t, to, "result");
    put(&t, "<query xmlns='" NS_DISCO_INFO "'>"
            "<identity category='pubsub' type='push' name='Wakebus'/>");
    for (size_t i = 0; i < sizeof FEATURES / sizeof *FEATURES; i++) {
        fprintf(t.out, "<feature var='%s'/>", FEATURES[i]);
    }
    put(&t, "</query>");
    return end(&t);
}

char *reply_disco_command(const struct iq_head *to, const char *node)
{
    struct text t;

    begin(&t, to, "result");
    put(&t, "<query xmlns='" NS_DISCO_INFO "'");
    put_attribute(&t, "node", node);
    put(&t, "><identity category='automation' type='");
    put(&t, strcmp(node, NS_COMMANDS) == 0 ? "command-list" : "command-node");
    put(&t, "'/><feature var='" NS_COMMANDS "'/><feature var='" NS_DATA
            "'/></query>");
    return end(&t);
}

char *reply_disco_items_none(const struct iq_head *to, const char *node)
{
    struct text t;

    begin(&t, to, "result");
    put(&t, "<query xmlns='" NS_DISCO_ITEMS "'");
    put_attribute(&t, "node", node);
    put(&t, "/>");
    return end(&t);
}

char *reply_disco_commands(const struct iq_head *to, const char *const *names)
{
    struct text t;

    begin(&t, to, "result");
    put(&t, "<query xmlns='" NS_DISCO_ITEMS "' node='" NS_COMMANDS "'>");
    for (; *names != NULL; names++) {
        put(&t, "<item");
        put_attribute(&t, "jid", to->to);
        put_attribute(&t, "node", *names);
        put_attribute(&t, "name", *names);
        put(&t, "/>");
    }
    put(&t, "</query>");
    return end(&t);
}

/* ---- commands ---- */

static void put_command(struct text *t, const char *node, const char *session,
                        const char *status)
{
    put(t, "<command xmlns='" NS_COMMANDS "'");
    put_attribute(t, "node", node);
    put_attribute(t, "sessionid", session);
    put_attribute(t, "status", status);
    put(t, ">");
}

char *reply_command_form(const struct iq_head *to, const char *node,
                         const char *session, bool with_token)
{
    struct text t;

    begin(&t, to, "result");
    put_command(&t, node, session, "executing");
    put(&t, "<actions execute='complete'><complete/></actions>"
            "<x xmlns='" NS_DATA "' type='form'>");
    if (with_token) {
        put(&t, "<field var='token' type='text-single' label='Device token'>"
                "<required/></field>");
    }
    put(&t, "<field var='device-id' type='text-single' label='Device id'>"
            "<required/></field>"
            "<field var='muc' type='jid-single' label='Group chat'/></x>"
            "</command>");
    return end(&t);
}

char *reply_command_done(const struct iq_head *to, const char *node,
                         const char *session, const char *status)
{
    struct text t;

    begin(&t, to, "result");
    put_command(&t, node, session, status);
    put(&t, "</command>");
    return end(&t);
}

static void put_field(struct text *t, const char *var, const char *type,
                      const char *value)
{
    fprintf(t->out, "<field var='%s' type='%s'><value>", var, type);
    put_escaped(t, value);
    put(t, "</value></field>");
}

char *reply_registered(const struct iq_head *to, const char *node,
                       const char *session, const char *push_node,
                       const char *push_secret)
{
    struct text t;

    begin(&t, to, "result");
    put_command(&t, node, session, "completed");
    put(&t, "<x xmlns='" NS_DATA "' type='form'>");
    put_field(&t, "jid", "jid-single", to->to);
    put_field(&t, "node", "text-single", push_node);
    put_field(&t, "secret", "text-single", push_secret);
    put(&t, "</x></command>");
    return end(&t);
}

char *reply_self_ping(const char *jid, const char *id)
{
    const struct iq_head own = {id, jid, jid};
    struct text t;

    begin(&t, &own, "get");
    put(&t, "<ping xmlns='" NS_PING "'/>");
    return end(&t);
}
