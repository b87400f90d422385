/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/stanza.h"

#include "services/xmpp-frontend/namespaces.h"
#include <string.h>

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

/* ---- forms ---- */

static void read_form(struct form *form, const struct element *x)
{
    const char *type = element_attribute(x, "type");

    form->present = x != NULL;
    form->canceled = type != NULL && strcmp(type, "cancel") == 0;
    form->count = 0;
    if (x == NULL) {
        return;
    }
    for (const struct element *f = x->child; f != NULL; f = f->next) {
        const char *var =
            element_is(f, "field", NULL) ? element_attribute(f, "var") : NULL;
        const char *value = element_text(element_child(f, "value", NULL));
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
static const struct element *child_of_either(const struct element *notification,
                                             const struct element *item,
                                             const char *name, const char *ns)
{
    const struct element *found = element_child(notification, name, ns);

    return found != NULL ? found : element_child(item, name, ns);
}

/* What a server pushes, and the item that has it; both may be NULL. */
struct notice {
    const struct element *item;
    const struct element *notification;
};

static const struct element *part(const struct notice *notice, const char *name,
                                  const char *ns)
{
    return child_of_either(notice->notification, notice->item, name, ns);
}

/* Servers tell urgency in different ways: Tigase and Snikket by <priority/>,
 * or by sending the encrypted message along; others by a summary (XEP-0357)
 * that names a sender or a body only when there is something to read. Early
 * Metronome forgets the form around the summary's fields. */
static bool is_urgent(const struct notice *notice, bool has_encrypted)
{
    const char *priority =
        element_text(part(notice, "priority", NS_TIGASE_PRIORITY));
    const struct element *x = part(notice, "x", NS_DATA);
    struct form summary;

    if (priority != NULL && strcmp(priority, "high") == 0) {
        return true;
    }
    if (priority != NULL && strcmp(priority, "low") == 0) {
        return false;
    }
    if (has_encrypted) {
        return true;
    }
    read_form(&summary, x != NULL ? x : notice->notification);
    return form_value(&summary, "last-message-body") != NULL ||
           form_value(&summary, "last-message-sender") != NULL;
}

static void read_notice(struct iq *iq, const struct element *publish)
{
    const struct element *item = element_child(publish, "item", NULL);
    const struct notice notice = {item,
                                  element_child(item, "notification", NS_PUSH)};
    bool has_encrypted = part(&notice, "encrypted", NULL) != NULL;

    iq->is_urgent = is_urgent(&notice, has_encrypted);
    if (has_encrypted) {
        const struct element *encrypted =
            part(&notice, "encrypted", NS_TIGASE_ENCRYPT);
        iq->encrypted = element_text(encrypted);
        iq->iv = element_attribute(encrypted, "iv");
    }
}

static enum iq_payload read_pubsub(struct iq *iq, const struct element *pubsub)
{
    const struct element *publish = element_child(pubsub, "publish", NULL);
    const struct element *options =
        element_child(pubsub, "publish-options", NULL);

    /* A set without a publish is a broken push (the node is missing then);
     * whatever else pubsub can do is not for us. */
    if (!element_is(pubsub, "pubsub", NS_PUBSUB) || iq->type != IQ_SET) {
        return PAYLOAD_UNSUPPORTED;
    }
    iq->node = element_attribute(publish, "node");
    read_form(&iq->form, element_child(options, "x", NS_DATA));
    read_notice(iq, publish);
    return PAYLOAD_PUBLISH;
}

/* ---- the others ---- */

static enum iq_payload read_disco(struct iq *iq, const struct element *query,
                                  enum iq_payload payload)
{
    if (!element_is(query, "query", NULL) || iq->type != IQ_GET) {
        return PAYLOAD_UNSUPPORTED;
    }
    iq->node = element_attribute(query, "node");
    return payload;
}

static enum iq_payload read_command(struct iq *iq,
                                    const struct element *command)
{
    if (!element_is(command, "command", NULL) || iq->type != IQ_SET) {
        return PAYLOAD_UNSUPPORTED;
    }
    iq->node = element_attribute(command, "node");
    iq->action = element_attribute(command, "action");
    read_form(&iq->form, element_child(command, "x", NS_DATA));
    return PAYLOAD_COMMAND;
}

static enum iq_payload read_payload(struct iq *iq,
                                    const struct element *payload)
{
    const char *ns = payload->ns;

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
        return element_is(payload, "ping", NULL) && iq->type == IQ_GET
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

void stanza_read(struct iq *iq, const struct element *stanza)
{
    const struct element *payload = stanza->child;
    bool is_one = payload != NULL && payload->next == NULL;

    memset(iq, 0, offsetof(struct iq, form));
    iq->form.present = false;
    iq->form.count = 0;
    iq->is_urgent = false;
    iq->encrypted = iq->iv = NULL;
    iq->type = read_type(element_attribute(stanza, "type"));
    iq->head = (struct iq_head){element_attribute(stanza, "id"),
                                element_attribute(stanza, "from"),
                                element_attribute(stanza, "to")};
    iq->payload = is_one ? read_payload(iq, payload) : PAYLOAD_NOT_ONE;
}
