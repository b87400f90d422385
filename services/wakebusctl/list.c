/* SPDX-License-Identifier: BSD-3-Clause */
/* Which targets a domain may push to, as they are met: no more of them are held
 * than a page has. */
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/pages.h"
#include "services/wakebusctl/text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct listing {
    const char *domain;
    const char *app; /* or NULL: of all */
    bool json;
};

/* ---- asking ---- */

static char *encode(const struct pages *self, const char *after, const char *id,
                    struct proto_err *err)
{
    const struct listing *listing = self->arg;
    const struct operator_list request = {.asker = client_asker(self->client),
                                          .budget_ms =
                                              client_budget_ms(self->client),
                                          .domain = listing->domain,
                                          .app = listing->app,
                                          .after = after};

    return operator_list_encode(&request, id, err);
}

/* ---- telling ---- */

static void print_json(const struct operator_target *target,
                       const char *created, const char *renewed)
{
    json_t *line =
        json_pack("{s:s,s:s?,s:s,s:s}", "node", target->node, "app",
                  target->app, "created", created, "renewed", renewed);

    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static void print_text(const struct operator_target *target,
                       const char *created, const char *renewed)
{
    char node[64];
    char app[128];

    text_plain(node, sizeof node, target->node);
    text_plain(app, sizeof app, target->app);
    printf("%-12s  %-20s  %-20s  %s\n", node, created[0] ? created : "-",
           renewed[0] ? renewed : "-", app);
}

static void print(const struct listing *listing,
                  const struct operator_target *target)
{
    char created[TEXT_TIME_ROOM];
    char renewed[TEXT_TIME_ROOM];

    text_time(created, target->created_ms);
    text_time(renewed, target->renewed_ms);
    if (listing->json) {
        print_json(target, created, renewed);
    } else {
        print_text(target, created, renewed);
    }
}

static int take(const struct pages *self, const struct msg *page,
                struct pages_next *next, struct proto_err *err)
{
    struct operator_list_result result;

    if (operator_list_result_decode(&result, page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < result.targets.count; i++) {
        print(self->arg, &result.targets.items[i]);
    }
    *next = (struct pages_next){result.outcome, result.after};
    return fflush(stdout) != 0 ? 1 : 0; /* nobody reads any more */
}

/* ---- the command ---- */

static int read_listing(struct listing *listing, struct pages *pages,
                        const struct arguments *arguments)
{
    const char *after = arguments_value(arguments, "after");

    *listing = (struct listing){arguments_value(arguments, "domain"),
                                arguments_value(arguments, "app"),
                                arguments_has(arguments, "json")};
    if (listing->domain == NULL) {
        fputs("list: give --domain, the one whose targets are wanted\n",
              stderr);
        return EX_USAGE;
    }
    if (after != NULL && strlen(after) >= PAGES_AFTER_ROOM) {
        fputs("list: --after: give what list has said\n", stderr);
        return EX_USAGE;
    }
    snprintf(pages->after, PAGES_AFTER_ROOM, "%s", after != NULL ? after : "");
    return EX_OK;
}

int list_command(const struct arguments *arguments)
{
    struct listing listing;
    struct pages pages = {.encode = encode, .take = take, .arg = &listing};
    int status = read_listing(&listing, &pages, arguments);

    if (status == EX_OK) {
        status = client_open(&pages.client, arguments);
    }
    if (status != EX_OK) {
        return status;
    }
    status = pages_walk(&pages);
    if (status != EX_OK && pages.has_begun && pages.after[0] != '\0') {
        fprintf(stderr, "list: to go on from here: --after %s\n", pages.after);
    }
    client_close(&pages.client);
    return status;
}
