/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/token_remedy.h"

#include <stddef.h>
#include <string.h>

static const char CHECK_ACCOUNT[] =
    "check this machine's clock, and in the Google Cloud console that the "
    "service account and its key still exist; else download a new key";
static const char ACCOUNT_IS_GONE[] =
    "the service account was deleted: make one in the Google Cloud console, "
    "and put its key where service_account_file says";
static const char ACCOUNT_IS_DISABLED[] =
    "the service account is disabled: enable it in the Google Cloud console";
static const char KEY_IS_GONE[] =
    "the service account no longer has this key: make a new one in the Google "
    "Cloud console, and put it where service_account_file says";
static const char CHECK_CLOCK[] =
    "this machine's clock is wrong: have it set by NTP";
static const char CHECK_ENDPOINT[] =
    "Google's token endpoint is in trouble, or token_uri in "
    "service_account_file is wrong; it is tried again";
static const char GIVE_ACCOUNT[] =
    "give this machine, or the pod's Kubernetes service account, a service "
    "account of Google's (Workload Identity), or use service_account_file";
static const char CHECK_METADATA[] =
    "the metadata server is in trouble, or this is no machine of Google's "
    "cloud: then use service_account_file; it is tried again";
static const char CHECK_MACHINES_ACCOUNT[] =
    "check in the Google Cloud console that the service account of this "
    "machine, or of the pod's Kubernetes service account, still exists and is "
    "enabled";

/* How Google words the reason; only the words tell some of them apart. */
struct refusal {
    const char *error;
    const char *words; /* in its description, or NULL: any */
    const char *remedy;
};

static const struct refusal OF_KEY[] = {
    {"invalid_grant", "account not found", ACCOUNT_IS_GONE},
    {"invalid_grant", "Account has been deleted", ACCOUNT_IS_GONE},
    {"invalid_grant", "JWT Signature", KEY_IS_GONE},
    {"invalid_grant", "reasonable timeframe", CHECK_CLOCK},
    {"invalid_grant", "disabled", ACCOUNT_IS_DISABLED},
    {"disabled_client", NULL, ACCOUNT_IS_DISABLED},
};

enum kind { KEY_FILE, MACHINE };

static const struct {
    const struct refusal *refusals; /* the first that fits … */
    size_t count;
    const char *refused; /* … or else this */
    const char *by_trouble[TOKEN_NOT_TAKEN + 1];
} REMEDIES[] = {
    [KEY_FILE] = {OF_KEY,
                  sizeof OF_KEY / sizeof *OF_KEY,
                  CHECK_ACCOUNT,
                  {[TOKEN_ENDPOINT_FAILS] = CHECK_ENDPOINT,
                   [TOKEN_ENDPOINT_SILENT] = NULL,
                   [TOKEN_NOT_TAKEN] = CHECK_ACCOUNT}},
    [MACHINE] = {NULL,
                 0,
                 GIVE_ACCOUNT,
                 {[TOKEN_ENDPOINT_FAILS] = CHECK_METADATA,
                  [TOKEN_ENDPOINT_SILENT] = CHECK_METADATA,
                  [TOKEN_NOT_TAKEN] = CHECK_MACHINES_ACCOUNT}},
};

static enum kind kind_of(const struct service_account *account)
{
    return account->key != NULL ? KEY_FILE : MACHINE;
}

static bool fits(const struct refusal *refusal, const char *error,
                 const char *description)
{
    return strcmp(error, refusal->error) == 0 &&
           (refusal->words == NULL ||
            (description != NULL &&
             strstr(description, refusal->words) != NULL));
}

const char *token_remedy(const struct service_account *account,
                         enum token_trouble trouble)
{
    return REMEDIES[kind_of(account)].by_trouble[trouble];
}

const char *token_remedy_refused(const struct service_account *account,
                                 const char *error, const char *description)
{
    enum kind kind = kind_of(account);

    for (size_t i = 0; error != NULL && i < REMEDIES[kind].count; i++) {
        if (fits(&REMEDIES[kind].refusals[i], error, description)) {
            return REMEDIES[kind].refusals[i].remedy;
        }
    }
    return REMEDIES[kind].refused;
}
