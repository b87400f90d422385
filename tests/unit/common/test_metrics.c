/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/metrics.h"

#include "tests/support/captured.h"
#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static const struct metric SENT = {
    "sent_total", METRIC_COUNTER, "Sent.", {"app", "way"}};
static const struct metric DEPTH = {"depth", METRIC_GAUGE, "Depth.", {NULL}};
static const struct metric TIME = {
    "time_seconds", METRIC_HISTOGRAM, "Time.", {"app"}};
static const struct metric PLAIN_TIME = {
    "plain_seconds", METRIC_HISTOGRAM, "Time.", {NULL}};

static void assert_page(metrics_t **page_p, const char *expected)
{
    char *text = metrics_print(*page_p);

    assert_string_equal(text, expected);
    free(text);
    metrics_destroy(page_p);
    assert_null(*page_p);
}

static void metrics__prints_nothing_for_nothing(void **state)
{
    metrics_t *page = metrics_new();

    (void)state;
    assert_page(&page, "");
    metrics_destroy(&page);
}

static void metrics__keeps_the_lines_of_a_metric_together(void **state)
{
    metrics_t *page = metrics_new();

    (void)state;
    metrics_add(page, &SENT, LABELS("a", "x"), 1);
    metrics_add(page, &DEPTH, NULL, -2.5);
    metrics_add(page, &SENT, LABELS("a", "y"), 0);
    metrics_add(page, &SENT, LABELS("", "x"), 3);
    assert_page(&page, "# HELP sent_total Sent.\n"
                       "# TYPE sent_total counter\n"
                       "sent_total{app=\"a\",way=\"x\"} 1\n"
                       "sent_total{app=\"a\",way=\"y\"} 0\n"
                       "sent_total{app=\"\",way=\"x\"} 3\n"
                       "# HELP depth Depth.\n"
                       "# TYPE depth gauge\n"
                       "depth -2.5\n");
}

static void metrics__escapes_what_has_a_meaning(void **state)
{
    static const struct metric ODD = {
        "odd", METRIC_GAUGE, "A \"b\" \\ c\nd.", {"app"}};
    metrics_t *page = metrics_new();

    (void)state;
    metrics_add(page, &ODD, LABELS("a \"b\" \\ c\nd \xc3\xa9 {}=,"), 1);
    assert_page(&page, "# HELP odd A \"b\" \\\\ c\\nd.\n"
                       "# TYPE odd gauge\n"
                       "odd{app=\"a \\\"b\\\" \\\\ c\\nd \xc3\xa9 {}=,\"} 1\n");
}

static void metrics__numbers_read_back_as_they_were(void **state)
{
    static const struct {
        double number;
        const char *text;
    } CASES[] = {{0, "0"},
                 {1, "1"},
                 {0.1, "0.1"},
                 {1.0 / 3, "0.33333333333333331"},
                 {1795451930.973, "1795451930.973"},
                 {123456789012345, "123456789012345"},
                 {9007199254740992, "9007199254740992"},
                 {1e300, "1e+300"}};

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        metrics_t *page = metrics_new();
        metrics_add(page, &DEPTH, NULL, CASES[i].number);
        char *text = metrics_print(page);
        char *value = strstr(text, "\ndepth ") + strlen("\ndepth ");
        assert_true(strtod(value, NULL) == CASES[i].number);
        value[strcspn(value, "\n")] = '\0';
        assert_string_equal(value, CASES[i].text);
        free(text);
        metrics_destroy(&page);
    }
}

static void histogram__counts_each_value_in_the_buckets_above(void **state)
{
    struct histogram histogram = {{0}, 0};
    metrics_t *page = metrics_new();

    (void)state;
    histogram_observe(&histogram, -5);
    histogram_observe(&histogram, 500);
    histogram_observe(&histogram, 501);
    histogram_observe(&histogram, 10000000);
    histogram_observe(&histogram, 10000001);
    histogram_observe(&histogram, 60000000);
    metrics_add_histogram(page, &TIME, LABELS("a"), &histogram);
    assert_page(&page, "# HELP time_seconds Time.\n"
                       "# TYPE time_seconds histogram\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.0005\"} 2\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.001\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.0025\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.005\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.01\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.025\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.05\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.1\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.25\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"0.5\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"1\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"2.5\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"5\"} 3\n"
                       "time_seconds_bucket{app=\"a\",le=\"10\"} 4\n"
                       "time_seconds_bucket{app=\"a\",le=\"+Inf\"} 6\n"
                       "time_seconds_sum{app=\"a\"} 80.001002\n"
                       "time_seconds_count{app=\"a\"} 6\n");
}

static void histogram__needs_no_labels(void **state)
{
    struct histogram histogram = {{0}, 0};
    metrics_t *page = metrics_new();

    (void)state;
    metrics_add_histogram(page, &PLAIN_TIME, NULL, &histogram);
    char *text = metrics_print(page);
    assert_non_null(strstr(text, "\nplain_seconds_bucket{le=\"0.0005\"} 0\n"));
    assert_non_null(strstr(text, "\nplain_seconds_bucket{le=\"+Inf\"} 0\n"
                                 "plain_seconds_sum 0\n"
                                 "plain_seconds_count 0\n"));
    free(text);
    metrics_destroy(&page);
}

static void histogram__bounds_rise(void **state)
{
    (void)state;
    for (size_t i = 1; i < HISTOGRAM_BOUNDS; i++) {
        assert_true(HISTOGRAM_BOUNDS_US[i - 1] < HISTOGRAM_BOUNDS_US[i]);
    }
}

static int add_twice(void *arg)
{
    metrics_t *page = metrics_new();

    (void)arg;
    metrics_add(page, &SENT, LABELS("a", "x"), 1);
    metrics_add(page, &DEPTH, NULL, 1);
    metrics_add(page, &SENT, LABELS("a", "x"), 1);
    return 0;
}

static int forget_a_label(void *arg)
{
    metrics_t *page = metrics_new();

    (void)arg;
    metrics_add(page, &SENT, LABELS("a"), 1);
    return 0;
}

/* Prometheus would refuse the page, with all that it needs to know then. */
static void metrics__dies_of_a_page_that_nobody_could_read(void **state)
{
    struct captured captured;

    (void)state;
    capture(&captured, add_twice, NULL);
    assert_int_equal(captured.status, -1);
    capture(&captured, forget_a_label, NULL);
    assert_int_equal(captured.status, -1);
}

static void metrics__tells_what_it_has(void **state)
{
    metrics_t *page = metrics_new();
    size_t count = 7;

    (void)state;
    assert_null(metrics_samples(page, "sent_total", &count));
    assert_int_equal(count, 0);
    metrics_add(page, &SENT, LABELS("a", "x"), 1);
    metrics_add(page, &DEPTH, NULL, 2.5);
    metrics_add(page, &SENT, LABELS("a", "y"), 2);
    metrics_add(page, &SENT, LABELS("b", "x"), 4);
    const struct metric_sample *samples =
        metrics_samples(page, "sent_total", &count);
    assert_int_equal(count, 3);
    assert_string_equal(samples[2].values[0], "b");
    assert_string_equal(samples[2].values[1], "x");
    assert_true(metrics_sum(page, "sent_total", 0, NULL) == 7);
    assert_true(metrics_sum(page, "sent_total", 0, "a") == 3);
    assert_true(metrics_sum(page, "sent_total", 1, "x") == 5);
    assert_true(metrics_sum(page, "sent_total", 1, "z") == 0);
    assert_true(metrics_sum(page, "depth", 0, NULL) == 2.5);
    assert_true(metrics_sum(page, "nothing", 0, NULL) == 0);
    metrics_destroy(&page);
}

static void assert_quantile(const struct histogram *histogram, double share,
                            double us)
{
    double guessed = histogram_quantile(histogram, share);

    assert_true(guessed > us - 0.01 && guessed < us + 0.01);
}

static void histogram__guesses_quantiles(void **state)
{
    struct histogram none = {{0}, 0};
    struct histogram some = {{0}, 0};

    (void)state;
    assert_quantile(&none, 0.5, 0);
    for (int i = 0; i < 10; i++) {
        histogram_observe(&some, 700); /* from 500 to 1000 */
    }
    assert_quantile(&some, 0.5, 750);
    assert_quantile(&some, 1, 1000);
    for (int i = 0; i < 10; i++) {
        histogram_observe(&some, 200000); /* from 100000 to 250000 */
    }
    assert_quantile(&some, 0.5, 1000);
    assert_quantile(&some, 0.75, 175000);
    histogram_observe(&some, 60000000);
    assert_quantile(&some, 0.999, 10000000);
}

static void histogram__is_told_since_an_earlier_one(void **state)
{
    struct histogram before = {{0}, 0};

    (void)state;
    histogram_observe(&before, 700);
    struct histogram now = before;
    histogram_observe(&now, 700);
    histogram_observe(&now, 60000000);
    struct histogram since = histogram_since(&now, &before);
    assert_int_equal(histogram_count(&now), 3);
    assert_int_equal(histogram_count(&since), 2);
    assert_int_equal(since.sum_us, 60000700);
    assert_quantile(&since, 0.5, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics__prints_nothing_for_nothing),
        cmocka_unit_test(metrics__keeps_the_lines_of_a_metric_together),
        cmocka_unit_test(metrics__escapes_what_has_a_meaning),
        cmocka_unit_test(metrics__numbers_read_back_as_they_were),
        cmocka_unit_test(metrics__dies_of_a_page_that_nobody_could_read),
        cmocka_unit_test(histogram__counts_each_value_in_the_buckets_above),
        cmocka_unit_test(histogram__needs_no_labels),
        cmocka_unit_test(histogram__bounds_rise),
        cmocka_unit_test(metrics__tells_what_it_has),
        cmocka_unit_test(histogram__guesses_quantiles),
        cmocka_unit_test(histogram__is_told_since_an_earlier_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
