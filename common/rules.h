/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_RULES_H
#define COMMON_RULES_H

/* What settings must be beside what their table says of each: the form of
 * addresses, and what members need of each other. */

#include "common/config.h"
#include "common/settings.h"

/* Note what is wrong for this program as faults of `config`. A member that is
 * at fault already is NULL. Opens the keys of the bus, settings->bus.keys. */
void rules_check(config_t *config, struct settings *settings,
                 const char *program);

/* The same only for http.bind; NULL is right. */
void rules_check_http(config_t *config, const char *bind);

#endif
