/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/unit_secrets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

static bool is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* "PREFIX_NAME" in the directory, or with "" for a prefix "NAME". A name that
 * is too long has no place in systemd either. */
static void make_link(const char *directory, const char *prefix,
                      const char *name, const char *target)
{
    char path[PATH_ROOM];

    int size = snprintf(path, sizeof path, "%s/%s%s%s", directory, prefix,
                        prefix[0] != '\0' ? "_" : "", name);
    if (size < (int)sizeof path && symlink(target, path) != 0) {
        return; /* it is missed where it is used */
    }
}

/* With a prefix, what is in there has no further directories that count. */
static void link_all(const char *directory, const char *from,
                     const char *prefix)
{
    DIR *list = opendir(from);
    const struct dirent *entry;
    char path[PATH_ROOM];

    while (list != NULL && (entry = readdir(list)) != NULL) {
        int size = snprintf(path, sizeof path, "%s/%s", from, entry->d_name);
        if (entry->d_name[0] == '.' || size >= (int)sizeof path) {
            continue;
        }
        if (!is_directory(path)) {
            make_link(directory, prefix, entry->d_name, path);
        } else if (prefix[0] == '\0') {
            link_all(directory, path, entry->d_name);
        }
    }
    if (list != NULL) {
        closedir(list);
    }
}

bool unit_secrets_make(const char *base, const char *role,
                       char out[UNIT_SECRETS_ROOM])
{
    char from[PATH_ROOM];

    snprintf(from, sizeof from, "%s/secrets", base);
    if (access(from, R_OK | X_OK) != 0) {
        return false;
    }
    snprintf(out, UNIT_SECRETS_ROOM, "/tmp/wakebusctl-XXXXXX");
    if (mkdtemp(out) == NULL) {
        out[0] = '\0';
        return false;
    }
    link_all(out, from, "");
    snprintf(from, sizeof from, "%s/keys/%s.key_secret", base, role);
    make_link(out, "", "curve-key", from);
    return true;
}

void unit_secrets_remove(const char *directory)
{
    DIR *list = opendir(directory);
    const struct dirent *entry;

    while (list != NULL && (entry = readdir(list)) != NULL) {
        unlinkat(dirfd(list), entry->d_name, 0);
    }
    if (list != NULL) {
        closedir(list);
    }
    rmdir(directory);
}
