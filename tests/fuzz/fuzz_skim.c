/* SPDX-License-Identifier: BSD-3-Clause */
/* Stanzas that are not read. What is taken for a push is one to who reads it,
 * with the same addresses and the same end; unless it is not well-formed, which
 * nobody could have told. */
#include "services/xmpp-frontend/skim.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/stanza_text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct skimmed push;
    struct stanza_text read;

    size_t next = skim_to_next(bytes, size);
    assert(next <= size && (next > 0 || size == 0));
    if (!skim_push(bytes, size, &push)) {
        return 0;
    }
    assert(push.size <= size);
    char *xml = strndup(bytes, push.size);
    assert(xml != NULL);
    if (stanza_text_open(&read, xml) == 0) {
        assert(read.iq.type == IQ_SET);
        assert(read.iq.payload == PAYLOAD_PUBLISH ||
               read.iq.payload == PAYLOAD_NOT_ONE);
        assert(strcmp(read.iq.head.id, push.head.id) == 0);
        assert(strcmp(read.iq.head.from, push.head.from) == 0);
        assert(strcmp(read.iq.head.to, push.head.to) == 0);
        stanza_text_close(&read);
    }
    free(xml);
    return 0;
}
