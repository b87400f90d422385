/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/judgement.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

void judgement_set_reason(struct judgement *judgement, const char *text)
{
    size_t size = text != NULL ? strlen(text) : 0;
    const char *from =
        size == 0 || size >= sizeof judgement->reason ? "unknown" : text;
    size_t n = 0;

    while (from[n] != '\0') {
        judgement->reason[n] = '_';
        if (is_plain(from[n])) {
            judgement->reason[n] = from[n];
        }
        n++;
    }
    judgement->reason[n] = '\0';
}

void judgement_set_why(struct judgement *judgement, const char *why)
{
    snprintf(judgement->why, sizeof judgement->why, "%s", why);
}

const char *verdict_name(enum push_verdict verdict)
{
    switch (verdict) {
    case PUSH_SENT:
        return "sent";
    case PUSH_GONE:
        return "gone";
    case PUSH_REFUSED:
        return "refused";
    case PUSH_LATER:
        return "later";
    case PUSH_MISCONFIGURED:
        return "misconfigured";
    }
    return "unknown";
}
