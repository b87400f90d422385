/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/guard.h"

#include "proto/bytes.h"
#include "services/xmpp-frontend/namespaces.h"
#include <assert.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_FATAL = 200000, /* levels that cost the stream, not the stanza */
};

/* Positions are counted from the stream's start. */
struct guard {
    XML_Parser parser;
    element_tree_t *tree;
    const char *fed; /* what was fed last … */
    size_t fed_size;
    int64_t fed_from; /* … and where that begins */
    enum { IDLE, FED, PAUSED, BROKEN } state;
    unsigned depth;        /* elements that are open, the stream among them */
    unsigned elements;     /* of what is open at depth 2 … */
    bool is_stanza;        /* … what that is … */
    int64_t begun;         /* … and where it begins */
    size_t unread;         /* bytes since expat last told of anything */
    const char *offence;   /* why what is open is dropped, or NULL */
    const char *forbidden; /* why the stream cannot go on, or NULL */
    int64_t undecided;   /* who gets what is there from here on is not known */
    struct bytes held;   /* what of that was fed before the last time */
    struct bytes passed; /* for libstrophe */
    struct guard_item item;
};

/* ---- what is kept and passed on as it is ---- */

/* Where the current tag or text begins and ends. */
static int64_t here(const guard_t *self)
{
    return XML_GetCurrentByteIndex(self->parser);
}

static int64_t behind(const guard_t *self)
{
    return here(self) + XML_GetCurrentByteCount(self->parser);
}

static int64_t fed_end(const guard_t *self)
{
    return self->fed_from + (int64_t)self->fed_size;
}

/* Append to `to` what is there from `undecided` to `end`. */
static void copy_undecided(const guard_t *self, int64_t end, struct bytes *to)
{
    int64_t from = self->undecided;

    if (from < self->fed_from) {
        int64_t until = end < self->fed_from ? end : self->fed_from;
        const char *last = self->held.data + self->held.size;
        bytes_append(to, last - (self->fed_from - from),
                     (size_t)(until - from));
        from = until;
    }
    if (from < end) {
        bytes_append(to, self->fed + (from - self->fed_from),
                     (size_t)(end - from));
    }
}

static void pass(guard_t *self)
{
    copy_undecided(self, behind(self), &self->passed);
    self->undecided = behind(self);
}

/* Keep what is undecided, as what was fed is about to be gone. */
static void hold(guard_t *self)
{
    if (self->undecided >= self->fed_from) {
        self->held.size = 0;
        copy_undecided(self, fed_end(self), &self->held);
    } else {
        bytes_append(&self->held, self->fed, self->fed_size);
    }
}

/* ---- the end of something ---- */

/* Let guard_next return. */
static void tell(guard_t *self, enum guard_kind kind, const char *why)
{
    self->item.kind = kind;
    self->item.why = why;
    XML_StopParser(self->parser, XML_TRUE);
}

/* The first offence is the one that is told. */
static void offend(guard_t *self, const char *why)
{
    if (self->offence == NULL) {
        self->offence = why;
    }
}

static void forbid(guard_t *self, const char *why)
{
    self->forbidden = why;
    XML_StopParser(self->parser, XML_FALSE);
}

static void end_stanza(guard_t *self)
{
    if (behind(self) - self->begun > GUARD_STANZA_MAX) {
        offend(self, "too long");
    }
    if (self->offence != NULL) {
        tell(self, GUARD_DROPPED, self->offence);
        self->offence = NULL;
    } else if (self->is_stanza) {
        tell(self, GUARD_STANZA, NULL);
    } else {
        pass(self);
        tell(self, GUARD_BYTES, NULL);
    }
    self->undecided = behind(self);
}

/* ---- what expat tells ---- */

/* Whatever its namespace, but not one of the stream's own elements. */
static bool names_stanza(const char *name)
{
    static const char *const STANZAS[] = {"iq", "message", "presence"};
    static const char STREAMS[] = NS_STREAMS " ";
    const char *blank = strrchr(name, ' ');
    const char *local = blank != NULL ? blank + 1 : name;

    if (strncmp(name, STREAMS, sizeof STREAMS - 1) == 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof STANZAS / sizeof *STANZAS; i++) {
        if (strcmp(local, STANZAS[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* expat gives names and values in turn, and NULL at the end. */
static size_t count_attributes(const XML_Char **attributes)
{
    size_t count = 0;

    while (attributes[count] != NULL) {
        count++;
    }
    return count / 2;
}

static void check_limits(guard_t *self, const XML_Char **attributes)
{
    if (self->depth > DEPTH_FATAL) {
        forbid(self, "nested without an end"); /* expat remembers each level */
    } else if (self->depth - 1 > GUARD_DEPTH_MAX) {
        offend(self, "nested too deep");
    } else if (self->elements > GUARD_ELEMENTS_MAX) {
        offend(self, "too many elements");
    } else if (count_attributes(attributes) > GUARD_ATTRIBUTES_MAX) {
        offend(self, "too many attributes");
    }
}

static void XMLCALL on_start(void *arg, const XML_Char *name,
                             const XML_Char **attributes)
{
    guard_t *self = arg;

    self->unread = 0;
    self->depth++;
    if (self->depth == 1) { /* the stream's own header */
        pass(self);
        tell(self, GUARD_BYTES, NULL);
        return;
    }
    if (self->depth == 2) {
        self->elements = 0;
        self->begun = self->undecided = here(self);
        self->is_stanza = names_stanza(name);
        element_tree_clear(self->tree);
    }
    self->elements++;
    check_limits(self, attributes);
    if (self->is_stanza && self->offence == NULL &&
        !element_tree_start(self->tree, name,
                            (const char *const *)attributes)) {
        offend(self, "too long");
    }
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    guard_t *self = arg;

    (void)name;
    self->unread = 0;
    self->depth--;
    if (self->depth == 0) { /* the end of the stream */
        pass(self);
        tell(self, GUARD_BYTES, NULL);
        return;
    }
    if (self->is_stanza && self->offence == NULL) {
        element_tree_end(self->tree);
    }
    if (self->depth == 1) {
        end_stanza(self);
    }
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int size)
{
    guard_t *self = arg;

    self->unread = 0;
    if (self->depth == 1) { /* blanks between stanzas */
        self->undecided = behind(self);
    } else if (self->is_stanza && self->offence == NULL &&
               !element_tree_text(self->tree, text, (size_t)size)) {
        offend(self, "too long");
    }
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name,
                               const XML_Char *system, const XML_Char *public,
                               int has_subset)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_subset;
    forbid(arg, "a document type declaration");
}

static void XMLCALL on_instruction(void *arg, const XML_Char *target,
                                   const XML_Char *data)
{
    (void)target;
    (void)data;
    forbid(arg, "a processing instruction");
}

static void XMLCALL on_comment(void *arg, const XML_Char *text)
{
    (void)text;
    forbid(arg, "a comment");
}

/* ---- life ---- */

guard_t *guard_new(void)
{
    guard_t *self = calloc(1, sizeof *self);

    assert(self);
    self->tree = element_tree_new();
    /* With namespaces, as libstrophe has it: what it would stumble over must
     * be found here. */
    self->parser = XML_ParserCreateNS(NULL, ' ');
    assert(self->parser);
    XML_SetUserData(self->parser, self);
    XML_SetElementHandler(self->parser, on_start, on_end);
    XML_SetCharacterDataHandler(self->parser, on_text);
    XML_SetStartDoctypeDeclHandler(self->parser, on_doctype);
    XML_SetProcessingInstructionHandler(self->parser, on_instruction);
    XML_SetCommentHandler(self->parser, on_comment);
#ifdef HAVE_EXPAT_DEFERRAL
    XML_SetReparseDeferralEnabled(self->parser, XML_FALSE);
#endif
    return self;
}

void guard_destroy(guard_t **self_p)
{
    guard_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    XML_ParserFree(self->parser);
    element_tree_destroy(&self->tree);
    bytes_free(&self->held);
    bytes_free(&self->passed);
    free(self);
    *self_p = NULL;
}

/* ---- the stream ---- */

bool guard_is_between(const guard_t *self)
{
    return self->state == IDLE && self->depth == 1 &&
           self->undecided == self->fed_from;
}

void guard_feed(guard_t *self, const char *bytes, size_t size)
{
    assert(self->state == IDLE || self->state == BROKEN);
    if (self->state == IDLE) {
        self->fed = bytes;
        self->fed_size = size;
        self->unread += size;
        self->state = FED;
    }
}

static void break_off(guard_t *self, const char *why)
{
    self->state = BROKEN;
    self->item.kind = GUARD_BROKEN;
    self->item.why = why;
}

/* All that was fed is read. Of a stanza nothing is kept but the tree, and of
 * what cannot pass any more nothing at all. */
static void finish(guard_t *self)
{
    if (self->depth > 1 && fed_end(self) - self->begun > GUARD_STANZA_MAX) {
        offend(self, "too long");
    }
    if (self->depth > 1 && (self->is_stanza || self->offence != NULL)) {
        self->undecided = fed_end(self);
    }
    hold(self);
    self->fed_from = fed_end(self);
    self->fed_size = 0;
    self->state = IDLE;
}

static enum XML_Status parse(guard_t *self)
{
    if (self->state == PAUSED) {
        return XML_ResumeParser(self->parser);
    }
    return XML_Parse(self->parser, self->fed, (int)self->fed_size, XML_FALSE);
}

/* Returns whether there is an item. */
static bool read_on(guard_t *self)
{
    switch (parse(self)) {
    case XML_STATUS_SUSPENDED:
        self->state = PAUSED;
        return true;
    case XML_STATUS_OK:
        if (self->unread > GUARD_STANZA_MAX) { /* which expat keeps whole */
            break_off(self, "a tag without an end");
            return true;
        }
        finish(self);
        return false;
    case XML_STATUS_ERROR:
        break;
    }
    break_off(self, self->forbidden != NULL
                        ? self->forbidden
                        : XML_ErrorString(XML_GetErrorCode(self->parser)));
    return true;
}

bool guard_next(guard_t *self, struct guard_item *item)
{
    self->passed.size = 0;
    self->item = (struct guard_item){0};
    if ((self->state != FED && self->state != PAUSED) || !read_on(self)) {
        return false;
    }
    *item = self->item;
    switch (item->kind) {
    case GUARD_BYTES:
        item->bytes = self->passed.data;
        item->size = self->passed.size;
        break;
    case GUARD_STANZA:
        item->stanza = element_tree_root(self->tree);
        break;
    case GUARD_DROPPED:
    case GUARD_BROKEN:
        break;
    }
    return true;
}
