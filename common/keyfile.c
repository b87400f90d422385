/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/keyfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024 };

static const char CHECK_PATH[] =
    "check the path, and that the process's user may read the file";

int fault_set(struct fault *fault, const char *remedy, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(fault->why, sizeof fault->why, format, args);
    va_end(args);
    fault->remedy = remedy;
    return -1;
}

/* Returns the number of bytes read, up to `room`, or -1 with errno set. */
static ssize_t read_all(int fd, char *into, size_t room)
{
    size_t got = 0;

    while (got < room) {
        ssize_t n = read(fd, into + got, room - got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        got += (size_t)n;
    }
    return (ssize_t)got;
}

char *keyfile_read(const char *path, size_t *size, struct fault *fault)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fault_set(fault, CHECK_PATH, "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    char *text = calloc(1, FILE_MAX + 2);
    assert(text != NULL);
    ssize_t got = read_all(fd, text, FILE_MAX + 1);
    int error = errno;
    close(fd);
    if (got >= 0 && got <= FILE_MAX) {
        if (size != NULL) {
            *size = (size_t)got;
        }
        return text;
    }
    if (got < 0) {
        fault_set(fault, CHECK_PATH, "cannot be read: %s", strerror(error));
    } else {
        fault_set(fault, CHECK_PATH, "is longer than 64 KiB");
    }
    explicit_bzero(text, FILE_MAX + 2);
    free(text);
    return NULL;
}

bool keyfile_is_pkcs12(const char *path)
{
    const char *end = strrchr(path, '.');

    return end != NULL &&
           (strcasecmp(end, ".p12") == 0 || strcasecmp(end, ".pfx") == 0);
}

void keyfile_wipe(char **text_p)
{
    if (*text_p != NULL) {
        explicit_bzero(*text_p, strlen(*text_p));
        free(*text_p);
        *text_p = NULL;
    }
}
