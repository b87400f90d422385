/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_ANSWER_H
#define REGISTRY_ANSWER_H

/* What the scripts answer: one word, behind which there may be pairs of a node
 * and its pointer, see pointer.h. */

#include "proto/target.h"
#include "services/registry/redis.h"

/* The one text of an answer, or NULL when it is none or nothing came. */
const char *answer_text(const struct redis_answer *answer);

/* The word, or NULL when it is no such answer or nothing came. */
const char *answer_word(const struct redis_answer *answer);

/* "ok", "absent" and "kept"; LATER for all else. */
enum target_outcome answer_outcome(const struct redis_answer *answer);

#endif
