/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/guard.h"

#include <assert.h>
#include <expat.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIBSTROPHE_READ = 4096, /* bytes that it reads at once; see pad() */
    DEPTH_FATAL = 200000,   /* levels that cost the stream, not the stanza */
};

struct buffer {
    char *bytes;
    size_t size;
    size_t room;
};

struct guard {
    XML_Parser parser;
    unsigned depth;        /* elements that are open, the stream among them */
    unsigned elements;     /* of this stanza */
    size_t unread;         /* bytes since expat last told of anything */
    const char *offence;   /* why this stanza is dropped, or NULL */
    const char *forbidden; /* why the stream cannot go on, or NULL */
    struct buffer held;    /* what was read and not yet decided on … */
    int64_t held_from;     /* … and where in the stream that begins */
    struct buffer passed;  /* for libstrophe */
    unsigned dropped;
    const char *why; /* of the last one dropped */
};

static void append(struct buffer *buffer, const char *bytes, size_t size)
{
    size_t room = buffer->room > 0 ? buffer->room : 4096;

    while (room < buffer->size + size) {
        room *= 2;
    }
    if (room != buffer->room) {
        buffer->bytes = realloc(buffer->bytes, room);
        assert(buffer->bytes);
        buffer->room = room;
    }
    if (size > 0) {
        memcpy(buffer->bytes + buffer->size, bytes, size);
        buffer->size += size;
    }
}

/* Where the current tag begins and ends, counted from the stream's start. */
static int64_t tag_start(const guard_t *self)
{
    return XML_GetCurrentByteIndex(self->parser);
}

static int64_t tag_end(const guard_t *self)
{
    return tag_start(self) + XML_GetCurrentByteCount(self->parser);
}

/* Decide on all that is held before `end`. */
static void release(guard_t *self, int64_t end, bool pass)
{
    size_t size = (size_t)(end - self->held_from);

    assert(size <= self->held.size);
    if (pass) {
        append(&self->passed, self->held.bytes, size);
    }
    memmove(self->held.bytes, self->held.bytes + size, self->held.size - size);
    self->held.size -= size;
    self->held_from = end;
}

/* Expat as Debian ships it waits for more bytes when a read ended in the middle
 * of a tag, until there are twice as many. libstrophe reads a long stanza in
 * several pieces and would miss its end until the next one comes. Blanks
 * between stanzas mean nothing, and serve. */
static void pad(guard_t *self, size_t size)
{
    static const char BLANKS[257] =
        "                "
        "                                                                "
        "                                                                "
        "                                                                "
        "                                                ";

    while (size > 0) {
        size_t some = size < sizeof BLANKS - 1 ? size : sizeof BLANKS - 1;
        append(&self->passed, BLANKS, some);
        size -= some;
    }
}

/* The first offence is the one that is told. */
static void offend(guard_t *self, const char *why)
{
    if (self->offence == NULL) {
        self->offence = why;
    }
}

static void end_stanza(guard_t *self)
{
    size_t size = (size_t)(tag_end(self) - self->held_from);

    if (size > GUARD_STANZA_MAX) {
        offend(self, "too long");
    }
    release(self, tag_end(self), self->offence == NULL);
    if (self->offence != NULL) {
        self->dropped++;
        self->why = self->offence;
        self->offence = NULL;
    } else if (size > LIBSTROPHE_READ) {
        pad(self, size);
    }
}

/* ---- what expat tells ---- */

static void forbid(guard_t *self, const char *why)
{
    self->forbidden = why;
    XML_StopParser(self->parser, XML_FALSE);
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

static void XMLCALL on_start(void *arg, const XML_Char *name,
                             const XML_Char **attributes)
{
    guard_t *self = arg;

    (void)name;
    self->unread = 0;
    self->depth++;
    if (self->depth == 1) {
        release(self, tag_end(self), true); /* the stream's own header */
        return;
    }
    if (self->depth == 2) {
        release(self, tag_start(self), false); /* blanks in between */
        self->elements = 0;
    }
    self->elements++;
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

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    guard_t *self = arg;

    (void)name;
    self->unread = 0;
    self->depth--;
    if (self->depth == 1) {
        end_stanza(self);
    } else if (self->depth == 0) {
        release(self, tag_end(self), true); /* the end of the stream */
    }
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int size)
{
    guard_t *self = arg;

    (void)text;
    (void)size;
    self->unread = 0;
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
    free(self->held.bytes);
    free(self->passed.bytes);
    free(self);
    *self_p = NULL;
}

/* A stanza that cannot pass any more need not be kept until its end. */
static void forget_excess(guard_t *self)
{
    if (self->depth > 1 && self->held.size > GUARD_STANZA_MAX) {
        offend(self, "too long");
    }
    if (self->depth > 1 && self->offence != NULL) {
        release(self, self->held_from + (int64_t)self->held.size, false);
    }
}

int guard_feed(guard_t *self, const char *bytes, size_t size,
               struct guard_result *result)
{
    self->passed.size = 0;
    self->dropped = 0;
    self->why = NULL;
    self->unread += size;
    append(&self->held, bytes, size);
    bool sound =
        XML_Parse(self->parser, bytes, (int)size, XML_FALSE) == XML_STATUS_OK;
    if (!sound) {
        self->why = self->forbidden != NULL
                        ? self->forbidden
                        : XML_ErrorString(XML_GetErrorCode(self->parser));
    } else if (self->unread > GUARD_STANZA_MAX) {
        self->why = "a tag without an end"; /* which expat would keep whole */
        sound = false;
    } else {
        forget_excess(self);
    }
    *result = (struct guard_result){self->passed.bytes, self->passed.size,
                                    self->dropped, self->why};
    return sound ? 0 : -1;
}
