/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/keyring.h"

#include "common/log.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

#define SUFFIX ".key"

enum { KEY_SIZE = 32, KEY_TEXT_SIZE = 40 };

static const char MAKE_KEYS[] = "make the keys with wakebusctl keygen";

struct keyring {
    zcert_t *own;
    char *directory;
    zlistx_t *certs;  /* zcert_t *, in the order of their files' names */
    uint64_t version; /* of the directory, as last read */
};

/* ---- files ---- */

/* 32 bytes in Z85 text (RFC 32), or zeros when it is none. */
static void decode(byte key[KEY_SIZE], const char *text)
{
    memset(key, 0, KEY_SIZE);
    if (text != NULL && strlen(text) == KEY_TEXT_SIZE &&
        zmq_z85_decode(key, text) == NULL) {
        memset(key, 0, KEY_SIZE);
    }
}

/* As zcert_load, which leaks what it cannot read, and which looks for the
 * secret of a public file as well. */
static zcert_t *load(const char *path, struct fault *fault)
{
    byte public_key[KEY_SIZE];
    byte secret_key[KEY_SIZE];
    char *text = keyfile_read(path, NULL, fault);

    if (text == NULL) {
        return NULL;
    }
    zconfig_t *root = zconfig_str_load(text);
    keyfile_wipe(&text);
    if (root == NULL) {
        fault_set(fault, MAKE_KEYS, "is not a certificate");
        return NULL;
    }
    decode(public_key, zconfig_get(root, "curve/public-key", NULL));
    decode(secret_key, zconfig_get(root, "curve/secret-key", NULL));
    zcert_t *cert = zcert_new_from(public_key, secret_key);
    explicit_bzero(secret_key, sizeof secret_key);
    const char *role = zconfig_get(root, "metadata/role", NULL);
    if (role != NULL) {
        zcert_set_meta(cert, "role", "%s", role);
    }
    zconfig_destroy(&root);
    return cert;
}

/* ---- our own pair ---- */

static bool is_zero(const byte *key)
{
    static const byte ZERO[KEY_SIZE];

    return memcmp(key, ZERO, sizeof ZERO) == 0;
}

static int check_own(zcert_t *own, const char *role, struct fault *fault)
{
    const char *its_role = zcert_meta(own, "role");

    if (is_zero(zcert_secret_key(own)) || is_zero(zcert_public_key(own))) {
        return fault_set(fault, MAKE_KEYS, "holds no secret key");
    }
    if (its_role == NULL || strcmp(its_role, role) != 0) {
        return fault_set(fault, "name the file that was made for this role",
                         "is the key of %s, not of %s",
                         its_role ? its_role : "no role", role);
    }
    return 0;
}

static zcert_t *load_own(const char *path, const char *role,
                         struct fault *fault)
{
    struct stat status;

    if (stat(path, &status) == 0 && (status.st_mode & S_IRWXO) != 0) {
        fault_set(fault, "chmod o= the file: it is secret",
                  "can be read by everybody");
        return NULL;
    }
    zcert_t *own = load(path, fault);
    if (own != NULL && check_own(own, role, fault) != 0) {
        zcert_destroy(&own);
    }
    return own;
}

/* ---- those that may come in ---- */

static int is_public(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);

    return entry->d_name[0] != '.' && size > strlen(SUFFIX) &&
           strcmp(entry->d_name + size - strlen(SUFFIX), SUFFIX) == 0;
}

static void mix(uint64_t *version, uint64_t value)
{
    *version = (*version ^ value) * 0x100000001b3; /* FNV-1a */
}

/* Differs when a file was added, taken away, renamed or written. */
static uint64_t version_of(const char *directory, struct dirent **entries,
                           int count)
{
    uint64_t version = 0xcbf29ce484222325;
    char path[PATH_MAX];
    struct stat status;

    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        if (stat(path, &status) == 0) {
            mix(&version, status.st_ino);
            mix(&version, (uint64_t)status.st_size);
            mix(&version, (uint64_t)status.st_mtim.tv_sec);
            mix(&version, (uint64_t)status.st_mtim.tv_nsec);
        }
    }
    return version;
}

static void load_public(keyring_t *self, const char *name)
{
    char path[PATH_MAX];
    struct fault fault;

    snprintf(path, sizeof path, "%s/%s", self->directory, name);
    zcert_t *cert = load(path, &fault);
    if (cert != NULL && !is_zero(zcert_public_key(cert)) &&
        zcert_meta(cert, "role") != NULL) {
        zlistx_add_end(self->certs, cert);
        return;
    }
    zcert_destroy(&cert);
    log_warn("key.unusable", TEXT("file", path),
             TEXT("why", "not a public certificate with a role"),
             TEXT("remedy", "put what wakebusctl keygen has made there"));
}

/* Returns whether it was read again, or -1 with errno set. */
static int refresh(keyring_t *self)
{
    struct dirent **entries;
    int count = scandir(self->directory, &entries, is_public, alphasort);

    if (count < 0) {
        return -1;
    }
    uint64_t version = version_of(self->directory, entries, count);
    bool changed = version != self->version;
    self->version = version;
    if (changed) {
        zlistx_purge(self->certs);
    }
    for (int i = 0; i < count; i++) {
        if (changed) {
            load_public(self, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
    return changed;
}

void keyring_refresh(keyring_t *self)
{
    if (refresh(self) > 0) {
        log_info("keys.changed", NUM("authorized", zlistx_size(self->certs)));
    }
}

int keyring_admit(keyring_t *self, const char *directory, struct fault *fault)
{
    self->directory = strdup(directory);
    if (refresh(self) < 0) {
        return fault_set(fault, MAKE_KEYS, "cannot be read: %s",
                         strerror(errno));
    }
    return 0;
}

/* ---- asking ---- */

zcert_t *keyring_own(const keyring_t *self)
{
    return self->own;
}

const char *keyring_role(const keyring_t *self, const char *public_key)
{
    for (zcert_t *cert = zlistx_first(self->certs); cert != NULL;
         cert = zlistx_next(self->certs)) {
        if (strcmp(zcert_public_txt(cert), public_key) == 0) {
            return zcert_meta(cert, "role");
        }
    }
    return NULL;
}

const char *keyring_next(const keyring_t *self, const char *role,
                         const char *previous)
{
    const char *first = NULL;
    bool passed = previous == NULL;

    for (zcert_t *cert = zlistx_first(self->certs); cert != NULL;
         cert = zlistx_next(self->certs)) {
        const char *key = zcert_public_txt(cert);
        if (strcmp(zcert_meta(cert, "role"), role) != 0) {
            continue;
        }
        if (passed) {
            return key;
        }
        first = first != NULL ? first : key;
        passed = strcmp(key, previous) == 0;
    }
    return first;
}

/* ---- life ---- */

keyring_t *keyring_open(const char *key_file, const char *role,
                        struct fault *fault)
{
    zcert_t *own = load_own(key_file, role, fault);

    if (own == NULL) {
        return NULL;
    }
    keyring_t *self = zmalloc(sizeof *self);
    assert(self);
    self->own = own;
    self->certs = zlistx_new();
    assert(self->certs);
    zlistx_set_destructor(self->certs, (zlistx_destructor_fn *)zcert_destroy);
    return self;
}

void keyring_close(keyring_t **self_p)
{
    keyring_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zlistx_destroy(&self->certs);
    zcert_destroy(&self->own);
    free(self->directory);
    free(self);
    *self_p = NULL;
}
