/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/operator_node.h"

#include "services/xmpp-frontend/operator_reasons.h"

static void set(struct node_answer *answer, const char *outcome, char *frame)
{
    answer->why = frame == NULL ? REASON_MALFORMED : NULL;
    answer->outcome = outcome;
    answer->frame = frame;
}

static void show(struct node_answer *answer, const struct settings *settings,
                 const struct msg *m)
{
    struct stateless_target target;
    struct operator_show what;
    struct proto_err err;

    if (operator_show_decode(&what, m, &err) != 0) {
        answer->why = REASON_MALFORMED;
        return;
    }
    switch (stateless_target_find(&target, settings, what.node, what.domain,
                                  NULL)) {
    case STATELESS_FOUND:
        set(answer, "ok",
            stateless_target_show(&target, what.domain, m->id, &err));
        break;
    case STATELESS_ABSENT:
        set(answer, "absent", stateless_target_show(NULL, NULL, m->id, &err));
        break;
    case STATELESS_NO_KEY:
        answer->why = REASON_NO_KEY;
        break;
    case STATELESS_NO_APP:
    case STATELESS_IS_NOT:
        break;
    }
}

static char *encode_absent(const struct msg *m, struct proto_err *err)
{
    const struct operator_push_result absent = {.outcome =
                                                    OPERATOR_PUSH_ABSENT};

    return operator_push_result_encode(&absent, m->id, err);
}

static void push(struct node_answer *answer, const struct settings *settings,
                 const struct msg *m, int64_t now_ms)
{
    struct stateless_target target;
    struct operator_push what;
    struct proto_err err;

    if (operator_push_decode(&what, m, &err) != 0) {
        answer->why = REASON_MALFORMED;
        return;
    }
    switch (stateless_target_find(&target, settings, what.node, what.domain,
                                  what.app)) {
    case STATELESS_FOUND:
        answer->trial = trial_new_for(&what, &target, now_ms);
        break;
    case STATELESS_ABSENT:
        set(answer, "absent", encode_absent(m, &err));
        break;
    case STATELESS_NO_KEY:
        answer->why = REASON_NO_KEY;
        break;
    case STATELESS_NO_APP:
        answer->why = REASON_NO_STATELESS_APP;
        break;
    case STATELESS_IS_NOT:
        answer->trial = trial_new(&what, now_ms);
        break;
    }
}

void operator_node_answer(struct node_answer *answer,
                          const struct settings *settings, const struct msg *m,
                          int64_t now_ms)
{
    if (msg_is(m, OPERATOR_SHOW)) {
        show(answer, settings, m);
    } else if (msg_is(m, OPERATOR_PUSH)) {
        push(answer, settings, m, now_ms);
    }
}
