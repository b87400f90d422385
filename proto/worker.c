/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/worker.h"

static const struct field HELLO_FIELDS[] = {
    STR_FIELD(struct hello, role, 1, 32),
    STR_FIELD(struct hello, worker, 1, 64),
    STR_FIELD(struct hello, jobs, 1, 256),
    INT_FIELD(struct hello, credit, 1, 100000),
    OPT_LIST_FIELD(struct hello, apps, 1, 64),
};
PROTO_DEFINE(hello, HELLO, HELLO_FIELDS);

static const struct field BYE_FIELDS[] = {
    STR_FIELD(struct bye, worker, 1, 64),
};
PROTO_DEFINE(bye, BYE, BYE_FIELDS);

static const struct field FIN_FIELDS[] = {
    STR_FIELD(struct fin, worker, 1, 64),
};
PROTO_DEFINE(fin, FIN, FIN_FIELDS);
