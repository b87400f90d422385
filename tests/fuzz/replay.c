/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a fuzz target once for each file of the folders in the arguments. */
#include "tests/fuzz/fuzz_target.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MAX = 1024 * 1024 };

/* Returns 0, or -1 when it cannot be read. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX);

    if (file == NULL || data == NULL) {
        perror(path);
        free(data);
        return -1;
    }
    size_t size = fread(data, 1, INPUT_MAX, file);
    fclose(file);
    /* In a block of its own size, so that sanitizers see a read past it. */
    uint8_t *input = realloc(data, size > 0 ? size : 1);
    LLVMFuzzerTestOneInput(input, size);
    free(input);
    return 0;
}

/* Returns how many files there were, or -1. */
static int replay_folder(const char *folder)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    char path[PATH_MAX];
    int count = 0;

    if (entries == NULL) {
        perror(folder);
        return -1;
    }
    while ((entry = readdir(entries)) != NULL && count >= 0) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            count = replay_file(path) == 0 ? count + 1 : -1;
        }
    }
    closedir(entries);
    return count;
}

int main(int argc, char **argv)
{
    int total = 0;

    for (int i = 1; i < argc; i++) {
        int count = replay_folder(argv[i]);
        if (count < 0) {
            return EXIT_FAILURE;
        }
        total += count;
    }
    printf("%d inputs\n", total);
    return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
