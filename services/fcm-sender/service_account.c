/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/service_account.h"

#include <assert.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char DOWNLOAD[] =
    "download a JSON key of the service account from the Google Cloud console "
    "and use the file as it is";

/* These end up in a URL or a header. */
static bool is_plain(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || *c == '"' || *c == '\\') {
            return false;
        }
    }
    return *text != '\0';
}

static char *copy_member(const json_t *root, const char *name,
                         struct fault *fault)
{
    const char *text = json_string_value(json_object_get(root, name));

    if (text == NULL || !is_plain(text)) {
        fault_set(fault, DOWNLOAD, "its %s is missing or no plain text", name);
        return NULL;
    }
    char *copy = strdup(text);
    assert(copy != NULL);
    return copy;
}

static int check_kind(const json_t *root, struct fault *fault)
{
    const char *type = json_string_value(json_object_get(root, "type"));

    if (type == NULL || strcmp(type, "service_account") != 0) {
        return fault_set(fault, DOWNLOAD,
                         "its type is not \"service_account\"");
    }
    return 0;
}

static int split_token_uri(struct service_account *account, struct fault *fault)
{
    static const char SCHEME[] = "https://";
    const char *uri = account->token_uri;

    if (strncmp(uri, SCHEME, strlen(SCHEME)) != 0) {
        return fault_set(fault, DOWNLOAD, "its token_uri is not https");
    }
    size_t base = strlen(SCHEME) + strcspn(uri + strlen(SCHEME), "/");
    account->token_base = strndup(uri, base);
    account->token_path = strdup(uri[base] == '/' ? uri + base : "/");
    assert(account->token_base != NULL && account->token_path != NULL);
    return 0;
}

static int read_key(struct service_account *account, const json_t *root,
                    struct fault *fault)
{
    const char *pem = json_string_value(json_object_get(root, "private_key"));
    struct fault inner;

    if (pem == NULL) {
        return fault_set(fault, DOWNLOAD, "its private_key is missing");
    }
    account->key = signing_key_new(SIGN_RS256, pem, &inner);
    if (account->key == NULL) {
        return fault_set(fault, DOWNLOAD, "its private_key %s", inner.why);
    }
    return 0;
}

static bool is_project(const char *id)
{
    static const char CHARACTERS[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_-";

    return id[0] != '\0' && id[strspn(id, CHARACTERS)] == '\0';
}

static int read_members(struct service_account *account, const json_t *root,
                        struct fault *fault)
{
    if (check_kind(root, fault) != 0 ||
        !(account->project_id = copy_member(root, "project_id", fault)) ||
        !(account->client_email = copy_member(root, "client_email", fault)) ||
        !(account->key_id = copy_member(root, "private_key_id", fault)) ||
        !(account->token_uri = copy_member(root, "token_uri", fault))) {
        return -1;
    }
    if (!is_project(account->project_id)) {
        return fault_set(fault, DOWNLOAD, "its project_id is none");
    }
    if (split_token_uri(account, fault) != 0) {
        return -1;
    }
    return read_key(account, root, fault);
}

int service_account_parse(struct service_account *account, const char *text,
                          struct fault *fault)
{
    json_t *root = json_loads(text, 0, NULL);

    *account = (struct service_account){0};
    if (!json_is_object(root)) {
        json_decref(root);
        return fault_set(fault, DOWNLOAD, "is not a JSON object");
    }
    int status = read_members(account, root, fault);
    json_decref(root);
    if (status != 0) {
        service_account_release(account);
    }
    return status;
}

int service_account_of_machine(struct service_account *account,
                               const char *project_id, const char *url,
                               struct fault *fault)
{
    *account = (struct service_account){0};
    if (!is_project(project_id)) {
        return fault_set(fault,
                         "see it in the Firebase console, in the project's "
                         "settings",
                         "is no project's id");
    }
    account->project_id = strdup(project_id);
    account->token_base = strdup(url);
    account->token_path = strdup("/computeMetadata/v1/instance/"
                                 "service-accounts/default/token");
    assert(account->project_id && account->token_base && account->token_path);
    return 0;
}

void service_account_release(struct service_account *account)
{
    free(account->project_id);
    free(account->client_email);
    free(account->key_id);
    free(account->token_uri);
    free(account->token_base);
    free(account->token_path);
    signing_key_destroy(&account->key);
    *account = (struct service_account){0};
}

bool service_account_is_same(const struct service_account *a,
                             const struct service_account *b)
{
    if (strcmp(a->project_id, b->project_id) != 0 ||
        strcmp(a->token_base, b->token_base) != 0 ||
        strcmp(a->token_path, b->token_path) != 0 ||
        (a->key == NULL) != (b->key == NULL)) {
        return false;
    }
    return a->key == NULL || (strcmp(a->client_email, b->client_email) == 0 &&
                              strcmp(a->key_id, b->key_id) == 0 &&
                              strcmp(a->token_uri, b->token_uri) == 0 &&
                              signing_key_is_same(a->key, b->key));
}
