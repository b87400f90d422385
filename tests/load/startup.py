"""How long does each program take from its start until it is ready? What it
needs is there: Redis, the XMPP server, and for a worker the frontend."""

import time
from statistics import median

from support.http_pages import Pages

TIMES = 5
PAUSE_S = 0.0005
LIMIT_S = 10


class Startup:
    """`seconds` is that of other runs: how often depends on it."""

    def __init__(self, stage, seconds):
        self.wakebus = stage.wakebus
        self.generator = stage.generator
        self.times = TIMES if seconds >= 1 else 1

    def run(self):
        """Milliseconds, the median, by program."""
        workers = {program: self._median(lambda: self._start(program))
                   for program in ('registry', 'fcm-sender', 'apns-sender')}
        self.wakebus.stop_one('registry')
        frontend = self._median(self._start_frontend)
        self.wakebus.start('registry')
        return {'xmpp-frontend': frontend, **workers}

    def _median(self, start):
        return median(start() for _ in range(self.times))

    def _start(self, program):
        took_ms = self._time(program, 'starting', lambda trouble: not trouble)
        self.wakebus.stop_one('starting')
        return took_ms

    def _start_frontend(self):
        """Its workers are not its own doing: that the link is up is."""
        self.wakebus.stop_one('xmpp-frontend')
        took_ms = self._time('xmpp-frontend', 'xmpp-frontend',
                             lambda trouble: 'xmpp' not in trouble)
        self.generator.wait()
        return took_ms

    def _time(self, program, name, is_ready):
        pages = Pages()
        began = time.monotonic()
        process = self.wakebus.start_one(program, name, pages.env, wait=False)
        while not has(pages, is_ready):
            if time.monotonic() - began > LIMIT_S or not process.running:
                raise RuntimeError(f'{program} is not ready:\n{process.log()}')
            time.sleep(PAUSE_S)
        return (time.monotonic() - began) * 1000


def has(pages, is_ready):
    try:
        return is_ready(pages.trouble())
    except OSError:  # it has not got as far as that
        return False
