/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/rules.h"

#include "common/http_address.h"
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 2200 };

/* ---- the bus ---- */

static bool starts_with_any(const char *text, const char *const *prefixes)
{
    for (; *prefixes != NULL; prefixes++) {
        if (strncmp(text, *prefixes, strlen(*prefixes)) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_endpoint(const char *text)
{
    static const char IPC[] = "ipc://";
    static const char TCP[] = "tcp://";
    const char *colon = strrchr(text, ':');

    if (strncmp(text, IPC, strlen(IPC)) == 0) {
        return text[strlen(IPC)] != '\0';
    }
    return strncmp(text, TCP, strlen(TCP)) == 0 && colon > text + strlen(TCP) &&
           http_address_is_port(colon + 1);
}

/* Whoever reaches the bus can read tokens and forge answers: without keys it
 * stays on this host. */
static void refuse_far(config_t *config, const char *path)
{
    config_fault(config, path, "not on this host, and the bus has no keys",
                 "give bus.curve_key_file and bus.curve_authorized_dir "
                 "(wakebusctl keygen makes them), or stay on ipc:// or "
                 "loopback");
}

static void check_endpoint(config_t *config, const char *path,
                           const char *value, bool has_keys)
{
    static const char *const LOCAL[] = {
        "ipc://", "tcp://127.", "tcp://[::1]:", "tcp://localhost:", NULL};

    if (value != NULL && !is_endpoint(value)) {
        config_fault(config, path, "not an endpoint",
                     "write it as tcp://host:5750 or ipc:///path");
    } else if (value != NULL && !has_keys && !starts_with_any(value, LOCAL)) {
        refuse_far(config, path);
    }
}

static void check_endpoints(config_t *config, const struct settings *settings,
                            bool has_keys)
{
    static const char *const LOCAL[] = {"auto", "127.", "[::1]", NULL};
    const char *advertise = settings->bus.advertise;

    check_endpoint(config, "bus.bind", settings->bus.bind, has_keys);
    for (size_t i = 0; i < settings->bus.frontends.count; i++) {
        check_endpoint(config, "bus.frontends",
                       settings->bus.frontends.items[i], has_keys);
    }
    if (advertise != NULL && !has_keys && !starts_with_any(advertise, LOCAL)) {
        refuse_far(config, "bus.advertise");
    }
}

/* The operator's tool reads the same file as the services, which name their
 * own key there, maybe one that only systemd hands them: then its own is where
 * keygen has put it. */
static void find_key(char out[PATH_SIZE], const struct settings *settings,
                     const char *role)
{
    const char *configured = settings->bus.curve_key_file;
    char beside[PATH_SIZE];

    snprintf(out, PATH_SIZE, "%s", configured);
    if (strcmp(role, ROLE_OPERATOR) == 0 && access(configured, F_OK) != 0) {
        snprintf(beside, sizeof beside, "%s",
                 settings->bus.curve_authorized_dir);
        snprintf(out, PATH_SIZE, "%.2000s/%s.key_secret", dirname(beside),
                 role);
    }
}

static void read_keys(config_t *config, struct settings *settings,
                      const char *role)
{
    char path[PATH_SIZE];
    struct fault fault;

    find_key(path, settings, role);
    settings->bus.keys = keyring_open(path, role, &fault);
    if (settings->bus.keys == NULL) {
        config_fault(config, "bus.curve_key_file", fault.why, fault.remedy);
    } else if (keyring_admit(settings->bus.keys,
                             settings->bus.curve_authorized_dir, &fault) != 0) {
        config_fault(config, "bus.curve_authorized_dir", fault.why,
                     fault.remedy);
    }
}

/* "wakebus-registry" is a registry, and wakebusctl itself. */
static const char *role_of(const char *program)
{
    static const char PREFIX[] = "wakebus-";

    return strncmp(program, PREFIX, strlen(PREFIX)) == 0
               ? program + strlen(PREFIX)
               : program;
}

static void check_bus(config_t *config, struct settings *settings,
                      const char *program)
{
    bool own = settings->bus.curve_key_file != NULL;
    bool others = settings->bus.curve_authorized_dir != NULL;

    if (settings->bus.frontends.count == 0) {
        config_fault(config, "bus.frontends", "empty",
                     "name the inbox of one frontend at least");
    }
    check_endpoints(config, settings, own || others);
    if (own != others) {
        config_fault(config,
                     own ? "bus.curve_authorized_dir" : "bus.curve_key_file",
                     "missing", "the bus needs both, or neither");
    } else if (own) {
        read_keys(config, settings, role_of(program));
    }
}

/* ---- the others ---- */

/* A name with '@' or '/' is a user's, which no component has. */
static void check_jid(config_t *config, const char *jid)
{
    if (jid != NULL && strpbrk(jid, "@/ \t\r\n") != NULL) {
        config_fault(config, "xmpp.jid", "not a domain",
                     "write it as in the XMPP server: push.example.org");
    }
}

void rules_check_http(config_t *config, const char *bind)
{
    struct http_address address;

    if (bind != NULL && http_address_read(&address, bind) != 0) {
        config_fault(config, "http.bind", "not an address with a port",
                     "write it as 127.0.0.1:9750 or [::1]:9750");
    }
}

/* A scheme and a host: paths are put behind it. */
static bool is_site(const char *url, const char *scheme)
{
    const char *host = url + strlen(scheme);

    return strncmp(url, scheme, strlen(scheme)) == 0 && *host != '\0' &&
           strpbrk(host, "/?# \t\r\n") == NULL;
}

/* Without TLS nothing is sent. */
static void check_url(config_t *config, const char *path, const char *url)
{
    if (url != NULL && !is_site(url, "https://")) {
        config_fault(config, path, "not an https URL of a host",
                     "write it as https://host or https://host:port, without a "
                     "slash at its end");
    }
}

/* Google's metadata servers have no TLS: they are on this machine. */
static void check_metadata_url(config_t *config, const char *url)
{
    if (url != NULL && !is_site(url, "http://")) {
        config_fault(config, "fcm.metadata_url", "not an http URL of a host",
                     "leave it out, or write it as http://host or "
                     "http://host:port, without a slash at its end");
    }
}

/* An app at `path` has one of these credentials, or the other. Returns whether
 * it is so. */
static bool check_credentials(config_t *config, const char *path,
                              const char *one, const char *other,
                              const char *remedy)
{
    bool has_one = one != NULL;

    if (has_one != (other != NULL)) {
        return true;
    }
    config_fault(config, path,
                 has_one ? "has two credentials" : "has no credentials",
                 remedy);
    return false;
}

static void check_fcm(config_t *config, const char *path, const struct app *app)
{
    check_credentials(config, path, app->service_account_file, app->project_id,
                      "give service_account_file, or on Google's cloud "
                      "project_id");
}

static void check_apns(config_t *config, const char *path,
                       const struct app *app)
{
    if (check_credentials(
            config, path, app->key_file, app->certificate_file,
            "give key_file, key_id and team_id, or certificate_file") &&
        app->key_file != NULL &&
        (app->key_id == NULL || app->team_id == NULL)) {
        config_fault(config, path, "has a key_file but lacks its names",
                     "give key_id and team_id as well");
    }
}

/* Is this app of that backend, and `program` the sender that serves it? */
static bool serves(const char *program, const struct app *app,
                   const char *backend)
{
    char sender[64];

    snprintf(sender, sizeof sender, "wakebus-%s-sender", backend);
    return app->backend != NULL && strcmp(app->backend, backend) == 0 &&
           strcmp(program, sender) == 0;
}

static void check_apps(config_t *config, const struct settings *settings,
                       const char *program)
{
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        char path[128];
        snprintf(path, sizeof path, "apps.%s", app->name);
        if (serves(program, app, "apns")) {
            check_apns(config, path, app);
        } else if (serves(program, app, "fcm")) {
            check_fcm(config, path, app);
        }
    }
}

void rules_check(config_t *config, struct settings *settings,
                 const char *program)
{
    check_bus(config, settings, program);
    check_jid(config, settings->xmpp.jid);
    rules_check_http(config, settings->http.bind);
    check_url(config, "fcm.base_url", settings->fcm.base_url);
    check_metadata_url(config, settings->fcm.metadata_url);
    check_url(config, "apns.production_url", settings->apns.production_url);
    check_url(config, "apns.sandbox_url", settings->apns.sandbox_url);
    check_apps(config, settings, program);
}
