"""wakebusctl, as an operator calls it."""

import json
import os
import subprocess

from .wakebus import BIN


class Tool:
    """Asks one deployment. With `role` it shows the keys of that role."""

    def __init__(self, wakebus, role='wakebusctl'):
        self._wakebus = wakebus
        self._env = wakebus.keys_of(role)

    def run(self, command, *arguments, env=None, config=None, **options):
        """The finished process, with its output as text."""
        return subprocess.run(
            [BIN / 'wakebusctl', command, '--config',
             config or self._wakebus.path, *arguments],
            env={**os.environ, **self._env, **(env or {})},
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, **options)

    def json(self, command, *arguments, status=0, **options):
        """The one object that it prints with --json."""
        done = self.run(command, '--json', *arguments, **options)
        assert done.returncode == status, done
        return json.loads(done.stdout)
