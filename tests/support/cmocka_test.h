/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SUPPORT_CMOCKA_TEST_H
#define SUPPORT_CMOCKA_TEST_H

/* cmocka.h with what it needs before it, in this order. */

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

/* Number of elements of an array. */
#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
