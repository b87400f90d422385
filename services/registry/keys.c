/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/keys.h"

#include <stdio.h>
#include <string.h>

static const char HEX[] = "0123456789abcdef";
static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz"
                             "0123456789+/";

bool hash_is_valid(const char *text)
{
    return strlen(text) == HASH_SIZE && strspn(text, HEX) == HASH_SIZE;
}

bool node_is_valid(const char *text)
{
    return strlen(text) == NODE_SIZE && strspn(text, BASE64) == NODE_SIZE;
}

static unsigned digit(char c)
{
    return (unsigned)(strchr(HEX, c) - HEX);
}

unsigned device_bits(const char *device)
{
    return digit(device[0]) << 8 | digit(device[1]) << 4 | digit(device[2]);
}

void key_of_node(char key[KEY_ROOM], const char *node)
{
    snprintf(key, KEY_ROOM, "wakebus:{%.2s}:node:%s", node, node);
}

static void key_below_tag(char key[KEY_ROOM], const char *kind,
                          const char *device)
{
    unsigned bits = device_bits(device);

    snprintf(key, KEY_ROOM, "wakebus:{%c%c}:%s:%s", BASE64[bits >> 6],
             BASE64[bits & 63], kind, device);
}

void key_of_device(char key[KEY_ROOM], const char *device)
{
    key_below_tag(key, "device", device);
}

void key_of_end(char key[KEY_ROOM], const char *device)
{
    key_below_tag(key, "ended", device);
}

void key_of_none(char key[KEY_ROOM], const char *device)
{
    key_below_tag(key, "none", device);
}

void field_of(char field[FIELD_ROOM], const char *app, const char *channel)
{
    snprintf(field, FIELD_ROOM, "%s/%s", channel == NULL ? "" : channel, app);
}
