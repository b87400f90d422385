/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/template.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 4, NAME_ROOM = 32 };

struct rendering {
    FILE *out;
    const json_t *objects[DEPTH_MAX]; /* the innermost last */
    size_t depth;
};

/* {{name}}, or with one of # ^ / before the name. */
struct tag {
    char kind; /* '\0': a text */
    char name[NAME_ROOM];
    const char *begin; /* of the tag … */
    const char *end;   /* … and behind it */
};

static const json_t *look_up(const struct rendering *self, const char *name)
{
    const json_t *value = NULL;

    for (size_t i = self->depth; i-- > 0 && value == NULL;) {
        value = json_object_get(self->objects[i], name);
    }
    assert(value);
    return value;
}

static void write_escaped(FILE *out, const char *text)
{
    static const char MEANINGFUL[] = "&<>\"'";
    static const char *const ESCAPED[] = {"&amp;", "&lt;", "&gt;", "&quot;",
                                          "&#39;"};

    for (const char *at = text; *at != '\0'; at++) {
        const char *found = strchr(MEANINGFUL, *at);
        if (found != NULL) {
            fputs(ESCAPED[found - MEANINGFUL], out);
        } else {
            fputc(*at, out);
        }
    }
}

/* The first tag before `end`. Returns whether there is one. */
static bool next_tag(struct tag *tag, const char *text, const char *end)
{
    const char *open = strstr(text, "{{");

    if (open == NULL || open >= end) {
        return false;
    }
    const char *close = strstr(open, "}}");
    assert(close);
    const char *name = open + 2;
    tag->kind = '\0';
    if (strchr("#^/", *name) != NULL) {
        tag->kind = *name;
        name++;
    }
    size_t size = (size_t)(close - name);
    assert(size < NAME_ROOM);
    memcpy(tag->name, name, size);
    tag->name[size] = '\0';
    tag->begin = open;
    tag->end = close + 2;
    return true;
}

/* The tag that ends the section, which has no other of its name inside. */
static struct tag end_of(const struct tag *section, const char *end)
{
    struct tag tag = *section;

    do {
        bool found = next_tag(&tag, tag.end, end);
        assert(found);
    } while (tag.kind != '/' || strcmp(tag.name, section->name) != 0);
    return tag;
}

static void render(struct rendering *self, const char *text, const char *end);

static void render_with(struct rendering *self, const json_t *object,
                        const char *text, const char *end)
{
    assert(self->depth < DEPTH_MAX);
    self->objects[self->depth++] = object;
    render(self, text, end);
    self->depth--;
}

static void render_section(struct rendering *self, const struct tag *section,
                           const struct tag *last)
{
    const json_t *value = look_up(self, section->name);
    const json_t *item;
    size_t i;

    if (section->kind == '^') {
        if (json_is_false(value) ||
            (json_is_array(value) && json_array_size(value) == 0)) {
            render(self, section->end, last->begin);
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, item) {
            render_with(self, item, section->end, last->begin);
        }
    } else if (json_is_true(value)) {
        render(self, section->end, last->begin);
    }
}

static void render(struct rendering *self, const char *text, const char *end)
{
    struct tag tag;

    while (next_tag(&tag, text, end)) {
        fwrite(text, 1, (size_t)(tag.begin - text), self->out);
        text = tag.end;
        if (tag.kind == '\0') {
            const char *value = json_string_value(look_up(self, tag.name));
            assert(value);
            write_escaped(self->out, value);
        } else {
            struct tag last = end_of(&tag, end);
            render_section(self, &tag, &last);
            text = last.end;
        }
    }
    fwrite(text, 1, (size_t)(end - text), self->out);
}

char *template_render(const char *text, const json_t *values)
{
    char *rendered = NULL;
    size_t size;
    struct rendering self = {.out = open_memstream(&rendered, &size)};

    assert(self.out);
    render_with(&self, values, text, text + strlen(text));
    fclose(self.out);
    assert(rendered);
    return rendered;
}
