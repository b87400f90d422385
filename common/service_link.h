/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_SERVICE_LINK_H
#define COMMON_SERVICE_LINK_H

#include <stdbool.h>

/* Kubernetes puts each Service of a namespace into the environment of all its
 * pods, Docker did so with links: a Service called wakebus-xmpp becomes
 * WAKEBUS_XMPP_PORT=tcp://10.0.0.1:5347, WAKEBUS_XMPP_SERVICE_HOST and more.
 * Is this such a variable, rather than something that was said to us? Pure.
 * https://kubernetes.io/docs/concepts/services-networking/service/
 *     #environment-variables */
bool service_link_is(const char *name, const char *value);

#endif
