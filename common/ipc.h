/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_IPC_H
#define COMMON_IPC_H

/* Endpoints that are sockets in the file system: ipc:///run/wakebus/frontend.
 */

#include <sys/types.h>

/* The path of an ipc endpoint, in it; NULL for any other. */
const char *ipc_path(const char *endpoint);

/* Root's sockets can be reached by root alone, so before it binds one for the
 * process at `endpoint` it acts as the owner of that: what it makes is the
 * owner's. Nobody else can do that, nor need he. Returns who it was, for
 * ipc_act_as. */
uid_t ipc_act_as_owner(const char *endpoint);
void ipc_act_as(uid_t user);

#endif
