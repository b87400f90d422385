/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/checkup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    COLUMNS = 80,
    STATE_WIDTH = 8, /* of the longest */
    STEP_WIDTH_MAX = 30,
    TEXT_WIDTH_MIN = 30,
};

static const struct {
    const char *word;
    const char *colour; /* as ECMA-48 has it (SGR) */
} LOOKS[] = {
    [FINDING_OK] = {"ok", "32"},
    [FINDING_WARNING] = {"warning", "33"},
    [FINDING_FAULT] = {"FAULT", "1;31"},
    [FINDING_SKIPPED] = {"skipped", "2"},
};

static int step_width(const checkup_t *self)
{
    int width = 0;

    for (size_t i = 0; i < checkup_size(self); i++) {
        int length = (int)strlen(checkup_finding(self, i)->step);
        width = length > width ? length : width;
    }
    return width < STEP_WIDTH_MAX ? width : STEP_WIDTH_MAX;
}

/* How much of the text fits, broken between words if it can be. Bytes that go
 * on with a character (UTF-8) take no column. */
static size_t line_size(const char *text, int width)
{
    size_t last_space = 0;
    int columns = 0;

    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] == ' ') {
            last_space = i;
        }
        if (((unsigned char)text[i] & 0xC0) != 0x80 && ++columns > width) {
            return last_space > 0 ? last_space : i;
        }
    }
    return strlen(text);
}

/* Ends the line; further ones begin in column `indent`, where the first one
 * does. */
static void print_wrapped(FILE *to, const char *text, int indent)
{
    int width = COLUMNS - indent;

    for (bool first = true; first || *text != '\0'; first = false) {
        size_t size =
            line_size(text, width > TEXT_WIDTH_MIN ? width : TEXT_WIDTH_MIN);
        fprintf(to, "%*s%.*s\n", first ? 0 : indent, "", (int)size, text);
        text += size;
        text += strspn(text, " ");
    }
}

static void print_finding(const struct finding *finding, FILE *to,
                          int step_columns, bool colours)
{
    int indent = STATE_WIDTH + step_columns + 4;
    const char *colour = LOOKS[finding->state].colour;

    fprintf(to, "  %s%s%s%-*s%s%-*s  ", colours ? "\033[" : "",
            colours ? colour : "", colours ? "m" : "", STATE_WIDTH,
            LOOKS[finding->state].word, colours ? "\033[0m" : "", step_columns,
            finding->step);
    print_wrapped(to, finding->text, indent);
    if (finding->remedy[0] != '\0') {
        fprintf(to, "%*s-> ", indent, "");
        print_wrapped(to, finding->remedy, indent + 3);
    }
}

void checkup_print(const checkup_t *self, FILE *to, bool colours)
{
    int width = step_width(self);

    for (size_t i = 0; i < checkup_size(self); i++) {
        print_finding(checkup_finding(self, i), to, width, colours);
    }
}

void checkup_summary(size_t faults, size_t warnings, char *out, size_t size)
{
    char of_warnings[32] = "";

    if (warnings > 0) {
        snprintf(of_warnings, sizeof of_warnings, ", %zu warning%s", warnings,
                 warnings == 1 ? "" : "s");
    }
    if (faults > 0) {
        snprintf(out, size, "%zu fault%s%s", faults, faults == 1 ? "" : "s",
                 of_warnings);
    } else {
        snprintf(out, size, "no faults%s", of_warnings);
    }
}

bool checkup_wants_colours(FILE *to)
{
    const char *no_color = getenv("NO_COLOR");

    return isatty(fileno(to)) && (no_color == NULL || no_color[0] == '\0');
}
