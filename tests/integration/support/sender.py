"""A sender with the emulated providers; the test is the frontend."""

import hashlib
import json
import secrets
import signal

from .fake_frontend import FakeFrontend
from .process import Process
from .wakebus import BIN

SENT = {'verdict': 'sent', 'reason': 'ok'}


class Sender:
    """A sender process that serves one app, called "app"."""

    def __init__(self, scratch, provider, app=None):
        self.provider = provider
        self.kind = provider.app()['backend']
        self.stopping = False
        self.frontend = FakeFrontend()
        self.config = scratch / 'wakebus.json'
        self.write_config(app or provider.app())
        self.process = Process(
            [BIN / f'wakebus-{self.kind}-sender', '--config', self.config],
            scratch / 'sender.log')
        self.frontend.meet()

    def write_config(self, app):
        self.config.write_text(json.dumps({
            'bus': {'frontends': [self.frontend.endpoint]},
            'log': {'level': 'debug'},
            self.kind: self.provider.settings(),
            'apps': {'app': app}}))

    def request(self, **changes):
        token = (secrets.token_urlsafe(120) if self.kind == 'fcm'
                 else secrets.token_hex(32))
        return {'app': 'app', 'token': token,
                'device': hashlib.sha1(token.encode()).hexdigest(),
                'priority': 'high', 'budget_ms': 5000} | changes

    def push(self, **changes):
        return self.pushes(1, **changes)[0]

    def pushes(self, count, **changes):
        ids = [self.frontend.send('push.request', **self.request(**changes))
               for _ in range(count)]
        answers = self.frontend.receive(ids, 15).values()
        assert {answer.pop('type') for answer in answers} == {'push.result'}
        return list(answers)

    def stop(self):
        if not self.stopping:
            self.process.signal(signal.SIGTERM)
            self.frontend.let_go()
        assert self.process.wait_exit() == 0, self.process.log()
        self.frontend.close()
