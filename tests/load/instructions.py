#!/usr/bin/env python3
"""How many instructions does each hot path take?

Time depends on the machine and its mood; the number of instructions hardly
does. callgrind counts those of hot_paths, and each path has a budget in
budgets.json. What goes over it by more than 5 % fails, and so does what stays
under it by more than 15 %: a budget that is too wide hides the next loss.

    instructions.py PROGRAM             compare
    instructions.py --record PROGRAM    write what is counted into budgets.json

Record on purpose, and say in the commit's message why.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BUDGETS = Path(__file__).with_name('budgets.json')
OVER = 1.05
UNDER = 0.85
SKIP = 77  # what ctest takes for skipped


def count(program):
    """Instructions of one pass, by name of the path."""
    with tempfile.TemporaryDirectory(prefix='wakebus-callgrind-') as scratch:
        done = subprocess.run(
            ['valgrind', '--tool=callgrind', '--zero-before=measured',
             '--dump-after=measured', '--callgrind-out-file='
             f'{scratch}/out', program],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit(done.stderr)
        times, *names = done.stdout.splitlines()
        return {name: round(total(Path(f'{scratch}/out.{number}'))
                            / int(times))
                for number, name in enumerate(names, 1)}


def total(dump):
    return int(re.search(r'^(?:totals|summary): (\d+)', dump.read_text(),
                         re.MULTILINE)[1])


def faults_of(counted, budgets):
    for name in counted.keys() | budgets.keys():
        is_now, budget = counted.get(name), budgets.get(name)
        if is_now is None or budget is None:
            yield f'{name}: it has a budget or is measured, but not both'
        elif is_now > budget * OVER:
            yield (f'{name}: {is_now} instructions, and its budget is'
                   f' {budget}: is that worth it?')
        elif is_now < budget * UNDER:
            yield (f'{name}: only {is_now} instructions of {budget}: good;'
                   ' now record that')


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--record', action='store_true')
    parser.add_argument('program')
    options = parser.parse_args()
    if shutil.which('valgrind') is None:
        print('valgrind is not installed: nothing was counted')
        return SKIP
    counted = count(options.program)
    if options.record:
        BUDGETS.write_text(json.dumps(counted, indent=1) + '\n')
    for name, instructions in counted.items():
        print(f'{name:26} {instructions:8}')
    faults = sorted(faults_of(counted, json.loads(BUDGETS.read_text())))
    print(*faults, sep='\n', file=sys.stderr)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
