/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/answer.h"

#include "services/xmpp-frontend/namespaces.h"
#include <stddef.h>

static const struct stanza_error ERRORS[] = {
    [ANSWER_TIMEOUT] = {"wait", "remote-server-timeout", NULL, NULL,
                        "The push service did not answer in time."},
    [ANSWER_TROUBLE] = {"wait", "internal-server-error", NULL, NULL,
                        "The app server has a problem; try again later."},
    [ANSWER_STOPPING] = {"wait", "service-unavailable", NULL, NULL,
                         "The app server is restarting."},
    [ANSWER_LIMITED] = {"wait", "resource-constraint", NULL, NULL,
                        "Too many registrations; try again later."},
    [ANSWER_GONE] = {"cancel", "item-not-found", NULL, NULL,
                     "There is no such push registration."},
    [ANSWER_NO_COMMAND] = {"cancel", "item-not-found", NULL, NULL,
                           "There is no such node or command."},
    [ANSWER_FORBIDDEN] = {"auth", "forbidden", NULL, NULL,
                          "Only servers and bare JIDs may push."},
    [ANSWER_BAD_REQUEST] = {"modify", "bad-request", NULL, NULL,
                            "The request is malformed."},
    [ANSWER_NO_NODE] = {"modify", "bad-request", "nodeid-required",
                        NS_PUBSUB_ERRORS, "The publish names no node."},
    [ANSWER_BAD_ACTION] = {"modify", "bad-request", "bad-action", NS_COMMANDS,
                           "The command knows no such action."},
    [ANSWER_UNSUPPORTED] = {"cancel", "feature-not-implemented", NULL, NULL,
                            "This is not supported."},
    [ANSWER_UNKNOWN] = {"cancel", "service-unavailable", NULL, NULL,
                        "This is not supported here."},
};

const struct stanza_error *answer_error(enum answer answer)
{
    return &ERRORS[answer];
}
