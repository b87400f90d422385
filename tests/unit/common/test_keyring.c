/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/keyring.h"

#include "common/zap.h"
#include "tests/support/captured.h"
#include "tests/support/cmocka_test.h"
#include "tests/support/scratch_dir.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Secret and public files of a new pair; either name may be NULL. Returns the
 * public key. */
static const char *make_pair(const char *role, const char *secret,
                             const char *public)
{
    static char keys[8][41];
    static size_t next;
    char *key = keys[next++ % COUNT(keys)];
    zcert_t *cert = zcert_new();

    if (role != NULL) {
        zcert_set_meta(cert, "role", "%s", role);
    }
    if (secret != NULL) {
        assert_int_equal(zcert_save_secret(cert, secret), 0);
    }
    if (public != NULL) {
        assert_int_equal(zcert_save_public(cert, public), 0);
    }
    snprintf(key, sizeof keys[0], "%s", zcert_public_txt(cert));
    zcert_destroy(&cert);
    return key;
}

static keyring_t *open_with(const char *directory)
{
    struct fault fault;

    make_pair("registry", "own", NULL);
    keyring_t *keys = keyring_open("own", "registry", &fault);
    assert_non_null(keys);
    assert_int_equal(keyring_admit(keys, directory, &fault), 0);
    return keys;
}

/* ---- our own ---- */

static void open__takes_the_pair_of_its_role(void **state)
{
    struct fault fault;
    const char *key = make_pair("registry", "own", NULL);
    keyring_t *keys = keyring_open("own", "registry", &fault);

    (void)state;
    assert_non_null(keys);
    assert_string_equal(zcert_public_txt(keyring_own(keys)), key);
    assert_null(keyring_role(keys, key)); /* nobody is let in yet */
    keyring_close(&keys);
    assert_null(keys);
    keyring_close(&keys);
}

static void make_public_only(void)
{
    make_pair("registry", NULL, "k");
    chmod("k", 0600);
}

static void make_text(void)
{
    scratch_file("k", "no certificate\n");
    chmod("k", 0600);
}

static void make_half(void)
{
    scratch_file("k", "metadata\n    role = \"registry\"\ncurve\n"
                      "    public-key = \"short\"\n");
    chmod("k", 0600);
}

static void make_of_sender(void)
{
    make_pair("fcm-sender", "k", NULL);
}

static void make_of_nobody(void)
{
    make_pair(NULL, "k", NULL);
}

static void make_open(void)
{
    make_pair("registry", "k", NULL);
    chmod("k", 0604);
}

static void make_none(void)
{
}

static void open__says_what_is_wrong(void **state)
{
    static const struct {
        void (*make)(void);
        const char *why;
    } cases[] = {
        {make_none, "cannot be opened: No such file or directory"},
        {make_text, "is not a certificate"},
        {make_half, "holds no secret key"},
        {make_public_only, "holds no secret key"},
        {make_of_sender, "is the key of fcm-sender, not of registry"},
        {make_of_nobody, "is the key of no role, not of registry"},
        {make_open, "can be read by everybody"},
    };
    struct fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unlink("k");
        cases[i].make();
        assert_null(keyring_open("k", "registry", &fault));
        assert_string_equal(fault.why, cases[i].why);
        assert_non_null(fault.remedy);
    }
}

/* ---- the others ---- */

static void admit__lets_in_by_role(void **state)
{
    mkdir("d", 0700);
    const char *sender = make_pair("fcm-sender", NULL, "d/fcm-sender.key");
    const char *twin = make_pair("fcm-sender", NULL, "d/second.key");
    const char *stranger = make_pair("fcm-sender", NULL, "stranger.key");
    const char *draft = make_pair("fcm-sender", NULL, "d/x.key.draft");
    const char *hidden = make_pair("fcm-sender", NULL, "d/.x.key");
    keyring_t *keys = open_with("d");

    (void)state;
    assert_string_equal(keyring_role(keys, sender), "fcm-sender");
    assert_string_equal(keyring_role(keys, twin), "fcm-sender");
    assert_null(keyring_role(keys, stranger));
    assert_null(keyring_role(keys, draft));
    assert_null(keyring_role(keys, hidden));
    assert_null(keyring_role(keys, ""));
    keyring_close(&keys);
}

static void admit__refuses_no_directory(void **state)
{
    struct fault fault;

    (void)state;
    make_pair("registry", "own", NULL);
    keyring_t *keys = keyring_open("own", "registry", &fault);
    assert_int_equal(keyring_admit(keys, "none", &fault), -1);
    assert_string_equal(fault.why, "cannot be read: No such file or directory");
    keyring_close(&keys);
}

/* A key that is there twice, and files that are no keys, harm nobody. */
static int read_a_heap(void *arg)
{
    keyring_t *keys = open_with("heap");

    (void)arg;
    bool one = keyring_role(keys, make_pair("registry", NULL, NULL)) == NULL;
    keyring_close(&keys);
    return one ? 0 : 1;
}

static void admit__names_what_it_cannot_use(void **state)
{
    static struct captured c;

    (void)state;
    mkdir("heap", 0700);
    make_pair("registry", NULL, "heap/a.key");
    zcert_t *again = zcert_load("heap/a.key");
    zcert_save_public(again, "heap/b.key");
    zcert_destroy(&again);
    scratch_file("heap/text.key", "hello\n");
    make_pair(NULL, NULL, "heap/norole.key");
    capture(&c, read_a_heap, NULL);
    assert_int_equal(c.status, 0);
    assert_non_null(strstr(c.err, "ev=key.unusable file=heap/text.key"));
    assert_non_null(strstr(c.err, "ev=key.unusable file=heap/norole.key"));
    assert_null(strstr(c.err, "a.key"));
}

static void refresh__sees_what_changed(void **state)
{
    mkdir("live", 0700);
    const char *first = make_pair("fcm-sender", NULL, "live/a.key");
    keyring_t *keys = open_with("live");
    const char *second = make_pair("apns-sender", NULL, "live/b.key");

    (void)state;
    keyring_refresh(keys);
    assert_string_equal(keyring_role(keys, first), "fcm-sender");
    assert_string_equal(keyring_role(keys, second), "apns-sender");

    /* Written anew under the same name, then taken away. */
    const char *third = make_pair("registry", NULL, "live/b.key.new");
    assert_int_equal(rename("live/b.key.new", "live/b.key"), 0);
    keyring_refresh(keys);
    assert_null(keyring_role(keys, second));
    assert_string_equal(keyring_role(keys, third), "registry");
    unlink("live/a.key");
    keyring_refresh(keys);
    assert_null(keyring_role(keys, first));

    /* A directory that is away for a moment takes nobody's key. */
    assert_int_equal(rename("live", "away"), 0);
    keyring_refresh(keys);
    assert_string_equal(keyring_role(keys, third), "registry");
    keyring_close(&keys);
}

static void next__goes_round_the_keys_of_a_role(void **state)
{
    mkdir("ring", 0700);
    const char *a = make_pair(ROLE_FRONTEND, NULL, "ring/1.key");
    make_pair("registry", NULL, "ring/2.key");
    const char *b = make_pair(ROLE_FRONTEND, NULL, "ring/3.key");
    keyring_t *keys = open_with("ring");

    (void)state;
    assert_string_equal(keyring_next(keys, ROLE_FRONTEND, NULL), a);
    assert_string_equal(keyring_next(keys, ROLE_FRONTEND, a), b);
    assert_string_equal(keyring_next(keys, ROLE_FRONTEND, b), a);
    assert_string_equal(keyring_next(keys, ROLE_FRONTEND, "gone"), a);
    assert_null(keyring_next(keys, "apns-sender", NULL));
    keyring_close(&keys);
}

/* ---- the door ---- */

static void refusal__depends_on_the_role(void **state)
{
    static const struct {
        const char *domain, *role;
        bool let_in;
    } cases[] = {
        {ZAP_INBOX, "registry", true},
        {ZAP_INBOX, "fcm-sender", true},
        {ZAP_INBOX, "webpush-sender", true},
        {ZAP_INBOX, ROLE_FRONTEND, false},
        {ZAP_INBOX, NULL, false},
        {ZAP_JOBS, ROLE_FRONTEND, true},
        {ZAP_JOBS, "registry", false},
        {ZAP_JOBS, "fcm-sender", false},
        {ZAP_JOBS, NULL, false},
        {"", ROLE_FRONTEND, false},
        {"", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(zap_refusal(cases[i].domain, cases[i].role) == NULL,
                         cases[i].let_in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__takes_the_pair_of_its_role),
        cmocka_unit_test(open__says_what_is_wrong),
        cmocka_unit_test(admit__lets_in_by_role),
        cmocka_unit_test(admit__refuses_no_directory),
        cmocka_unit_test(admit__names_what_it_cannot_use),
        cmocka_unit_test(refresh__sees_what_changed),
        cmocka_unit_test(next__goes_round_the_keys_of_a_role),
        cmocka_unit_test(refusal__depends_on_the_role),
    };

    umask(022);
    return cmocka_run_group_tests(tests, scratch_dir_enter, scratch_dir_leave);
}
