/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/certificate.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/scratch_dir.h"
#include <stdlib.h>
#include <string.h>

/* 2020-01-01: the certificates made below are good from now on. */
enum { LONG_AGO_S = 1577836800 };

#define QUIETLY " >/dev/null 2>&1"

static void make(const char *command)
{
    assert_int_equal(system(command), 0);
}

/* As Apple's: the topics in an extension of theirs. */
static int begin(void **state)
{
    int status = scratch_dir_enter(state);

    scratch_file("topics.cnf",
                 "[req]\ndistinguished_name=dn\n[dn]\n[ext]\n"
                 "1.2.840.113635.100.6.3.6=ASN1:SEQUENCE:topics\n"
                 "[topics]\na=UTF8:org.example.app\nb=SEQUENCE:types\n"
                 "c=UTF8:org.example.app.voip\nd=SEQUENCE:types\n"
                 "[types]\ne=UTF8:app\n");
    make("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -config "
         "topics.cnf -extensions ext -subj "
         "/UID=org.example.other/CN=Apple -keyout key.pem -out "
         "cert.pem" QUIETLY);
    make("cat cert.pem key.pem > both.pem");
    make("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "
         "/UID=org.example.app/CN=Old -keyout other-key.pem "
         "-out plain.pem" QUIETLY);
    make("openssl rsa -aes128 -passout pass:secret -in key.pem "
         "-out locked.pem" QUIETLY);
    make("openssl pkcs12 -export -in both.pem -passout pass:secret "
         "-out new.p12" QUIETLY);
    make("openssl pkcs12 -export -in both.pem -passout pass: "
         "-out open.p12" QUIETLY);
    make("openssl pkcs12 -export -legacy -in both.pem -passout pass:secret "
         "-out old.p12" QUIETLY);
    make("openssl pkcs12 -export -nokeys -in cert.pem -passout pass:secret "
         "-out keyless.p12" QUIETLY);
    scratch_file("text.p12", "not DER");
    return status;
}

static const struct {
    struct certificate_conf conf;
    const char *why; /* NULL: good */
    const char *remedy;
} CASES[] = {
    {{"both.pem", NULL, NULL}, NULL, NULL},
    {{"cert.pem", "key.pem", NULL}, NULL, NULL},
    {{"cert.pem", "locked.pem", "secret"}, NULL, NULL},
    {{"new.p12", NULL, "secret"}, NULL, NULL},
    {{"open.p12", NULL, NULL}, NULL, NULL},
    {{"nowhere.pem", NULL, NULL}, "cannot be opened", "path"},
    {{"cert.pem", "nowhere.pem", NULL},
     "certificate_key_file, which cannot be opened",
     "path"},
    {{"key.pem", NULL, NULL}, "holds no certificate", "together"},
    {{"cert.pem", NULL, NULL}, "without its private key", "together"},
    {{"cert.pem", "other-key.pem", NULL}, "the key of another", "together"},
    {{"cert.pem", "locked.pem", NULL}, "does not open", "password"},
    {{"cert.pem", "locked.pem", "wrong"}, "does not open", "password"},
    {{"new.p12", NULL, "wrong"}, "does not open with the password", "password"},
    {{"new.p12", NULL, NULL}, "does not open with the password", "password"},
    {{"old.p12", NULL, "secret"}, "an old way", "-legacy"},
    {{"keyless.p12", NULL, "secret"}, "lacks", "together"},
    {{"text.p12", NULL, NULL}, "not in the format", ".pem"},
};

static void load__takes_the_good_and_explains_the_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct certificate certificate;
        struct fault fault = {.why = ""};
        int status =
            certificate_load(&certificate, &CASES[i].conf, LONG_AGO_S, &fault);
        if (CASES[i].why == NULL) {
            assert_int_equal(status, 0);
            assert_true(certificate_covers(&certificate, "org.example.app"));
            assert_true(certificate_is_same(&certificate, &certificate));
            certificate_release(&certificate);
            certificate_release(&certificate); /* idempotent */
        } else {
            assert_int_equal(status, -1);
            assert_non_null(strstr(fault.why, CASES[i].why));
            assert_non_null(strstr(fault.remedy, CASES[i].remedy));
        }
    }
}

static void load__refuses_an_expired_one(void **state)
{
    static const struct certificate_conf conf = {"both.pem", NULL, NULL};
    struct certificate certificate;
    struct fault fault;

    (void)state;
    assert_int_equal(certificate_load(&certificate, &conf, LONG_AGO_S, &fault),
                     0);
    int64_t end_s = certificate.expires_s;
    certificate_release(&certificate);
    assert_int_equal(certificate_load(&certificate, &conf, end_s, &fault), -1);
    assert_memory_equal(fault.why, "expired on 2", 12);
}

static void topics__come_from_apples_extension(void **state)
{
    static const struct certificate_conf conf = {"both.pem", NULL, NULL};
    struct certificate certificate;
    struct fault fault;

    (void)state;
    certificate_load(&certificate, &conf, LONG_AGO_S, &fault);
    assert_int_equal(certificate.topic_count, 2);
    assert_true(certificate_covers(&certificate, "org.example.app.voip"));
    assert_false(certificate_covers(&certificate, "org.example.other"));
    certificate_release(&certificate);
}

static void topics__come_from_the_subject_otherwise(void **state)
{
    static const struct certificate_conf conf = {"plain.pem", "other-key.pem",
                                                 NULL};
    struct certificate certificate;
    struct fault fault;

    (void)state;
    certificate_load(&certificate, &conf, LONG_AGO_S, &fault);
    assert_int_equal(certificate.topic_count, 1);
    assert_true(certificate_covers(&certificate, "org.example.app"));
    assert_false(certificate_covers(&certificate, "org.example.other"));
    certificate_release(&certificate);
}

static void certificates__are_the_same_when_their_files_are(void **state)
{
    static const struct certificate_conf confs[] = {
        {"cert.pem", "key.pem", NULL},
        {"cert.pem", "locked.pem", "secret"},
        {"both.pem", NULL, NULL},
        {"new.p12", NULL, "secret"},
    };
    struct certificate certificates[COUNT(confs)];
    struct fault fault;

    (void)state;
    for (size_t i = 0; i < COUNT(confs); i++) {
        certificate_load(&certificates[i], &confs[i], LONG_AGO_S, &fault);
    }
    for (size_t i = 0; i < COUNT(confs); i++) {
        for (size_t j = 0; j < COUNT(confs); j++) {
            assert_int_equal(
                certificate_is_same(&certificates[i], &certificates[j]),
                i == j);
        }
    }
    for (size_t i = 0; i < COUNT(confs); i++) {
        certificate_release(&certificates[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load__takes_the_good_and_explains_the_bad),
        cmocka_unit_test(load__refuses_an_expired_one),
        cmocka_unit_test(topics__come_from_apples_extension),
        cmocka_unit_test(topics__come_from_the_subject_otherwise),
        cmocka_unit_test(certificates__are_the_same_when_their_files_are),
    };
    return cmocka_run_group_tests(tests, begin, scratch_dir_leave);
}
