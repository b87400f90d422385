/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redirect.h"

#include "services/registry/slot.h"
#include <stdlib.h>
#include <string.h>

/* A number and no more before `end`. Returns -1 if it is not in min..max. */
static int parse_number(const char *text, const char *end, long min, long max)
{
    char *stop;
    long number = strtol(text, &stop, 10);

    return stop == end && end > text && number >= min && number <= max
               ? (int)number
               : -1;
}

/* "host:port"; an IPv6 address is in no brackets. */
static int parse_place(struct redis_place *place, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t size = colon != NULL ? (size_t)(colon - text) : sizeof place->host;

    if (size >= sizeof place->host) {
        return -1;
    }
    memcpy(place->host, text, size);
    place->port = parse_number(colon + 1, colon + strlen(colon), 1, 65535);
    return place->port > 0 ? 0 : -1;
}

int redirect_parse(struct redirect *to, const char *error)
{
    const char *space = strchr(error, ' ');
    const char *place = space != NULL ? strchr(space + 1, ' ') : NULL;

    *to = (struct redirect){.once = strncmp(error, "ASK ", 4) == 0};
    if (place == NULL || (!to->once && strncmp(error, "MOVED ", 6) != 0)) {
        return -1;
    }
    int slot = parse_number(space + 1, place, 0, SLOTS - 1);
    to->slot = (unsigned)slot;
    return slot >= 0 ? parse_place(&to->place, place + 1) : -1;
}
