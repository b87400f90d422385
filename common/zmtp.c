/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/zmtp.h"

#include <string.h>

/* greeting = signature version mechanism as-server filler
 * signature = %xFF 8OCTET %x7F, version = 2OCTET, mechanism = 20OCTET */
enum {
    SIGNATURE_END = 9,
    VERSION_MAJOR = 10,
    MECHANISM = 12,
    MECHANISM_SIZE = 20,
};

const unsigned char ZMTP_OPENING[ZMTP_OPENING_SIZE] = {0xff, 0, 0, 0,    0, 0,
                                                       0,    0, 0, 0x7f, 3};

bool zmtp_wants_curve(const unsigned char greeting[ZMTP_GREETING_SIZE])
{
    static const char CURVE[MECHANISM_SIZE] = "CURVE"; /* padded with NULs */

    return greeting[0] == 0xff && greeting[SIGNATURE_END] == 0x7f &&
           greeting[VERSION_MAJOR] >= 3 &&
           memcmp(greeting + MECHANISM, CURVE, MECHANISM_SIZE) == 0;
}
