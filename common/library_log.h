/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_LIBRARY_LOG_H
#define COMMON_LIBRARY_LOG_H

/* CZMQ writes what it finds wrong to a stream, in lines of its own form. From
 * here on they are lines of our log. Call it once, in the main thread. */
void library_log_start(void);

#endif
