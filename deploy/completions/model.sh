#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# model.sh PROGRAM: what wakebusctl takes, as its --help tells, for the scripts
# beside it to make completions of. Fields have tabs between them:
#
#     command NAME HELP
#     option  COMMAND NAME KIND HELP
#     operand COMMAND KIND
#
# KIND is `flag`, `files`, `dirs`, `any`, or the words that it can be.
set -eu

program=$1
tab=$(printf '\t')

kind_of() {
    case $1 in
    '') echo flag ;;
    FILE) echo files ;;
    DIR) echo dirs ;;
    ROLE) echo 'xmpp-frontend registry fcm-sender apns-sender wakebusctl' ;;
    FORMAT) echo 'own p2' ;;
    *) echo any ;;
    esac
}

# "  --config FILE    the configuration"
options_of() {
    "$program" "$1" --help | sed -n -E \
        's/^  --([a-z-]+) ?([A-Z]*) +(.*)$/\1\t\2\t\3/p'
}

# What is behind the options in "Usage: wakebusctl show [--json] NODE".
operand_of() {
    "$program" "$1" --help | sed -n -E \
        '1{s/^Usage: wakebusctl [a-z]+//;s/ \[--[^]]*\]//g;s/^ *\[?//;s/\]$//;p}'
}

# A command of two words is completed as the first of them is.
"$program" --help | sed -n -E '/^  [a-z]+ [a-z]/d;/^  [a-z]/{s/^  ([a-z]+).*/\1/;N;s/\n +/\t/;p}' |
    while IFS=$tab read -r command help; do
        printf 'command\t%s\t%s\n' "$command" "$help"
        options_of "$command" | while IFS= read -r line; do
            name=${line%%"$tab"*}
            line=${line#*"$tab"}
            printf 'option\t%s\t%s\t%s\t%s\n' "$command" "$name" \
                "$(kind_of "${line%%"$tab"*}")" "${line#*"$tab"}"
        done
        operand=$(operand_of "$command")
        [ -z "$operand" ] ||
            printf 'operand\t%s\t%s\n' "$command" "$(kind_of "$operand")"
    done
