"""The processes of Wakebus, as an operator would run them."""

import hashlib
import json
import os
import signal
from pathlib import Path

from .process import Process, free_port

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get('TEST_BIN_DIR', ROOT / 'build/dev/bin'))


NO_LIMITS = {'target_per_minute': 0, 'domain_per_second': 0,
             'user_registrations_per_hour': 0,
             'domain_registrations_per_second': 0}


def account_hash(bare_jid, device_id):
    """What a device recognises its account by."""
    return hashlib.sha1(f'{bare_jid}\0{device_id}'.encode()).hexdigest()


class Wakebus:
    """One frontend and its workers below `scratch`.

    `server` has component, secret and component_port; `apps` maps names to
    members of `apps`; `keys` is a directory of wakebusctl keygen, or None for
    a bus without; `pages` are the Pages that the frontend shows, or None;
    every other keyword is a section of the configuration. Each push is one by
    itself, and there are no limits, unless a test sets them.
    """

    def __init__(self, scratch, server, redis_url, apps, keys=None, pages=None,
                 **sections):
        self.keys = keys
        self.pages = pages
        self.directory = scratch / 'wakebus'
        self.directory.mkdir()
        inbox = f'tcp://127.0.0.1:{free_port()}'
        self.inbox = inbox
        self.config = {
            'xmpp': {'port': server.component_port, 'jid': server.component,
                     'secret': server.secret},
            'bus': {'bind': inbox, 'frontends': [inbox]},
            'redis': {'url': redis_url},
            'log': {'level': 'debug'},
            'apps': apps,
            **sections,
            'push': {'coalesce_ms': 0, **sections.get('push', {})},
            'limits': {**NO_LIMITS, **sections.get('limits', {})}}
        self.path = self.directory / 'wakebus.json'
        self.write_config()
        self.processes = {}

    def write_config(self):
        """What starts from now on reads what `config` is now."""
        self.path.write_text(json.dumps(self.config))

    def start(self, *programs):
        """Start these and wait until the frontend knows them; by default one
        of each that the configuration has work for."""
        backends = sorted({app['backend']
                           for app in self.config['apps'].values()})
        for program in programs or (
                'xmpp-frontend', 'registry',
                *(f'{backend}-sender' for backend in backends)):
            self.start_one(program)
        return self

    def start_one(self, program, name=None, env=None, wait=True):
        """Start one more process; `name` tells apart several of a program, and
        `env` makes it different from them. Unless it is to wait, nobody looks
        whether it gets through to the others."""
        name = name or program
        env = {**self.env_of(program), **(env or {})}
        joined = self.joined(program)
        process = Process([BIN / f'wakebus-{program}', '--config', self.path],
                          self.directory / f'{name}.log', env=env)
        self.processes[name] = process
        if not wait:
            return process
        if program == 'xmpp-frontend':
            process.wait_for_log('ev=link.up')
        elif 'xmpp-frontend' in self.processes:
            self.processes['xmpp-frontend'].wait_until(
                lambda: self.joined(program) > joined, f'{program} joined')
        return process

    def env_of(self, program):
        """What the first of a program is started with."""
        shows = (self.pages is not None and program == 'xmpp-frontend'
                 and program not in self.processes)
        return {**self.keys_of(program), **(self.pages.env if shows else {})}

    def keys_of(self, role):
        """The environment that gives a process the keys of its role."""
        return {} if self.keys is None else {
            'WAKEBUS_BUS_CURVE_KEY_FILE': str(self.keys / f'{role}.key_secret'),
            'WAKEBUS_BUS_CURVE_AUTHORIZED_DIR': str(self.keys / 'authorized')}

    def joined(self, program):
        """How many workers of this role the frontend has seen."""
        if 'xmpp-frontend' not in self.processes:
            return 0
        return self.log('xmpp-frontend').count(
            f'ev=worker.joined role={program}')

    def log(self, name):
        return self.processes[name].log()

    def stop_one(self, name):
        """SIGTERM; it must drain and exit with 0."""
        self.processes.pop(name).stop()

    def reload_one(self, name):
        """Have it read what `config` is now."""
        process = self.processes[name]
        before = process.log().count('ev=config.reloaded')
        self.write_config()
        process.signal(signal.SIGHUP)
        process.wait_until(
            lambda: process.log().count('ev=config.reloaded') > before,
            'reloaded')

    def kill_one(self, name):
        self.processes.pop(name).kill()

    def stop(self):
        """The frontend last, so that all goes as in a planned shutdown."""
        for name in sorted(self.processes, key=lambda n: 'frontend' in n):
            self.stop_one(name)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        try:
            if kind is None:
                self.stop()
        finally:
            for process in self.processes.values():
                process.kill()
