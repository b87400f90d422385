/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SUPPORT_EVERY_MESSAGE_H
#define SUPPORT_EVERY_MESSAGE_H

/* All messages of proto/ in one table, for tests that hold for each of them.
 * A new message gets a line here; test_readme fails until it has one. */

#include "proto/operator.h"
#include "proto/push.h"
#include "proto/target.h"
#include "proto/worker.h"

union any_message {
    struct hello hello;
    struct bye bye;
    struct fin fin;
    struct target_register target_register;
    struct target_register_result target_register_result;
    struct target_unregister target_unregister;
    struct target_unregister_result target_unregister_result;
    struct target_lookup target_lookup;
    struct target_lookup_result target_lookup_result;
    struct target_forget target_forget;
    struct target_forget_result target_forget_result;
    struct target_defer target_defer;
    struct target_defer_result target_defer_result;
    struct target_settle target_settle;
    struct target_settle_result target_settle_result;
    struct target_due target_due;
    struct push_request push_request;
    struct push_result push_result;
    struct operator_later operator_later;
    struct operator_show operator_show;
    struct operator_show_result operator_show_result;
    struct operator_status operator_status;
    struct operator_status_result operator_status_result;
    struct operator_waiting operator_waiting;
    struct operator_waiting_result operator_waiting_result;
    struct operator_count operator_count;
    struct operator_count_result operator_count_result;
    struct operator_list operator_list;
    struct operator_list_result operator_list_result;
    struct operator_push operator_push;
    struct operator_push_result operator_push_result;
    struct operator_find operator_find;
    struct operator_find_result operator_find_result;
    struct operator_revoke operator_revoke;
    struct operator_revoke_result operator_revoke_result;
    struct operator_export operator_export;
    struct operator_export_result operator_export_result;
    struct operator_import operator_import;
    struct operator_import_result operator_import_result;
};

struct message_kind {
    const char *type;
    int (*decode)(union any_message *to, const struct msg *m,
                  struct proto_err *err);
    char *(*encode)(const union any_message *from, const char *id,
                    struct proto_err *err);
};

extern const struct message_kind EVERY_MESSAGE[]; /* the last type is NULL */

/* NULL if there is none of that type. */
const struct message_kind *message_kind(const char *type);

#endif
