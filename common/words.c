/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void word_count(char out[WORD_ROOM], double number)
{
    char digits[WORD_ROOM];
    size_t used = 0;

    snprintf(digits, sizeof digits, "%.0f", number);
    size_t size = strlen(digits);
    for (size_t i = 0; i < size && used < WORD_ROOM - 2; i++) {
        if (i > 0 && (size - i) % 3 == 0) {
            out[used++] = ',';
        }
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

void word_some(char out[WORD_ROOM], double number, const char *noun)
{
    if (number < 1) {
        snprintf(out, WORD_ROOM, "no %s", noun);
    } else {
        snprintf(out, WORD_ROOM, "%.0f %s%s", number, noun,
                 number < 2 ? "" : "s");
    }
}

void word_rate(char out[WORD_ROOM], double rate)
{
    int decimals = rate <= 0 ? 0 : rate < 0.995 ? 2 : rate < 9.95 ? 1 : 0;

    snprintf(out, WORD_ROOM, "%.*f", decimals, rate);
}

void word_time(char out[WORD_ROOM], double us)
{
    if (us < 9950) {
        snprintf(out, WORD_ROOM, "%.1f ms", us / 1e3);
    } else if (us < 999500) {
        snprintf(out, WORD_ROOM, "%.0f ms", us / 1e3);
    } else {
        snprintf(out, WORD_ROOM, "%.1f s", us / 1e6);
    }
}

void word_share(char out[WORD_ROOM], double part, double whole)
{
    if (whole <= 0) {
        snprintf(out, WORD_ROOM, "–");
        return;
    }
    double percent = part / whole * 100;
    if (part < whole && percent > 99.9) {
        percent = 99.9;
    } else if (part > 0 && percent < 0.1) {
        percent = 0.1;
    }
    snprintf(out, WORD_ROOM, part < whole && part > 0 ? "%.1f %%" : "%.0f %%",
             percent);
}

void word_span(char out[WORD_ROOM], int64_t seconds)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

    if (seconds < MINUTE) {
        snprintf(out, WORD_ROOM, "%" PRId64 " s", seconds);
    } else if (seconds < HOUR) {
        snprintf(out, WORD_ROOM, "%" PRId64 " min", seconds / MINUTE);
    } else if (seconds < DAY) {
        snprintf(out, WORD_ROOM, "%" PRId64 " h %" PRId64 " min",
                 seconds / HOUR, seconds % HOUR / MINUTE);
    } else {
        snprintf(out, WORD_ROOM, "%" PRId64 " d %" PRId64 " h", seconds / DAY,
                 seconds % DAY / HOUR);
    }
}
