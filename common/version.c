/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/version.h"

#include <stdio.h>

const char VERSION_NUMBER[] = WAKEBUS_VERSION;
const char VERSION_COMMIT[] = WAKEBUS_COMMIT;
const char VERSION_TEXT[] = WAKEBUS_VERSION " (" WAKEBUS_COMMIT ")";

void version_print(const char *program)
{
    printf("%s %s (%s)\n", program, VERSION_NUMBER, VERSION_COMMIT);
}
