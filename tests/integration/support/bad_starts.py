"""Processes that do not get far: what they print and log on the way."""

import json
import subprocess

from .process import Process, free_port
from .wakebus import BIN

PROGRAMS = ['xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender']


class BadStarts:
    """Beside the processes of `run`; adds to its logs: see everything.py."""

    def __init__(self, run):
        self.run = run
        self.plant = run.plant

    def check_configuration(self):
        """What is printed of a configuration, good or bad, is a log as well:
        it ends up where the others do."""
        good = self.run.wakebus.config
        self.plant.wire.append(json.dumps(good))
        secret = json.dumps(self.run.server.secret)
        broken = json.dumps(good).replace(secret, f'{secret} {secret}')
        self.print_of('good', good)
        for number, changed in enumerate((
                {'xmpp': {**good['xmpp'], 'secret': 100 * self.plant('x')}},
                {'xmpp': {**good['xmpp'], 'secret': [self.plant('x')]}},
                {'xmpp': {**good['xmpp'], 'secert': self.plant('x')}},
                {'redis': {'url': f"redis://u:{self.plant('x')}@h:port/0"}},
                {'redis': {'url': f"{self.plant('x')}@127.0.0.1"}},
                {'http': {'bind': 7}},
                {'apps': {**good['apps'], 'more': {
                    'backend': 'apns', 'topic': 'x.y', 'certificate_file':
                    self.run.apns.info['p12_file'], 'certificate_password':
                    self.plant('x')}}})):
            self.plant.wire.append(json.dumps(changed))
            self.print_of(f'bad-{number}', {**good, **changed})
        self.print_of('broken', broken)

    def print_of(self, name, config):
        path = self.run.scratch / f'{name}.json'
        path.write_text(config if isinstance(config, str)
                        else json.dumps(config))
        for program in PROGRAMS:
            for option in ('--print-config', '--check-config'):
                done = subprocess.run(
                    [BIN / f'wakebus-{program}', '--config', path, option],
                    env=self.run.wakebus.keys_of(program), text=True,
                    timeout=20, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT)
                self.run.logs[f'{name} {program} {option}'] = done.stdout

    def refused_processes(self):
        """Wrong secrets, each in a process beside the good ones."""
        self.beside('xmpp-frontend', 'ev=link.refused',
                    WAKEBUS_XMPP_SECRET=self.plant('wrong secret'),
                    WAKEBUS_BUS_BIND=f'tcp://127.0.0.1:{free_port()}')
        url = self.run.redis_url(self.plant('wrong password'))
        self.beside('registry', 'WRONGPASS', WAKEBUS_REDIS_URL=url)
        spoilt = self.run.scratch / 'spoilt.key'
        spoilt.write_text(f"-----BEGIN PRIVATE KEY-----\n{self.plant('key')}"
                          '\n-----END PRIVATE KEY-----\n')
        for program, app in (
                ('apns-sender', {**self.run.apns.app(),
                                 'key_file': str(spoilt)}),
                ('fcm-sender', {'backend': 'fcm',
                                'service_account_file': str(spoilt)})):
            config = {**self.run.wakebus.config, 'apps': {'app': app}}
            path = self.run.scratch / f'spoilt-{program}.json'
            path.write_text(json.dumps(config))
            process = Process([BIN / f'wakebus-{program}', '--config', path],
                              self.run.scratch / f'spoilt-{program}.log',
                              env=self.run.wakebus.keys_of(program))
            assert process.wait_exit() == 78
            self.run.logs[f'{program} --config spoilt'] = process.log()
        self.plant.wire.append(spoilt.read_text())

    def beside(self, program, says, **env):
        self.plant.wire.append(repr(env))
        process = Process(
            [BIN / f'wakebus-{program}', '--config', self.run.wakebus.path],
            self.run.scratch / f'refused-{program}.log',
            env={**self.run.wakebus.keys_of(program), **env})
        process.wait_for_log(says)
        process.stop(expect=None)
        self.run.logs[f'refused {program}'] = process.log()
