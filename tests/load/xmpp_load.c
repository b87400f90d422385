/* SPDX-License-Identifier: BSD-3-Clause */

/* The load generator: an XMPP server whose users register and get messages as
 * fast as it is told. It takes commands, a line each, from standard input, and
 * answers each with a line of JSON:
 *
 *     wait                              until the component is up
 *     register SERVICE COUNT            devices; SERVICE is fcm or apns
 *     pretend SERVICE COUNT             the same, without asking anybody
 *     publish SERVICE window STEPS      closed loop: WINDOWxSECONDS,…
 *     publish SERVICE rate STEPS        open loop: RATExSECONDS,…
 *
 * and of publishes SERVICE may be mixed. Latencies are microseconds. */

#include "common/clock.h"
#include "tests/load/load.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    LINE_SIZE = 256,
    WORDS_MAX = 4,
    PAUSE_MAX_US = 100000, /* between two looks at whether a run has ended */
};

struct generator {
    struct addresses who;
    struct component_conf conf;
    component_t *component;
    load_t *load;
    bool waits; /* for the component; the command is not answered yet */
    bool runs;
    bool ended; /* no more commands */
    char line[LINE_SIZE];
    size_t line_size;
};

/* ---- commands ---- */

static void say(json_t *what)
{
    json_dumpf(what, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(what);
}

static const char *publish(struct generator *self, char *const words[])
{
    struct schedule schedule;
    bool is_open = strcmp(words[2], "rate") == 0;

    if (!is_open && strcmp(words[2], "window") != 0) {
        return "neither window nor rate";
    }
    if (schedule_read(&schedule, is_open, words[3]) != 0) {
        return "not AMOUNTxSECONDS,…";
    }
    return load_publish(self->load, words[1], &schedule, clock_mono_us());
}

/* Returns why it cannot be done, or NULL. */
static const char *obey(struct generator *self, char *const words[],
                        size_t count)
{
    const char *why = NULL;

    if (count == 1 && strcmp(words[0], "wait") == 0) {
        self->waits = true;
    } else if (count == 3 && strcmp(words[0], "pretend") == 0) {
        why = load_pretend(self->load, words[1], strtoull(words[2], NULL, 10));
        if (why == NULL) {
            say(json_object());
        }
    } else if (!component_is_up(self->component)) {
        why = "there is no component";
    } else if (count == 3 && strcmp(words[0], "register") == 0) {
        why = load_register(self->load, words[1], strtoull(words[2], NULL, 10),
                            clock_mono_us());
        self->runs = why == NULL;
    } else if (count == 4 && strcmp(words[0], "publish") == 0) {
        why = publish(self, words);
        self->runs = why == NULL;
    } else {
        why = "no such command";
    }
    return why;
}

static void take_command(struct generator *self, char *line)
{
    char *words[WORDS_MAX + 1] = {NULL};
    char *rest = NULL;
    size_t count = 0;
    const char *why = "one at a time";

    for (char *word = strtok_r(line, " ", &rest);
         word != NULL && count <= WORDS_MAX;
         word = strtok_r(NULL, " ", &rest)) {
        words[count++] = word;
    }
    if (!self->runs && !self->waits) {
        why = obey(self, words, count);
    }
    if (why != NULL) {
        say(json_pack("{s:s}", "error", why));
    }
}

static void read_commands(struct generator *self)
{
    ssize_t size = read(STDIN_FILENO, self->line + self->line_size,
                        sizeof self->line - self->line_size);
    char *end;

    if (size <= 0) {
        self->ended = true;
        return;
    }
    self->line_size += (size_t)size;
    while ((end = memchr(self->line, '\n', self->line_size)) != NULL) {
        *end = '\0';
        take_command(self, self->line);
        self->line_size -= (size_t)(end + 1 - self->line);
        memmove(self->line, end + 1, self->line_size);
    }
    self->ended = self->line_size == sizeof self->line; /* no command */
}

/* ---- the loop ---- */

static void turn(struct generator *self)
{
    struct pollfd polled[] = {component_poll(self->component),
                              {.fd = STDIN_FILENO, .events = POLLIN}};
    int64_t pause_us = load_pause_us(self->load, clock_mono_us());
    struct timespec pause = {0};

    if (pause_us < 0 || pause_us > PAUSE_MAX_US) {
        pause_us = PAUSE_MAX_US;
    }
    pause.tv_nsec = pause_us * 1000;
    if (ppoll(polled, 2, &pause, NULL) > 0) {
        component_turn(self->component, polled[0].revents);
        if (polled[1].revents != 0) {
            read_commands(self);
        }
    }
    load_pump(self->load, clock_mono_us());
    if (self->waits && component_is_up(self->component)) {
        self->waits = false;
        say(json_object());
    }
    json_t *report = load_harvest(self->load, clock_mono_us());
    if (report != NULL) {
        self->runs = false;
        say(report);
    }
}

static int run(struct generator *self)
{
    self->load = load_new(&self->who);
    self->conf.jid = self->who.component;
    self->conf.on_answer = load_on_answer;
    self->conf.arg = self->load;
    self->component = component_new(&self->conf);
    if (self->component == NULL) {
        fprintf(stderr, "port %d: %s\n", self->conf.port, strerror(errno));
        load_destroy(&self->load);
        return EX_UNAVAILABLE;
    }
    load_use(self->load, self->component);
    while (!self->ended) {
        turn(self);
    }
    component_destroy(&self->component);
    load_destroy(&self->load);
    return EX_OK;
}

int main(int argc, char **argv)
{
    static const struct option OPTIONS[] = {
        {"port", required_argument, NULL, 'p'},
        {"jid", required_argument, NULL, 'j'},
        {"secret", required_argument, NULL, 's'},
        {"domain", required_argument, NULL, 'd'},
        {0}};
    struct generator generator = {.who = {"push.example.test", "example.test"},
                                  .conf = {.port = 5347, .secret = "secret"}};
    int option;

    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'p':
            generator.conf.port = (int)strtol(optarg, NULL, 10);
            break;
        case 'j':
            generator.who.component = optarg;
            break;
        case 's':
            generator.conf.secret = optarg;
            break;
        case 'd':
            generator.who.domain = optarg;
            break;
        default:
            fputs("Usage: xmpp_load [--port P] [--jid JID] [--secret S] "
                  "[--domain D]\n",
                  stderr);
            return EX_USAGE;
        }
    }
    /* The kernel rounds waits up by this, 50 µs if not told otherwise. */
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
    return run(&generator);
}
