/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/reply.h"

#include "proto/bytes.h"
#include "services/xmpp-frontend/namespaces.h"
#include <string.h>

static void put(struct bytes *t, const char *xml)
{
    bytes_append(t, xml, strlen(xml));
}

/* What stands for a character that has a meaning of its own, or NULL. Raw tabs
 * and line ends in an attribute are spaces to who reads it. */
static const char *escape_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\'':
        return "&apos;";
    case '"':
        return "&quot;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

static void put_escaped(struct bytes *t, const char *value)
{
    static const char ESCAPED[] = "&<>'\"\t\n\r";
    size_t plain = strcspn(value, ESCAPED);

    while (value[plain] != '\0') {
        bytes_append(t, value, plain);
        put(t, escape_of(value[plain]));
        value += plain + 1;
        plain = strcspn(value, ESCAPED);
    }
    bytes_append(t, value, plain);
}

/* ` name='value'`, or nothing for NULL. */
static void put_attribute(struct bytes *t, const char *name, const char *value)
{
    if (value != NULL) {
        put(t, " ");
        put(t, name);
        put(t, "='");
        put_escaped(t, value);
        put(t, "'");
    }
}

static void begin(struct bytes *t, const struct iq_head *request,
                  const char *type)
{
    put(t, "<iq");
    put_attribute(t, "type", type);
    put_attribute(t, "id", request->id);
    put_attribute(t, "from", request->to);
    put_attribute(t, "to", request->from);
    put(t, ">");
}

static char *end(struct bytes *t)
{
    static const char END[] = "</iq>"; /* and its NUL */

    bytes_append(t, END, sizeof END);
    return t->data;
}

char *reply_result(const struct iq_head *to)
{
    struct bytes t = {0};

    begin(&t, to, "result");
    return end(&t);
}

char *reply_error(const struct iq_head *to, enum answer answer,
                  const char *text)
{
    const struct stanza_error *error = answer_error(answer);
    struct bytes t = {0};

    begin(&t, to, "error");
    put(&t, "<error");
    put_attribute(&t, "type", error->type);
    put(&t, "><");
    put(&t, error->condition);
    put(&t, " xmlns='" NS_STANZAS "'/>");
    put(&t, "<text xmlns='" NS_STANZAS "' xml:lang='en'>");
    put_escaped(&t, text != NULL ? text : error->text);
    put(&t, "</text>");
    if (error->detail != NULL) {
        put(&t, "<");
        put(&t, error->detail);
        put_attribute(&t, "xmlns", error->detail_ns);
        put(&t, "/>");
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
    struct bytes t = {0};

    begin(&t, to, "result");
    put(&t, "<query xmlns='" NS_DISCO_INFO "'>"
            "<identity category='pubsub' type='push' name='Wakebus'/>");
    for (size_t i = 0; i < sizeof FEATURES / sizeof *FEATURES; i++) {
        put(&t, "<feature");
        put_attribute(&t, "var", FEATURES[i]);
        put(&t, "/>");
    }
    put(&t, "</query>");
    return end(&t);
}

char *reply_disco_command(const struct iq_head *to, const char *node)
{
    struct bytes t = {0};

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
    struct bytes t = {0};

    begin(&t, to, "result");
    put(&t, "<query xmlns='" NS_DISCO_ITEMS "'");
    put_attribute(&t, "node", node);
    put(&t, "/>");
    return end(&t);
}

char *reply_disco_commands(const struct iq_head *to, const char *const *names)
{
    struct bytes t = {0};

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

static void put_command(struct bytes *t, const char *node, const char *session,
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
    struct bytes t = {0};

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
    struct bytes t = {0};

    begin(&t, to, "result");
    put_command(&t, node, session, status);
    put(&t, "</command>");
    return end(&t);
}

static void put_field(struct bytes *t, const char *var, const char *type,
                      const char *value)
{
    put(t, "<field");
    put_attribute(t, "var", var);
    put_attribute(t, "type", type);
    put(t, "><value>");
    put_escaped(t, value);
    put(t, "</value></field>");
}

char *reply_registered(const struct iq_head *to, const char *node,
                       const char *session, const char *push_node,
                       const char *push_secret)
{
    struct bytes t = {0};

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
    struct bytes t = {0};

    begin(&t, &own, "get");
    put(&t, "<ping xmlns='" NS_PING "'/>");
    return end(&t);
}
