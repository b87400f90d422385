/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/command_line.h"

#include "common/config.h"
#include "tests/support/captured.h"
#include "tests/support/cmocka_test.h"
#include "tests/support/scratch_dir.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#define FRONTEND "wakebus-xmpp-frontend"
#define REGISTRY "wakebus-registry"
#define FCM "wakebus-fcm-sender"
#define APNS "wakebus-apns-sender"

#define XMPP "\"xmpp\":{\"jid\":\"push.example.org\",\"secret\":\"s3cret\"}"

/* What a process that goes on exits with here; no status of sysexits. */
enum { WENT_ON = 3 };

struct start {
    const char *program;
    const char *file; /* of the configuration, or NULL: the default one */
    const char *arguments[4];
    const char *variables[4];
};

static int start(void *arg)
{
    const struct start *s = arg;
    const char *argv[8] = {s->program};
    struct settings_origin origin = {.program = s->program};
    const struct settings *settings;
    struct self_test_request test;
    int argc = 1;

    optind = 0; /* a new command line */
    for (size_t i = 0; s->variables[i] != NULL; i++) {
        putenv(strdup(s->variables[i]));
    }
    if (s->file != NULL) {
        scratch_file("c.json", s->file);
        argv[argc++] = "--config";
        argv[argc++] = "c.json";
    }
    for (size_t i = 0; s->arguments[i] != NULL; i++) {
        argv[argc++] = s->arguments[i];
    }
    int status = command_line_start(&settings, &test, &origin, argc,
                                    (char **)(uintptr_t)argv);
    if (status >= 0) {
        return status;
    }
    settings_release(&settings);
    settings_release(&settings); /* idempotent */
    return WENT_ON;
}

static void run(struct captured *captured, const struct start *s)
{
    struct start copy = *s;

    capture(captured, start, &copy);
}

/* The only line of faults is this one; `line` is without the file's name. */
static void assert_one_fault(const struct captured *c, const char *program,
                             const char *line)
{
    char expected[600];

    snprintf(expected, sizeof expected,
             "c.json: %s\n%s: 1 fault in the configuration\n", line, program);
    assert_string_equal(c->err, expected);
    assert_int_equal(c->status, EX_CONFIG);
}

/* In this process: there must be no faults. */
static const struct settings *load(const char *program, const char *file)
{
    static struct settings_origin origin; /* outlives the settings */

    origin = (struct settings_origin){.program = program, .file = "c.json"};
    scratch_file("c.json", file);
    const struct settings *settings = settings_read(&origin);
    assert_int_equal(notes_count(config_notes(settings->source), NOTE_FAULT),
                     0);
    return settings;
}

/* ---- the command line ---- */

static void command_line__decides_how_it_ends(void **state)
{
    static const struct {
        struct start start;
        int status;
        const char *out, *err; /* how they begin */
    } cases[] = {
        {{REGISTRY, "{}", {NULL}, {NULL}}, WENT_ON, "", ""},
        {{REGISTRY, "{}", {"--check-config"}, {NULL}}, EX_OK, "", ""},
        {{REGISTRY, "{}", {"--print-config"}, {NULL}}, EX_OK, "{\n", ""},
        {{REGISTRY, NULL, {"--help"}, {NULL}},
         EX_OK,
         "Usage: wakebus-registry ",
         ""},
        {{REGISTRY, NULL, {"--version"}, {NULL}},
         EX_OK,
         "wakebus-registry 0.",
         ""},
        {{REGISTRY, NULL, {"--halp"}, {NULL}},
         EX_USAGE,
         "",
         "wakebus-registry: unrecognized option '--halp'\n"
         "Try: wakebus-registry --help\n"},
        {{REGISTRY, NULL, {"--config"}, {NULL}},
         EX_USAGE,
         "",
         "wakebus-registry: option '--config' requires an argument\n"},
        {{REGISTRY, NULL, {"more"}, {NULL}},
         EX_USAGE,
         "",
         "wakebus-registry: unexpected argument: more\n"},
        {{REGISTRY, NULL, {"--config", "none.json"}, {NULL}},
         EX_CONFIG,
         "",
         "none.json: none.json: No such file or directory; "
         "give a file to --config\n"},
        {{REGISTRY, "{\"on\":1}", {"--check-config"}, {NULL}},
         EX_CONFIG,
         "",
         "c.json: on: unknown member"},
        {{REGISTRY, "{\"on\":1}", {"--print-config"}, {NULL}},
         EX_CONFIG,
         "",
         "c.json: on: unknown member"},
    };
    static struct captured c;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        run(&c, &cases[i].start);
        assert_int_equal(c.status, cases[i].status);
        assert_memory_equal(c.out, cases[i].out, strlen(cases[i].out));
        assert_memory_equal(c.err, cases[i].err, strlen(cases[i].err));
        assert_int_equal(c.out[0] == '\0', cases[i].out[0] == '\0');
        assert_int_equal(c.err[0] == '\0', cases[i].err[0] == '\0');
    }
}

static void help__lists_every_member(void **state)
{
    static const char *const members[] = {
        "  xmpp.host  ",        "  xmpp.secret  ",
        "  bus.frontends  ",    "  redis.url  ",
        "  http.bind  ",        "  push.deadline_ms  ",
        "  apns.sandbox_url  ", "  backend  ",
        "  default  ",          "  service_account_file  ",
        "  key_file  ",         "  certificate_password ",
        "  payload  ",          "  priority  ",
        "  collapse  ",         "  forward_encrypted  ",
        "  direct_boot_ok  ",   "  restricted_package  "};
    static struct captured c;

    (void)state;
    run(&c, &(struct start){REGISTRY, NULL, {"--help"}, {NULL}});
    for (size_t i = 0; i < COUNT(members); i++) {
        assert_non_null(strstr(c.out, members[i]));
    }
}

static void print_config__masks_secrets(void **state)
{
    static struct captured c;

    (void)state;
    scratch_file("pw", "fr0mfile\n");
    run(&c,
        &(struct start){APNS,
                        "{" XMPP ",\"redis\":{\"url\":\"redis://:pa55@h/0\"},"
                        "\"apps\":{\"i\":{\"backend\":\"apns\","
                        "\"topic\":\"t\",\"certificate_file\":\"c.pem\","
                        "\"certificate_password_file\":\"pw\"}}}",
                        {"--print-config"},
                        {"WAKEBUS_XMPP_HOST=192.0.2.1"}});
    assert_int_equal(c.status, EX_OK);
    assert_null(strstr(c.out, "s3cret"));
    assert_null(strstr(c.out, "pa55"));
    assert_null(strstr(c.out, "fr0mfile"));
    assert_non_null(strstr(c.out, "\"secret\": \"********\""));
    assert_non_null(strstr(c.out, "\"url\": \"********\""));
    assert_non_null(strstr(c.out, "\"certificate_password\": \"********\""));
    assert_non_null(strstr(c.out, "\"jid\": \"push.example.org\""));
    assert_non_null(strstr(c.out, "\"host\": \"192.0.2.1\""));
    assert_non_null(strstr(c.out, "\"port\": 5347"));
}

static void print_config__shows_payloads_as_they_are(void **state)
{
    static struct captured c;

    (void)state;
    run(&c, &(struct start){FCM,
                            "{\"apps\":{\"a\":{\"backend\":\"fcm\","
                            "\"service_account_file\":\"f\",\"payload\":"
                            "{\"data\":{\"from\":[1],\"a.b\":null}}}}}",
                            {"--print-config"},
                            {"WAKEBUS_APPS_A_FORWARD_ENCRYPTED=true"}});
    assert_int_equal(c.status, EX_OK);
    json_t *shown = json_loads(c.out, 0, NULL);
    json_t *app = json_object_get(json_object_get(shown, "apps"), "a");
    char *payload = json_dumps(json_object_get(app, "payload"), JSON_COMPACT);
    assert_string_equal(payload, "{\"data\":{\"from\":[1],\"a.b\":null}}");
    assert_true(json_is_true(json_object_get(app, "forward_encrypted")));
    assert_string_equal(json_string_value(json_object_get(app, "collapse")),
                        "none");
    assert_string_equal(json_string_value(json_object_get(app, "priority")),
                        "auto");
    free(payload);
    json_decref(shown);
}

/* ---- rules ---- */

static void bus__without_keys_is_on_loopback_only(void **state)
{
    static const struct {
        const char *file, *fault;
    } cases[] = {
        {"{\"bus\":{\"bind\":\"tcp://127.0.0.1:1\"}}", NULL},
        {"{\"bus\":{\"bind\":\"tcp://127.9.9.9:1\"}}", NULL},
        {"{\"bus\":{\"bind\":\"tcp://[::1]:1\"}}", NULL},
        {"{\"bus\":{\"bind\":\"tcp://localhost:1\"}}", NULL},
        {"{\"bus\":{\"bind\":\"ipc:///run/wakebus\"}}", NULL},
        {"{\"bus\":{\"frontends\":[\"ipc:///a\",\"tcp://localhost:1\"]}}",
         NULL},
        {"{\"bus\":{\"bind\":\"tcp://*:5750\"}}", "bus.bind"},
        {"{\"bus\":{\"bind\":\"tcp://0.0.0.0:5750\"}}", "bus.bind"},
        {"{\"bus\":{\"bind\":\"tcp://[::]:5750\"}}", "bus.bind"},
        {"{\"bus\":{\"bind\":\"tcp://localhost.example:1\"}}", "bus.bind"},
        {"{\"bus\":{\"bind\":\"tcp://192.0.2.1:1\"}}", "bus.bind"},
        {"{\"bus\":{\"frontends\":[\"ipc:///a\",\"tcp://frontend:1\"]}}",
         "bus.frontends"},
        {"{\"bus\":{\"advertise\":\"127.0.0.2\"}}", NULL},
        {"{\"bus\":{\"advertise\":\"192.0.2.1\"}}", "bus.advertise"},
    };
    static const char REMEDY[] =
        "give bus.curve_key_file and bus.curve_authorized_dir (wakebusctl "
        "keygen makes them), or stay on ipc:// or loopback";
    static struct captured c;
    char line[300];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        run(&c, &(struct start){REGISTRY, cases[i].file, {NULL}, {NULL}});
        if (cases[i].fault == NULL) {
            assert_string_equal(c.err, "");
            assert_int_equal(c.status, WENT_ON);
            continue;
        }
        snprintf(line, sizeof line,
                 "%s: not on this host, and the bus has no keys; %s",
                 cases[i].fault, REMEDY);
        assert_one_fault(&c, REGISTRY, line);
    }
}

#define HTTP_FAULT                                                             \
    "http.bind: not an address with a port; write it as 127.0.0.1:9750 or "    \
    "[::1]:9750"

static void http__has_an_address_or_is_off(void **state)
{
    static struct captured c;
    const struct settings *s;

    (void)state;
    s = load(REGISTRY, "{}");
    assert_null(s->http.bind);
    settings_release(&s);
    s = load(REGISTRY, "{\"http\":{\"bind\":\"[::]:9750\"}}");
    assert_string_equal(s->http.bind, "[::]:9750");
    settings_release(&s);
    run(&c, &(struct start){
                REGISTRY, "{\"http\":{\"bind\":\"9750\"}}", {NULL}, {NULL}});
    assert_one_fault(&c, REGISTRY, HTTP_FAULT);
}

struct bind_case {
    const char *file;
    const char *variable; /* of the environment, or NULL */
    const char *bind;     /* printed; "none" */
    const char *err;
    int status;
};

static int print_http_bind(void *arg)
{
    const struct bind_case *bind_case = arg;
    char *bind;

    if (bind_case->variable != NULL) {
        putenv(strdup(bind_case->variable));
    }
    scratch_file("c.json", bind_case->file);
    int status = settings_http_bind("c.json", &bind);
    fputs(bind != NULL ? bind : "none", stdout);
    free(bind);
    return status;
}

/* A probe that finds fault with what its process does not mind would have that
 * process ended. */
static void http_bind__is_read_without_the_rest(void **state)
{
    static const struct bind_case cases[] = {
        {"{}", NULL, "none", "", EX_OK},
        {"{\"http\":{\"bind\":\"a:1\"},\"x\":1,\"xmpp\":3}", NULL, "a:1", "",
         EX_OK},
        {"{\"http\":{\"bind\":\"a:1\"}}", "WAKEBUS_HTTP_BIND=b:2", "b:2", "",
         EX_OK},
        {"{\"http\":{\"bind\":\"a\"}}", NULL, "none",
         "c.json: " HTTP_FAULT "\n", EX_CONFIG},
    };
    static struct captured c;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bind_case bind_case = cases[i];
        capture(&c, print_http_bind, &bind_case);
        assert_string_equal(c.out, cases[i].bind);
        assert_string_equal(c.err, cases[i].err);
        assert_int_equal(c.status, cases[i].status);
    }
}

/* A pair of files as wakebusctl keygen makes them. */
static void make_keys(const char *role)
{
    zcert_t *cert = zcert_new();

    zcert_set_meta(cert, "role", "%s", role);
    mkdir("authorized", 0700);
    assert_int_equal(zcert_save_secret(cert, "own"), 0);
    assert_int_equal(zcert_save_public(cert, "authorized/own.key"), 0);
    zcert_destroy(&cert);
}

static void bus__with_keys_may_be_anywhere(void **state)
{
#define KEYS ",\"curve_key_file\":\"own\",\"curve_authorized_dir\":"
    static const struct {
        const char *file, *fault;
    } cases[] = {
        {"{\"bus\":{\"bind\":\"tcp://*:1\"" KEYS "\"authorized\"}}", NULL},
        {"{\"bus\":{\"advertise\":\"192.0.2.1\"" KEYS "\"authorized\"}}", NULL},
        {"{\"bus\":{\"bind\":\"tcp://*:1\"" KEYS "\"none\"}}",
         "bus.curve_authorized_dir: cannot be read: No such file or directory; "
         "make the keys with wakebusctl keygen"},
        {"{\"bus\":{\"bind\":\"tcp://*:1\",\"curve_key_file\":\"own\"}}",
         "bus.curve_authorized_dir: missing; the bus needs both, or neither"},
        {"{\"bus\":{\"curve_authorized_dir\":\"authorized\"}}",
         "bus.curve_key_file: missing; the bus needs both, or neither"},
    };
    static struct captured c;

    (void)state;
    make_keys("registry");
    for (size_t i = 0; i < COUNT(cases); i++) {
        run(&c, &(struct start){REGISTRY, cases[i].file, {NULL}, {NULL}});
        if (cases[i].fault == NULL) {
            assert_string_equal(c.err, "");
            assert_int_equal(c.status, WENT_ON);
        } else {
            assert_one_fault(&c, REGISTRY, cases[i].fault);
        }
    }
    make_keys("fcm-sender");
    run(&c, &(struct start){REGISTRY, cases[0].file, {NULL}, {NULL}});
    assert_one_fault(&c, REGISTRY,
                     "bus.curve_key_file: is the key of fcm-sender, not of "
                     "registry; name the file that was made for this role");
#undef KEYS
}

#define FCM_APP(members) "\"backend\":\"fcm\"" members
#define ACCOUNT ",\"service_account_file\":\"k.json\""
#define APNS_APP(members) "\"backend\":\"apns\"" members
#define TOPIC ",\"topic\":\"org.example.app\""
#define TOKEN_KEY ",\"key_file\":\"k.p8\",\"key_id\":\"K\",\"team_id\":\"T\""

static void app__has_what_its_sender_needs(void **state)
{
    static const char CREDENTIALS_REMEDY[] =
        "give key_file, key_id and team_id, or certificate_file";
    static const char GOOGLE_REMEDY[] =
        "give service_account_file, or on Google's cloud project_id";
    static const struct {
        const char *program, *members, *fault, *remedy;
    } cases[] = {
        {FCM, FCM_APP(ACCOUNT), NULL, NULL},
        {FCM, FCM_APP(ACCOUNT ",\"ttl_s\":0,\"default\":true"), NULL, NULL},
        {FCM, FCM_APP(",\"project_id\":\"p\""), NULL, NULL},
        {FCM, FCM_APP(), "apps.a: has no credentials", GOOGLE_REMEDY},
        {FCM, FCM_APP(ACCOUNT ",\"project_id\":\"p\""),
         "apps.a: has two credentials", GOOGLE_REMEDY},
        {FCM, FCM_APP(ACCOUNT ",\"ttl_s\":2419201"),
         "apps.a.ttl_s: 2419201 is not within 0 to 2419200",
         "seconds that FCM or APNs keep a push for a device that is off"},
        {FCM, FCM_APP(ACCOUNT TOPIC), "apps.a.topic: unknown member",
         "see --help for all that there are"},
        {APNS, APNS_APP(TOPIC TOKEN_KEY), NULL, NULL},
        {APNS,
         APNS_APP(TOPIC ",\"certificate_file\":\"c.p12\","
                        "\"certificate_password\":\"\""),
         NULL, NULL},
        {APNS, APNS_APP(TOKEN_KEY), "apps.a.topic: missing",
         "the app's bundle id, e.g. org.example.app"},
        {APNS, APNS_APP(TOPIC), "apps.a: has no credentials",
         CREDENTIALS_REMEDY},
        {APNS, APNS_APP(TOPIC TOKEN_KEY ",\"certificate_file\":\"c.p12\""),
         "apps.a: has two credentials", CREDENTIALS_REMEDY},
        {APNS, APNS_APP(TOPIC ",\"key_file\":\"k.p8\",\"key_id\":\"K\""),
         "apps.a: has a key_file but lacks its names",
         "give key_id and team_id as well"},
        {APNS, APNS_APP(TOPIC TOKEN_KEY ",\"environment\":\"test\""),
         "apps.a.environment: not one of: production sandbox",
         "production or sandbox"},
        /* The others need none of it. */
        {REGISTRY, FCM_APP(), NULL, NULL},
        {REGISTRY, APNS_APP(), NULL, NULL},
        {FCM, APNS_APP(), NULL, NULL},
        {APNS, FCM_APP(), NULL, NULL},
        /* Without a known backend its members cannot be judged. */
        {FCM, "\"topic\":\"t\",\"service_account_file\":\"k\"",
         "apps.a.backend: missing", "fcm or apns"},
        {FCM, "\"backend\":\"wns\"" TOPIC TOKEN_KEY,
         "apps.a.backend: not one of: fcm apns", "fcm or apns"},
    };
    static struct captured c;
    char file[400];
    char line[300];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(file, sizeof file, "{\"apps\":{\"a\":{%s}}}",
                 cases[i].members);
        run(&c, &(struct start){cases[i].program, file, {NULL}, {NULL}});
        if (cases[i].fault == NULL) {
            assert_string_equal(c.err, "");
            assert_int_equal(c.status, WENT_ON);
            continue;
        }
        snprintf(line, sizeof line, "%s; %s", cases[i].fault, cases[i].remedy);
        assert_one_fault(&c, cases[i].program, line);
    }
}

static void apps__have_names_and_are_objects(void **state)
{
    static const struct {
        const char *apps, *err; /* how the first line begins, or NULL */
    } cases[] = {
        {"{}", NULL},
        {"null", NULL},
        {"{\"a-b_c9\":{\"backend\":\"fcm\"}}", NULL},
        {"[]", "c.json: apps: not a JSON object"},
        {"{\"a\":1}", "c.json: apps.a.backend: missing"},
        {"{\"a.b\":{\"backend\":\"fcm\"}}",
         "c.json: apps: has a name that cannot be used"},
        {"{\"a/b\":{\"backend\":\"fcm\"}}",
         "c.json: apps: has a name that cannot be used"},
        {"{\"\":{\"backend\":\"fcm\"}}",
         "c.json: apps: has a name that cannot be used"},
        {"{\"01234567890123456789012345678901234567890123456789"
         "012345678901234\":{\"backend\":\"fcm\"}}",
         "c.json: apps: has a name that cannot be used"},
        {"{\"0123456789012345678901234567890123456789012345678901234567890123"
         "\":{\"backend\":\"fcm\"}}",
         NULL},
        {"{\"a\":{\"backend\":\"fcm\",\"default\":true},"
         "\"b\":{\"backend\":\"fcm\",\"default\":true}}",
         "c.json: apps: more than one default of a backend"},
        {"{\"a\":{\"backend\":\"fcm\",\"default\":true},"
         "\"b\":{\"backend\":\"apns\",\"default\":true}}",
         NULL},
    };
    static struct captured c;
    char file[300];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(file, sizeof file, "{\"apps\":%s}", cases[i].apps);
        run(&c, &(struct start){REGISTRY, file, {NULL}, {NULL}});
        if (cases[i].err == NULL) {
            assert_string_equal(c.err, "");
            assert_int_equal(c.status, WENT_ON);
        } else {
            assert_memory_equal(c.err, cases[i].err, strlen(cases[i].err));
            assert_int_equal(c.status, EX_CONFIG);
        }
    }
}

static void apps__are_at_most_64(void **state)
{
    static struct captured c;
    char file[4096];

    (void)state;
    for (int apps = APPS_MAX; apps <= APPS_MAX + 1; apps++) {
        size_t used = (size_t)snprintf(file, sizeof file, "{\"apps\":{");
        for (int i = 0; i < apps; i++) {
            used += (size_t)snprintf(file + used, sizeof file - used,
                                     "%s\"a%d\":{\"backend\":\"fcm\"}",
                                     i > 0 ? "," : "", i);
        }
        snprintf(file + used, sizeof file - used, "}}");
        run(&c, &(struct start){REGISTRY, file, {NULL}, {NULL}});
        assert_int_equal(c.status, apps == APPS_MAX ? WENT_ON : EX_CONFIG);
    }
    assert_non_null(
        strstr(c.err, "apps: more than 64; run several deployments\n"));
}

static void frontend__needs_a_jid_and_a_secret(void **state)
{
    static struct captured c;

    (void)state;
    run(&c, &(struct start){FRONTEND, "{}", {NULL}, {NULL}});
    assert_string_equal(
        c.err, "c.json: xmpp.jid: missing; "
               "domain of this component, e.g. push.example.org\n"
               "c.json: xmpp.secret: missing; "
               "the component's secret, as in the XMPP server\n"
               "wakebus-xmpp-frontend: 2 faults in the configuration\n");
    assert_int_equal(c.status, EX_CONFIG);
    scratch_file("secret", "s\n");
    run(&c, &(struct start){FRONTEND,
                            "{}",
                            {NULL},
                            {"WAKEBUS_XMPP_JID=push.example.org",
                             "WAKEBUS_XMPP_SECRET_FILE=secret"}});
    assert_string_equal(c.err, "");
    assert_int_equal(c.status, WENT_ON);
}

/* ---- what is in the struct ---- */

static void settings__have_their_defaults(void **state)
{
    const struct settings *s;

    (void)state;
    s = load(FRONTEND, "{" XMPP "}");
    assert_string_equal(s->xmpp.host, "127.0.0.1");
    assert_int_equal(s->xmpp.port, 5347);
    assert_int_equal(s->xmpp.ping_interval_s, 60);
    assert_int_equal(s->xmpp.ping_timeout_s, 25);
    assert_string_equal(s->xmpp.jid, "push.example.org");
    assert_string_equal(s->xmpp.secret, "s3cret");
    assert_int_equal(s->bus.frontends.count, 1);
    assert_string_equal(s->bus.frontends.items[0], s->bus.bind);
    assert_string_equal(s->bus.advertise, "auto");
    assert_string_equal(s->redis.url, "redis://127.0.0.1:6379/0");
    assert_int_equal(s->log.level, LEVEL_INFO);
    assert_int_equal(s->log.format, FORMAT_LOGFMT);
    assert_int_equal(s->push.deadline_ms, 10000);
    assert_int_equal(s->push.max_in_flight, 20000);
    assert_int_equal(s->push.coalesce_ms, 1000);
    assert_int_equal(s->limits.target_per_minute, 12);
    assert_int_equal(s->limits.target_burst, 60);
    assert_int_equal(s->limits.domain_per_second, 5000);
    assert_int_equal(s->limits.domain_burst, 60000);
    assert_int_equal(s->limits.user_registrations_per_hour, 60);
    assert_int_equal(s->limits.user_registrations_burst, 60);
    assert_int_equal(s->limits.domain_registrations_per_second, 200);
    assert_int_equal(s->limits.domain_registrations_burst, 60000);
    assert_string_equal(s->fcm.base_url, "https://fcm.googleapis.com");
    assert_null(s->fcm.ca_file);
    assert_string_equal(s->apns.production_url, "https://api.push.apple.com");
    assert_int_equal(s->app_count, 0);
    settings_release(&s);
}

static void apps__are_found_by_name_and_by_backend(void **state)
{
    const struct settings *s;

    (void)state;
    s = load(REGISTRY,
             "{\"log\":{\"level\":\"error\"},\"apps\":{"
             "\"c\":{\"backend\":\"fcm\",\"default\":true,\"ttl_s\":60},"
             "\"q\":{\"backend\":\"fcm\"},"
             "\"i\":{\"backend\":\"apns\",\"environment\":\"sandbox\"}}}");
    assert_int_equal(s->app_count, 3);
    assert_string_equal(settings_app(s, "q")->name, "q");
    assert_null(settings_app(s, "x"));
    assert_ptr_equal(settings_default_app(s, "fcm"), settings_app(s, "c"));
    assert_int_equal(settings_app(s, "c")->ttl_s, 60);
    assert_int_equal(settings_app(s, "q")->ttl_s, 2419200);
    /* The only app of a backend is its default, said or not. */
    assert_ptr_equal(settings_default_app(s, "apns"), settings_app(s, "i"));
    assert_int_equal(settings_app(s, "i")->environment, APNS_SANDBOX);
    assert_int_equal(settings_app(s, "i")->push_type, APNS_ALERT);
    assert_null(settings_default_app(s, "wns"));
    struct name_list fcm = settings_apps_of(s, "fcm");
    assert_int_equal(fcm.count, 2);
    assert_string_equal(fcm.items[0], "c");
    assert_string_equal(fcm.items[1], "q");
    assert_int_equal(settings_apps_of(s, "wns").count, 0);
    settings_release(&s);
}

static void apps__have_the_limits_of_all_unless_said(void **state)
{
    const struct settings *s;

    (void)state;
    s = load(REGISTRY,
             "{\"limits\":{\"target_per_minute\":30},\"apps\":{"
             "\"c\":{\"backend\":\"fcm\",\"default\":true},"
             "\"q\":{\"backend\":\"fcm\",\"limits\":{"
             "\"target_per_minute\":0,\"target_burst\":5,\"per_second\":9}}}}");
    const struct app *c = settings_app(s, "c");
    const struct app *q = settings_app(s, "q");
    assert_int_equal(c->limits.target_per_minute, 30);
    assert_int_equal(c->limits.target_burst, 60);
    assert_int_equal(c->limits.per_second, 0);
    assert_int_equal(q->limits.target_per_minute, 0);
    assert_int_equal(q->limits.target_burst, 5);
    assert_int_equal(q->limits.per_second, 9);
    assert_int_equal(q->limits.burst, 60000);
    settings_release(&s);
}

static void several_apps__have_no_default_unless_said(void **state)
{
    const struct settings *s;

    (void)state;
    s = load(
        REGISTRY,
        "{\"apps\":{\"c\":{\"backend\":\"fcm\"},\"q\":{\"backend\":\"fcm\"}}}");
    assert_null(settings_default_app(s, "fcm"));
    settings_release(&s);
}

static void registry__is_needed_unless_all_apps_are_stateless(void **state)
{
    static const struct {
        const char *apps;
        bool needed;
    } cases[] = {
        {"", true},
        {"\"c\":{\"backend\":\"fcm\"}", true},
        {"\"c\":{\"backend\":\"fcm\",\"stateless\":true}", false},
        {"\"c\":{\"backend\":\"fcm\",\"stateless\":true},"
         "\"i\":{\"backend\":\"apns\",\"stateless\":true}",
         false},
        {"\"c\":{\"backend\":\"fcm\",\"stateless\":true},"
         "\"i\":{\"backend\":\"apns\",\"stateless\":false}",
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[256];
        snprintf(json, sizeof json, "{\"apps\":{%s}}", cases[i].apps);
        const struct settings *s = load(REGISTRY, json);
        assert_int_equal(settings_need_registry(s), cases[i].needed);
        settings_release(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_line__decides_how_it_ends),
        cmocka_unit_test(help__lists_every_member),
        cmocka_unit_test(print_config__masks_secrets),
        cmocka_unit_test(print_config__shows_payloads_as_they_are),
        cmocka_unit_test(bus__without_keys_is_on_loopback_only),
        cmocka_unit_test(bus__with_keys_may_be_anywhere),
        cmocka_unit_test(http__has_an_address_or_is_off),
        cmocka_unit_test(http_bind__is_read_without_the_rest),
        cmocka_unit_test(app__has_what_its_sender_needs),
        cmocka_unit_test(apps__have_names_and_are_objects),
        cmocka_unit_test(apps__are_at_most_64),
        cmocka_unit_test(frontend__needs_a_jid_and_a_secret),
        cmocka_unit_test(settings__have_their_defaults),
        cmocka_unit_test(apps__are_found_by_name_and_by_backend),
        cmocka_unit_test(apps__have_the_limits_of_all_unless_said),
        cmocka_unit_test(several_apps__have_no_default_unless_said),
        cmocka_unit_test(registry__is_needed_unless_all_apps_are_stateless),
    };
    return cmocka_run_group_tests(tests, scratch_dir_enter, scratch_dir_leave);
}
