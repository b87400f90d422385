/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_KEYS_H
#define REGISTRY_KEYS_H

/* The names that things have in Redis.
 *
 *     wakebus:{T}:node:<node>       hash: one target
 *         app device channel domain token secret created renewed deferred
 *     wakebus:{T}:device:<device>   hash: "<channel>/<app>" -> node
 *     wakebus:{T}:ended:<device>    when it was unregistered; for a minute
 *
 * `channel` is left out of a target that has none, and the field then begins
 * with the slash; `deferred` is there while a push waits, see due_list.h. Times
 * are Unix milliseconds. T are the two base64 characters of the first 12 bits
 * of the device's hash. A node begins with them too: all that belongs to one
 * device shares a slot of a Redis Cluster, so that one script can change it at
 * once, and who has only the node still knows its key. The scripts (*.lua)
 * build the same names. */

#include <stdbool.h>

enum {
    HASH_SIZE = 40,   /* hex digits of a device or channel */
    NODE_SIZE = 12,   /* base64 characters */
    SECRET_SIZE = 24, /* the same */
    APP_SIZE = 64,    /* at most */
    KEY_ROOM = 64,    /* for either key, and its NUL */
    FIELD_ROOM = HASH_SIZE + 1 + APP_SIZE + 1,
};

/* 40 lowercase hex digits? */
bool hash_is_valid(const char *text);

/* 12 characters of base64, as every node that was ever handed out? */
bool node_is_valid(const char *text);

/* The first 12 bits of a valid device hash: 0..4095. */
unsigned device_bits(const char *device);

/* `node` and `device` must be valid. A node that was imported may begin with
 * other characters than its device's tag: its key follows the node, and it
 * cannot be renewed in a cluster. */
void key_of_node(char key[KEY_ROOM], const char *node);
void key_of_device(char key[KEY_ROOM], const char *device);
void key_of_end(char key[KEY_ROOM], const char *device);

/* Of that device's slot, and never there. A cluster that moves a slot carries
 * out no command with several keys of it unless all have arrived. With this
 * among them a script only ever runs where everything is. */
void key_of_none(char key[KEY_ROOM], const char *device);

/* Of the device's hash; `channel` may be NULL. Unambiguous for every app name,
 * since a channel has no slash in it. */
void field_of(char field[FIELD_ROOM], const char *app, const char *channel);

#endif
