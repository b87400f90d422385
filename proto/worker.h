/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_WORKER_H
#define PROTO_WORKER_H

/* How workers come and go. A worker is a registry or a sender process; it has
 * one pair of pipes with each frontend, and says all this on each pair. */

#include "proto/codec.h"

/* hello: I am here, send jobs to this endpoint.
 * worker -> xmpp-frontend, at start, once a second, and when its credit
 * changes; not answered. */
#define HELLO "hello"

struct hello {
    const char *role;      /* "registry", "fcm-sender", … 1..32 bytes */
    const char *worker;    /* new with each start of a process, 1..64 bytes */
    const char *jobs;      /* ZeroMQ endpoint of its PULL, 1..256 bytes */
    int64_t credit;        /* unanswered jobs that it takes, 1..100000 */
    struct name_list apps; /* that a sender serves; a registry: none */
};
PROTO_DECLARE(hello);

/* bye: I want to leave, give me no more jobs.
 * worker -> xmpp-frontend, once a second until the fin. */
#define BYE "bye"

struct bye {
    const char *worker; /* as in its hello */
};
PROTO_DECLARE(bye);

/* fin: this was the last message on your pipe of jobs.
 * xmpp-frontend -> worker, the answer to a bye. */
#define FIN "fin"

struct fin {
    const char *worker; /* whom it is for */
};
PROTO_DECLARE(fin);

#endif
