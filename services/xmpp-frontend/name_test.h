/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_NAME_TEST_H
#define XMPP_FRONTEND_NAME_TEST_H

/* A part of the frontend's --self-test: is the component's name in the DNS?
 * Servers of other domains find it there; and while no component is connected
 * ejabberd looks there, too, and takes a name that it does not find for a
 * final answer: users lose their registrations. */

#include "common/self_test.h"

typedef struct name_test name_test_t;

/* Begins. Never NULL. */
name_test_t *name_test_new(self_test_t *test);
void name_test_destroy(name_test_t **self_p);

#endif
