/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/secret_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int secret_file_open(struct secret_file *self, const char *path)
{
    *self = (struct secret_file){.out = stdout};
    if (path == NULL) {
        return 0;
    }
    self->path = strdup(path);
    assert(self->path);
    int made = asprintf(&self->draft, "%s.XXXXXX", path);
    assert(made > 0);
    (void)made;
    int fd = mkostemp(self->draft, O_CLOEXEC); /* with mode 0600 */
    self->out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (self->out == NULL) {
        int error = errno;
        free(self->path);
        free(self->draft);
        *self = (struct secret_file){0};
        errno = error;
        return -1;
    }
    return 0;
}

/* A name is on the disk when its directory is. */
static void sync_directory(const char *path)
{
    char *copy = strdup(path);

    assert(copy);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(copy);
}

static void release(struct secret_file *self)
{
    free(self->path);
    free(self->draft);
    *self = (struct secret_file){0};
}

int secret_file_keep(struct secret_file *self)
{
    bool written = fflush(self->out) == 0 && ferror(self->out) == 0;

    if (self->path == NULL) {
        release(self);
        return written ? 0 : -1;
    }
    written = written && fsync(fileno(self->out)) == 0;
    if (!written || rename(self->draft, self->path) != 0) {
        int error = errno;
        secret_file_discard(self);
        errno = error;
        return -1;
    }
    fclose(self->out);
    sync_directory(self->path);
    release(self);
    return 0;
}

void secret_file_discard(struct secret_file *self)
{
    if (self->path != NULL) {
        fclose(self->out);
        unlink(self->draft);
    }
    release(self);
}
