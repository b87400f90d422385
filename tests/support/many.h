/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SUPPORT_MANY_H
#define SUPPORT_MANY_H

/* Ten million; one where the address sanitizer watches each step, which takes
 * twenty times as long then. */
#ifdef __SANITIZE_ADDRESS__
enum { SO_MANY = 1000 * 1000 };
#else
enum { SO_MANY = 10 * 1000 * 1000 };
#endif

#endif
