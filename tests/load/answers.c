/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/answers.h"

#include <assert.h>
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 256 }; /* all that Wakebus writes is shorter */

struct answers {
    XML_Parser parser;
    struct answers_events events;
    unsigned depth; /* elements that are open, the stream among them */
    bool ended;
    char name[16]; /* of this stanza */
    char id[TEXT_SIZE];
    char type[16];
    char to[TEXT_SIZE];
    char error_type[16];
    char condition[64];
    char node[TEXT_SIZE];
    char secret[TEXT_SIZE];
    char *text; /* where what comes now belongs, or NULL */
    char handshake[64];
};

static void set(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text != NULL ? text : "");
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
    for (; *attributes != NULL; attributes += 2) {
        if (strcmp(attributes[0], name) == 0) {
            return attributes[1];
        }
    }
    return "";
}

static void begin_stanza(answers_t *self, const char *name,
                         const XML_Char **attributes)
{
    set(self->name, sizeof self->name, name);
    set(self->id, sizeof self->id, attribute(attributes, "id"));
    set(self->type, sizeof self->type, attribute(attributes, "type"));
    set(self->to, sizeof self->to, attribute(attributes, "to"));
    self->error_type[0] = self->condition[0] = '\0';
    self->node[0] = self->secret[0] = self->handshake[0] = '\0';
    self->text = strcmp(name, "handshake") == 0 ? self->handshake : NULL;
}

/* iq/error/CONDITION, and iq/command/x/field/value. */
static void begin_child(answers_t *self, const char *name,
                        const XML_Char **attributes)
{
    if (self->depth == 3 && strcmp(name, "error") == 0) {
        set(self->error_type, sizeof self->error_type,
            attribute(attributes, "type"));
    } else if (self->depth == 4 && self->error_type[0] != '\0' &&
               self->condition[0] == '\0') {
        set(self->condition, sizeof self->condition, name);
    } else if (strcmp(name, "field") == 0) {
        const char *var = attribute(attributes, "var");
        self->text = strcmp(var, "node") == 0     ? self->node
                     : strcmp(var, "secret") == 0 ? self->secret
                                                  : NULL;
    }
}

static void XMLCALL on_start(void *arg, const XML_Char *name,
                             const XML_Char **attributes)
{
    answers_t *self = arg;

    self->depth++;
    if (self->depth == 1) {
        self->events.on_open(self->events.arg);
    } else if (self->depth == 2) {
        begin_stanza(self, name, attributes);
    } else {
        begin_child(self, name, attributes);
    }
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int size)
{
    const answers_t *self = arg;
    size_t room =
        self->text == self->handshake ? sizeof self->handshake : TEXT_SIZE;

    if (self->text != NULL && strlen(self->text) + (size_t)size < room) {
        strncat(self->text, text, (size_t)size);
    }
}

static void end_stanza(answers_t *self)
{
    const struct answer answer = {self->id,         self->type,      self->to,
                                  self->error_type, self->condition, self->node,
                                  self->secret};

    self->text = NULL;
    if (strcmp(self->name, "handshake") == 0) {
        self->events.on_handshake(self->events.arg, self->handshake);
    } else if (strcmp(self->name, "iq") == 0) {
        self->events.on_answer(self->events.arg, &answer);
    }
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    answers_t *self = arg;

    self->depth--;
    if (self->depth == 1) {
        end_stanza(self);
    } else if (self->depth == 0) {
        self->ended = true;
    } else if (strcmp(name, "field") == 0) {
        self->text = NULL;
    }
}

answers_t *answers_new(const struct answers_events *events)
{
    answers_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->events = *events;
    self->parser = XML_ParserCreate(NULL);
    assert(self->parser != NULL);
    XML_SetUserData(self->parser, self);
    XML_SetElementHandler(self->parser, on_start, on_end);
    XML_SetCharacterDataHandler(self->parser, on_text);
#ifdef HAVE_EXPAT_DEFERRAL
    XML_SetReparseDeferralEnabled(self->parser, XML_FALSE);
#endif
    return self;
}

void answers_destroy(answers_t **self_p)
{
    answers_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    XML_ParserFree(self->parser);
    free(self);
    *self_p = NULL;
}

int answers_feed(answers_t *self, const char *bytes, size_t size)
{
    return XML_Parse(self->parser, bytes, (int)size, XML_FALSE) ==
                       XML_STATUS_OK &&
                   !self->ended
               ? 0
               : -1;
}
