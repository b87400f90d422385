/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/apns.h"

#include <assert.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum {
    OUTAGE_RETRY_S = 15 * 60, /* "after 15 minutes, you can retry" */
    DEVICE_RETRY_S = 60,      /* too many for one device; Apple names none */
    UPDATES_RETRY_S = 5 * 60, /* a new token less than 20 minutes ago */
    SHUTDOWN_RETRY_S = 10,
};

static const char OUR_BUG[] =
    "Apple finds fault with the request itself: check payload; if it is right, "
    "please report it";
static const char CHECK_DEVICE[] =
    "the device is of another environment or app, unless it is only this one: "
    "check environment and topic";
static const char CHECK_TOPIC[] =
    "check topic: it must be the app's bundle id, and the key or certificate "
    "must be valid for it";
static const char CHECK_KEY[] =
    "check key_file, key_id and team_id, and on Apple's developer site that "
    "the key was not revoked";
static const char CHECK_KEY_ENVIRONMENT[] =
    "the key is of the other environment: check environment, or make a key "
    "for both";
static const char CHECK_CERTIFICATE[] =
    "renew certificate_file on Apple's developer site, for this environment";
static const char CHECK_CLOCK[] =
    "Apple finds our token too old: check this machine's clock";
static const char CHECK_URL[] =
    "check apns.production_url and apns.sandbox_url";
static const char TOO_MANY_UPDATES[] =
    "too many processes sign tokens with this key: run fewer of them, and do "
    "not restart them in a loop";
static const char TRY_LATER[] =
    "Apple is in trouble: see developer.apple.com/system-status";

/* ---- requests ---- */

static bool is_hex(const char *text)
{
    return text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

/* A UUID (version 4 in form) that depends on the job alone: a push that is
 * sent again keeps its id. */
static void format_id(const char *job, char out[37])
{
    unsigned char h[EVP_MAX_MD_SIZE];

    int done = EVP_Digest(job, strlen(job), h, NULL, EVP_sha256(), NULL);
    assert(done == 1);
    h[6] = (unsigned char)((h[6] & 0x0f) | 0x40);
    h[8] = (unsigned char)((h[8] & 0x3f) | 0x80);
    snprintf(out, 37,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9], h[10],
             h[11], h[12], h[13], h[14], h[15]);
}

static void add_headers(const struct app *app,
                        const struct push_request *request, const char *job,
                        int64_t unix_ms, struct call *call)
{
    bool alert = app->push_type == APNS_ALERT;
    bool now = alert && app_is_urgent(app, request->priority);
    int64_t expiration = app->ttl_s > 0 ? unix_ms / 1000 + app->ttl_s : 0;
    char id[37];

    format_id(job, id);
    call_add_header(call, "content-type: application/json");
    call_add_header(call, "apns-push-type: %s", alert ? "alert" : "background");
    call_add_header(call, "apns-priority: %d", now ? 10 : 5);
    call_add_header(call, "apns-expiration: %lld", (long long)expiration);
    call_add_header(call, "apns-topic: %s", app->topic);
    call_add_header(call, "apns-id: %s", id);
    /* A push that arrives twice, or after another for the same chat, shows
     * once. */
    const char *chat =
        request->channel != NULL ? request->channel : request->device;
    if (chat != NULL && app->collapse == COLLAPSE_ACCOUNT) {
        call_add_header(call, "apns-collapse-id: %.64s", chat);
    }
}

/* ---- answers ---- */

struct row {
    const char *reason; /* NULL in the rows by status */
    long from, to;      /* statuses: for a reason those it comes with */
    enum push_verdict verdict;
    enum reach reach;
    enum again again;
    int64_t retry_after_s;
    const char *remedy;
};

#define REFUSED PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0, OUR_BUG
#define DOUBTED PUSH_GONE, REACH_DOUBT, AGAIN_NOT, 0, CHECK_DEVICE
#define DEAD PUSH_GONE, REACH_PROOF, AGAIN_NOT, 0, NULL
#define OURS(remedy) PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0, remedy
#define OUTAGE PUSH_LATER, REACH_APP, AGAIN_NOT, OUTAGE_RETRY_S, TRY_LATER

/* Every reason that Apple documents. */
static const struct row BY_REASON[] = {
    {"BadCollapseId", 400, 400, REFUSED},
    {"BadDeviceToken", 400, 400, DOUBTED},
    {"BadExpirationDate", 400, 400, REFUSED},
    {"BadMessageId", 400, 400, REFUSED},
    {"BadPriority", 400, 400, REFUSED},
    {"BadTopic", 400, 400, OURS(CHECK_TOPIC)},
    {"DeviceTokenNotForTopic", 400, 400, DOUBTED},
    {"DuplicateHeaders", 400, 400, REFUSED},
    {"IdleTimeout", 400, 400, PUSH_LATER, REACH_NONE, AGAIN_RECONNECTED, 0,
     NULL},
    {"InvalidPushType", 400, 400, REFUSED},
    {"MissingDeviceToken", 400, 400, REFUSED},
    {"MissingTopic", 400, 400, OURS(CHECK_TOPIC)},
    {"PayloadEmpty", 400, 400, REFUSED},
    {"TopicDisallowed", 400, 400, OURS(CHECK_TOPIC)},
    {"BadCertificate", 403, 403, OURS(CHECK_CERTIFICATE)},
    {"BadCertificateEnvironment", 403, 403, OURS(CHECK_CERTIFICATE)},
    {"BadEnvironmentKeyIdInToken", 403, 403, OURS(CHECK_KEY_ENVIRONMENT)},
    /* The connection stays spoilt: a good token on it is refused as well. */
    {"ExpiredProviderToken", 403, 403, PUSH_MISCONFIGURED, REACH_APP,
     AGAIN_BOTH, 0, CHECK_CLOCK},
    {"Forbidden", 403, 403, OURS(CHECK_KEY)},
    {"InvalidProviderToken", 403, 403, OURS(CHECK_KEY)},
    {"MissingProviderToken", 403, 403, OURS(CHECK_KEY)},
    {"UnrelatedKeyIdInToken", 403, 403, PUSH_MISCONFIGURED, REACH_APP,
     AGAIN_RECONNECTED, 0, CHECK_KEY},
    {"BadPath", 404, 404, OURS(CHECK_URL)},
    {"MethodNotAllowed", 405, 405, REFUSED},
    {"ExpiredToken", 410, 410, DEAD},
    {"Unregistered", 410, 410, DEAD},
    {"PayloadTooLarge", 413, 413, REFUSED},
    {"TooManyProviderTokenUpdates", 429, 429, PUSH_LATER, REACH_APP, AGAIN_NOT,
     UPDATES_RETRY_S, TOO_MANY_UPDATES},
    {"TooManyRequests", 429, 429, PUSH_LATER, REACH_PUSH, AGAIN_NOT,
     DEVICE_RETRY_S, NULL},
    {"InternalServerError", 500, 500, OUTAGE},
    {"ServiceUnavailable", 503, 503, OUTAGE},
    {"Shutdown", 503, 503, PUSH_LATER, REACH_NONE, AGAIN_RECONNECTED,
     SHUTDOWN_RETRY_S, TRY_LATER},
};

/* For answers without a known reason; the first row that fits. */
static const struct row BY_STATUS[] = {
    {NULL, 200, 200, PUSH_SENT, REACH_PROOF, AGAIN_NOT, 0, NULL},
    {NULL, 403, 403, OURS(CHECK_KEY)},
    {NULL, 404, 404, OURS(CHECK_URL)},
    {NULL, 410, 410, PUSH_GONE, REACH_PUSH, AGAIN_NOT, 0, NULL},
    {NULL, 429, 429, PUSH_LATER, REACH_PUSH, AGAIN_NOT, DEVICE_RETRY_S, NULL},
    {NULL, 400, 499, REFUSED},
    {NULL, 500, 599, OUTAGE},
    {NULL, 0, 999, OURS(CHECK_URL)},
};

static const struct row *find_row(long status, const char *reason)
{
    for (size_t i = 0; reason != NULL && status != 200 &&
                       i < sizeof BY_REASON / sizeof *BY_REASON;
         i++) {
        if (strcmp(BY_REASON[i].reason, reason) == 0) {
            return &BY_REASON[i];
        }
    }
    const struct row *row = BY_STATUS;
    while (status < row->from || status > row->to) {
        row++;
    }
    return row;
}

static void judge(long status, const char *reason, int64_t since_ms,
                  struct judgement *judgement)
{
    const struct row *row = find_row(status, reason);
    char by_status[32];

    *judgement = (struct judgement){.verdict = row->verdict,
                                    .since_ms = since_ms,
                                    .retry_after_s = row->retry_after_s,
                                    .again = row->again,
                                    .reach = row->reach,
                                    .remedy = row->remedy};
    snprintf(by_status, sizeof by_status, "http-%ld", status);
    if (status == 200) {
        judgement_set_reason(judgement, "ok");
    } else {
        judgement_set_reason(judgement, reason != NULL ? reason : by_status);
    }
}

void apns_judge(const struct http_response *response,
                struct judgement *judgement)
{
    json_t *root = json_loadb(response->body, response->size, 0, NULL);
    const char *reason = json_string_value(json_object_get(root, "reason"));
    int64_t since_ms = json_integer_value(json_object_get(root, "timestamp"));

    judge(response->status, reason, since_ms > 0 ? since_ms : 0, judgement);
    if (judgement->verdict == PUSH_LATER &&
        response->retry_after_s > judgement->retry_after_s) {
        judgement->retry_after_s = response->retry_after_s;
    }
    json_decref(root);
}

int apns_compose(const struct apns_form *form,
                 const struct push_request *request, const char *job,
                 int64_t unix_ms, struct call *call,
                 struct judgement *judgement)
{
    size_t length = strlen(request->token);

    if ((request->device != NULL && !is_hex(request->device)) ||
        (request->channel != NULL && !is_hex(request->channel))) {
        *judgement =
            (struct judgement){.verdict = PUSH_REFUSED, .reach = REACH_PUSH};
        judgement_set_reason(judgement, "device");
        return -1;
    }
    if (length % 2 != 0 || !is_hex(request->token)) {
        judge(400, "BadDeviceToken", 0, judgement);
        return -1;
    }
    int printed = asprintf(&call->path, "/3/device/%s", request->token);
    assert(printed > 0);
    call->body = payload_write(form->payload, request,
                               app_is_urgent(form->app, request->priority),
                               &call->forwarding);
    add_headers(form->app, request, job, unix_ms, call);
    return 0;
}

/* ---- --self-test ---- */

const char *const APNS_TRIAL_REASONS[] = {"BadDeviceToken", "Unregistered",
                                          NULL};

/* The form of a token, which Apple gave to nobody. There is no way to have
 * Apple look at a push and not deliver it, so it must not be somebody's. */
#define NO_TOKEN                                                               \
    "0000000000000000000000000000000000000000000000000000000000000000"

void apns_compose_trial(const struct apns_form *form, int64_t unix_ms,
                        struct call *call)
{
    const struct push_request request = {
        .token = NO_TOKEN,
        .device = "0000000000000000000000000000000000000000",
        .priority = PRIORITY_LOW,
    };
    struct judgement judgement;
    int status =
        apns_compose(form, &request, "self-test", unix_ms, call, &judgement);

    assert(status == 0); /* token and device are what they must be */
    (void)status;
}
