/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/element.h"

#include "tests/support/cmocka_test.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const NO_ATTRIBUTES[] = {NULL};

static void start(element_tree_t *tree, const char *name)
{
    assert_true(element_tree_start(tree, name, NO_ATTRIBUTES));
}

static void text(element_tree_t *tree, const char *what)
{
    assert_true(element_tree_text(tree, what, strlen(what)));
}

/* <a><b>1</b><c xmlns='urn:c'><b/><b>2</b></c><b>3</b></a>, in urn:a. */
static element_tree_t *build(void)
{
    element_tree_t *tree = element_tree_new();

    start(tree, "urn:a a");
    start(tree, "urn:a b");
    text(tree, "1");
    element_tree_end(tree);
    start(tree, "urn:c c");
    start(tree, "urn:c b");
    element_tree_end(tree);
    start(tree, "urn:c b");
    text(tree, "2");
    element_tree_end(tree);
    element_tree_end(tree);
    start(tree, "urn:a b");
    text(tree, "3");
    element_tree_end(tree);
    element_tree_end(tree);
    return tree;
}

static void tree__has_the_order_of_its_elements(void **state)
{
    element_tree_t *tree = build();
    const struct element *root = element_tree_root(tree);

    (void)state;
    assert_string_equal(root->name, "a");
    assert_string_equal(root->ns, "urn:a");
    assert_null(root->next);
    const struct element *first = root->child;
    assert_string_equal(first->text, "1");
    assert_string_equal(first->ns, "urn:a");
    assert_null(first->child);
    const struct element *second = first->next;
    assert_string_equal(second->ns, "urn:c");
    assert_string_equal(second->child->ns, "urn:c");
    assert_null(second->child->text);
    assert_string_equal(second->child->next->text, "2");
    assert_null(second->child->next->next);
    assert_string_equal(second->next->text, "3");
    assert_string_equal(second->next->ns, "urn:a");
    assert_null(second->next->next);
    element_tree_destroy(&tree);
    assert_null(tree);
}

static void child__is_the_first_of_name_and_namespace(void **state)
{
    element_tree_t *tree = build();
    const struct element *root = element_tree_root(tree);
    const struct element *c = element_child(root, "c", NULL);

    (void)state;
    assert_string_equal(element_text(element_child(root, "b", NULL)), "1");
    assert_string_equal(element_text(element_child(root, "b", "urn:a")), "1");
    assert_null(element_child(root, "b", "urn:c"));
    assert_null(element_child(root, "B", NULL));
    assert_ptr_equal(c, root->child->next);
    assert_ptr_equal(element_child(c, "b", "urn:c"), c->child);
    assert_null(element_child(c->child, "b", NULL));
    assert_null(element_child(NULL, "b", NULL));
    assert_null(element_text(NULL));
    assert_null(element_text(c));
    element_tree_destroy(&tree);
}

static void element__without_a_namespace_is_in_none(void **state)
{
    element_tree_t *tree = element_tree_new();

    (void)state;
    start(tree, "urn:a a");
    start(tree, "b");
    const struct element *b = element_tree_root(tree)->child;
    assert_string_equal(b->name, "b");
    assert_null(b->ns);
    assert_true(element_is(b, "b", NULL));
    assert_false(element_is(b, "b", "urn:a"));
    assert_false(element_is(b, "b", ""));
    element_tree_destroy(&tree);
}

static void attributes__are_found_by_their_whole_name(void **state)
{
    static const char *const ATTRIBUTES[] = {"id",    "1", "urn:x id", "2",
                                             "empty", "",  NULL};
    element_tree_t *tree = element_tree_new();

    (void)state;
    assert_true(element_tree_start(tree, "a", ATTRIBUTES));
    const struct element *a = element_tree_root(tree);
    assert_int_equal(a->attribute_count, 3);
    assert_string_equal(element_attribute(a, "id"), "1");
    assert_string_equal(element_attribute(a, "urn:x id"), "2");
    assert_string_equal(element_attribute(a, "empty"), "");
    assert_null(element_attribute(a, "i"));
    assert_null(element_attribute(NULL, "id"));
    element_tree_destroy(&tree);
}

static void text__grows_until_a_child_begins(void **state)
{
    element_tree_t *tree = element_tree_new();

    (void)state;
    start(tree, "a");
    text(tree, "on");
    text(tree, "e");
    text(tree, "");
    text(tree, " two");
    start(tree, "b");
    text(tree, "inner");
    element_tree_end(tree);
    text(tree, "behind");
    element_tree_end(tree);
    const struct element *a = element_tree_root(tree);
    assert_string_equal(a->text, "one two");
    assert_string_equal(a->child->text, "inner");
    element_tree_destroy(&tree);
}

static void cleared__it_is_empty_and_serves_again(void **state)
{
    element_tree_t *tree = build();
    const struct element *before = element_tree_root(tree);

    (void)state;
    element_tree_clear(tree);
    assert_null(element_tree_root(tree));
    start(tree, "other");
    assert_ptr_equal(element_tree_root(tree), before);
    assert_string_equal(element_tree_root(tree)->name, "other");
    assert_null(element_tree_root(tree)->child);
    element_tree_destroy(&tree);
}

/* Whatever it is that fills it. */
static void full__it_says_so_and_can_be_cleared(void **state)
{
    static char big[ELEMENT_TREE_ROOM / 3];
    const char *const attributes[] = {"a", big, NULL};
    element_tree_t *tree = element_tree_new();

    (void)state;
    memset(big, 'x', sizeof big - 1);
    for (int how = 0; how < 4; how++) {
        bool has_room = true;
        unsigned steps = 0;
        element_tree_clear(tree);
        start(tree, "a");
        for (; has_room && steps < 2 * ELEMENT_TREE_ROOM; steps++) {
            has_room = how == 0   ? element_tree_start(tree, "b", NO_ATTRIBUTES)
                       : how == 1 ? element_tree_start(tree, big, NO_ATTRIBUTES)
                       : how == 2
                           ? element_tree_start(tree, "c", attributes)
                           : element_tree_text(tree, big, sizeof big - 1);
        }
        assert_false(has_room);
        assert_true(how == 0 ? steps > 1000 : steps == 3);
    }
    element_tree_clear(tree);
    start(tree, "a");
    element_tree_destroy(&tree);
}

static void structures__are_aligned_whatever_is_before_them(void **state)
{
    static const char *const ATTRIBUTES[] = {"n", "value", NULL};
    element_tree_t *tree = element_tree_new();
    char name[] = "xxxxxxxxxxxxxxxx";

    (void)state;
    for (size_t cut = 0; cut < sizeof name - 1; cut++) {
        element_tree_clear(tree);
        assert_true(element_tree_start(tree, name + cut, ATTRIBUTES));
        start(tree, "b");
        const struct element *root = element_tree_root(tree);
        assert_int_equal((uintptr_t)root->attributes % sizeof(void *), 0);
        assert_int_equal((uintptr_t)root->child % sizeof(void *), 0);
        assert_string_equal(root->name, name + cut);
    }
    element_tree_destroy(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree__has_the_order_of_its_elements),
        cmocka_unit_test(child__is_the_first_of_name_and_namespace),
        cmocka_unit_test(element__without_a_namespace_is_in_none),
        cmocka_unit_test(attributes__are_found_by_their_whole_name),
        cmocka_unit_test(text__grows_until_a_child_begins),
        cmocka_unit_test(cleared__it_is_empty_and_serves_again),
        cmocka_unit_test(full__it_says_so_and_can_be_cleared),
        cmocka_unit_test(structures__are_aligned_whatever_is_before_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
