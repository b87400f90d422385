/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_SETTINGS_H
#define COMMON_SETTINGS_H

/* All that an operator can set. One JSON file serves all processes; each
 * member has an environment variable (`xmpp.secret` is WAKEBUS_XMPP_SECRET),
 * and secrets can stand in a file of their own (`xmpp.secret_file`,
 * WAKEBUS_XMPP_SECRET_FILE). Environment goes over file, file over default.
 * The tables in settings.c list every member with its bounds and its help. */

#include "common/keyring.h"
#include "common/log.h"
#include "proto/codec.h"
#include <stdbool.h>

enum { APPS_MAX = PROTO_LIST_MAX };

enum apns_environment { APNS_PRODUCTION, APNS_SANDBOX };
enum apns_push_type { APNS_ALERT, APNS_BACKGROUND };

/* An app whose users are woken: one project at FCM, one topic at APNs. */
struct app {
    const char *name;    /* key below `apps`, 1..64 bytes */
    const char *backend; /* "fcm" or "apns": register-push-<backend> */
    bool is_default;     /* serves register-push-<backend> */
    int64_t ttl_s;       /* how long the provider keeps an undelivered push */

    /* backend "fcm" */
    const char *service_account_file; /* JSON key from the Google console */

    /* backend "apns" */
    const char *topic; /* the bundle id */
    enum apns_environment environment;
    enum apns_push_type push_type;
    const char *key_file; /* .p8 token key … */
    const char *key_id;
    const char *team_id;
    const char *certificate_file;     /* … or PEM or .p12 certificate */
    const char *certificate_key_file; /* NULL: in the certificate's file */
    const char *certificate_password; /* of the key or the .p12, or NULL */
};

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
        int64_t retry_first_s; /* a failed push is tried again after this … */
        int64_t retry_ttl_s;   /* … and later, for this long */
    } push;
    struct {
        const char *base_url;
        const char *ca_file; /* NULL: the system's */
    } fcm;
    struct {
        const char *production_url;
        const char *sandbox_url;
        const char *ca_file;
    } apns;
    size_t app_count;
    struct app apps[APPS_MAX];
    struct config *source; /* owns the strings */
};

/* Everything that main does before its own work: reads the command line
 * (--config FILE --check-config --print-config --version --help), then the
 * configuration, and sets up the log.
 *
 * `program` is "wakebus-registry" and so on; it decides which members are
 * required. Returns -1 when the process shall go on, with `settings` filled,
 * to be freed by settings_release. Else the status to exit with: 0 after
 * --help and the like, 64 for a wrong command line, 78 when the configuration
 * has faults, each of which was then printed with its member and the remedy.
 */
int settings_start(struct settings *settings, const char *program, int argc,
                   char **argv);
void settings_release(struct settings *settings);

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

/* The names of a backend's apps, borrowed from `settings`: for hello. */
struct name_list settings_apps_of(const struct settings *settings,
                                  const char *backend);

#endif
