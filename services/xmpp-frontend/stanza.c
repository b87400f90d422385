/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/stanza.h"

#include "services/xmpp-frontend/namespaces.h"
#include <string.h>
#include <strophe.h>

static bool is_element(xmpp_stanza_t *stanza, const char *name, const char *ns)
{
    const char *own_name = xmpp_stanza_get_name(stanza);
    const char *own_ns = xmpp_stanza_get_ns(stanza);

    return own_name != NULL && strcmp(own_name, name) == 0 &&
           (ns == NULL || (own_ns != NULL && strcmp(own_ns, ns) == 0));
}

/* NULL-safe, so that lookups can be chained. `ns` NULL means any. */
static xmpp_stanza_t *child(xmpp_stanza_t *parent, const char *name,
                            const char *ns)
{
    if (parent == NULL) {
        return NULL;
    }
    for (xmpp_stanza_t *c = xmpp_stanza_get_children(parent); c != NULL;
         c = xmpp_stanza_get_next(c)) {
        if (is_element(c, name, ns)) {
            return c;
        }
    }
    return NULL;
}

/* Borrowed, where xmpp_stanza_get_text would copy. The parser makes one text
 * node of all the text between two tags. */
static const char *text_of(xmpp_stanza_t *element)
{
    xmpp_stanza_t *first =
        element != NULL ? xmpp_stanza_get_children(element) : NULL;

    return first != NULL && xmpp_stanza_is_text(first)
               ? xmpp_stanza_get_text_ptr(first)
               : NULL;
}

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

static const char *attribute(xmpp_stanza_t *element, const char *name)
{
    return element != NULL ? xmpp_stanza_get_attribute(element, name) : NULL;
}

/* ---- forms ---- */

static void read_form(struct form *form, xmpp_stanza_t *x)
{
    const char *type = attribute(x, "type");

    form->present = x != NULL;
    form->canceled = type != NULL && strcmp(type, "cancel") == 0;
    form->count = 0;
    if (x == NULL) {
        return;
    }
    for (xmpp_stanza_t *f = xmpp_stanza_get_children(x); f != NULL;
         f = xmpp_stanza_get_next(f)) {
        const char *var =
            is_element(f, "field", NULL) ? attribute(f, "var") : NULL;
        const char *value = text_of(child(f, "value", NULL));
        if (var != NULL && !is_blank(value) && form->count < FORM_FIELDS_MAX) {
            form->fields[form->count].var = var;
            form->fields[form->count].value = value;
            form->count++;
        }
    }
}

const char *form_value(const struct form *form, const char *var)
{
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].var, var) == 0) {
            return form->fields[i].value;
        }
    }
    return NULL;
}

/* ---- publish ---- */

/* Old mod_cloud_notify puts its form beside the notification, not into it. */
static xmpp_stanza_t *child_of_either(xmpp_stanza_t *notification,
                                      xmpp_stanza_t *item, const char *name,
                                      const char *ns)
{
    xmpp_stanza_t *found = child(notification, name, ns);

    return found != NULL ? found : child(item, name, ns);
}

/* Servers tell urgency in different ways: Tigase and Snikket by <priority/>,
 * or by sending the encrypted message along; others by a summary (XEP-0357)
 * that names a sender or a body only when there is something to read. Early
 * Metronome forgets the form around the summary's fields. */
static bool is_urgent(xmpp_stanza_t *publish)
{
    xmpp_stanza_t *item = child(publish, "item", NULL);
    xmpp_stanza_t *notification = child(item, "notification", NS_PUSH);
    const char *priority = text_of(
        child_of_either(notification, item, "priority", NS_TIGASE_PRIORITY));
    xmpp_stanza_t *x = child_of_either(notification, item, "x", NS_DATA);
    struct form summary;

    if (priority != NULL && strcmp(priority, "high") == 0) {
        return true;
    }
    if (priority != NULL && strcmp(priority, "low") == 0) {
        return false;
    }
    if (child_of_either(notification, item, "encrypted", NULL) != NULL) {
        return true;
    }
    read_form(&summary, x != NULL ? x : notification);
    return form_value(&summary, "last-message-body") != NULL ||
           form_value(&summary, "last-message-sender") != NULL;
}

static enum iq_payload read_pubsub(struct iq *iq, xmpp_stanza_t *pubsub)
{
    xmpp_stanza_t *publish = child(pubsub, "publish", NULL);
    xmpp_stanza_t *options = child(pubsub, "publish-options", NULL);

    /* A set without a publish is a broken push (the node is missing then);
     * whatever else pubsub can do is not for us. */
    if (!is_element(pubsub, "pubsub", NS_PUBSUB) || iq->type != IQ_SET) {
        return PAYLOAD_UNSUPPORTED;
    }
    iq->node = attribute(publish, "node");
    read_form(&iq->form, child(options, "x", NS_DATA));
    iq->is_urgent = is_urgent(publish);
    return PAYLOAD_PUBLISH;
}

/* ---- the others ---- */

static enum iq_payload read_disco(struct iq *iq, xmpp_stanza_t *query,
                                  enum iq_payload payload)
{
    if (!is_element(query, "query", NULL) || iq->type != IQ_GET) {
        return PAYLOAD_UNSUPPORTED;
    }
    iq->node = attribute(query, "node");
    return payload;
}

static enum iq_payload read_command(struct iq *iq, xmpp_stanza_t *command)
{
    if (!is_element(command, "command", NULL) || iq->type != IQ_SET) {
        return PAYLOAD_UNSUPPORTED;
    }
    iq->node = attribute(command, "node");
    iq->action = attribute(command, "action");
    read_form(&iq->form, child(command, "x", NS_DATA));
    return PAYLOAD_COMMAND;
}

static enum iq_payload read_payload(struct iq *iq, xmpp_stanza_t *payload)
{
    const char *ns = xmpp_stanza_get_ns(payload);

    if (ns == NULL) {
        return PAYLOAD_UNKNOWN;
    }
    if (strcmp(ns, NS_PUBSUB) == 0) {
        return read_pubsub(iq, payload);
    }
    if (strcmp(ns, NS_COMMANDS) == 0) {
        return read_command(iq, payload);
    }
    if (strcmp(ns, NS_DISCO_INFO) == 0) {
        return read_disco(iq, payload, PAYLOAD_DISCO_INFO);
    }
    if (strcmp(ns, NS_DISCO_ITEMS) == 0) {
        return read_disco(iq, payload, PAYLOAD_DISCO_ITEMS);
    }
    if (strcmp(ns, NS_PING) == 0) {
        return is_element(payload, "ping", NULL) && iq->type == IQ_GET
                   ? PAYLOAD_PING
                   : PAYLOAD_UNSUPPORTED;
    }
    return PAYLOAD_UNKNOWN;
}

static enum iq_type read_type(const char *type)
{
    static const char *const TYPES[] = {"get", "set", "result", "error"};

    for (int i = 0; type != NULL && i < IQ_TYPE_BAD; i++) {
        if (strcmp(type, TYPES[i]) == 0) {
            return (enum iq_type)i;
        }
    }
    return IQ_TYPE_BAD;
}

void stanza_read(struct iq *iq, struct _xmpp_stanza_t *stanza)
{
    xmpp_stanza_t *payload = NULL;
    size_t children = 0;

    memset(iq, 0, offsetof(struct iq, form));
    iq->form.present = false;
    iq->form.count = 0;
    iq->is_urgent = false;
    iq->type = read_type(xmpp_stanza_get_type(stanza));
    iq->head = (struct iq_head){xmpp_stanza_get_id(stanza),
                                xmpp_stanza_get_from(stanza),
                                xmpp_stanza_get_to(stanza)};
    for (xmpp_stanza_t *c = xmpp_stanza_get_children(stanza); c != NULL;
         c = xmpp_stanza_get_next(c)) {
        if (xmpp_stanza_is_tag(c)) {
            payload = c;
            children++;
        }
    }
    iq->payload = children == 1 ? read_payload(iq, payload) : PAYLOAD_NOT_ONE;
}
