"""Pushes at an even rate, as many as Python can carry, and when each was
answered."""

import threading
import time

from support.stanzas import iq, new_id, publish
from support.push_commands import register, registration

from laws import error_of
from phone import Phone

BEAT_S = 0.005  # what is due in one is sent in one write


class Steady:
    """`sent` maps ids to times, `answers` to (time, error)."""

    def __init__(self, server, phones=50):
        self.server = server
        self.sent = {}
        self.answers = {}
        self._ending = None
        self._thread = None
        self._room = threading.Condition()
        self._stanzas = [self._stanza(Phone('fcm')) for _ in range(phones)]
        server.on_answer = self._on_answer

    def _stanza(self, phone):
        reply = self.server.ask(
            iq(register(phone.new_token(), phone.device_id), phone.jid))
        _, node, secret = registration(reply, self.server.component)
        text = publish('prosody', node, id='@ID@', secret=secret)
        before, _, after = text.partition('@ID@')
        return before, after

    # ---- sending

    def _batch(self, count):
        now = time.time()
        parts = []
        for _ in range(count):
            id = new_id()
            before, after = self._stanzas[len(self.sent) % len(self._stanzas)]
            self.sent[id] = now
            parts += (before, id, after)
        self.server.wait_link().send(''.join(parts))

    def begin(self, rate):
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._pace, args=[rate],
                                        daemon=True)
        self._thread.start()

    def _pace(self, rate):
        begin, count = time.monotonic(), 0
        while not self._ending.wait(BEAT_S):
            due = int((time.monotonic() - begin) * rate)
            if due > count:
                self._batch(due - count)
                count = due

    def end(self, timeout=30):
        """Stop sending and wait for the answers that are owed."""
        self._ending.set()
        self._thread.join()
        self.wait_answers(timeout)

    def wait_answers(self, timeout=30):
        deadline = time.monotonic() + timeout
        while len(self.answers) < len(self.sent):
            if time.monotonic() > deadline:
                raise TimeoutError(f'{len(self.sent) - len(self.answers)}'
                                   ' pushes were not answered')
            time.sleep(0.01)

    def saturate(self, seconds, window=200):
        """As many as get answered, `window` at a time; returns the rate."""
        begin, before = time.monotonic(), len(self.answers)
        while (elapsed := time.monotonic() - begin) < seconds:
            with self._room:
                self._room.wait_for(
                    lambda: len(self.sent) - len(self.answers) < window / 2, 1)
            self._batch(window - (len(self.sent) - len(self.answers)))
        answered = len(self.answers) - before
        self.wait_answers()
        return answered / elapsed

    # ---- answers

    def _on_answer(self, stanza):
        id = stanza.get('id')
        if id in self.answers:
            raise AssertionError(f'{id} was answered twice')
        self.answers[id] = (time.time(), error_of(stanza))
        if len(self.answers) % 20 == 0:
            with self._room:
                self._room.notify()

    def during(self, begin, end):
        """(seconds to the answer, error) of the pushes sent in this time."""
        return [(self.answers[id][0] - at, self.answers[id][1])
                for id, at in self.sent.items() if begin <= at < end]
