"""Many pushes at once, through the scripted XMPP server."""

import secrets
import threading
import time
from collections import Counter
from itertools import count

from .answers import error_of, registration_of
from .push_commands import register
from .stanzas import iq, publish

numbers = count(1)


class Load:
    """`total` pushes, `window` of them at a time, to different phones."""

    def __init__(self, server, total, window=50, phones=20):
        self.server = server
        self.total = total
        self.answers = {}  # id -> list of answers
        self.done = threading.Event()
        self.sent = 0
        self.phones = []
        for number in (next(numbers) for _ in range(phones)):
            reply = server.ask(iq(
                register(secrets.token_urlsafe(120), f'load{number}'),
                'juliet@example.test/x'))
            self.phones.append(registration_of(reply))
        self._lock = threading.Lock()
        self._link = server.wait_link()
        server.on_answer = self._on_answer
        with self._lock:
            for _ in range(window):
                self._send_one()

    def _send_one(self):
        if self.sent < self.total:
            phone = self.phones[self.sent % len(self.phones)]
            id = f'load{next(numbers)}'
            self.sent += 1
            self.answers[id] = []
            self._link.send(publish('prosody', phone.node,
                                    secret=phone.secret, id=id))

    def _on_answer(self, stanza):
        with self._lock:
            self.answers[stanza.get('id')].append(error_of(stanza))
            if sum(map(bool, self.answers.values())) == self.total:
                self.done.set()
            self._send_one()

    def finish(self, timeout=30):
        """Counts of the outcomes; every push must have got one answer."""
        assert self.done.wait(timeout), Counter(
            len(answers) for answers in self.answers.values())
        time.sleep(0.1)  # a second answer would come now
        self.server.on_answer = None
        assert {len(answers) for answers in self.answers.values()} == {1}
        return Counter(answers[0] for answers in self.answers.values())
