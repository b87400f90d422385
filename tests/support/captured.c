/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/captured.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Files and not pipes: nobody has to read while the child writes. */
static FILE *new_file(void)
{
    FILE *file = tmpfile();

    assert(file != NULL);
    return file;
}

static void read_back(FILE *file, char *text)
{
    rewind(file);
    size_t size = fread(text, 1, CAPTURED_MAX - 1, file);
    assert(size < CAPTURED_MAX - 1);
    text[size] = '\0';
    fclose(file);
}

void capture(struct captured *captured, int (*act)(void *arg), void *arg)
{
    FILE *out = new_file();
    FILE *err = new_file();
    int status = 0;

    fflush(NULL);
    pid_t child = fork();
    assert(child >= 0);
    if (child == 0) {
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        exit(act(arg));
    }
    pid_t ended = waitpid(child, &status, 0);
    assert(ended == child);
    captured->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    read_back(out, captured->out);
    read_back(err, captured->err);
}
