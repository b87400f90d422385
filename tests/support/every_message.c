/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/every_message.h"

#include <string.h>

#define KIND(name)                                                             \
    static int decode_##name(union any_message *to, const struct msg *m,       \
                             struct proto_err *err)                            \
    {                                                                          \
        return name##_decode(&to->name, m, err);                               \
    }                                                                          \
    static char *encode_##name(const union any_message *from, const char *id,  \
                               struct proto_err *err)                          \
    {                                                                          \
        return name##_encode(&from->name, id, err);                            \
    }                                                                          \
    _Static_assert(sizeof(struct name) <= sizeof(union any_message), #name)

KIND(hello);
KIND(bye);
KIND(fin);
KIND(target_register);
KIND(target_register_result);
KIND(target_unregister);
KIND(target_unregister_result);
KIND(target_lookup);
KIND(target_lookup_result);
KIND(target_forget);
KIND(target_forget_result);
KIND(operator_export);
KIND(operator_export_result);
KIND(operator_import);
KIND(operator_import_result);
KIND(target_defer);
KIND(target_defer_result);
KIND(target_settle);
KIND(target_settle_result);
KIND(target_due);
KIND(push_request);
KIND(push_result);
KIND(operator_later);
KIND(operator_show);
KIND(operator_show_result);
KIND(operator_status);
KIND(operator_status_result);
KIND(operator_waiting);
KIND(operator_waiting_result);
KIND(operator_count);
KIND(operator_count_result);
KIND(operator_list);
KIND(operator_list_result);
KIND(operator_push);
KIND(operator_push_result);
KIND(operator_find);
KIND(operator_find_result);
KIND(operator_revoke);
KIND(operator_revoke_result);

const struct message_kind EVERY_MESSAGE[] = {
    {HELLO, decode_hello, encode_hello},
    {BYE, decode_bye, encode_bye},
    {FIN, decode_fin, encode_fin},
    {TARGET_REGISTER, decode_target_register, encode_target_register},
    {TARGET_REGISTER_RESULT, decode_target_register_result,
     encode_target_register_result},
    {TARGET_UNREGISTER, decode_target_unregister, encode_target_unregister},
    {TARGET_UNREGISTER_RESULT, decode_target_unregister_result,
     encode_target_unregister_result},
    {TARGET_LOOKUP, decode_target_lookup, encode_target_lookup},
    {TARGET_LOOKUP_RESULT, decode_target_lookup_result,
     encode_target_lookup_result},
    {TARGET_FORGET, decode_target_forget, encode_target_forget},
    {TARGET_FORGET_RESULT, decode_target_forget_result,
     encode_target_forget_result},
    {TARGET_DEFER, decode_target_defer, encode_target_defer},
    {TARGET_DEFER_RESULT, decode_target_defer_result,
     encode_target_defer_result},
    {TARGET_SETTLE, decode_target_settle, encode_target_settle},
    {TARGET_SETTLE_RESULT, decode_target_settle_result,
     encode_target_settle_result},
    {TARGET_DUE, decode_target_due, encode_target_due},
    {PUSH_REQUEST, decode_push_request, encode_push_request},
    {PUSH_RESULT, decode_push_result, encode_push_result},
    {OPERATOR_LATER, decode_operator_later, encode_operator_later},
    {OPERATOR_SHOW, decode_operator_show, encode_operator_show},
    {OPERATOR_SHOW_RESULT, decode_operator_show_result,
     encode_operator_show_result},
    {OPERATOR_STATUS, decode_operator_status, encode_operator_status},
    {OPERATOR_STATUS_RESULT, decode_operator_status_result,
     encode_operator_status_result},
    {OPERATOR_WAITING, decode_operator_waiting, encode_operator_waiting},
    {OPERATOR_WAITING_RESULT, decode_operator_waiting_result,
     encode_operator_waiting_result},
    {OPERATOR_COUNT, decode_operator_count, encode_operator_count},
    {OPERATOR_COUNT_RESULT, decode_operator_count_result,
     encode_operator_count_result},
    {OPERATOR_LIST, decode_operator_list, encode_operator_list},
    {OPERATOR_LIST_RESULT, decode_operator_list_result,
     encode_operator_list_result},
    {OPERATOR_PUSH, decode_operator_push, encode_operator_push},
    {OPERATOR_PUSH_RESULT, decode_operator_push_result,
     encode_operator_push_result},
    {OPERATOR_FIND, decode_operator_find, encode_operator_find},
    {OPERATOR_FIND_RESULT, decode_operator_find_result,
     encode_operator_find_result},
    {OPERATOR_REVOKE, decode_operator_revoke, encode_operator_revoke},
    {OPERATOR_REVOKE_RESULT, decode_operator_revoke_result,
     encode_operator_revoke_result},
    {OPERATOR_EXPORT, decode_operator_export, encode_operator_export},
    {OPERATOR_EXPORT_RESULT, decode_operator_export_result,
     encode_operator_export_result},
    {OPERATOR_IMPORT, decode_operator_import, encode_operator_import},
    {OPERATOR_IMPORT_RESULT, decode_operator_import_result,
     encode_operator_import_result},
    {NULL, NULL, NULL},
};

const struct message_kind *message_kind(const char *type)
{
    for (const struct message_kind *k = EVERY_MESSAGE; k->type != NULL; k++) {
        if (strcmp(k->type, type) == 0) {
            return k;
        }
    }
    return NULL;
}
