/* SPDX-License-Identifier: BSD-3-Clause */

/* What libcurl alone can do: one thread, one HTTP/2 connection, the same POST
 * over and over on handles that are kept. Prints a line of JSON. */

#include "common/clock.h"
#include "tests/load/latency.h"
#include "tests/load/schedule.h"
#include <assert.h>
#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>

enum { HANDLES = 256 }; /* on the way at once, at most */

struct request {
    CURL *easy;
    int64_t due_us;
    struct request *next; /* spare */
};

struct bench {
    CURLM *multi;
    struct curl_slist *headers;
    struct request requests[HANDLES];
    struct request *spare;
    size_t open;
    uint64_t answered;
    uint64_t failed;
    struct latency latency;
};

static size_t ignore(char *data, size_t one, size_t count, void *arg)
{
    (void)data;
    (void)arg;
    return one * count;
}

static void prepare(struct bench *self, const char *url, const char *ca_file,
                    const char *body)
{
    for (size_t i = 0; i < HANDLES; i++) {
        struct request *request = &self->requests[i];
        CURL *easy = curl_easy_init();
        assert(easy != NULL);
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, self->headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
        request->easy = easy;
        request->next = self->spare;
        self->spare = request;
    }
}

static void start(struct bench *self, int64_t due_us)
{
    struct request *request = self->spare;

    self->spare = request->next;
    request->due_us = due_us;
    self->open++;
    curl_multi_add_handle(self->multi, request->easy);
}

/* The server may answer before it has read the body: libcurl then calls the
 * stream broken, and the answer counts. */
static void harvest(struct bench *self)
{
    const CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(self->multi, &left)) != NULL) {
        struct request *request = NULL;
        long status = 0;
        CURL *easy = message->easy_handle;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(self->multi, easy);
        self->open--;
        self->answered++;
        self->failed += status == 200 ? 0 : 1;
        latency_note(&self->latency, clock_mono_us() - request->due_us);
        request->next = self->spare;
        self->spare = request;
    }
}

static void turn(struct bench *self, int64_t pause_us)
{
    int running;

    curl_multi_perform(self->multi, &running);
    uint64_t before = self->answered;
    harvest(self);
    if (self->answered == before) {
        curl_multi_poll(self->multi, NULL, 0, (int)(pause_us / 1000), NULL);
    }
}

static void run(struct bench *self, struct schedule *schedule)
{
    int64_t due_us;

    while (!schedule_is_over(schedule) || self->open > 0) {
        int64_t now_us = clock_mono_us();
        while (self->spare != NULL &&
               schedule_next(schedule, now_us, self->open, &due_us)) {
            start(self, due_us);
        }
        int64_t pause_us = schedule_pause_us(schedule, now_us);
        turn(self, pause_us >= 0 && pause_us < 100000 ? pause_us : 100000);
    }
}

static double cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void print(const struct bench *self, double seconds, double used_us)
{
    const struct latency *latency = &self->latency;
    json_t *report = json_pack(
        "{s:I,s:I,s:f,s:f,s:{s:I,s:I,s:I}}", "requests",
        (json_int_t)self->answered, "failed", (json_int_t)self->failed,
        "per_second", (double)self->answered / seconds, "cpu_us",
        used_us / (double)self->answered, "latency_us", "p50",
        (json_int_t)latency_within(latency, 500000), "p99",
        (json_int_t)latency_within(latency, 990000), "max",
        (json_int_t)latency->max_us);

    json_dumpf(report, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(report);
}

static int measure(struct bench *self, struct schedule *schedule)
{
    start(self, clock_mono_us());
    while (self->open > 0) { /* the connection is opened */
        turn(self, 1000);
    }
    if (self->failed > 0) {
        fputs("bare_curl: the server does not answer with 200\n", stderr);
        return EX_UNAVAILABLE;
    }
    self->answered = 0;
    self->latency = (struct latency){0};
    double before_us = cpu_us();
    int64_t begin_us = clock_mono_us();
    schedule_begin(schedule, begin_us);
    run(self, schedule);
    print(self, (double)(clock_mono_us() - begin_us) / 1e6,
          cpu_us() - before_us);
    return self->failed == 0 ? EX_OK : EX_UNAVAILABLE;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct schedule schedule;

    if (argc < 6 ||
        schedule_read(&schedule, strcmp(argv[4], "rate") == 0, argv[5]) != 0) {
        fputs("Usage: bare_curl URL CA-FILE BODY window|rate STEPS "
              "[HEADER]...\n",
              stderr);
        return EX_USAGE;
    }
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    bench.multi = curl_multi_init();
    curl_multi_setopt(bench.multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
    curl_multi_setopt(bench.multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 1000L);
    bench.headers = curl_slist_append(NULL, "Expect:");
    for (int i = 6; i < argc; i++) {
        bench.headers = curl_slist_append(bench.headers, argv[i]);
    }
    prepare(&bench, argv[1], argv[2], argv[3]);
    int status = measure(&bench, &schedule);
    for (size_t i = 0; i < HANDLES; i++) {
        curl_easy_cleanup(bench.requests[i].easy);
    }
    curl_multi_cleanup(bench.multi);
    curl_slist_free_all(bench.headers);
    curl_global_cleanup();
    return status;
}
