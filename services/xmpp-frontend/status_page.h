/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_STATUS_PAGE_H
#define XMPP_FRONTEND_STATUS_PAGE_H

/* A page for people who look after it, at / of the HTTP server: it shows how
 * things are, says what to mend, and changes nothing. */

#include "common/health.h"
#include "common/http_server.h"
#include "common/metrics.h"
#include <stdbool.h>

typedef struct status_page status_page_t;

/* What it asks for what it tells. */
struct status_teller {
    void (*metrics)(const void *arg, metrics_t *page);
    void (*health)(const void *arg, struct health *health);
    bool (*is_draining)(const void *arg);
    const void *arg;
};

/* Adds itself to `http`, where nobody may ask any more once it is gone. Never
 * NULL. */
status_page_t *status_page_new(zloop_t *loop, http_server_t *http,
                               const struct status_teller *teller);
void status_page_destroy(status_page_t **self_p);

#endif
