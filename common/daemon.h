/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_DAEMON_H
#define COMMON_DAEMON_H

/* The life of a process: one loop, signals that arrive in it, and a stop in
 * two steps. The first SIGTERM or SIGINT begins the drain; the process ends
 * when daemon_finish is called, when the drain has taken too long, or at the
 * second signal. */

#include <czmq.h>

typedef struct daemon daemon_t;

/* Blocks the signals and takes them through the loop from now on: call it
 * before anything that starts a thread. Never NULL. */
daemon_t *daemon_new(void);
void daemon_destroy(daemon_t **self_p);

/* Borrowed. */
zloop_t *daemon_loop(daemon_t *self);

/* What begins the drain. It may call daemon_finish at once. Without one, the
 * first signal ends the process. */
void daemon_on_stop(daemon_t *self, void (*begin_drain)(void *arg), void *arg);

/* What SIGHUP calls, unless the drain has begun. Without one it does nothing.
 */
void daemon_on_reload(daemon_t *self, void (*reload)(void *arg), void *arg);

/* How long a drain may take that begins from now on. */
void daemon_set_drain(daemon_t *self, int64_t drain_ms);

/* Returns the exit status: 0 when drained, else what daemon_finish was given,
 * or 69 (EX_UNAVAILABLE) when the drain took too long or was cut short by a
 * second signal. */
int daemon_run(daemon_t *self);

/* End the loop; `status` is what daemon_run returns. */
void daemon_finish(daemon_t *self, int status);

#endif
