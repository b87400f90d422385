/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char HEX[] = "0123456789abcdef";
static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz"
                             "0123456789+/";

static unsigned digit(char c)
{
    return (unsigned)(strchr(HEX, c) - HEX);
}

unsigned device_bits(const char *device)
{
    return digit(device[0]) << 8 | digit(device[1]) << 4 | digit(device[2]);
}

/* The two characters for a device. */
struct tag {
    char text[3];
};

static struct tag tag_of(const char *device)
{
    unsigned bits = device_bits(device);

    return (struct tag){{BASE64[bits >> 6], BASE64[bits & 63], '\0'}};
}

bool node_is_at_home(const char *node, const char *device)
{
    struct tag tag = tag_of(device);

    return memcmp(node, tag.text, 2) == 0;
}

void key_of_node(char key[KEY_ROOM], const char *node)
{
    snprintf(key, KEY_ROOM, "wakebus:{%.2s}:node:%s", node, node);
}

void key_of_row(char key[KEY_ROOM], const char *device, const char *node)
{
    snprintf(key, KEY_ROOM, "wakebus:{%s}:node:%s", tag_of(device).text, node);
}

bool key_of_pointed(char key[KEY_ROOM], const char *at, const char *node)
{
    if (strspn(at, BASE64) < 2 || at[2] != '/') {
        return false;
    }
    snprintf(key, KEY_ROOM, "wakebus:{%.2s}:node:%s", at, node);
    return true;
}

void pointer_make(char at[POINTER_ROOM], const char *device, uint32_t serial)
{
    snprintf(at, POINTER_ROOM, "%s/%08" PRIx32, tag_of(device).text, serial);
}

static void key_below_tag(char key[KEY_ROOM], const char *kind,
                          const char *device)
{
    snprintf(key, KEY_ROOM, "wakebus:{%s}:%s:%s", tag_of(device).text, kind,
             device);
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
