/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/screen.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ECMA-48, and xterm's private modes: the alternate screen, no wrapping of
 * lines that are too long, no cursor. */
#define OPEN "\033[?1049h\033[?7l\033[?25l"
#define CLOSE "\033[?25h\033[?7h\033[?1049l"
#define HOME "\033[H"
#define CLEAR_LINE "\033[K\n"
#define CLEAR_REST "\033[J"

void screen_open(struct screen *self)
{
    self->keys = -1;
    if (tcgetattr(STDIN_FILENO, &self->before) == 0) {
        struct termios raw = self->before;
        raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        /* zloop takes 0 for the descriptor of every ZeroMQ socket. */
        self->keys = dup(STDIN_FILENO);
    }
    fputs(OPEN, stdout);
    fflush(stdout);
}

void screen_close(struct screen *self)
{
    if (self->keys >= 0) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &self->before); /* key and all */
        close(self->keys);
    }
    fputs(CLOSE, stdout);
    fflush(stdout);
}

static int count_rows(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1
               ? size.ws_row
               : 24;
}

void screen_paint(const char *text)
{
    int rows = count_rows() - 1; /* the last one stays empty */

    fputs(HOME, stdout);
    for (; rows > 0 && *text != '\0'; rows--) {
        size_t size = strcspn(text, "\n");
        fwrite(text, 1, size, stdout);
        fputs(CLEAR_LINE, stdout);
        text += size + (text[size] == '\n' ? 1 : 0);
    }
    fputs(CLEAR_REST, stdout);
    fflush(stdout);
}
