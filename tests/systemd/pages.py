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


def members(build):
    """The names in --help, in order; options begin with a dash."""
    text = subprocess.run([build / 'bin/wakebus-registry', '--help'],
                          text=True, stdout=subprocess.PIPE, check=True).stdout
    return re.findall(r'^  ([a-z]\S*)', text, re.MULTILINE)


def described(page):
    return re.findall(r'^\.It Cm (\S+)$', page.read_text(), re.MULTILINE)


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
    page = build / 'deploy/man/wakebus.json.5'
    if described(page) != members(build):
        faults.append(f'{page} has other members than --help:\n'
                      f'{described(page)}\n{members(build)}')
    print('\n'.join(faults))
    return 1 if faults else 0


sys.exit(main())
