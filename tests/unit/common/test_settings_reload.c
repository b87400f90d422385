/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/settings.h"

#include "common/config.h"
#include "tests/support/captured.h"
#include "tests/support/cmocka_test.h"
#include "tests/support/scratch_dir.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEFORE                                                                 \
    "{\"xmpp\":{\"jid\":\"push.example.org\",\"secret\":\"s3cret\"},"          \
    "\"apps\":{\"a\":{\"backend\":\"fcm\"}}}"

static struct settings_origin ORIGIN = {.program = "wakebus-xmpp-frontend",
                                        .file = "c.json"};

static const struct settings *load(const char *file)
{
    scratch_file("c.json", file);
    const struct settings *settings = settings_read(&ORIGIN);
    assert_int_equal(notes_count(config_notes(settings->source), NOTE_FAULT),
                     0);
    return settings;
}

static const struct settings *reload(const struct settings *before,
                                     const char *file)
{
    scratch_file("c.json", file);
    return settings_reload(before);
}

/* In a child, so that its log can be read. Returns 1 when it was refused. */
static int reload_once(void *arg)
{
    const struct settings *before = load(BEFORE);
    const struct settings *after = reload(before, arg);
    int refused = after == NULL ? 1 : 0;

    settings_release(&after);
    settings_release(&before);
    return refused;
}

static void run(struct captured *captured, const char *file)
{
    capture(captured, reload_once, (void *)(uintptr_t)file);
}

/* ---- what can be changed ---- */

static void settings__are_those_of_the_new_file(void **state)
{
    static const char AFTER[] =
        "{\"xmpp\":{\"jid\":\"push.example.org\",\"secret\":\"s3cret\","
        "\"ping_interval_s\":9},\"log\":{\"level\":\"debug\"},"
        "\"push\":{\"deadline_ms\":500},"
        "\"apps\":{\"b\":{\"backend\":\"apns\"}}}";
    const struct settings *before = load(BEFORE);
    const struct settings *after = reload(before, AFTER);

    (void)state;
    assert_non_null(after);
    assert_int_equal(after->log.level, LEVEL_DEBUG);
    assert_int_equal(after->push.deadline_ms, 500);
    assert_int_equal(after->xmpp.ping_interval_s, 9);
    assert_non_null(settings_app(after, "b"));
    assert_null(settings_app(after, "a"));
    /* Those from before do not change, and last as long as they are held. */
    const struct settings *held = settings_hold(before);
    settings_release(&before);
    assert_non_null(settings_app(held, "a"));
    assert_int_equal(held->push.deadline_ms, 10000);
    settings_release(&held);
    settings_release(&after);
}

static void environment__still_goes_over_the_file(void **state)
{
    const struct settings *before = load(BEFORE);

    (void)state;
    setenv("WAKEBUS_LOG_LEVEL", "warn", 1);
    const struct settings *after = reload(before, BEFORE);
    unsetenv("WAKEBUS_LOG_LEVEL");
    assert_int_equal(after->log.level, LEVEL_WARN);
    settings_release(&before);
    settings_release(&after);
}

/* ---- what cannot ---- */

static void what_needs_a_restart__stays_and_is_named(void **state)
{
    static const char *const FILES[][2] = {
        {"\"xmpp\":{\"jid\":\"other.example\",\"secret\":\"s3cret\"}",
         "member=xmpp.jid "},
        {"\"xmpp\":{\"jid\":\"push.example.org\",\"secret\":\"new\"}",
         "member=xmpp.secret "},
        {"\"xmpp\":{\"jid\":\"push.example.org\",\"secret\":\"s3cret\","
         "\"host\":\"h\"}",
         "member=xmpp.host "},
        {"\"xmpp\":{\"jid\":\"push.example.org\",\"secret\":\"s3cret\","
         "\"port\":1}",
         "member=xmpp.port "},
        {"\"bus\":{\"frontends\":[\"ipc:///x\"]}", "member=bus.frontends "},
        {"\"bus\":{\"bind\":\"ipc:///x\"}", "member=bus.bind "},
        {"\"bus\":{\"advertise\":\"127.0.0.2\"}", "member=bus.advertise "},
        {"\"redis\":{\"url\":\"redis://h\"}", "member=redis.url "},
        {"\"http\":{\"bind\":\"127.0.0.1:1\"}", "member=http.bind "},
    };
    static struct captured c;
    char file[300];

    (void)state;
    for (size_t i = 0; i < COUNT(FILES); i++) {
        bool has_xmpp = strncmp(FILES[i][0], "\"xmpp\"", 6) == 0;
        snprintf(file, sizeof file, "{%s%s}", FILES[i][0],
                 has_xmpp ? ""
                          : ",\"xmpp\":{\"jid\":\"push.example.org\","
                            "\"secret\":\"s3cret\"}");
        run(&c, file);
        assert_int_equal(c.status, 0);
        const char *event = strstr(c.err, "ev=config.needs_restart ");
        assert_non_null(event);
        assert_non_null(strstr(event, FILES[i][1]));
        assert_null(strstr(event + 1, "ev=config.needs_restart "));
        assert_null(strstr(c.err, "s3cret"));
    }
}

static void what_needs_a_restart__is_as_at_the_start_however_often(void **state)
{
    static const char OTHER[] =
        "{\"xmpp\":{\"jid\":\"other.example\",\"secret\":\"new\"},"
        "\"bus\":{\"frontends\":[\"ipc:///x\",\"ipc:///y\"]}}";
    const struct settings *settings = load(BEFORE);

    (void)state;
    for (int i = 0; i < 3; i++) {
        const struct settings *after = reload(settings, OTHER);
        assert_non_null(after);
        settings_release(&settings); /* its strings must last */
        settings = after;
        assert_string_equal(settings->xmpp.jid, "push.example.org");
        assert_string_equal(settings->xmpp.secret, "s3cret");
        assert_int_equal(settings->bus.frontends.count, 1);
        assert_string_equal(settings->bus.frontends.items[0],
                            "tcp://127.0.0.1:5750");
    }
    settings_release(&settings);
}

static void same_file__has_nothing_to_say(void **state)
{
    static struct captured c;

    (void)state;
    run(&c, BEFORE);
    assert_int_equal(c.status, 0);
    assert_string_equal(c.err, "");
}

/* ---- what is refused ---- */

static void faults__are_all_in_the_log_and_nothing_is_taken(void **state)
{
    static struct captured c;

    (void)state;
    run(&c, "{\"xmpp\":{\"jid\":\"other.example\",\"secret\":\"new\"},"
            "\"log\":{\"level\":\"loud\"},\"puhs\":{}}");
    assert_int_equal(c.status, 1);
    assert_non_null(strstr(c.err, "ev=config.fault member=log.level "));
    assert_non_null(strstr(c.err, "ev=config.fault member=puhs "));
    assert_non_null(strstr(c.err, "did you mean push?"));
    /* What would need a restart is none of its business then. */
    assert_null(strstr(c.err, "needs_restart"));
    run(&c, "{");
    assert_int_equal(c.status, 1);
    assert_non_null(strstr(c.err, "ev=config.fault member=c.json "));
}

/* ---- what the program itself judges ---- */

static void free_own(void *own)
{
    *(int *)own -= 1;
}

static void check(struct settings *settings)
{
    static int alive;

    alive++;
    settings->own = &alive;
    settings->free_own = free_own;
    if (settings->push.deadline_ms == 777) {
        config_fault(settings->source, "push.deadline_ms", "is unlucky",
                     "take another");
    }
}

static void check__refuses_too_and_frees_what_it_has_read(void **state)
{
    ORIGIN.check = check;
    const struct settings *before = load(BEFORE);
    const int *alive = before->own;

    (void)state;
    assert_int_equal(*alive, 1);
    assert_null(reload(before, "{\"xmpp\":{\"jid\":\"push.example.org\","
                               "\"secret\":\"s3cret\"},"
                               "\"push\":{\"deadline_ms\":777}}"));
    assert_int_equal(*alive, 1);
    const struct settings *after = reload(before, BEFORE);
    assert_int_equal(*alive, 2);
    settings_release(&before); /* `after` has what needs a restart from it */
    assert_int_equal(*alive, 2);
    settings_release(&after);
    assert_int_equal(*alive, 0);
    ORIGIN.check = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings__are_those_of_the_new_file),
        cmocka_unit_test(environment__still_goes_over_the_file),
        cmocka_unit_test(what_needs_a_restart__stays_and_is_named),
        cmocka_unit_test(
            what_needs_a_restart__is_as_at_the_start_however_often),
        cmocka_unit_test(same_file__has_nothing_to_say),
        cmocka_unit_test(faults__are_all_in_the_log_and_nothing_is_taken),
        cmocka_unit_test(check__refuses_too_and_frees_what_it_has_read),
    };
    return cmocka_run_group_tests(tests, scratch_dir_enter, scratch_dir_leave);
}
