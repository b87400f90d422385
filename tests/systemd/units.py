# SPDX-License-Identifier: BSD-3-Clause
"""systemd finds no fault in the units, and little that they could do to the
host: each is exposed at 2.0 of 10 at most.

    units.py BUILD_DIRECTORY"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIP = 77
MAX_EXPOSURE = 2.0
PROGRAMS = ['xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender']


def analyze(*arguments):
    return subprocess.run(['systemd-analyze', '--no-pager', *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False).stdout


def verify_faults(units):
    """That the programs are not installed here is no fault of the units."""
    target = ROOT / 'deploy/systemd/wakebus.target'
    return [line for line in analyze('verify', '--man=no', *units,
                                     target).splitlines()
            if 'No such file or directory' not in line]


def exposure_faults(unit):
    report = analyze('security', '--offline=true', unit)
    found = re.search(r'Overall exposure level for \S+: ([0-9.]+)', report)
    if found is None:
        return [f'{unit.name}: no level in:\n{report}']
    print(f'{unit.name}: {found[1]}')
    if float(found[1]) > MAX_EXPOSURE:
        return [f'{unit.name}: exposed at {found[1]}, more than '
                f'{MAX_EXPOSURE}:\n{report}']
    return []


def main():
    if shutil.which('systemd-analyze') is None:
        print('skipped: systemd-analyze is not installed')
        return SKIP
    units = sorted((Path(sys.argv[1]) / 'deploy/systemd').glob('*.service'))
    names = [unit.name for unit in units]
    faults = [f'wakebus-{program}.service is not there' for program in PROGRAMS
              if f'wakebus-{program}.service' not in names]
    faults += verify_faults(units)
    for unit in units:
        faults += exposure_faults(unit)
    print('\n'.join(faults))
    return 1 if faults else 0


sys.exit(main())
