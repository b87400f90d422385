/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/skim.h"

#include "services/xmpp-frontend/guard.h"
#include "services/xmpp-frontend/namespaces.h"
#include <string.h>

/* What is left to look at. */
struct span {
    const char *at;
    const char *end;
};

static size_t left(const struct span *in)
{
    return (size_t)(in->end - in->at);
}

static bool begins_with(const struct span *in, const char *text, size_t size)
{
    return left(in) >= size && memcmp(in->at, text, size) == 0;
}

static bool take_text(struct span *in, const char *text)
{
    size_t size = strlen(text);

    if (!begins_with(in, text, size)) {
        return false;
    }
    in->at += size;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '_';
}

/* It stands for itself, in an attribute and in an answer. */
static bool is_plain(char c)
{
    return c >= ' ' && c <= '~' && c != '&' && c != '<';
}

/* ---- the first tags ---- */

/* An attribute, where it stands. */
struct piece {
    struct span name;
    struct span value;
};

/* The next attribute of a tag; false when there is none before its end. */
static bool take_attribute(struct span *in, struct piece *out)
{
    const char *begin = in->at;

    while (in->at < in->end && is_blank(*in->at)) {
        in->at++;
    }
    if (in->at == begin) {
        return false;
    }
    out->name.at = in->at;
    while (in->at < in->end && is_name(*in->at)) {
        in->at++;
    }
    out->name.end = in->at;
    if (out->name.end == out->name.at || left(in) < 2 || in->at[0] != '=' ||
        (in->at[1] != '\'' && in->at[1] != '"')) {
        return false;
    }
    char quote = in->at[1];
    in->at += 2;
    out->value.at = in->at;
    while (in->at < in->end && *in->at != quote && is_plain(*in->at)) {
        in->at++;
    }
    out->value.end = in->at;
    return take_text(in, quote == '"' ? "\"" : "'");
}

static bool is_text(const struct span *span, const char *text)
{
    return left(span) == strlen(text) &&
           memcmp(span->at, text, left(span)) == 0;
}

/* Room for what is found, with a NUL behind each. */
struct room {
    char *at;
    size_t left;
};

/* Of two attributes of one name, which is not well-formed, neither is taken. */
static bool keep(const char **to, const struct span *value, struct room *room)
{
    size_t size = left(value);

    if (*to != NULL || size + 1 > room->left) {
        return false;
    }
    memcpy(room->at, value->at, size);
    room->at[size] = '\0';
    *to = room->at;
    room->at += size + 1;
    room->left -= size + 1;
    return true;
}

static bool take_iq(struct span *in, struct skimmed *out)
{
    struct room room = {out->text, sizeof out->text};
    struct iq_head *head = &out->head;
    const char *type = NULL;
    struct piece piece;
    bool is_kept = true;

    *head = (struct iq_head){NULL, NULL, NULL};
    if (!take_text(in, "<iq")) {
        return false;
    }
    while (is_kept && take_attribute(in, &piece)) {
        const char **to = is_text(&piece.name, "id")     ? &head->id
                          : is_text(&piece.name, "from") ? &head->from
                          : is_text(&piece.name, "to")   ? &head->to
                          : is_text(&piece.name, "type") ? &type
                                                         : NULL;
        is_kept = to == NULL || keep(to, &piece.value, &room);
    }
    return is_kept && take_text(in, ">") && head->id != NULL &&
           head->from != NULL && head->to != NULL && type != NULL &&
           strcmp(type, "set") == 0;
}

static bool take_pubsub(struct span *in)
{
    struct piece piece;
    bool is_xep_0060 = false;

    if (!take_text(in, "<pubsub")) {
        return false;
    }
    while (take_attribute(in, &piece)) {
        is_xep_0060 = is_xep_0060 || (is_text(&piece.name, "xmlns") &&
                                      is_text(&piece.value, NS_PUBSUB));
    }
    return is_xep_0060 && take_text(in, ">");
}

/* ---- its end ---- */

/* Does the tag in `in`, behind its '<' or "</", have this name, or one that
 * begins so and that cannot be told from it here? */
static bool is_iq(const struct span *in)
{
    return begins_with(in, "iq", 2) && (left(in) == 2 || !is_name(in->at[2]));
}

/* Go behind the end of the <iq/> that began before. */
static bool take_rest(struct span *in)
{
    while ((in->at = memchr(in->at, '<', left(in))) != NULL) {
        in->at++;
        if (begins_with(in, "!", 1) || begins_with(in, "?", 1) || is_iq(in)) {
            return false;
        }
        if (take_text(in, "/") && is_iq(in)) {
            return take_text(in, "iq>");
        }
    }
    return false;
}

/* ---- */

bool skim_push(const char *bytes, size_t size, struct skimmed *out)
{
    struct span in = {
        bytes,
        bytes + (size < GUARD_STANZA_MAX ? size : (size_t)GUARD_STANZA_MAX)};

    if (!take_iq(&in, out) || !take_pubsub(&in) || !take_rest(&in)) {
        return false;
    }
    out->size = (size_t)(in.at - bytes);
    return true;
}

size_t skim_to_next(const char *bytes, size_t size)
{
    static const char BEGIN[] = "<iq";
    const char *next =
        size > 0 ? memmem(bytes + 1, size - 1, BEGIN, sizeof BEGIN - 1) : NULL;

    return next != NULL ? (size_t)(next - bytes) : size;
}
