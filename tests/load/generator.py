"""The load generator, xmpp_load, as a process that is told what to do."""

import json
import os
import subprocess

from support.process import die_with_parent, free_port
from support.wakebus import BIN

PROGRAMS = BIN.parent / 'load'


class Generator:
    """Looks like a component server of the tests: see support.wakebus."""

    component = 'push.example.test'
    secret = 'verysecure'

    def __init__(self):
        self.component_port = free_port()
        self._process = subprocess.Popen(
            [PROGRAMS / 'xmpp_load', '--port', str(self.component_port),
             '--jid', self.component, '--secret', self.secret],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True, preexec_fn=die_with_parent)
        self.pid = self._process.pid

    def _ask(self, *words):
        print(*words, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError('xmpp_load has ended')
        answer = json.loads(line)
        if 'error' in answer:
            raise RuntimeError(f'xmpp_load: {answer["error"]}')
        return answer

    def wait(self):
        """Until the component is up."""
        self._ask('wait')

    def register(self, service, count):
        return self._ask('register', service, count)

    def pretend(self, service, count):
        self._ask('pretend', service, count)

    def closed(self, service, window, seconds):
        return self._ask('publish', service, 'window', f'{window}x{seconds}')

    def open(self, service, *steps):
        """Each step is a rate and for how many seconds."""
        return self._ask('publish', service, 'rate', ','.join(
            f'{rate:.3f}x{seconds}' for rate, seconds in steps))

    def stop(self):
        self._process.stdin.close()
        self._process.stdout.close()
        return self._process.wait(10)

    def kill(self):
        self._process.kill()
        self._process.wait()
