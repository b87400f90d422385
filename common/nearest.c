/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/nearest.h"

#include <stdbool.h>
#include <string.h>

enum { LETTERS_A_SLIP = 4, LETTERS_MIN = 3 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The optimal string alignment distance, of which three rows are needed at a
 * time: the one for this letter of `a`, and those for the two before. */
size_t nearest_slips(const char *a, const char *b)
{
    size_t rows[3][NEAREST_MAX + 1];
    size_t length_a = strlen(a);
    size_t length_b = strlen(b);

    if (length_a > NEAREST_MAX || length_b > NEAREST_MAX) {
        return length_a > length_b ? length_a : length_b;
    }
    for (size_t j = 0; j <= length_b; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= length_a; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            bool same = a[i - 1] == b[j - 1];
            row[j] = least(least(above[j], row[j - 1]) + 1,
                           above[j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
            }
        }
    }
    return rows[length_a % 3][length_b];
}

size_t nearest_slips_allowed(const char *name)
{
    size_t length = strlen(name);

    if (length < LETTERS_MIN) {
        return 0;
    }
    return length < 2 * LETTERS_A_SLIP ? 1 : length / LETTERS_A_SLIP;
}
