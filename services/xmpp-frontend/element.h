/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_ELEMENT_H
#define XMPP_FRONTEND_ELEMENT_H

/* A stanza as a tree of elements, and how it is built from what an XML parser
 * tells. All of a tree lies in one piece of memory, which serves the next
 * stanza again: an element costs no allocation. Pure. */

#include <stdbool.h>
#include <stddef.h>

struct attribute {
    const char *name; /* one with a prefix: its namespace, a blank, the name */
    const char *value;
};

/* Read it freely; everything in it is borrowed from the tree. Names have lost
 * their prefix, text its entities and CDATA sections. */
struct element {
    const char *name;
    const char *ns;   /* NULL: none */
    const char *text; /* before the first child, whatever it was cut into by
                         the parser; NULL: none */
    const struct element *child; /* the first, or NULL */
    const struct element *next;  /* the next of the same parent, or NULL */
    const struct attribute *attributes;
    size_t attribute_count;
};

/* Has it this name, and this namespace? `ns` NULL means any. */
bool element_is(const struct element *element, const char *name,
                const char *ns);

/* The first child of that name, and namespace unless `ns` is NULL; or NULL.
 * This and those below take NULL for the element, so that they can be chained,
 * and give NULL for it. */
const struct element *element_child(const struct element *parent,
                                    const char *name, const char *ns);

/* The value of an attribute, or NULL. */
const char *element_attribute(const struct element *element, const char *name);

/* Its text, or NULL. */
const char *element_text(const struct element *element);

/* ---- building ---- */

enum { ELEMENT_TREE_ROOM = 512 * 1024 }; /* bytes, with all that is in it */

typedef struct element_tree element_tree_t;

/* Never NULL, and empty. */
element_tree_t *element_tree_new(void);
void element_tree_destroy(element_tree_t **self_p);

/* Begin another one: what was borrowed of the last is gone. */
void element_tree_clear(element_tree_t *self);

/* An element begins. Its `name` is as an attribute's above; `attributes` are
 * names and values in turn, and a NULL. The first that begins in an empty tree
 * is the root. Returns false when there is no room: the tree is then to be
 * cleared and not to be read. */
bool element_tree_start(element_tree_t *self, const char *name,
                        const char *const *attributes);

/* `size` bytes of text without a NUL, in the element that began last and has
 * not ended. Returns as above. */
bool element_tree_text(element_tree_t *self, const char *text, size_t size);

/* The element that began last and has not ended ends. */
void element_tree_end(element_tree_t *self);

/* Borrowed until it is cleared; NULL when it is empty. */
const struct element *element_tree_root(const element_tree_t *self);

#endif
