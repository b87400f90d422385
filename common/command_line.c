/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/command_line.h"

#include "common/config.h"
#include "common/version.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void print_help(const char *program)
{
    printf("Usage: %s [OPTION]...\n"
           "\n"
           "  --config FILE    JSON file to read [%s]\n"
           "  --check-config   say what is wrong with it, the keys and\n"
           "                   certificates that it names included, and exit:\n"
           "                   0 or 78\n"
           "  --print-config   print what is in force, without secrets\n"
           "  --self-test[=json]\n"
           "                   try out what this program needs for its work,\n"
           "                   say what is wrong and what to do, and exit:\n"
           "                   0 or 1. A push to no device is tried as well.\n"
           "                   Nothing that runs is disturbed\n"
           "  --app NAME       with --self-test: only for this app\n"
           "  --version        print the version and the commit\n"
           "  --help           print this\n"
           "\n"
           "SIGHUP reads the file again, SIGTERM ends the process when it has\n"
           "done what it has begun. Exit status: 0 after that, 64 for a wrong\n"
           "command line, 78 for a wrong configuration, 69 when an address\n"
           "cannot be listened on or the work was not done in time.\n"
           "\n"
           "Each member of the file has an environment variable that goes\n"
           "over it: xmpp.host is WAKEBUS_XMPP_HOST. A secret may stand in a\n"
           "file of its own: xmpp.secret_file, WAKEBUS_XMPP_SECRET_FILE.\n",
           program, SETTINGS_DEFAULT_FILE);
    settings_print_help();
}

struct command_line {
    const char *file;
    bool check;
    bool print;
    bool help;
    bool version;
    struct self_test_request test;
};

/* Returns 0, or -1 when `format` is none. */
static int want_test(struct command_line *line, const char *format)
{
    line->test.wanted = true;
    line->test.json = format != NULL && strcmp(format, "json") == 0;
    if (format != NULL && !line->test.json) {
        fprintf(stderr, "--self-test: no such format: %s; there is json\n",
                format);
        return -1;
    }
    return 0;
}

/* Returns 0, or -1 when it is none. */
static int take_option(struct command_line *line, int option)
{
    switch (option) {
    case 'c':
        line->file = optarg;
        return 0;
    case 'k':
        line->check = true;
        return 0;
    case 'p':
        line->print = true;
        return 0;
    case 't':
        return want_test(line, optarg);
    case 'a':
        line->test.app = optarg;
        return 0;
    case 'h':
        line->help = true;
        return 0;
    case 'v':
        line->version = true;
        return 0;
    default:
        return -1; /* getopt has said what is wrong */
    }
}

static int parse(struct command_line *line, int argc, char **argv)
{
    static const struct option OPTIONS[] = {
        {"config", required_argument, NULL, 'c'},
        {"check-config", no_argument, NULL, 'k'},
        {"print-config", no_argument, NULL, 'p'},
        {"self-test", optional_argument, NULL, 't'},
        {"app", required_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (take_option(line, option) != 0) {
            return -1;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "%s: unexpected argument: %s\n", argv[0], argv[optind]);
        return -1;
    }
    if (line->test.app != NULL && !line->test.wanted) {
        fprintf(stderr, "%s: --app needs --self-test\n", argv[0]);
        return -1;
    }
    return 0;
}

/* Warnings go to the log of a process that runs, and else to who asks. */
static int judge(const struct settings *settings,
                 const struct command_line *line)
{
    config_t *source = settings->source;
    size_t faults = notes_count(config_notes(source), NOTE_FAULT);

    if (line->test.wanted) {
        return -1;
    }
    if (faults > 0) {
        config_report(source);
        fprintf(stderr, "%s: %zu fault%s in the configuration\n",
                settings->origin->program, faults, faults == 1 ? "" : "s");
        return EX_CONFIG;
    }
    if (line->print) {
        char *text = config_print(source);
        puts(text);
        free(text);
    }
    if (line->print || line->check) {
        config_report(source);
        return EX_OK;
    }
    log_configure(settings->log.level, settings->log.format);
    notes_log(config_notes(source));
    return -1;
}

int command_line_start(const struct settings **settings,
                       struct self_test_request *test,
                       struct settings_origin *origin, int argc, char **argv)
{
    struct command_line line = {0};

    *settings = NULL;
    log_start(origin->program + strlen("wakebus-"));
    if (parse(&line, argc, argv) != 0) {
        fprintf(stderr, "Try: %s --help\n", origin->program);
        return EX_USAGE;
    }
    if (line.help) {
        print_help(origin->program);
        return EX_OK;
    }
    if (line.version) {
        version_print(origin->program);
        return EX_OK;
    }
    *test = line.test;
    origin->file = line.file;
    *settings = settings_read(origin);
    int status = judge(*settings, &line);
    if (status >= 0) {
        settings_release(settings);
    }
    return status;
}
