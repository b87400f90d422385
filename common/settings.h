/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_SETTINGS_H
#define COMMON_SETTINGS_H

/* All that an operator can set. One JSON file serves all processes; each
 * member has an environment variable (`xmpp.secret` is WAKEBUS_XMPP_SECRET),
 * and secrets can stand in a file of their own (`xmpp.secret_file`,
 * WAKEBUS_XMPP_SECRET_FILE). Environment goes over file, file over default.
 * The tables in settings.c and app.c list every member with its bounds and its
 * help. */

#include "common/app.h"
#include "common/keyring.h"
#include "common/log.h"
#include "proto/codec.h"
#include <stdbool.h>

enum { APPS_MAX = PROTO_LIST_MAX };

struct settings {
    struct {
        const char *host;
        int64_t port;
        const char *jid;
        const char *secret;
        int64_t ping_interval_s; /* how often the link is tried */
        int64_t ping_timeout_s;  /* without an answer for so long it is dead */
    } xmpp;
    struct {
        struct name_list frontends; /* inboxes that workers connect to */
        const char *bind;           /* the frontend's own inbox */
        const char *advertise;      /* "auto" or a worker's own address */
        const char *curve_key_file; /* the process's own pair of keys … */
        const char *curve_authorized_dir; /* … and whom it lets in */
        keyring_t *keys;                  /* both, read; NULL: neither */
    } bus;
    struct {
        const char *url; /* see services/registry/redis_url.h */
    } redis;
    struct {
        const char *bind; /* see http_address.h; NULL: no HTTP server */
    } http;
    struct {
        enum log_level level;
        enum log_format format;
    } log;
    struct {
        int64_t deadline_ms;   /* an IQ is answered within this */
        int64_t max_in_flight; /* IQs that wait for an answer */
        int64_t coalesce_ms;   /* pushes to one device within it are one */
        int64_t retry_first_s; /* a failed push is tried again after this … */
        int64_t retry_ttl_s;   /* … and later, for this long */
    } push;
    struct {
        const char *keys_file; /* see services/xmpp-frontend/sealed_keys.h */
        int64_t max_age_s;     /* 0: a node is good for ever */
    } sealed;
    struct {
        int64_t target_per_minute; /* pushes to one device … */
        int64_t target_burst;
        int64_t domain_per_second; /* … and for one domain */
        int64_t domain_burst;
        int64_t user_registrations_per_hour;
        int64_t user_registrations_burst;
        int64_t domain_registrations_per_second;
        int64_t domain_registrations_burst;
    } limits; /* a rate of 0: none */
    struct {
        const char *base_url;
        const char *ca_file; /* NULL: the system's */
        const char *metadata_url;
    } fcm;
    struct {
        const char *production_url;
        const char *sandbox_url;
        const char *ca_file;
    } apns;
    size_t app_count;
    struct app apps[APPS_MAX];

    /* What the program's check has read for itself, such as keys; free_own
     * is called with it at the end. */
    void *own;
    void (*free_own)(void *own);

    /* The rest is settings.c's own. */
    struct config *source; /* owns the strings */
    const struct settings_origin *origin;
    const struct settings *first; /* what needs a restart is theirs; NULL: it
                                     is these */
    unsigned holders;
};

/* Look for what only this program can judge, such as the keys that the
 * settings name, and note faults and warnings with config_fault and
 * config_warn on settings->source. What else is at fault, has been noted, and
 * is zero here. May set `own`. */
typedef void settings_check_fn(struct settings *settings);

/* Where settings come from; it must outlive them. */
struct settings_origin {
    const char *program;      /* "wakebus-registry": who requires what */
    const char *file;         /* or NULL: the default one, if it is there */
    settings_check_fn *check; /* or NULL */
};

/* Read all. There may be faults: see config_report. Never NULL. */
struct settings *settings_read(const struct settings_origin *origin);

/* Settings never change once they are read, and belong to all who hold them:
 * an account whose requests are open can outlive its configuration. Whoever
 * reads them begins as their one holder. */
const struct settings *settings_hold(const struct settings *settings);
void settings_release(const struct settings **settings_p);

/* Read the same file and the same environment again. What needs a restart
 * stays as it is, and is named in the log when it was changed. NULL if there
 * are faults: each of them is in the log then. */
const struct settings *settings_reload(const struct settings *settings);

/* Note a fault of a file that a member of an app names. */
void settings_app_fault(const struct settings *settings, const struct app *app,
                        const char *member, const struct fault *fault);

/* Note what else is wrong with a member of an app: `what` is a whole clause
 * behind its path, which the format makes. */
void settings_app_note(const struct settings *settings, const struct app *app,
                       enum note_kind kind, const char *what,
                       const char *remedy, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Print the members with their help on standard output. */
void settings_print_help(void);

#define SETTINGS_DEFAULT_FILE "/etc/wakebus/wakebus.json"

/* Only http.bind, for who asks the processes how they are and must not mind
 * the rest: from the environment, or from `file`, or for NULL from the default
 * one if it is there. Returns 0 with `bind` malloc'd, or NULL where it is not
 * set; or 78 with the faults printed. */
int settings_http_bind(const char *file, char **bind);

/* Borrowed, or NULL: the app of that name; the default app of a backend. */
const struct app *settings_app(const struct settings *settings,
                               const char *name);
const struct app *settings_default_app(const struct settings *settings,
                                       const char *backend);

/* Is there work for a registry? Not if all apps are stateless. */
bool settings_need_registry(const struct settings *settings);

/* The names of a backend's apps, borrowed from `settings`: for hello. */
struct name_list settings_apps_of(const struct settings *settings,
                                  const char *backend);

#endif
