# SPDX-License-Identifier: BSD-3-Clause
"""The manual pages say what the programs take, and neither man nor mandoc has
anything to say against them.

    pages.py BUILD_DIRECTORY"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

SKIP = 77
TOOLS = {'mandoc': ['mandoc', '-Tlint', '-W', 'style'],
         'man': ['man', '--warnings', '--local-file']}
# Of a page that is not installed on this machine, mandoc cannot know.
NOT_OURS = re.compile('referenced manual not found|outdated mandoc.db')


def complaints(command, page):
    done = subprocess.run([*command, page], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = done.stderr + (done.stdout if command[0] == 'mandoc' else '')
    return [line for line in said.splitlines() if not NOT_OURS.search(line)]


def helped(program):
    """The names in its --help, in order; options begin with a dash."""
    text = subprocess.run([program, '--help'], text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    return re.findall(r'^  ([a-z]\S*)', text, re.MULTILINE)


def described(page):
    return re.findall(r'^\.It Cm (\S+)', page.read_text(), re.MULTILINE)


def main():
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f'skipped: not installed: {" ".join(missing)}')
        return SKIP
    build = Path(sys.argv[1])
    pages = sorted((build / 'deploy/man').glob('*.[158]'))
    faults = [] if pages else ['no pages were built']
    for page in pages:
        for command in TOOLS.values():
            faults += complaints(command, page)
    for name, program in (('wakebus.json.5', 'wakebus-registry'),
                          ('wakebusctl.1', 'wakebusctl')):
        told = described(build / 'deploy/man' / name)
        taken = helped(build / 'bin' / program)
        if not taken or told != taken:
            faults.append(f'{name} has {told}, {program} --help {taken}')
    print('\n'.join(faults))
    return 1 if faults else 0


sys.exit(main())
