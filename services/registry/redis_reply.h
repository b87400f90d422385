/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_REPLY_H
#define REGISTRY_REDIS_REPLY_H

/* What hiredis has read, in the shapes in which we answer. Pure. */

#include "services/registry/redis_value.h"

struct redisReply; /* of hiredis */

/* Returns 0, or -1 when the reply is of a kind that none of our commands has.
 * The texts stay those of the reply. */
int redis_reply_read(const struct redisReply *reply,
                     struct redis_answer *answer);

/* The same for any kind; what it takes beside the texts is the caller's, for
 * redis_reply_drop. */
struct redis_value redis_reply_copy(const struct redisReply *reply);
void redis_reply_drop(const struct redis_value *value);

#endif
