/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_KEYS_H
#define REGISTRY_KEYS_H

/* The names that things have in Redis.
 *
 *     wakebus:{T}:node:<node>       hash: one target
 *         app device channel domain token secret created renewed deferred
 *     wakebus:{T}:device:<device>   hash: "<channel>/<app>" -> node
 *     wakebus:{T}:ended:<device>    when it was unregistered; for a minute
 *     wakebus:{N}:node:<node>       hash: where the row of an imported node is
 *         at
 *
 * `channel` is left out of a target that has none, and the field then begins
 * with the slash; `deferred` is there while a push waits, see due_list.h;
 * `renewed` is missing while nobody knows when the client registered. Times are
 * Unix milliseconds. T are the two base64 characters of the first 12 bits of
 * the device's hash. A node that is drawn here begins with them too: all that
 * belongs to one device shares a slot of a Redis Cluster, so that one script
 * can change it at once, and who has only the node still knows its key.
 *
 * A node that another system drew begins with any two characters, N. Its row is
 * in the slot of its device like all others, and what changes a device's
 * targets knows no difference. But the node leads to {N}: there is a pointer,
 * whose `at` is "<T>/<serial>", and who has only the node reads twice. The row
 * has the same text as its `pointer`. The two are in different slots and cannot
 * be written at once, so an import writes first the pointer, with a new serial,
 * and then the row; a pointer to no row is as good as none. What removes the
 * row then removes the pointer, if it still has that serial: not, if an import
 * of the same node has come meanwhile and counts on it. A registration writes
 * it again, should Redis have lost it. The scripts (*.lua) build the same
 * names. */

#include "proto/notation.h"
#include <stdint.h>

enum {
    APP_SIZE = 64, /* at most */
    KEY_ROOM = 64, /* for either key, and its NUL */
    FIELD_ROOM = HASH_DIGITS + 1 + APP_SIZE + 1,
    POINTER_ROOM = 12, /* "T" is two characters, the serial eight */
};

/* The first 12 bits of a valid device hash: 0..4095. */
unsigned device_bits(const char *device);

/* `node` and `device` must be valid, here and below. Does the node begin with
 * the device's tag? Then it needs no pointer. */
bool node_is_at_home(const char *node, const char *device);

/* Where a node leads: the row, or the pointer to it. */
void key_of_node(char key[KEY_ROOM], const char *node);

/* Of the row itself: of a device's target, or where the text of a pointer says.
 * key_of_pointed returns false when that is no such text. */
void key_of_row(char key[KEY_ROOM], const char *device, const char *node);
bool key_of_pointed(char key[KEY_ROOM], const char *at, const char *node);

/* The text of a new pointer to the device's slot. */
void pointer_make(char at[POINTER_ROOM], const char *device, uint32_t serial);

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
