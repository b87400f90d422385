/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/unit_secrets.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/scratch_dir.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[512]; /* the scratch directory's path */

static void make(const char *path)
{
    scratch_file(path, path);
}

/* What stands in the file of that name, by way of the links. */
static void assert_leads_to(const char *directory, const char *name,
                            const char *text)
{
    char path[512];
    char found[64] = "";

    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(found, 1, sizeof found - 1, file), strlen(text));
    assert_string_equal(found, text);
    fclose(file);
}

static void secrets__have_the_names_that_the_unit_gives_them(void **state)
{
    char directory[UNIT_SECRETS_ROOM];
    struct stat status;

    (void)state;
    assert_true(unit_secrets_make(base, "registry", directory));
    assert_leads_to(directory, "redis-url", "secrets/redis-url");
    assert_leads_to(directory, "fcm_a.json", "secrets/fcm/a.json");
    assert_leads_to(directory, "apns_k.p8", "secrets/apns/k.p8");
    assert_leads_to(directory, "curve-key", "keys/registry.key_secret");
    assert_int_equal(stat(directory, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    unit_secrets_remove(directory);
    assert_int_equal(stat(directory, &status), -1);
    /* The links, and not what they lead to. */
    assert_int_equal(access("secrets/fcm/a.json", F_OK), 0);
}

static void secrets__need_not_be_there(void **state)
{
    char directory[UNIT_SECRETS_ROOM] = "";
    char nowhere[600];

    (void)state;
    snprintf(nowhere, sizeof nowhere, "%s/nowhere", base);
    assert_false(unit_secrets_make(nowhere, "registry", directory));
    assert_int_equal(errno, ENOENT);
    assert_string_equal(directory, "");
}

static int set_up(void **state)
{
    static const char *const directories[] = {"secrets", "secrets/fcm",
                                              "secrets/apns", "keys"};
    int status = scratch_dir_enter(state);

    for (size_t i = 0; i < COUNT(directories) && status == 0; i++) {
        status = mkdir(directories[i], 0700);
    }
    make("secrets/redis-url");
    make("secrets/fcm/a.json");
    make("secrets/apns/k.p8");
    make("keys/registry.key_secret");
    return getcwd(base, sizeof base) != NULL ? status : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets__have_the_names_that_the_unit_gives_them),
        cmocka_unit_test(secrets__need_not_be_there),
    };
    return cmocka_run_group_tests(tests, set_up, scratch_dir_leave);
}
