"""Phones that register while something goes wrong, and what became of them."""

import threading
import time
from collections import Counter, namedtuple
from itertools import count

from .answers import error_of, registration_of
from .process import wait_until
from .push_commands import register
from .stanzas import iq

PHONE = 'juliet@example.test/phone'
numbers = count(1)

Answered = namedtuple('Answered', 'token registration at')


class Registering:
    """`per_second` phones, each another one, until stop(). `answered` has what
    was answered with a result, by device; `refused` counts the rest."""

    def __init__(self, server, per_second=200):
        self.answered = {}
        self.refused = Counter()
        self._server = server
        self._pause = 1 / per_second
        self._asked = {}  # id -> (device, token)
        self._open = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        server.on_answer = self._on_answer
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stopping.wait(self._pause):
            number = next(numbers)
            device, token, id = (f'phone{number}', f'token {number} ' * 12,
                                 f'register{number}')
            with self._lock:
                self._asked[id] = device, token
                self._open.add(id)
            self._server.wait_link().send(
                iq(register(token, device), PHONE, id=id))

    def _on_answer(self, stanza):
        with self._lock:
            id = stanza.get('id')
            assert id in self._open, 'answered twice'
            self._open.remove(id)
            error = error_of(stanza)
            if error:
                self.refused[error] += 1
            else:
                device, token = self._asked[id]
                self.answered[device] = Answered(
                    token, registration_of(stanza), time.monotonic())

    def wait_until_it_works(self, timeout=20):
        """Returns when the first was answered from now on."""
        moment = time.monotonic()
        wait_until(lambda: self._answered_since(moment), 'registering again',
                   timeout)
        return min(self._answered_since(moment))

    def _answered_since(self, moment):
        with self._lock:
            return [a.at for a in self.answered.values() if a.at > moment]

    def stop(self, timeout=15):
        """Waits until each has its answer."""
        self._stopping.set()
        self._thread.join()
        deadline = time.monotonic() + timeout
        while self._open:
            assert time.monotonic() < deadline, f'no answer to {self._open}'
            time.sleep(0.05)
        self._server.on_answer = None

    def lost(self, client):
        """Devices that were told they are registered, and are not."""
        with client.pipeline(transaction=False) as pipeline:
            for each in self.answered.values():
                node = each.registration.node
                pipeline.hmget(f'wakebus:{{{node[:2]}}}:node:{node}',
                               'token', 'secret')
            rows = pipeline.execute()
        return [device for (device, each), row in
                zip(self.answered.items(), rows)
                if row != [each.token, each.registration.secret]]
