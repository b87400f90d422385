/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_SLOT_H
#define REGISTRY_SLOT_H

/* Redis Cluster cuts the keys into slots, and each slot belongs to a master. */

enum { SLOTS = 16384 };

/* 0..SLOTS-1. Only what is between the first { and the next } counts, if that
 * is anything. */
unsigned slot_of_key(const char *key);

#endif
