/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/doctor_status.h"

#include "tests/support/cmocka_test.h"
#include <string.h>

#define LINK_UP "\"link\":{\"state\":\"up\",\"since_s\":7260,\"silent_ms\":499}"
#define REGISTRY "{\"role\":\"registry\",\"id\":\"1\"}"
#define SENDER "{\"role\":\"fcm-sender\",\"id\":\"2\"}"
#define APP(name, senders)                                                     \
    "{\"app\":\"" name "\",\"backend\":\"fcm\",\"senders\":" senders "}"
#define NO_APP "{\"app\":null,\"backend\":null,\"senders\":0}"
#define UP(endpoint, link, workers, apps)                                      \
    "{\"endpoint\":\"" endpoint "\",\"state\":\"up\",\"since_s\":60,"          \
    "\"version\":\"0.1.0 (cc56)\",\"draining\":false," link                    \
    ",\"workers\":[" workers "],\"apps\":[" apps "]}"
#define STATUS(frontends, waiting)                                             \
    "{\"frontends\":[" frontends "],\"waiting\":" waiting "}"

static const struct doctor_scope ALL = {NULL, false};

/* One for each thing that can be found. */
static const struct {
    const char *json;
    struct doctor_scope scope;
    const char *step; /* the finding that is looked at, the first of it */
    enum finding_state state;
    const char *text;
} CASES[] = {
    {STATUS(UP("tcp://a:1", LINK_UP, REGISTRY, ""), "0"),
     {0},
     "frontend",
     FINDING_OK,
     "tcp://a:1: up for 1 min, version 0.1.0 (cc56)"},
    {STATUS(UP("tcp://a:1", LINK_UP, REGISTRY, ""), "0"),
     {0},
     "link",
     FINDING_OK,
     "up for 2 h 1 min, and a ping comes back"},
    {STATUS(UP("tcp://a:1", LINK_UP, REGISTRY "," SENDER "," REGISTRY, ""),
            "0"),
     {0},
     "registry",
     FINDING_OK,
     "2 workers"},
    {STATUS(UP("tcp://a:1", LINK_UP, REGISTRY, NO_APP "," APP("b", "3")), "0"),
     {0},
     "b.sender",
     FINDING_OK,
     "3 senders"},
    {STATUS(UP("tcp://a:1", LINK_UP, REGISTRY, ""), "2"),
     {0},
     "waiting",
     FINDING_OK,
     "2 targets in Redis, for another try of a push"},
    {STATUS(UP("tcp://a:1", LINK_UP, REGISTRY, ""), "null"),
     {0},
     "waiting",
     FINDING_SKIPPED,
     "no registry tells, or not yet"},
    /* what is amiss */
    {STATUS("{\"endpoint\":\"tcp://a:1\",\"state\":\"down\",\"why\":\"gone\"}",
            "0"),
     {0},
     "frontend",
     FINDING_FAULT,
     "tcp://a:1: gone"},
    {STATUS(UP("tcp://a:1",
               "\"link\":{\"state\":\"down\",\"why\":\"not-authorized\","
               "\"remedy\":\"correct it\"}",
               REGISTRY, ""),
            "0"),
     {0},
     "link",
     FINDING_FAULT,
     "down: not-authorized"},
    {STATUS(UP("tcp://a:1", "\"link\":{\"state\":\"down\"}", REGISTRY, ""),
            "0"),
     {0},
     "link",
     FINDING_FAULT,
     "down"},
    {STATUS(UP("tcp://a:1",
               "\"link\":{\"state\":\"up\",\"since_s\":9,\"silent_ms\":1000}",
               REGISTRY, ""),
            "0"),
     {0},
     "link",
     FINDING_FAULT,
     "up, but no ping comes back for 1 s"},
    {STATUS(UP("tcp://a:1", LINK_UP, SENDER, ""), "0"),
     {0},
     "registry",
     FINDING_FAULT,
     "no worker"},
    {STATUS(UP("tcp://a:1", LINK_UP, "", APP("b", "0")), "0"),
     {0},
     "b.sender",
     FINDING_FAULT,
     "no sender"},
    /* several frontends */
    {STATUS(UP("tcp://a:1", LINK_UP, "", "") "," UP("tcp://b:1", LINK_UP,
                                                    REGISTRY, ""),
            "0"),
     {0},
     "registry",
     FINDING_FAULT,
     "tcp://a:1: no worker"},
    /* one app */
    {STATUS(UP("tcp://a:1", LINK_UP, "", APP("b", "0") "," APP("c", "1")), "0"),
     {.app = "c"},
     "c.sender",
     FINDING_OK,
     "1 sender"},
    /* without a registry */
    {STATUS(UP("tcp://a:1", LINK_UP, SENDER, ""), "null"),
     {.is_stateless = true},
     "registry",
     FINDING_SKIPPED,
     "not needed for stateless apps"},
    {STATUS(UP("tcp://a:1", LINK_UP, SENDER, ""), "null"),
     {.is_stateless = true},
     "waiting",
     FINDING_SKIPPED,
     "not needed for stateless apps"},
    {STATUS(UP("tcp://a:1", LINK_UP, REGISTRY, ""), "0"),
     {.is_stateless = true},
     "registry",
     FINDING_OK,
     "1 worker"},
};

static const struct finding *find(const checkup_t *checkup, const char *step)
{
    for (size_t i = 0; i < checkup_size(checkup); i++) {
        if (strcmp(checkup_finding(checkup, i)->step, step) == 0) {
            return checkup_finding(checkup, i);
        }
    }
    return NULL;
}

static void status__becomes_findings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        checkup_t *checkup = checkup_new();
        assert_int_equal(doctor_status(checkup, CASES[i].json, &CASES[i].scope),
                         0);
        const struct finding *finding = find(checkup, CASES[i].step);
        assert_non_null(finding);
        assert_int_equal(finding->state, CASES[i].state);
        assert_string_equal(finding->text, CASES[i].text);
        assert_int_equal(finding->remedy[0] != '\0',
                         finding->state == FINDING_FAULT);
        checkup_destroy(&checkup);
    }
}

static void status__has_the_remedy_that_the_frontend_knows(void **state)
{
    checkup_t *checkup = checkup_new();

    (void)state;
    doctor_status(checkup,
                  STATUS(UP("tcp://a:1",
                            "\"link\":{\"state\":\"down\",\"why\":\"x\","
                            "\"remedy\":\"correct it\"}",
                            "", ""),
                         "0"),
                  &ALL);
    assert_string_equal(find(checkup, "link")->remedy, "correct it");
    checkup_destroy(&checkup);
}

static void status__of_one_app_leaves_out_the_others(void **state)
{
    checkup_t *checkup = checkup_new();

    (void)state;
    doctor_status(
        checkup,
        STATUS(UP("tcp://a:1", LINK_UP, "", APP("b", "0") "," APP("c", "1")),
               "0"),
        &(const struct doctor_scope){.app = "c"});
    assert_null(find(checkup, "b.sender"));
    assert_non_null(find(checkup, "c.sender"));
    checkup_destroy(&checkup);
}

static void status__of_a_frontend_that_is_stopping_is_a_warning(void **state)
{
    static const char json[] =
        "{\"frontends\":[{\"endpoint\":\"e\",\"state\":\"up\",\"draining\":"
        "true,\"since_s\":1,\"version\":\"1\"}]}";
    checkup_t *checkup = checkup_new();

    (void)state;
    assert_int_equal(doctor_status(checkup, json, &ALL), 0);
    assert_int_equal(find(checkup, "frontend")->state, FINDING_WARNING);
    checkup_destroy(&checkup);
}

static void status__that_is_none_is_refused(void **state)
{
    static const char *const texts[] = {"", "x", "[]", "{}",
                                        "{\"frontends\":7}"};
    checkup_t *checkup = checkup_new();

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(doctor_status(checkup, texts[i], &ALL), -1);
    }
    assert_int_equal(checkup_size(checkup), 0);
    checkup_destroy(&checkup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status__becomes_findings),
        cmocka_unit_test(status__has_the_remedy_that_the_frontend_knows),
        cmocka_unit_test(status__of_one_app_leaves_out_the_others),
        cmocka_unit_test(status__of_a_frontend_that_is_stopping_is_a_warning),
        cmocka_unit_test(status__that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
