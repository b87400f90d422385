/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/answer.h"

#include <string.h>

const char *answer_text(const struct redis_answer *answer)
{
    return answer != NULL && answer->count == 1 ? answer->items[0] : NULL;
}

const char *answer_word(const struct redis_answer *answer)
{
    return answer != NULL && answer->count % 2 == 1 ? answer->items[0] : NULL;
}

enum target_outcome answer_outcome(const struct redis_answer *answer)
{
    static const struct {
        const char *word;
        enum target_outcome outcome;
    } WORDS[] = {
        {"ok", TARGET_OK}, {"absent", TARGET_ABSENT}, {"kept", TARGET_KEPT}};
    const char *word = answer_word(answer);

    for (size_t i = 0; word != NULL && i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strcmp(word, WORDS[i].word) == 0) {
            return WORDS[i].outcome;
        }
    }
    return TARGET_LATER;
}
