"""The frontend's side of the bus, played by a test."""

import itertools
import json
import time

import zmq


class FakeFrontend:
    """Takes one worker. `ask` is one job and its answer; `send` and `receive`
    are for more at once."""

    def __init__(self):
        self._context = zmq.Context()
        self._inbox = self._context.socket(zmq.PULL)
        self._inbox.linger = 0
        port = self._inbox.bind_to_random_port('tcp://127.0.0.1')
        self.endpoint = f'tcp://127.0.0.1:{port}'
        self.hello = None
        self._jobs = None
        self._ids = itertools.count(1)

    def close(self):
        self._context.destroy(linger=0)

    def meet(self, timeout=10.0):
        """Wait for a worker's hello and connect to it."""
        while True:
            self.hello = self._next(timeout)
            if self.hello['type'] == 'hello':
                break
        if self._jobs is not None:
            self._jobs.close(linger=0)
        self._jobs = self._context.socket(zmq.PUSH)
        self._jobs.connect(self.hello['jobs'])

    def send_frame(self, frame):
        self._jobs.send(frame)

    def send(self, type_, **members):
        """Returns the id. Members that are None stay out of the message."""
        id_ = f't-{next(self._ids)}'
        members = {k: v for k, v in members.items() if v is not None}
        self.send_frame(json.dumps(
            {'v': 1, 'type': type_, 'id': id_, **members}).encode())
        return id_

    def receive(self, ids, timeout=10.0):
        """The answers to the jobs `ids`, by id, without their envelope. Each
        comes once: an answer to anything else is a failure."""
        answers = {}
        deadline = time.monotonic() + timeout
        while len(answers) < len(ids):
            message = self._next(deadline - time.monotonic())
            if message['type'] in ('hello', 'bye'):
                continue
            id_ = message.pop('id')
            assert id_ in ids and id_ not in answers, (id_, message)
            assert message.pop('v') == 1
            answers[id_] = message
        return answers

    def ask(self, type_, timeout=10.0, **members):
        id_ = self.send(type_, **members)
        answer = self.receive([id_], timeout)[id_]
        assert answer.pop('type') == f'{type_}.result'
        return answer

    def let_go(self, timeout=10.0):
        """Wait for the worker's bye and say fin; returns the messages that
        came before the bye."""
        before = []
        while (message := self._next(timeout))['type'] != 'bye':
            before.append(message)
        self.send('fin', worker=message['worker'])
        return before

    def nothing_comes(self, seconds):
        """No answer to anything arrives for a while."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._inbox.poll(left * 1000):
                message = json.loads(self._inbox.recv())
                assert message['type'] in ('hello', 'bye'), message

    def _next(self, timeout):
        if not self._inbox.poll(max(0, timeout) * 1000):
            raise TimeoutError('nothing came from the worker')
        return json.loads(self._inbox.recv())
