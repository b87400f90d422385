/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/http_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool consists_of(const char *text, const char *characters)
{
    return text[0] != '\0' && text[strspn(text, characters)] == '\0';
}

bool http_address_is_port(const char *text)
{
    size_t digits = strlen(text);

    return consists_of(text, "0123456789") && text[0] != '0' &&
           (digits < 5 || (digits == 5 && strcmp(text, "65535") <= 0));
}

static bool is_v6(const char *text)
{
    struct in6_addr ignored;

    return inet_pton(AF_INET6, text, &ignored) == 1;
}

static bool is_v4_or_name(const char *text)
{
    return consists_of(text, "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
}

int http_address_read(struct http_address *address, const char *text)
{
    const char *colon = strrchr(text, ':');
    bool brackets = text[0] == '[';

    if (colon == NULL || !http_address_is_port(colon + 1) ||
        (brackets && (colon < text + 2 || colon[-1] != ']'))) {
        return -1;
    }
    const char *host = brackets ? text + 1 : text;
    size_t size = (size_t)(colon - host) - (brackets ? 1 : 0);
    if (size >= sizeof address->host) {
        return -1;
    }
    memcpy(address->host, host, size);
    address->host[size] = '\0';
    snprintf(address->port, sizeof address->port, "%s", colon + 1);
    return (brackets ? is_v6 : is_v4_or_name)(address->host) ? 0 : -1;
}

void http_address_make_local(struct http_address *address)
{
    struct in6_addr v6;
    bool all = strcmp(address->host, "0.0.0.0") == 0 ||
               (inet_pton(AF_INET6, address->host, &v6) == 1 &&
                IN6_IS_ADDR_UNSPECIFIED(&v6));

    /* Our [::] takes IPv4 as well, and there are hosts without ::1. */
    if (all) {
        snprintf(address->host, sizeof address->host, "127.0.0.1");
    }
}
