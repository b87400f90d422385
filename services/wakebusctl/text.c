/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/text.h"

#include <stdio.h>
#include <time.h>

void text_time(char out[TEXT_TIME_ROOM], int64_t unix_ms)
{
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm parts;

    out[0] = '\0';
    if (unix_ms > 0 && gmtime_r(&seconds, &parts) != NULL) {
        strftime(out, TEXT_TIME_ROOM, "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
}

/* Control characters, DEL, and the two bytes of those of C1. */
void text_plain(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text != NULL ? text : "");
    for (unsigned char *c = (unsigned char *)out; *c != '\0'; c++) {
        if (*c == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0) {
            *c++ = '?';
            *c = '?';
        } else if (*c < ' ' || *c == 127) {
            *c = '?';
        }
    }
}
