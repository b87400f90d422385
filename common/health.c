/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/health.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>

void health_add(struct health *self, const char *name, bool ok, const char *why)
{
    assert(self->count < HEALTH_CHECKS_MAX);
    struct health_check *check = &self->checks[self->count++];
    check->ok = ok;
    snprintf(check->name, sizeof check->name, "%s", name);
    snprintf(check->why, sizeof check->why, "%s", ok ? "" : why);
}

bool health_is_ready(const struct health *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (!self->checks[i].ok) {
            return false;
        }
    }
    return true;
}

void health_line(const struct health *self, char out[HEALTH_LINE_SIZE])
{
    const struct health_check *first = NULL;
    size_t waiting = 0;

    for (size_t i = 0; i < self->count; i++) {
        if (!self->checks[i].ok) {
            first = first != NULL ? first : &self->checks[i];
            waiting++;
        }
    }
    if (first == NULL) {
        snprintf(out, HEALTH_LINE_SIZE, "serving");
        return;
    }
    int used = snprintf(out, HEALTH_LINE_SIZE, "waiting for %s: %s",
                        first->name, first->why);
    if (waiting > 1) {
        snprintf(out + used, HEALTH_LINE_SIZE - (size_t)used, " (and %zu more)",
                 waiting - 1);
    }
}

char *health_print(const struct health *self)
{
    json_t *checks = json_array();
    json_t *root = json_object();

    for (size_t i = 0; i < self->count; i++) {
        const struct health_check *check = &self->checks[i];
        json_t *item = json_object();
        json_object_set_new(item, "name", json_string(check->name));
        json_object_set_new(item, "ok", json_boolean(check->ok));
        if (!check->ok) {
            json_object_set_new(item, "why", json_string(check->why));
        }
        json_array_append_new(checks, item);
    }
    json_object_set_new(root, "ready", json_boolean(health_is_ready(self)));
    json_object_set_new(root, "checks", checks);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    assert(text);
    return text;
}
