/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/sealed_settings.h"

#include "services/xmpp-frontend/sealed_keys.h"
#include "tests/support/cmocka_test.h"
#include <stdlib.h>

#define SIXTEEN "0123456789abcdef"

struct settings *sealed_settings_new(void)
{
    struct settings *settings = calloc(1, sizeof *settings);
    struct fault fault;

    assert_non_null(settings);
    settings->app_count = 2;
    settings->apps[0] =
        (struct app){.name = "bare", .backend = "fcm", .is_stateless = true};
    settings->apps[1] =
        (struct app){.name = "kept", .backend = "fcm", .is_default = true};
    settings->own = sealed_keys_parse(SIXTEEN SIXTEEN SIXTEEN SIXTEEN, &fault);
    assert_non_null(settings->own);
    return settings;
}

void sealed_settings_forget_keys(struct settings *settings)
{
    struct sealed_keys *keys = settings->own;

    sealed_keys_destroy(&keys);
    settings->own = NULL;
}

void sealed_settings_free(struct settings *settings)
{
    sealed_settings_forget_keys(settings);
    free(settings);
}
