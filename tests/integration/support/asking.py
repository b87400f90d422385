"""wakebusctl, as an operator calls it."""

import json
import os
import subprocess

from .process import Process
from .wakebus import BIN


class Tool:
    """Asks one deployment. With `role` it shows the keys of that role."""

    def __init__(self, wakebus, role='wakebusctl'):
        self._wakebus = wakebus
        self._env = wakebus.keys_of(role)

    def argv(self, command, *arguments, config=None):
        return [BIN / 'wakebusctl', command, '--config',
                config or self._wakebus.path, *arguments]

    def run(self, command, *arguments, env=None, config=None, **options):
        """The finished process, with its output as text."""
        if 'input' not in options:
            options['stdin'] = subprocess.DEVNULL
        return subprocess.run(
            self.argv(command, *arguments, config=config),
            env={**os.environ, **self._env, **(env or {})},
            capture_output=True, text=True, timeout=60, **options)

    def start(self, log, command, *arguments):
        """One that still runs, with its output in a file."""
        return Process(self.argv(command, *arguments), log, env=self._env)

    def json(self, command, *arguments, status=0, **options):
        """The one object that it prints with --json."""
        done = self.run(command, '--json', *arguments, **options)
        assert done.returncode == status, done
        return json.loads(done.stdout)
