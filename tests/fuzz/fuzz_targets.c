/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of targets, in each of the formats. What is taken is what a registry
 * takes, and is still the same when it was written and read again. */
#include "proto/notation.h"
#include "proto/target.h"
#include "services/wakebusctl/own_format.h"
#include "services/wakebusctl/targets_file.h"
#include "tests/fuzz/fuzz_target.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct p2_apps APPS = {"conversations", "ios"};

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check_row(const struct target_row *row)
{
    assert(hash_is_valid(row->device) && node_is_valid(row->node));
    assert(row->channel == NULL || hash_is_valid(row->channel));
    assert(secret_is_valid(row->secret));
    assert(strlen(row->app) >= 1 && strlen(row->app) <= TARGET_APP_MAX);
    assert(strlen(row->domain) >= 1 &&
           strlen(row->domain) <= TARGET_DOMAIN_MAX);
    assert(strlen(row->token) >= 1 && strlen(row->token) <= TARGET_TOKEN_MAX);
    assert(row->created_ms >= 0 && row->renewed_ms >= 0);
}

static void check_same(const struct target_row *a, const struct target_row *b)
{
    assert(is_same(a->app, b->app) && is_same(a->device, b->device));
    assert(is_same(a->channel, b->channel) && is_same(a->domain, b->domain));
    assert(is_same(a->token, b->token) && is_same(a->node, b->node));
    assert(is_same(a->secret, b->secret));
    assert(a->created_ms == b->created_ms && a->renewed_ms == b->renewed_ms);
}

static void put(FILE *out, char *line)
{
    assert(line != NULL);
    fputs(line, out);
    free(line);
}

static void check_again(const struct targets_file *file)
{
    struct targets_file again;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert(out != NULL);
    put(out, own_format_head());
    for (size_t i = 0; i < file->rows.count; i++) {
        put(out, own_format_row(&file->rows.items[i]));
    }
    put(out, own_format_end(file->rows.count));
    fclose(out);
    targets_file_parse(&again, text, size, FORMAT_ANY, &APPS);
    assert(again.format == FORMAT_OWN && again.faults.count == 0);
    assert(again.rows.count == file->rows.count);
    for (size_t i = 0; i < file->rows.count; i++) {
        check_same(&again.rows.items[i], &file->rows.items[i]);
    }
    targets_file_free(&again);
}

static void read_as(enum targets_format format, const uint8_t *data,
                    size_t size)
{
    struct targets_file file;
    char *text = malloc(size + 1);

    assert(text != NULL);
    memcpy(text, data, size);
    targets_file_parse(&file, text, size, format, &APPS);
    assert(file.rows.count <= file.rows.seen);
    assert(file.rows.count == file.rows.seen || file.faults.count > 0);
    for (size_t i = 0; i < file.rows.count; i++) {
        check_row(&file.rows.items[i]);
    }
    check_again(&file);
    targets_file_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0) {
        read_as(FORMAT_ANY, data, size);
        read_as(FORMAT_P2, data, size);
        read_as(FORMAT_OWN, data, size);
    }
    return 0;
}
