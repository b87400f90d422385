/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_SUPERVISOR_H
#define COMMON_SUPERVISOR_H

/* What systemd is told, if it has started us (Type=notify, WatchdogSec=):
 * without it these do nothing. */

#include <czmq.h>

/* The process is up. From now on the loop shows that it turns, twice in the
 * time after which systemd would end us. */
void supervisor_up(zloop_t *loop);

/* It reads its configuration again; and it has done so, well or not. */
void supervisor_reloading(void);
void supervisor_reloaded(void);

/* One line for people, shown by systemctl status. */
void supervisor_status(const char *text);

/* The process takes nothing new and will end. */
void supervisor_stopping(void);

#endif
