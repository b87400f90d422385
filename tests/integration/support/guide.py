"""A page for operators, and an operator who does what it says."""

import os
import re
import shlex
import subprocess

from .deployed import DEPLOY
from .wakebus import BIN, ROOT

# Only what reads another's configuration has none of its own.
PROGRAM = '''\
#!/bin/sh
[ "$1 $2" = "import fpush" ] || set -- "$@" --config {config}
exec {bin}/{name} "$@"
'''


def commands(path):
    """[(heading, its command)] of all indented lines; a page below deploy/, or
    README.md."""
    text = (ROOT if path == 'README.md' else DEPLOY).joinpath(path).read_text()
    found, heading, in_fence = [], None, False
    for line in text.splitlines():
        in_fence ^= line.startswith('```')
        if line.startswith('#') and not in_fence:
            heading = line.lstrip('# ')
        elif re.match(' {4}\\S', line) and not in_fence:
            found.append((heading, line.strip()))
    return found


class Operator:
    """Works in a directory of his own. `systemctl` is the processes of
    `wakebus` and `others`, which is what stops each other service; the programs
    find the configuration where they look for it, and everything else is what
    `tools` has for it, as the text of a script."""

    def __init__(self, scratch, wakebus, others, tools):
        self.directory = scratch / 'operator'
        self.directory.mkdir()
        self._wakebus = wakebus
        self._others = others
        self._env = {}
        bin_ = self.directory / 'bin'
        bin_.mkdir()
        tools = {**{path.name: PROGRAM.format(
            bin=BIN, name=path.name, config=wakebus.path)
            for path in BIN.glob('wakebus*')}, **tools}
        for name, text in tools.items():
            (bin_ / name).write_text(text)
            (bin_ / name).chmod(0o755)
        self._path = f'{bin_}:/usr/bin:/bin'

    def does(self, command):
        """Returns what it has printed. What is not there fails."""
        printed = ''
        for part in command.split(' && '):
            words = shlex.split(part, comments=True)
            if words[0] == 'systemctl':
                self._systemctl(*words[1:])
            else:
                printed += self._runs(part)
        return printed

    def _runs(self, command):
        done = subprocess.run(
            ['sh', '-eu', '-c', command], cwd=self.directory, text=True,
            env={**os.environ, 'PATH': self._path}, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=60)
        assert done.returncode == 0, done
        return done.stdout + done.stderr

    def _systemctl(self, verb, *names):
        {'set-environment': self._set, 'unset-environment': self._unset,
         'start': self._start, 'stop': self._stop,
         'restart': self._restart}[verb](*names)

    def _set(self, assignment):
        name, _, value = assignment.partition('=')
        self._env[name] = value

    def _unset(self, name):
        del self._env[name]

    def _start(self, *units):
        for unit in units:
            self._wakebus.start_one(unit.removeprefix('wakebus-'),
                                    env=dict(self._env), wait=False)

    def _stop(self, unit):
        self._others[unit]()

    def _restart(self, unit):
        self._wakebus.stop_one(unit.removeprefix('wakebus-'))
        self._start(unit)
