/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/scratch_dir.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int scratch_dir_enter(void **state)
{
    char *path = strdup("/tmp/wakebus-test-XXXXXX");

    if (path == NULL || mkdtemp(path) == NULL || chdir(path) != 0) {
        return -1;
    }
    *state = path;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type,
                        struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

int scratch_dir_leave(void **state)
{
    char *path = *state;
    int status = chdir("/");

    if (nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS) != 0) {
        status = -1;
    }
    free(path);
    return status;
}

void scratch_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    assert(file != NULL);
    fputs(text, file);
    int closed = fclose(file);
    assert(closed == 0);
}
