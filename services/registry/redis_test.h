/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_TEST_H
#define REGISTRY_REDIS_TEST_H

/* The registry's part of --self-test: is there a Redis, does it take what is
 * written (nothing is), and will it keep it? Of sentinels and of a cluster's
 * masters each is asked. */

#include "common/self_test.h"
#include "services/registry/redis_url.h"

typedef struct redis_test redis_test_t;

/* Begins, as parts of the test. `url` is copied. Never NULL. */
redis_test_t *redis_test_new(self_test_t *test, const struct redis_url *url);
void redis_test_destroy(redis_test_t **self_p);

#endif
