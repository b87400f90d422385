/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FUZZ_FUZZ_TARGET_H
#define FUZZ_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer, or the replay of a corpus, calls for each input. Returns 0;
 * ends the process when a law is broken. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
