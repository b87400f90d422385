/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/ipc.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *ipc_path(const char *endpoint)
{
    static const char SCHEME[] = "ipc://";

    return strncmp(endpoint, SCHEME, strlen(SCHEME)) == 0
               ? endpoint + strlen(SCHEME)
               : NULL;
}

void ipc_act_as(uid_t user)
{
    if (user != geteuid()) {
        int changed = seteuid(user);
        assert(changed == 0); /* root may, and its saved id is root's still */
        (void)changed;
    }
}

uid_t ipc_act_as_owner(const char *endpoint)
{
    uid_t before = geteuid();
    struct stat inbox;

    if (before == 0 && ipc_path(endpoint) != NULL &&
        stat(ipc_path(endpoint), &inbox) == 0) {
        ipc_act_as(inbox.st_uid);
    }
    return before;
}
