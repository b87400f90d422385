/* SPDX-License-Identifier: BSD-3-Clause */
/* wakebusctl: what an operator does beside running the processes. */
#include "common/version.h"
#include "services/wakebusctl/commands.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* clang-format off */
/* What all have that ask a running deployment. */
#define ASKING                                                                 \
    {"config", "FILE", "the configuration [/etc/wakebus/wakebus.json]"},       \
    {"timeout", "SECONDS", "how long an answer may take [5]"},                 \
    {"json", NULL, "print JSON, for scripts"}
/* clang-format on */

static const struct command_option HEALTH_OPTIONS[] = {
    {"live", NULL, "ask only whether it is alive"},
    {"config", "FILE", "where http.bind is [/etc/wakebus/wakebus.json]"},
    {NULL, NULL, NULL}};
static const struct command_option KEYGEN_OPTIONS[] = {
    {"rotate", "ROLE", "make a new pair for this role"}, {NULL, NULL, NULL}};
static const struct command_option ASKING_OPTIONS[] = {ASKING,
                                                       {NULL, NULL, NULL}};
static const struct command_option STATUS_OPTIONS[] = {
    {"watch", NULL, "once a second, until a key is pressed"},
    ASKING,
    {NULL, NULL, NULL}};
static const struct command_option COUNT_OPTIONS[] = {
    {"top", "N", "how many apps and domains to tell, those with most [10]"},
    ASKING,
    {NULL, NULL, NULL}};
static const struct command_option SHOW_OPTIONS[] = {
    {"domain", "DOMAIN", "of a sealed node: whose server may push"},
    ASKING,
    {NULL, NULL, NULL}};
static const struct command_option PUSH_OPTIONS[] = {
    {"high", NULL, "as urgent as a message; else the device may sleep on"},
    {"domain", "DOMAIN", "of a sealed node: whose server may push"},
    {"app", "APP", "NODE is a device token of this app, a stateless one"},
    ASKING,
    {NULL, NULL, NULL}};
static const struct command_option REVOKE_OPTIONS[] = {
    {"yes", NULL, "do not ask"}, ASKING, {NULL, NULL, NULL}};
static const struct command_option LIST_OPTIONS[] = {
    {"domain", "DOMAIN", "whose server may push to them; needed"},
    {"app", "APP", "only those of this app"},
    {"after", "PLACE", "go on where a list has stopped, as it said"},
    ASKING,
    {NULL, NULL, NULL}};

static const struct command_option NO_OPTIONS[] = {{NULL, NULL, NULL}};
static const struct command_option IMPORT_OPTIONS[] = {
    {"from", "FORMAT", "own or p2 [by what is in the file]"},
    {"app", "APP", "for p2's service; for both: FCM,APNS [the defaults]"},
    {"dry-run", NULL, "only look at the file"},
    {"skip-faulty", NULL, "import what has no fault"},
    ASKING,
    {NULL, NULL, NULL}};

static const struct command_option DOCTOR_OPTIONS[] = {
    {"app", "NAME", "examine only this app"},
    {"config", "FILE", "the configuration [/etc/wakebus/wakebus.json]"},
    {"json", NULL, "print JSON, for scripts"},
    {NULL, NULL, NULL}};

static const struct command COMMANDS[] = {
    {"doctor", "", 0, 0, "find out what is wrong, and what to do about it",
     DOCTOR_OPTIONS, doctor_command},
    {"health", "[ADDRESS]", 0, 1,
     "ask a process whether it is ready, or only alive", HEALTH_OPTIONS,
     health_command},
    {"keygen", "DIR", 1, 1,
     "make the keys of the bus, those that are missing, or a new one",
     KEYGEN_OPTIONS, keygen_command},
    {"status", "", 0, 0, "tell how all frontends and their workers are",
     STATUS_OPTIONS, status_command},
    {"show", "NODE", 1, 1, "tell what is registered under a node", SHOW_OPTIONS,
     show_command},
    {"count", "", 0, 0, "count the targets, by app and by domain",
     COUNT_OPTIONS, count_command},
    {"list", "", 0, 0, "list the targets of a domain", LIST_OPTIONS,
     list_command},
    {"push", "NODE", 1, 1, "wake the target of a node, as a test", PUSH_OPTIONS,
     push_command},
    {"revoke", "NODE", 1, 1, "remove the target of a node", REVOKE_OPTIONS,
     revoke_command},
    {"export", "[FILE]", 0, 1,
     "write all targets down, with their secrets, for import", ASKING_OPTIONS,
     export_command},
    {"import fpush", "FILE", 1, 1,
     "print fpush's settings.json as members of ours", NO_OPTIONS,
     import_fpush_command},
    {"import", "FILE", 1, 1,
     "take over targets of p2, or of an export; - is standard input",
     IMPORT_OPTIONS, import_command},
};

enum { COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS };

static void print_usage(FILE *to)
{
    fputs("Usage: wakebusctl COMMAND [ARGUMENT]...\n\n", to);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        fputs("  ", to);
        arguments_print_synopsis(&COMMANDS[i], to);
        fprintf(to, "        %s\n", COMMANDS[i].help);
    }
    fputs("  COMMAND --help\n"
          "        explain its options\n"
          "  --version\n"
          "        print the version and the commit\n"
          "  --help\n"
          "        print this\n",
          to);
}

/* How many words of these are the name of the command; 0: they are not. */
static int count_words(const struct command *command, int argc, char **argv)
{
    const char *name = command->name;

    for (int words = 0; words < argc; words++) {
        size_t size = strcspn(name, " ");
        if (strlen(argv[words]) != size ||
            strncmp(argv[words], name, size) != 0) {
            return 0;
        }
        if (name[size] == '\0') {
            return words + 1;
        }
        name += size + 1;
    }
    return 0;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct arguments arguments;
    int status = arguments_read(&arguments, command, argc, argv);

    if (status == EX_OK && arguments.help) {
        arguments_print_help(command, stdout);
        return EX_OK;
    }
    if (status == EX_OK) {
        status = command->run(&arguments);
    }
    if (status == EX_USAGE) {
        fprintf(stderr, "Try: wakebusctl %s --help\n", command->name);
    }
    return status;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    if (strcmp(name, "--help") == 0) {
        print_usage(stdout);
        return EX_OK;
    }
    if (strcmp(name, "--version") == 0) {
        version_print("wakebusctl");
        return EX_OK;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        int words = count_words(&COMMANDS[i], argc - 1, argv + 1);
        if (words > 0) {
            return run(&COMMANDS[i], argc - words, argv + words);
        }
    }
    if (argc > 1) {
        fprintf(stderr, "wakebusctl: no such command: %s\n", name);
    }
    print_usage(stderr);
    return EX_USAGE;
}
