/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_ZMTP_H
#define COMMON_ZMTP_H

/* The greeting with which both sides of a ZeroMQ connection begin:
 * https://rfc.zeromq.org/spec/23/, "The Greeting". Pure. */

#include <stdbool.h>

enum { ZMTP_OPENING_SIZE = 11, ZMTP_GREETING_SIZE = 64 };

/* So much of a greeting of ours that a peer sends the whole of its own. It ends
 * before the mechanism, for which the peer could turn us away. */
extern const unsigned char ZMTP_OPENING[ZMTP_OPENING_SIZE];

/* Does who sent this speak CURVE only? False as well if it is no greeting. */
bool zmtp_wants_curve(const unsigned char greeting[ZMTP_GREETING_SIZE]);

#endif
