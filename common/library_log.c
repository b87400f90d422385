/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/library_log.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include <assert.h>
#include <czmq.h>
#include <stdio.h>

/* CZMQ flushes after each line. */
static ssize_t on_line(void *cookie, const char *line, size_t size)
{
    int64_t times = repeats_note_change(cookie, "czmq", clock_mono_ms());
    char text[300];

    if (times > 0) {
        size_t used = size < sizeof text ? size : sizeof text - 1;
        memcpy(text, line, used);
        text[used] = '\0';
        text[strcspn(text, "\n")] = '\0';
        log_warn("library.says", TEXT("library", "czmq"), TEXT("text", text),
                 TIMES(times));
    }
    return (ssize_t)size;
}

void library_log_start(void)
{
    /* Lives as long as the process, as the stream does: CZMQ speaks up to its
     * end. */
    static repeats_t *repeats;
    cookie_io_functions_t functions = {.write = on_line};

    repeats = repeats_new();
    FILE *stream = fopencookie(repeats, "w", functions);
    assert(stream);
    zsys_set_logstream(stream);
}
