/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/slot.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* CRC-16/XMODEM: polynomial 0x1021, begins with 0, nothing is reflected. */
static unsigned crc16(const char *text, size_t size)
{
    uint16_t crc = 0;

    for (size_t i = 0; i < size; i++) {
        crc ^= (uint16_t)((unsigned char)text[i] << 8);
        for (int bit = 0; bit < 8; bit++) {
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
        }
    }
    return crc;
}

unsigned slot_of_key(const char *key)
{
    const char *open = strchr(key, '{');
    const char *close = open != NULL ? strchr(open, '}') : NULL;

    if (close != NULL && close > open + 1) {
        return crc16(open + 1, (size_t)(close - open - 1)) % SLOTS;
    }
    return crc16(key, strlen(key)) % SLOTS;
}
