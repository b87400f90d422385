/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/http_transfer.h"

#include "common/keyfile.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    BODY_MAX = 64 * 1024,
    CONNECT_MS = 5000,      /* for name, TCP and TLS together */
    IDLE_MAX_S = 24 * 3600, /* libcurl's own default drops after 118 s */
    KEEPALIVE_S = 60,
};

struct http_transfer {
    const struct http_client_conf *conf;
    CURL *easy;
    struct curl_slist *headers;
    char *body; /* of the response */
    size_t size;
    char error[CURL_ERROR_SIZE];
    bool *opening; /* to tell when a socket is opened */
};

static curl_socket_t on_open_socket(void *arg, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    const http_transfer_t *self = arg;
    unsigned silence_ms = HTTP_SILENCE_MS;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
                    address->protocol);

    (void)purpose;
    if (fd < 0) {
        return CURL_SOCKET_BAD;
    }
    /* A path that has silently died is noticed while the push still has time
     * for another connection; the kernel would try for 15 minutes. */
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms,
               sizeof silence_ms);
    *self->opening = true;
    return fd;
}

static size_t on_body(char *data, size_t one, size_t count, void *arg)
{
    http_transfer_t *self = arg;
    size_t size = one * count;

    if (size > BODY_MAX - self->size) {
        size = BODY_MAX - self->size;
    }
    self->body = realloc(self->body, self->size + size + 1);
    assert(self->body != NULL);
    memcpy(self->body + self->size, data, size);
    self->size += size;
    self->body[self->size] = '\0';
    return size; /* less than was given ends the transfer */
}

static void set_option(CURLcode code)
{
    /* libcurl knows all options that we were built with, and without memory
     * nothing goes on: anything else is a bug of ours. */
    assert(code == CURLE_OK);
}
#define SET(easy, option, value)                                               \
    set_option(curl_easy_setopt(easy, option, value))

/* From memory: what was checked is what is used, whatever becomes of the file
 * until the next connection. */
static void set_blob(CURL *easy, CURLoption option, const char *data,
                     size_t size)
{
    /* libcurl only reads it: NOCOPY says that it lives as long. */
    struct curl_blob blob = {(void *)(uintptr_t)data, size, CURL_BLOB_NOCOPY};

    SET(easy, option, &blob);
}

static void set_certificate(CURL *easy, const struct http_certificate *ours)
{
    set_blob(easy, CURLOPT_SSLCERT_BLOB, ours->data, ours->size);
    SET(easy, CURLOPT_SSLCERTTYPE, ours->is_pkcs12 ? "P12" : "PEM");
    if (ours->key_pem != NULL) {
        set_blob(easy, CURLOPT_SSLKEY_BLOB, ours->key_pem,
                 strlen(ours->key_pem));
    }
    SET(easy, CURLOPT_KEYPASSWD, ours->password);
}

/* What is the same for all requests of a client. */
static void set_common(http_transfer_t *self, void *owner)
{
    const struct http_client_conf *conf = self->conf;
    CURL *easy = self->easy;

    SET(easy, CURLOPT_PRIVATE, owner);
    SET(easy, CURLOPT_ERRORBUFFER, self->error);
    SET(easy, CURLOPT_WRITEFUNCTION, on_body);
    SET(easy, CURLOPT_WRITEDATA, self);
    SET(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    SET(easy, CURLOPT_OPENSOCKETDATA, self);
    SET(easy, CURLOPT_PROTOCOLS_STR, conf->is_small ? "https,http" : "https");
    SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(easy, CURLOPT_PIPEWAIT, 1L);
    SET(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_MAX_S);
    SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    SET(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S);
    SET(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S);
    SET(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    SET(easy, CURLOPT_DNS_SHUFFLE_ADDRESSES, 1L);
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    /* Without it, ending a transfer that waits for a name server blocks the
     * loop until that server answers. */
    SET(easy, CURLOPT_QUICK_EXIT, 1L);
    SET(easy, CURLOPT_USERAGENT, "wakebus");
    if (conf->ca_pem != NULL) {
        set_blob(easy, CURLOPT_CAINFO_BLOB, conf->ca_pem, strlen(conf->ca_pem));
        SET(easy, CURLOPT_CAPATH, NULL);
    }
    if (conf->certificate != NULL) {
        set_certificate(easy, conf->certificate);
    }
}

http_transfer_t *http_transfer_new(const struct http_client_conf *conf,
                                   void *owner)
{
    http_transfer_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->conf = conf;
    self->easy = curl_easy_init();
    assert(self->easy != NULL);
    set_common(self, owner);
    return self;
}

void http_transfer_clear(http_transfer_t *self)
{
    curl_slist_free_all(self->headers);
    self->headers = NULL;
    free(self->body);
    self->body = NULL;
    self->size = 0;
}

void http_transfer_destroy(http_transfer_t **self_p)
{
    http_transfer_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    http_transfer_clear(self);
    curl_easy_cleanup(self->easy);
    free(self);
    *self_p = NULL;
}

CURL *http_transfer_easy(http_transfer_t *self)
{
    return self->easy;
}

static void add_header(http_transfer_t *self, const char *header)
{
    self->headers = curl_slist_append(self->headers, header);
    assert(self->headers != NULL);
}

void http_transfer_prepare(http_transfer_t *self,
                           const struct http_request *request, int64_t left_ms,
                           bool *opening)
{
    CURL *easy = self->easy;
    char *url = NULL;

    self->opening = opening;
    self->error[0] = '\0';
    int length = asprintf(&url, "%s%s", self->conf->base_url, request->path);
    assert(length > 0);
    SET(easy, CURLOPT_URL, url);
    free(url);
    add_header(self, "Expect:"); /* libcurl's own would cost a roundtrip */
    for (const char *const *h = request->headers; *h != NULL; h++) {
        add_header(self, *h);
    }
    SET(easy, CURLOPT_HTTPHEADER, self->headers);
    if (request->body != NULL) {
        SET(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(request->body));
        SET(easy, CURLOPT_POSTFIELDS, request->body);
    } else {
        SET(easy, CURLOPT_HTTPGET, 1L);
    }
    SET(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    SET(easy, CURLOPT_CONNECTTIMEOUT_MS,
        left_ms < CONNECT_MS ? (long)left_ms : (long)CONNECT_MS);
}

static enum http_failure failure_of(CURLcode result, bool connected)
{
    switch ((int)result) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return connected ? HTTP_LOST : HTTP_UNTRUSTED;
    case CURLE_OPERATION_TIMEDOUT:
        return connected ? HTTP_TIMEOUT : HTTP_UNREACHABLE;
    default:
        return connected ? HTTP_LOST : HTTP_UNREACHABLE;
    }
}

void http_transfer_read(const http_transfer_t *self, CURLcode result,
                        struct http_response *response)
{
    long version = 0;
    curl_off_t retry_after = 0;
    curl_off_t handshaken_us = 0;
    CURL *easy = self->easy;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response->status);
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &handshaken_us);
    response->body = self->body != NULL ? self->body : "";
    response->size = self->size;
    response->retry_after_s = retry_after;
    response->why =
        self->error[0] != '\0' ? self->error : curl_easy_strerror(result);
    /* A body that was too long was cut by ourselves, and a 200 is a yes even
     * when its stream was closed untidily. */
    if (result != CURLE_OK && result != CURLE_WRITE_ERROR &&
        response->status != 200) {
        response->failure = failure_of(result, handshaken_us > 0);
    } else if (response->status == 0) {
        response->failure = HTTP_LOST;
    } else if (version != CURL_HTTP_VERSION_2_0 && !self->conf->is_small) {
        response->failure = HTTP_OUTDATED;
        response->why = "the answer came over HTTP/1.1";
    }
    if (response->failure != HTTP_ANSWERED) {
        response->status = 0;
    }
}

bool http_transfer_connected(const http_transfer_t *self)
{
    long connects = 0;

    curl_easy_getinfo(self->easy, CURLINFO_NUM_CONNECTS, &connects);
    return connects > 0;
}
