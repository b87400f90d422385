/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_FPUSH_SETTINGS_H
#define WAKEBUSCTL_FPUSH_SETTINGS_H

/* fpush's settings.json (its README, and the structs of its config.rs) as
 * members of wakebus.json. Pure. */

#include <jansson.h>
#include <stddef.h>

struct fpush_settings {
    json_t *converted; /* xmpp and apps; secrets are named as files */
    json_t *notes;     /* what is to be done, or was left out: an array of
                          objects with member and note */
    size_t lost;       /* push modules that could not be taken over */
};

/* `settings` is what the file holds, whatever that is. To be let go with
 * fpush_settings_free. */
struct fpush_settings fpush_settings_convert(json_t *settings);
void fpush_settings_free(struct fpush_settings *self);

#endif
