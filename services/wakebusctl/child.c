/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/child.h"

#include "common/clock.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_MAX = 1024 * 1024, PATH_ROOM = 4096, STREAMS = 2 };

/* What comes out of a pipe. */
struct stream {
    int fd; /* -1: it has ended */
    char *text;
    size_t size;
};

struct child {
    pid_t pid;
    int status;                     /* as waitpid has it */
    struct stream streams[STREAMS]; /* standard output, and error */
};

/* ---- starting ---- */

/* The one beside us is of our version. */
static void find(char out[PATH_ROOM], const char *program)
{
    char self[PATH_ROOM];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);

    self[size > 0 ? size : 0] = '\0';
    snprintf(out, PATH_ROOM, "%.3900s/%s", dirname(self), program);
    if (size <= 0 || access(out, X_OK) != 0) {
        snprintf(out, PATH_ROOM, "%s", program);
    }
}

static void plan(posix_spawn_file_actions_t *actions,
                 const struct child_conf *conf, const int out[2],
                 const int err[2])
{
    posix_spawn_file_actions_init(actions);
    posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null",
                                     O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(actions, err[1], STDERR_FILENO);
    if (conf->directory != NULL) {
        posix_spawn_file_actions_addchdir_np(actions, conf->directory);
    }
}

static int spawn(child_t *self, const struct child_conf *conf, const int out[2],
                 const int err[2])
{
    posix_spawn_file_actions_t actions;
    char path[PATH_ROOM];

    find(path, conf->program);
    plan(&actions, conf, out, err);
    int error = posix_spawnp(&self->pid, path, &actions, NULL,
                             (char *const *)(uintptr_t)conf->argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

child_t *child_start(const struct child_conf *conf)
{
    child_t *self = calloc(1, sizeof *self);
    int out[2];
    int err[2];

    assert(self);
    if (pipe2(out, O_CLOEXEC) != 0) {
        free(self);
        return NULL;
    }
    if (pipe2(err, O_CLOEXEC) != 0) {
        close(out[0]);
        close(out[1]);
        free(self);
        return NULL;
    }
    int error = spawn(self, conf, out, err);
    close(out[1]);
    close(err[1]);
    self->streams[0].fd = out[0];
    self->streams[1].fd = err[0];
    if (error != 0) {
        child_destroy(&self);
    }
    errno = error;
    return self;
}

void child_destroy(child_t **child_p)
{
    child_t *self = *child_p;

    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < STREAMS; i++) {
        if (self->streams[i].fd >= 0) {
            close(self->streams[i].fd);
        }
        free(self->streams[i].text);
    }
    free(self);
    *child_p = NULL;
}

/* ---- reading ---- */

static void take(struct stream *stream)
{
    char bytes[4096];
    ssize_t size = read(stream->fd, bytes, sizeof bytes);

    if (size <= 0) {
        close(stream->fd);
        stream->fd = -1;
    } else if (stream->size + (size_t)size <= TEXT_MAX) {
        stream->text = realloc(stream->text, stream->size + (size_t)size + 1);
        assert(stream->text);
        memcpy(stream->text + stream->size, bytes, (size_t)size);
        stream->size += (size_t)size;
        stream->text[stream->size] = '\0';
    }
}

/* Returns whether there is anything left to wait for. */
static bool read_some(child_t *const *children, size_t count, int64_t left_ms)
{
    struct pollfd *items = calloc(count * STREAMS, sizeof *items);
    bool open = false;

    assert(items);
    for (size_t i = 0; i < count * STREAMS; i++) {
        const child_t *child = children[i / STREAMS];
        items[i].fd = child != NULL ? child->streams[i % STREAMS].fd : -1;
        items[i].events = POLLIN;
        open = open || items[i].fd >= 0;
    }
    int ready = open ? poll(items, count * STREAMS, (int)left_ms) : 0;
    for (size_t i = 0; ready > 0 && i < count * STREAMS; i++) {
        child_t *child = children[i / STREAMS];
        if (child != NULL && items[i].revents != 0) {
            take(&child->streams[i % STREAMS]);
        }
    }
    free(items);
    return open;
}

static bool has_ended(const child_t *child)
{
    return child->streams[0].fd < 0 && child->streams[1].fd < 0;
}

void children_wait(child_t *const *children, size_t count, int64_t patience_ms)
{
    int64_t deadline_ms = clock_mono_ms() + patience_ms;
    int64_t left_ms = patience_ms;

    while (left_ms > 0 && read_some(children, count, left_ms)) {
        left_ms = deadline_ms - clock_mono_ms();
    }
    for (size_t i = 0; i < count; i++) {
        child_t *child = children[i];
        if (child != NULL && !has_ended(child)) {
            kill(child->pid, SIGKILL);
        }
        if (child != NULL) {
            waitpid(child->pid, &child->status, 0);
        }
    }
}

/* ---- what came of it ---- */

int child_status(const child_t *self)
{
    return WIFEXITED(self->status) ? WEXITSTATUS(self->status)
                                   : 128 + WTERMSIG(self->status);
}

static const char *text_of(const struct stream *stream)
{
    return stream->text != NULL ? stream->text : "";
}

const char *child_output(const child_t *self)
{
    return text_of(&self->streams[0]);
}

const char *child_errors(const child_t *self)
{
    return text_of(&self->streams[1]);
}
