/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the keys of the bus (CurveZMQ): for each role a secret file, for the
 * processes of that role alone, and a public one, for all. What is there
 * already is never overwritten, so that a run that was cut short can be
 * repeated; a rotation keeps the old public key until the operator removes it.
 */
#include "common/among.h"
#include "services/wakebusctl/commands.h"

#include <czmq.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { PATH_SIZE = 1024 };

static const char *const ROLES[] = {"xmpp-frontend", "registry",   "fcm-sender",
                                    "apns-sender",   "wakebusctl", NULL};

/* Where the keys of a role are. */
struct paths {
    char secret[PATH_SIZE];
    char public[PATH_SIZE];
    char old[PATH_SIZE]; /* the public key before the last rotation */
    char draft[PATH_SIZE];
};

static struct paths paths_of(const char *directory, const char *role)
{
    struct paths paths;

    snprintf(paths.secret, PATH_SIZE, "%s/%s.key_secret", directory, role);
    snprintf(paths.public, PATH_SIZE, "%s/authorized/%s.key", directory, role);
    snprintf(paths.old, PATH_SIZE, "%s/authorized/%s.old.key", directory, role);
    snprintf(paths.draft, PATH_SIZE, "%s/%s.draft", directory, role);
    return paths;
}

static int fail(const char *path)
{
    fprintf(stderr, "keygen: %s: %s\n", path, strerror(errno));
    return EX_CANTCREAT;
}

/* ---- files ---- */

/* Under another name first, so that nobody reads half a file. */
static int save(zcert_t *cert, int (*save_as)(zcert_t *, const char *),
                const char *path, const char *draft)
{
    unlink(draft); /* one that was left might have other permissions */
    if (save_as(cert, draft) != 0 || rename(draft, path) != 0) {
        return fail(path);
    }
    printf("%s\n", path);
    return EX_OK;
}

static zcert_t *new_pair(const char *role)
{
    zcert_t *cert = zcert_new();

    if (cert != NULL) {
        zcert_set_meta(cert, "role", "%s", role);
    }
    return cert;
}

/* The public key last: a new one must not be authorized while nobody has it,
 * but an old one stays so until it is no longer used. */
static int write_pair(const char *role, const struct paths *paths)
{
    zcert_t *cert = new_pair(role);

    if (cert == NULL) {
        fputs("keygen: ZeroMQ was built without CURVE\n", stderr);
        return EX_UNAVAILABLE;
    }
    int status = save(cert, zcert_save_secret, paths->secret, paths->draft);
    if (status == EX_OK) {
        status = save(cert, zcert_save_public, paths->public, paths->draft);
    }
    zcert_destroy(&cert);
    return status;
}

/* For a secret that is there. */
static int write_public(const struct paths *paths)
{
    zcert_t *cert = zcert_load(paths->secret);

    if (cert == NULL) {
        fprintf(stderr, "keygen: %s: not a certificate\n", paths->secret);
        return EX_DATAERR;
    }
    int status = save(cert, zcert_save_public, paths->public, paths->draft);
    zcert_destroy(&cert);
    return status;
}

/* ---- what is asked for ---- */

static int make_missing(const char *role, const struct paths *paths)
{
    if (access(paths->secret, F_OK) != 0) {
        return write_pair(role, paths);
    }
    if (access(paths->public, F_OK) != 0) {
        return write_public(paths);
    }
    printf("%s is there already\n", paths->secret);
    return EX_OK;
}

static int rotate(const char *role, const struct paths *paths)
{
    zcert_t *cert = zcert_load(paths->public);

    if (cert == NULL) {
        fprintf(stderr, "keygen: %s: no key that could be rotated\n",
                paths->public);
        return EX_NOINPUT;
    }
    int status = save(cert, zcert_save_public, paths->old, paths->draft);
    zcert_destroy(&cert);
    if (status == EX_OK) {
        status = write_pair(role, paths);
    }
    if (status == EX_OK) {
        printf("Now bring the public keys to all processes, restart those of "
               "the role %s,\nand remove %s.\n",
               role, paths->old);
    }
    return status;
}

static int make_directory(const char *path, mode_t mode)
{
    return mkdir(path, mode) == 0 || errno == EEXIST ? EX_OK : fail(path);
}

static int make_directories(const char *directory)
{
    char authorized[PATH_SIZE];
    int status = make_directory(directory, 0700);

    snprintf(authorized, sizeof authorized, "%s/authorized", directory);
    return status == EX_OK ? make_directory(authorized, 0755) : status;
}

static int make_all(const char *directory)
{
    int status = make_directories(directory);

    for (size_t i = 0; ROLES[i] != NULL && status == EX_OK; i++) {
        struct paths paths = paths_of(directory, ROLES[i]);
        status = make_missing(ROLES[i], &paths);
    }
    return status;
}

int keygen_command(const struct arguments *arguments)
{
    const char *role = arguments_value(arguments, "rotate");
    const char *directory = arguments->operands[0];

    if (strlen(directory) > PATH_SIZE / 2) {
        fputs("keygen: the name of the directory is too long\n", stderr);
        return EX_USAGE;
    }
    if (role == NULL) {
        return make_all(directory);
    }
    if (!is_among(role, ROLES)) {
        fprintf(stderr, "keygen: no such role: %s\n", role);
        return EX_USAGE;
    }
    struct paths paths = paths_of(directory, role);
    return rotate(role, &paths);
}
