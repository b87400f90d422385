"""All of Wakebus, as its XMPP server hears it."""

import time
from contextlib import contextmanager
from itertools import count

from .answers import error_of
from .process import wait_until
from .push_commands import register
from .registering import PHONE
from .stanzas import iq, publish
from .wakebus import Wakebus

numbers = count(1)


class Stack:
    def __init__(self, server, wakebus, redis):
        self.server = server
        self.wakebus = wakebus
        self.redis = redis
        self.pids = {name: process.pid
                     for name, process in wakebus.processes.items()}

    def register(self, device=None, token='token'):
        return self.server.ask(iq(
            register(token, device or f'device{next(numbers)}'), PHONE))

    def push(self, target):
        return error_of(self.server.ask(
            publish('prosody', target.node, secret=target.secret)))

    def log(self):
        return self.wakebus.log('registry')

    def until_it_works(self, timeout=15):
        """Returns the seconds that took."""
        started = time.monotonic()
        wait_until(lambda: error_of(self.register()) is None,
                   'registering again', timeout)
        return time.monotonic() - started

    def check_nothing_ended(self):
        assert self.pids == {name: process.pid for name, process
                             in self.wakebus.processes.items()}
        assert all(p.running for p in self.wakebus.processes.values())


@contextmanager
def stack_on(server, fcm, scratch, redis, url=None, **push):
    with Wakebus(scratch, server, url or redis.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 push={'deadline_ms': 5000, **push}).start() as wakebus:
        stack = Stack(server, wakebus, redis)
        stack.until_it_works()
        yield stack
        stack.check_nothing_ended()
