/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/app_checks.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static void add(void *arg, enum note_kind kind, const char *path,
                const char *what, const char *remedy)
{
    char **all = arg;
    char *longer = NULL;

    assert_true(strlen(remedy) > 5);
    assert_true(asprintf(&longer, "%s%s%s: %s; ", *all,
                         kind == NOTE_WARNING ? "warning: " : "", path,
                         what) > 0);
    free(*all);
    *all = longer;
}

char *app_check_notes(app_check_fn *check, struct app app, const char *payload)
{
    struct settings settings = {.source = config_open(NULL, false)};
    char *all = strdup("");

    app.name = "a";
    app.payload = NULL;
    if (payload != NULL) {
        app.payload = json_loads(payload, 0, NULL);
        assert_non_null(app.payload);
    }
    check(&settings, &app);
    notes_each(config_notes(settings.source), add, &all);
    json_decref(app.payload);
    config_close(&settings.source);
    return all;
}

char *app_check_filled(const char *before, size_t size, const char *after)
{
    char *text = calloc(1, strlen(before) + size + strlen(after) + 1);

    assert_non_null(text);
    memcpy(text, before, strlen(before));
    memset(text + strlen(before), 'x', size);
    memcpy(text + strlen(before) + size, after, strlen(after));
    return text;
}
