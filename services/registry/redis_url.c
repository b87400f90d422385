/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_url.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A part of the text that is being parsed. */
struct span {
    const char *at;
    size_t size;
};

static int refuse(const char **why, const char *reason)
{
    *why = reason;
    return -1;
}

static int copy(char *to, size_t room, struct span from)
{
    if (from.size >= room) {
        return -1;
    }
    memcpy(to, from.at, from.size);
    to[from.size] = '\0';
    return 0;
}

static int hex_value(char c)
{
    if (isdigit((unsigned char)c)) {
        return c - '0';
    }
    return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                      : -1;
}

/* Copy with each %xx replaced by its byte, which must not be NUL. */
static int copy_decoded(char *to, size_t room, struct span from)
{
    size_t used = 0;

    for (size_t i = 0; i < from.size; i++) {
        char c = from.at[i];
        if (c == '%') {
            int high = i + 2 < from.size ? hex_value(from.at[i + 1]) : -1;
            int low = high >= 0 ? hex_value(from.at[i + 2]) : -1;
            if (low < 0 || high + low == 0) {
                return -1;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (used + 1 >= room) {
            return -1;
        }
        to[used++] = c;
    }
    to[used] = '\0';
    return 0;
}

static int parse_number(int *number, struct span from, int min)
{
    int value = 0;

    if (from.size < 1 || from.size > 5) {
        return -1;
    }
    for (size_t i = 0; i < from.size; i++) {
        if (!isdigit((unsigned char)from.at[i])) {
            return -1;
        }
        value = value * 10 + (from.at[i] - '0');
    }
    *number = value;
    return value >= min && value <= 65535 ? 0 : -1;
}

/* Cut `all` at the first or last `c`: what is before it into `head`, and `all`
 * keeps what is behind. Returns false, with both as they were, if it has no
 * such character. */
static bool cut(struct span *head, struct span *all, char c, bool last)
{
    const char *found =
        last ? memrchr(all->at, c, all->size) : memchr(all->at, c, all->size);

    if (found == NULL) {
        return false;
    }
    *head = (struct span){all->at, (size_t)(found - all->at)};
    all->size -= head->size + 1;
    all->at = found + 1;
    return true;
}

/* "[user]:password@" if it is there. The last @ ends it: a password may hold
 * one that nobody thought of writing as %40. */
static int parse_login(struct redis_url *url, struct span *rest,
                       const char **why)
{
    struct span login;
    struct span user;

    if (!cut(&login, rest, '@', true)) {
        return 0;
    }
    if (!cut(&user, &login, ':', false)) {
        return refuse(why, "has a user without a password");
    }
    if (copy_decoded(url->user, sizeof url->user, user) != 0) {
        return refuse(why, "has a user that is too long or badly escaped");
    }
    if (login.size == 0 ||
        copy_decoded(url->password, sizeof url->password, login) != 0) {
        return refuse(
            why, "has a password that is empty, too long or badly escaped");
    }
    return 0;
}

static int parse_place(struct redis_place *to, struct span place,
                       const char **why)
{
    struct span host = place;
    struct span port = {NULL, 0};

    if (place.size > 0 && place.at[0] == '[') { /* an IPv6 address */
        if (!cut(&host, &place, ']', false)) {
            return refuse(why, "has a [ without its ]");
        }
        host.at++;
        host.size--;
        if (place.size > 0) {
            port = (struct span){place.at + 1, place.size - 1};
        }
        if (place.size > 0 && place.at[0] != ':') {
            return refuse(why, "has something between ] and the port");
        }
    } else if (cut(&host, &place, ':', false)) {
        port = place;
    }
    if (host.size == 0 || copy(to->host, sizeof to->host, host) != 0) {
        return refuse(why, "has no host, or one that is too long");
    }
    if (port.at != NULL && parse_number(&to->port, port, 1) != 0) {
        return refuse(why, "has a port that is not a number in 1..65535");
    }
    return 0;
}

static int parse_database(struct redis_url *url, struct span text,
                          const char **why)
{
    if (parse_number(&url->database, text, 0) != 0) {
        return refuse(why, "has a database that is not a number in 0..65535");
    }
    return 0;
}

static int parse_tcp(struct redis_url *url, struct span rest, const char **why)
{
    struct redis_place *place = &url->places[0];
    struct span text;

    if (parse_login(url, &rest, why) != 0) {
        return -1;
    }
    if (!cut(&text, &rest, '/', false)) {
        text = rest;
        rest.size = 0;
    }
    if (parse_place(place, text, why) != 0) {
        return -1;
    }
    if (rest.size > 0 && parse_database(url, rest, why) != 0) {
        return -1;
    }
    snprintf(url->label, sizeof url->label, "%s:%d/%d", place->host,
             place->port, url->database);
    return 0;
}

/* All that are named; a port that is not said is what the first has now. */
static int parse_places(struct redis_url *url, struct span rest,
                        const char **why)
{
    const int port = url->places[0].port;
    struct span place;
    bool more = true;

    for (url->place_count = 0; more; url->place_count++) {
        if (url->place_count == REDIS_PLACES_MAX) {
            return refuse(why, "has more than 8 hosts");
        }
        url->places[url->place_count].port = port;
        more = cut(&place, &rest, ',', false);
        if (parse_place(&url->places[url->place_count], more ? place : rest,
                        why) != 0) {
            return -1;
        }
    }
    return 0;
}

static int parse_sentinel(struct redis_url *url, struct span rest,
                          const char **why)
{
    struct span places;
    struct span master;

    if (parse_login(url, &rest, why) != 0) {
        return -1;
    }
    if (!cut(&places, &rest, '/', false)) {
        return refuse(why, "has no /master behind the sentinels");
    }
    url->places[0].port = 26379;
    if (parse_places(url, places, why) != 0) {
        return -1;
    }
    if (!cut(&master, &rest, '/', false)) {
        master = rest;
        rest.size = 0;
    }
    if (master.size == 0 ||
        copy(url->master, sizeof url->master, master) != 0) {
        return refuse(why, "has no name of a master, or one that is too long");
    }
    if (rest.size > 0 && parse_database(url, rest, why) != 0) {
        return -1;
    }
    snprintf(url->label, sizeof url->label, "sentinel:%s/%d", url->master,
             url->database);
    return 0;
}

static int parse_cluster(struct redis_url *url, struct span rest,
                         const char **why)
{
    struct span places;

    if (parse_login(url, &rest, why) != 0) {
        return -1;
    }
    if (!cut(&places, &rest, '/', false)) {
        places = rest;
        rest.size = 0;
    }
    if (parse_places(url, places, why) != 0) {
        return -1;
    }
    if (rest.size > 0 &&
        (parse_database(url, rest, why) != 0 || url->database != 0)) {
        return refuse(why, "has a database, of which a cluster has only 0");
    }
    url->cluster = true;
    snprintf(url->label, sizeof url->label, "cluster:%s:%d",
             url->places[0].host, url->places[0].port);
    return 0;
}

static int parse_unix(struct redis_url *url, struct span rest, const char **why)
{
    static const char DB[] = "db=";
    struct span path;

    if (rest.size >= 2 && memcmp(rest.at, "//", 2) == 0) {
        rest = (struct span){rest.at + 2, rest.size - 2};
        if (parse_login(url, &rest, why) != 0) {
            return -1;
        }
    }
    if (cut(&path, &rest, '?', false)) {
        if (rest.size < strlen(DB) || memcmp(rest.at, DB, strlen(DB)) != 0) {
            return refuse(why, "has something other than db= after the ?");
        }
        rest = (struct span){rest.at + strlen(DB), rest.size - strlen(DB)};
        if (parse_database(url, rest, why) != 0) {
            return -1;
        }
    } else {
        path = rest;
    }
    if (path.size < 2 || path.at[0] != '/' ||
        copy(url->places[0].path, sizeof url->places[0].path, path) != 0) {
        return refuse(why, "has no absolute path of at most 107 bytes");
    }
    snprintf(url->label, sizeof url->label, "unix:%s?db=%d",
             url->places[0].path, url->database);
    return 0;
}

int redis_url_parse(struct redis_url *url, const char *text, const char **why)
{
    static const struct {
        const char *start;
        int (*parse)(struct redis_url *, struct span, const char **);
    } FORMS[] = {{"redis://", parse_tcp},
                 {"redis+sentinel://", parse_sentinel},
                 {"redis+cluster://", parse_cluster},
                 {"unix:", parse_unix}};

    *url = (struct redis_url){.places = {{.port = 6379}}, .place_count = 1};
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        size_t size = strlen(FORMS[i].start);
        if (strncmp(text, FORMS[i].start, size) == 0) {
            return FORMS[i].parse(
                url, (struct span){text + size, strlen(text) - size}, why);
        }
    }
    return refuse(why, "is neither redis://… nor redis+sentinel://… nor "
                       "redis+cluster://… nor unix:/…");
}
