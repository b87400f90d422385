/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_SCREEN_H
#define WAKEBUSCTL_SCREEN_H

/* A terminal that is painted again and again. What was on it before is there
 * again at the end. */

#include <termios.h>

struct screen {
    struct termios before; /* of standard input */
    int keys;              /* readable when a key was pressed, or -1 */
};

/* Standard output is a terminal. */
void screen_open(struct screen *self);
void screen_close(struct screen *self);

/* Show this text, as much of it as there is room for. */
void screen_paint(const char *text);

#endif
