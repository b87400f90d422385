# SPDX-License-Identifier: BSD-3-Clause
"""Boots Debian in a container and runs test_boot.py against it: the package as
apt installs it, the units as systemd runs them.

    boot.py BUILD_DIRECTORY

The base system is made once, below BUILD_DIRECTORY, and never changed: what a
machine writes is in memory. The machine and its peers share a network of their
own. Exit status 77 and a line with the reason: it cannot be done here."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIP = 77
TOOLS = ['debootstrap', 'systemd-nspawn', 'unshare', 'nsenter', 'prosody',
         'dpkg-deb']
SOURCES = '''\
deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
'''
PYTEST = ['/usr/bin/python3', '-B', '-m', 'pytest', '-q', '-x',
          '-p', 'no:cacheprovider', ROOT / 'tests/systemd/test_boot.py']
APART = ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child',
         '--mount-proc', '--']


def skip(reason):
    print(f'skipped: {reason}')
    sys.exit(SKIP)


def last_line(output):
    return (output.strip().splitlines() or ['no output'])[-1]


def build_package():
    """What operators do, with the tree as it is. Returns the package."""
    done = subprocess.run([ROOT / 'run', 'package'], stdout=subprocess.PIPE,
                          check=True, text=True)
    return ROOT / last_line(done.stdout)


def dependencies(package):
    """The names of what the package depends on, the first of alternatives."""
    depends = subprocess.run(['dpkg-deb', '-f', package, 'Depends'], text=True,
                             stdout=subprocess.PIPE, check=True).stdout
    return sorted({re.split(r'[ |(]', entry.strip())[0]
                   for entry in depends.split(',')})


def make_base(base, packages):
    """Debian with these packages and none of their servers started."""
    partial = base.with_name('base-partial')
    for old in base.parent.glob('base-*'):
        shutil.rmtree(old)
    run = {'check': True, 'text': True, 'stdout': subprocess.PIPE,
           'stderr': subprocess.STDOUT}
    subprocess.run(['debootstrap', '--variant=minbase', 'bookworm', partial,
                    'http://deb.debian.org/debian'], **run)
    (partial / 'etc/apt/sources.list').write_text(SOURCES)
    policy = partial / 'usr/sbin/policy-rc.d'
    policy.write_text('#!/bin/sh\nexit 101\n')
    policy.chmod(0o755)
    for command in (['update'], ['install', '-y', '--no-install-recommends',
                                 *packages], ['clean']):
        subprocess.run(['chroot', partial, 'apt-get', '-q', *command],
                       env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'},
                       **run)
    policy.unlink()
    partial.rename(base)


def base_for(package, directory):
    packages = ['systemd', 'systemd-sysv', 'dbus', 'redis-server',
                *dependencies(package)]
    digest = hashlib.sha256(' '.join(packages).encode()).hexdigest()[:12]
    base = directory / f'base-{digest}'
    if not base.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        try:
            make_base(base, packages)
        except subprocess.CalledProcessError as error:
            skip(f'no base system: {last_line(error.stdout)}')
    return base


def check_that_it_boots_here(base):
    probe = subprocess.run(
        [*APART, 'systemd-nspawn', '--quiet', '--register=no', '--keep-unit',
         '--volatile=overlay', f'--directory={base}', '/bin/true'],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False)
    if probe.returncode != 0:
        skip(f'no container can be started here: {last_line(probe.stdout)}')


def main():
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0:
        skip('only root can boot a container')
    if missing:
        skip(f'not installed: {" ".join(missing)}')
    package = build_package()
    base = base_for(package, Path(sys.argv[1]) / 'systemd')
    check_that_it_boots_here(base)
    return subprocess.run(
        [*APART, *PYTEST], check=False,
        env={**os.environ, 'TEST_BASE': str(base),
             'TEST_PACKAGE': str(package)}).returncode


sys.exit(main())
