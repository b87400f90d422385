# SPDX-License-Identifier: BSD-3-Clause
"""docker-compose.yml, run as a project of its own beside any other."""

import os
from pathlib import Path

from engine import output
from images import ROOT

from support.process import wait_until

NAME = 'wakebus-compose-test'


class Project:
    """`secrets` is a directory, `override` the path of a second compose file,
    which may come later."""

    def __init__(self, engine, secrets, override):
        self.engine = engine
        self._override = override
        self._env = {**engine.env, 'WAKEBUS_SECRETS': str(secrets),
                     'COMPOSE_IGNORE_ORPHANS': '1'}

    def compose(self, *args):
        override = (['-f', self._override] if self._override.exists() else [])
        return output(['docker-compose', '-p', NAME, '--project-directory',
                       ROOT, '-f', ROOT / 'docker-compose.yml', *override,
                       *args], self._env)

    def down(self):
        """Containers, networks, volumes: of all profiles."""
        profiles = [word for profile in ('fcm', 'apns', 'demo', 'tools')
                    for word in ('--profile', profile)]
        self.compose(*profiles, 'down', '--volumes', '--timeout', '30')

    def left(self):
        """What there is of this project."""
        label = ['--filter', f'label=com.docker.compose.project={NAME}']
        return [name for kind in (['ps', '--all'], ['network', 'ls'],
                                  ['volume', 'ls'])
                for name in self.engine.docker(*kind, '--quiet',
                                               *label).split()]

    def containers(self, service):
        """What docker inspect says of those of a service, running or not."""
        ids = self.engine.docker(
            'ps', '--all', '--quiet', '--no-trunc',
            '--filter', f'label=com.docker.compose.project={NAME}',
            '--filter', f'label=com.docker.compose.service={service}',
            '--filter', 'label=com.docker.compose.oneoff=False').split()
        return self.engine.inspect(*ids) if ids else []

    def container(self, service):
        """The only one."""
        [container] = self.containers(service)
        return container

    def healthy(self, service):
        """How many are."""
        return sum(is_healthy(each) for each in self.containers(service))

    def wait_healthy(self, *services, count=1, timeout=60):
        for service in services:
            try:
                wait_until(lambda: self.healthy(service) >= count,
                           f'{count} {service} healthy', timeout, interval=0.5)
            except TimeoutError as late:
                raise TimeoutError(f'{late}\n{self._complaints(*services)}')

    def _complaints(self, *services):
        """What the health checks said last, and the logs."""
        checks = [check['Output'] for service in services
                  for each in self.containers(service)
                  for check in each['State'].get('Health', {})['Log'][-1:]]
        return '\n'.join([*checks, self.log(*services)[-4000:]])

    def log(self, *services):
        return self.compose('logs', '--no-color', *services)

    def address(self, service, network):
        """Where this host reaches the only container of a service."""
        networks = self.container(service)['NetworkSettings']['Networks']
        return networks[f'{NAME}_{network}']['IPAddress']


def is_healthy(container):
    state = container['State']
    return (state['Running']
            and state.get('Health', {}).get('Status') == 'healthy')


def status_of(container):
    """/proc/PID/status of its process."""
    pid = container['State']['Pid']
    text = Path(f'/proc/{pid}/status').read_text()
    return dict(line.split(':\t', 1) for line in text.splitlines()
                if ':\t' in line)


def kill(container):
    """As the kernel does when memory runs out. `docker kill` would not do:
    that Docker takes for a wish, and restarts nothing."""
    os.kill(container['State']['Pid'], 9)
