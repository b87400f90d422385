/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/known.h"

#include "common/nearest.h"
#include <assert.h>
#include <ctype.h>
#include <czmq.h>
#include <string.h>

struct known {
    zlistx_t *paths;
};

known_t *known_new(void)
{
    known_t *self = zmalloc(sizeof *self);

    assert(self);
    self->paths = zlistx_new();
    assert(self->paths);
    zlistx_set_destructor(self->paths, (zlistx_destructor_fn *)zstr_free);
    return self;
}

void known_destroy(known_t **self_p)
{
    if (*self_p != NULL) {
        zlistx_destroy(&(*self_p)->paths);
        free(*self_p);
        *self_p = NULL;
    }
}

void known_add(known_t *self, const char *path)
{
    char *copy = strdup(path);

    assert(copy);
    zlistx_add_end(self->paths, copy);
}

/* Is there a path that begins so, and goes on with this character? */
static bool begins(const known_t *self, const char *path, char next)
{
    size_t size = strlen(path);

    for (const char *known = zlistx_first(self->paths); known != NULL;
         known = zlistx_next(self->paths)) {
        if (strncmp(known, path, size) == 0 && known[size] == next) {
            return true;
        }
    }
    return false;
}

bool known_is_member(const known_t *self, const char *path)
{
    return begins(self, path, '\0');
}

bool known_is_group(const known_t *self, const char *path)
{
    return begins(self, path, '.');
}

void known_variable(const char *path, char out[VARIABLE_SIZE])
{
    size_t used = (size_t)snprintf(out, VARIABLE_SIZE, VARIABLE_PREFIX);

    for (const char *c = path; *c != '\0' && used + 1 < VARIABLE_SIZE; c++) {
        out[used++] =
            isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
    }
    out[used] = '\0';
}

bool known_is_variable(const known_t *self, const char *variable)
{
    char known_as[VARIABLE_SIZE];

    for (const char *known = zlistx_first(self->paths); known != NULL;
         known = zlistx_next(self->paths)) {
        known_variable(known, known_as);
        if (strcmp(known_as, variable) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- what looks alike ---- */

/* The best so far for a name that is sought. */
struct search {
    const char *name;
    size_t slips; /* of the best; at first one more than allowed */
    char *best;
};

/* `whole` is what to suggest for a name that is `size` bytes of it, from
 * `part` on. */
static void consider(struct search *search, const char *part, size_t size,
                     const char *whole)
{
    char *name = strndup(part, size);
    size_t slips = nearest_slips(search->name, name);

    if (size > 0 && slips < search->slips) {
        search->slips = slips;
        free(search->best);
        search->best = strndup(whole, (size_t)(part - whole) + size);
    }
    free(name);
}

char *known_near_path(const known_t *self, const char *path)
{
    const char *dot = strrchr(path, '.');
    size_t group = dot != NULL ? (size_t)(dot - path) + 1 : 0;
    struct search search = {path + group,
                            nearest_slips_allowed(path + group) + 1, NULL};

    for (const char *known = zlistx_first(self->paths); known != NULL;
         known = zlistx_next(self->paths)) {
        if (strncmp(known, path, group) == 0) {
            consider(&search, known + group, strcspn(known + group, "."),
                     known);
        }
    }
    return search.best;
}

char *known_near_variable(const known_t *self, const char *variable)
{
    const size_t prefix = strlen(VARIABLE_PREFIX);
    struct search search = {variable + prefix,
                            nearest_slips_allowed(variable + prefix) + 1, NULL};
    char known_as[VARIABLE_SIZE];

    assert(strncmp(variable, VARIABLE_PREFIX, prefix) == 0);
    for (const char *known = zlistx_first(self->paths); known != NULL;
         known = zlistx_next(self->paths)) {
        known_variable(known, known_as);
        consider(&search, known_as + prefix, strlen(known_as + prefix),
                 known_as);
    }
    return search.best;
}
