/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/sums.h"

#include <assert.h>
#include <czmq.h>

struct sums {
    zhashx_t *numbers; /* int64_t * by name */
    int64_t total;
};

static void free_number(int64_t **number_p)
{
    free(*number_p);
    *number_p = NULL;
}

sums_t *sums_new(void)
{
    sums_t *self = zmalloc(sizeof *self);

    assert(self);
    self->numbers = zhashx_new();
    assert(self->numbers);
    zhashx_set_destructor(self->numbers, (zhashx_destructor_fn *)free_number);
    return self;
}

void sums_destroy(sums_t **self_p)
{
    sums_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zhashx_destroy(&self->numbers);
    free(self);
    *self_p = NULL;
}

void sums_add(sums_t *self, const char *name, int64_t number)
{
    int64_t *sum = zhashx_lookup(self->numbers, name);

    if (sum == NULL) {
        sum = zmalloc(sizeof *sum);
        assert(sum);
        zhashx_insert(self->numbers, name, sum);
    }
    *sum += number;
    self->total += number;
}

int64_t sums_total(const sums_t *self)
{
    return self->total;
}

size_t sums_count(const sums_t *self)
{
    return zhashx_size(self->numbers);
}

static int compare(const void *a, const void *b)
{
    const struct sum *first = a;
    const struct sum *second = b;

    if (first->number != second->number) {
        return first->number < second->number ? 1 : -1;
    }
    return strcmp(first->name, second->name);
}

size_t sums_top(const sums_t *self, struct sum *out, size_t max)
{
    size_t count = sums_count(self);
    struct sum *all = calloc(count + 1, sizeof *all);
    size_t i = 0;

    assert(all);
    for (const int64_t *number = zhashx_first(self->numbers); number != NULL;
         number = zhashx_next(self->numbers)) {
        all[i++] = (struct sum){zhashx_cursor(self->numbers), *number};
    }
    qsort(all, count, sizeof *all, compare);
    count = count < max ? count : max;
    memcpy(out, all, count * sizeof *all);
    free(all);
    return count;
}
