/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/service_link.h"

#include <stddef.h>
#include <string.h>

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* …_SERVICE_HOST, …_SERVICE_PORT, and for a port with a name
 * …_SERVICE_PORT_HTTP */
static bool is_of_service(const char *name)
{
    static const char PORT[] = "_SERVICE_PORT";
    const char *port = strstr(name, PORT);

    return ends_with(name, "_SERVICE_HOST") ||
           (port != NULL &&
            (port[strlen(PORT)] == '\0' || port[strlen(PORT)] == '_'));
}

static bool is_url(const char *value)
{
    return strncmp(value, "tcp://", 6) == 0 ||
           strncmp(value, "udp://", 6) == 0 ||
           strncmp(value, "sctp://", 7) == 0;
}

/* …_PORT_5347_TCP, …_PORT_5347_TCP_ADDR and so on. */
static bool is_of_port(const char *name)
{
    static const char *const ENDS[] = {"", "_PROTO", "_PORT", "_ADDR"};
    static const char *const PROTOCOLS[] = {"_TCP", "_UDP", "_SCTP"};
    static const char PORT[] = "_PORT_";
    const char *at = strstr(name, PORT);
    size_t digits;

    if (at == NULL || (digits = strspn(at + strlen(PORT), "0123456789")) == 0) {
        return false;
    }
    at += strlen(PORT) + digits;
    for (size_t p = 0; p < sizeof PROTOCOLS / sizeof *PROTOCOLS; p++) {
        size_t size = strlen(PROTOCOLS[p]);
        for (size_t e = 0; e < sizeof ENDS / sizeof *ENDS; e++) {
            if (strncmp(at, PROTOCOLS[p], size) == 0 &&
                strcmp(at + size, ENDS[e]) == 0) {
                return true;
            }
        }
    }
    return false;
}

bool service_link_is(const char *name, const char *value)
{
    return is_of_service(name) || is_of_port(name) ||
           (ends_with(name, "_PORT") && is_url(value));
}
