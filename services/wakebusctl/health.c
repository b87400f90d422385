/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks one process how it is, as probes of containers do: 0 when it is ready
 * (or with --live, when it answers at all), 1 when not. */
#include "common/http_address.h"
#include "common/settings.h"
#include "services/wakebusctl/commands.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { NOT_WELL = 1, PATIENCE_MS = 3000, ANSWER_MAX = 64 * 1024 };

struct answer {
    long status;
    size_t size;
    char text[ANSWER_MAX + 1];
};

/* ---- what to ask ---- */

struct question {
    const char *path;    /* "/readyz" */
    const char *file;    /* of the configuration, or NULL */
    const char *address; /* or NULL: as configured */
};

static int read_address(struct http_address *address, const char *text)
{
    if (http_address_read(address, text) != 0) {
        fprintf(stderr,
                "health: not an address: %s; write it as 127.0.0.1:9750 or "
                "[::1]:9750\n",
                text);
        return EX_USAGE;
    }
    http_address_make_local(address);
    return EX_OK;
}

static int find_address(struct http_address *address,
                        const struct question *question)
{
    char *bind;

    if (question->address != NULL) {
        return read_address(address, question->address);
    }
    int status = settings_http_bind(question->file, &bind);
    if (status == EX_OK && bind == NULL) {
        fputs("health: give an ADDRESS, or set http.bind or "
              "WAKEBUS_HTTP_BIND\n",
              stderr);
        return EX_USAGE;
    }
    status = status == EX_OK ? read_address(address, bind) : status;
    free(bind);
    return status;
}

/* ---- asking ---- */

static size_t on_bytes(char *bytes, size_t one, size_t size, void *arg)
{
    struct answer *answer = arg;

    (void)one; /* always 1 */
    if (size > ANSWER_MAX - answer->size) {
        return 0; /* libcurl gives up */
    }
    memcpy(answer->text + answer->size, bytes, size);
    answer->size += size;
    answer->text[answer->size] = '\0';
    return size;
}

/* Returns what went wrong, or NULL. */
static const char *ask(const char *url, struct answer *answer)
{
    CURL *easy = curl_easy_init();

    if (easy == NULL) {
        return "libcurl cannot start";
    }
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"); /* never through a proxy */
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)PATIENCE_MS);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    CURLcode result = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_cleanup(easy);
    return result == CURLE_OK ? NULL : curl_easy_strerror(result);
}

/* ---- telling ---- */

/* The reasons, one a line; what is not ours as it is. */
static void print_reasons(const struct answer *answer)
{
    json_t *root = json_loads(answer->text, 0, NULL);
    json_t *checks = json_object_get(root, "checks");
    size_t index;
    json_t *check;

    if (!json_is_array(checks)) {
        printf("status %ld: %s\n", answer->status, answer->text);
    }
    json_array_foreach(checks, index, check) {
        const char *name = json_string_value(json_object_get(check, "name"));
        const char *why = json_string_value(json_object_get(check, "why"));
        if (json_is_false(json_object_get(check, "ok"))) {
            printf("%s: %s\n", name != NULL ? name : "?",
                   why != NULL ? why : "not ok");
        }
    }
    json_decref(root);
}

int health_command(const struct arguments *arguments)
{
    const struct question question = {
        .path = arguments_has(arguments, "live") ? "/livez" : "/readyz",
        .file = arguments_value(arguments, "config"),
        .address = arguments->operands[0]};
    struct http_address address;
    struct answer answer = {0};
    char url[320];
    int status = find_address(&address, &question);

    if (status != EX_OK) {
        return status;
    }
    bool v6 = strchr(address.host, ':') != NULL;
    snprintf(url, sizeof url, "http://%s%s%s:%s%s", v6 ? "[" : "", address.host,
             v6 ? "]" : "", address.port, question.path);
    const char *trouble = ask(url, &answer);
    if (trouble != NULL) {
        printf("no answer from %s: %s\n", url, trouble);
        return NOT_WELL;
    }
    if (answer.status != 200) {
        print_reasons(&answer);
        return NOT_WELL;
    }
    puts(strcmp(question.path, "/livez") == 0 ? "alive" : "ready");
    return EX_OK;
}
