# SPDX-License-Identifier: BSD-3-Clause
"""Run the tests of deploy/k8s, or say what is missing and exit with 77.

They need a kubectl whose kustomize is 5 or later, which Debian does not have,
and a validator from PyPI. That is put into an environment below build/ by the
first run, which needs the network for it.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parents[1] / 'build/k8s-venv'
REQUIREMENTS = HERE / 'requirements.txt'
INSTALLED = VENV / 'installed.txt'  # the requirements it was made for


def skip(why):
    print(f'skipped: {why}')
    sys.exit(77)


def check_kubectl():
    if not shutil.which('kubectl'):
        skip('there is no kubectl; install one of 1.27 or later '
             '(https://kubernetes.io/docs/tasks/tools/)')
    version = subprocess.run(['kubectl', 'version', '--client'],
                             capture_output=True, text=True).stdout
    kustomize = re.search(r'^Kustomize Version: v(\d+)\.', version, re.M)
    if not kustomize or int(kustomize[1]) < 5:
        skip('kubectl is too old: its kustomize must be 5 or later, as in '
             'kubectl 1.27')


def run(what, *argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        skip(f'{what} failed:\n{done.stdout}')


def make_environment():
    """With Debian's packages, for pytest is one of them."""
    wanted = REQUIREMENTS.read_text()
    if INSTALLED.exists() and INSTALLED.read_text() == wanted:
        return
    run('python3 -m venv (Debian: install python3-venv)', '/usr/bin/python3',
        '-m', 'venv', '--clear', '--system-site-packages', VENV)
    run('pip', VENV / 'bin/python', '-m', 'pip', 'install', '--quiet',
        '--requirement', REQUIREMENTS)
    INSTALLED.write_text(wanted)


check_kubectl()
make_environment()
os.execv(VENV / 'bin/python', [
    VENV / 'bin/python', '-B', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', HERE,
    *sys.argv[1:]])
