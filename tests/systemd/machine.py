# SPDX-License-Identifier: BSD-3-Clause
"""A booted Debian whose every change is in memory, and what a test asks of
it."""

import os
import subprocess
from pathlib import Path

from support.process import Process, wait_until

# Its systemd uses cgroup v2, whatever this host has.
ENVIRONMENT = {'SYSTEMD_NSPAWN_UNIFIED_HIERARCHY': '1'}


class Machine:
    def __init__(self, base, log, *binds):
        self.process = Process(
            ['systemd-nspawn', '--boot', '--register=no', '--keep-unit',
             '--volatile=overlay', '--resolv-conf=off', '--machine=wakebus',
             '--console=read-only', f'--directory={base}',
             *(f'--bind-ro={bind}' for bind in binds)],
            log, env=ENVIRONMENT)
        self.process.wait_until(self._is_up, 'booted', timeout=60)

    def _init(self):
        """The process that is the machine's pid 1, or None."""
        task = Path(f'/proc/{self.process.pid}/task/{self.process.pid}')
        children = (task / 'children').read_text().split()
        return children[0] if children else None

    def _is_up(self):
        return self._init() is not None and self.run(
            'systemctl is-active -q multi-user.target').returncode == 0

    def run(self, command, input=None):
        """Run a line of shell in the machine; returns the completed process,
        with what it printed in stdout."""
        return subprocess.run(
            ['nsenter', '--all', '--target', self._init(), '/bin/sh', '-c',
             command], input=input, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, timeout=120,
            env={'PATH': os.environ['PATH'], 'LANG': 'C.UTF-8',
                 'SYSTEMD_COLORS': '0', 'SYSTEMD_PAGER': ''})

    def do(self, command, input=None):
        """The same for what must succeed; returns what it printed."""
        done = self.run(command, input)
        assert done.returncode == 0, f'{command}\n{done.stdout}'
        return done.stdout.strip()

    def write(self, path, text, mode='644'):
        self.do(f'install -D -m {mode} /dev/stdin {path}', text)

    def show(self, unit, name):
        """A property of a unit as systemd has it."""
        return self.do(f'systemctl show --value -p {name} {unit}')

    def journal(self, unit):
        return self.do(f'journalctl -o cat -u {unit}')

    def wait(self, unit, state, timeout=60):
        try:
            wait_until(lambda: self.show(unit, 'ActiveState') == state,
                       f'{unit} {state}', timeout)
        except TimeoutError as error:
            raise TimeoutError(f'{error}\n{self.journal(unit)}') from None

    def stop(self):
        self.process.stop(expect=None, timeout=60)
