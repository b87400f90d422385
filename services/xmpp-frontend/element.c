/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/element.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

bool element_is(const struct element *element, const char *name, const char *ns)
{
    return strcmp(element->name, name) == 0 &&
           (ns == NULL ||
            (element->ns != NULL && strcmp(element->ns, ns) == 0));
}

const struct element *element_child(const struct element *parent,
                                    const char *name, const char *ns)
{
    const struct element *child = parent != NULL ? parent->child : NULL;

    while (child != NULL && !element_is(child, name, ns)) {
        child = child->next;
    }
    return child;
}

const char *element_attribute(const struct element *element, const char *name)
{
    size_t count = element != NULL ? element->attribute_count : 0;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(element->attributes[i].name, name) == 0) {
            return element->attributes[i].value;
        }
    }
    return NULL;
}

const char *element_text(const struct element *element)
{
    return element != NULL ? element->text : NULL;
}

/* ---- building ---- */

/* An element, and what is known of it while it is built. */
struct node {
    struct element element;
    struct node *parent;
    const struct element **tail; /* where the next child belongs */
    size_t ns_size;
};

/* The room is taken as a whole and never moves, so that all can point to each
 * other; what of it was never written to costs no memory. */
struct element_tree {
    char *room;
    size_t used;
    struct node *root;
    struct node *open; /* began last and has not ended, or NULL */
};

element_tree_t *element_tree_new(void)
{
    element_tree_t *self = calloc(1, sizeof *self);

    assert(self);
    self->room = malloc(ELEMENT_TREE_ROOM);
    assert(self->room);
    return self;
}

void element_tree_destroy(element_tree_t **self_p)
{
    element_tree_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    free(self->room);
    free(self);
    *self_p = NULL;
}

void element_tree_clear(element_tree_t *self)
{
    self->used = 0;
    self->root = self->open = NULL;
}

const struct element *element_tree_root(const element_tree_t *self)
{
    return self->root != NULL ? &self->root->element : NULL;
}

/* NULL when there is no room. */
static char *take(element_tree_t *self, size_t size)
{
    if (size > ELEMENT_TREE_ROOM - self->used) {
        return NULL;
    }
    char *place = self->room + self->used;
    self->used += size;
    return place;
}

static void *take_aligned(element_tree_t *self, size_t size)
{
    size_t beyond = self->used % alignof(max_align_t);
    size_t padding = beyond > 0 ? alignof(max_align_t) - beyond : 0;
    char *place = take(self, padding + size);

    return place != NULL ? place + padding : NULL;
}

static char *copy(element_tree_t *self, const char *text, size_t size)
{
    char *place = take(self, size + 1);

    if (place != NULL) {
        memcpy(place, text, size);
        place[size] = '\0';
    }
    return place;
}

/* Most elements are of the namespace of their parent. */
static bool set_ns(element_tree_t *self, struct node *node, const char *ns,
                   size_t size)
{
    const struct node *parent = node->parent;

    if (parent != NULL && parent->ns_size == size &&
        memcmp(parent->element.ns, ns, size) == 0) {
        node->element.ns = parent->element.ns;
    } else {
        node->element.ns = copy(self, ns, size);
    }
    node->ns_size = size;
    return node->element.ns != NULL;
}

static bool set_name(element_tree_t *self, struct node *node, const char *name)
{
    const char *blank = strrchr(name, ' ');
    const char *local = blank != NULL ? blank + 1 : name;

    node->element.name = copy(self, local, strlen(local));
    return node->element.name != NULL &&
           (blank == NULL || set_ns(self, node, name, (size_t)(blank - name)));
}

static bool set_attributes(element_tree_t *self, struct node *node,
                           const char *const *from)
{
    size_t count = 0;

    while (from[2 * count] != NULL) {
        count++;
    }
    if (count == 0) {
        return true;
    }
    struct attribute *to = take_aligned(self, count * sizeof *to);
    node->element.attributes = to;
    for (size_t i = 0; to != NULL && i < count; i++) {
        to[i].name = copy(self, from[2 * i], strlen(from[2 * i]));
        to[i].value = copy(self, from[2 * i + 1], strlen(from[2 * i + 1]));
        if (to[i].name == NULL || to[i].value == NULL) {
            return false;
        }
    }
    node->element.attribute_count = count;
    return to != NULL;
}

bool element_tree_start(element_tree_t *self, const char *name,
                        const char *const *attributes)
{
    struct node *node = take_aligned(self, sizeof *node);

    assert((self->open == NULL) == (self->root == NULL));
    if (node == NULL) {
        return false;
    }
    *node = (struct node){.parent = self->open, .tail = &node->element.child};
    if (node->parent != NULL) {
        *node->parent->tail = &node->element;
        node->parent->tail = &node->element.next;
    } else {
        self->root = node;
    }
    self->open = node;
    return set_name(self, node, name) && set_attributes(self, node, attributes);
}

/* Nothing else was put into the tree since the element's text began: it goes
 * on right behind, over the NUL. */
bool element_tree_text(element_tree_t *self, const char *text, size_t size)
{
    struct element *element = &self->open->element;

    if (element->child != NULL) {
        return true;
    }
    if (element->text == NULL) {
        element->text = copy(self, text, size);
        return element->text != NULL;
    }
    self->used--;
    return copy(self, text, size) != NULL;
}

void element_tree_end(element_tree_t *self)
{
    self->open = self->open->parent;
}
