# SPDX-License-Identifier: BSD-3-Clause
"""The pods of the README's site, without Kubernetes: each program with its
volumes and environment, until the probes say what they shall."""

import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack

import pytest
from objects import BIN, ROOT, containers, find, ours, pod, render
from pods import PodOnDisk
from readme import make_secrets, make_site

sys.path.insert(0, str(ROOT / 'tests/integration'))
from support.component_server import ComponentServer  # noqa: E402
from support.process import Process, free_port, wait_until  # noqa: E402
from support.providers import Fcm  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402


class Site:
    """What is in wakebus.json is in force, but for addresses."""

    def __init__(self, scratch, stack):
        self.scratch = scratch
        self.stack = stack
        (scratch / 'emulator').mkdir()
        fcm = Fcm(scratch / 'emulator')
        stack.callback(fcm.stop)
        redis = RedisServer(scratch).start()
        stack.callback(redis.kill)
        self.server = ComponentServer('push.example.org').start()
        stack.callback(self.server.stop)
        with open(fcm.app()['service_account_file']) as file:
            self.made = make_secrets(scratch, xmpp_secret=self.server.secret,
                                     fcm_json=file.read())
        (scratch / 'own').mkdir()
        self.objects = render(make_site(scratch / 'own'))
        inbox = f'tcp://127.0.0.1:{free_port()}'
        self.addresses = {
            'WAKEBUS_XMPP_HOST': '127.0.0.1',
            'WAKEBUS_XMPP_PORT': str(self.server.component_port),
            'WAKEBUS_REDIS_URL': redis.url, 'WAKEBUS_BUS_BIND': inbox,
            'WAKEBUS_BUS_FRONTENDS': inbox,
            'WAKEBUS_FCM_BASE_URL': fcm.settings()['base_url'],
            'WAKEBUS_FCM_CA_FILE': fcm.settings()['ca_file']}
        self.pods = {}
        self.running = {}  # role -> (process, port of its probes)

    def start(self, role):
        """The first time with what has been made, then with what it has."""
        if role not in self.pods:
            self.pods[role] = PodOnDisk(
                self.scratch / role, ours(self.objects)[role], self.objects,
                self.made)
        on_disk = self.pods[role]
        port = free_port()
        process = Process(
            on_disk.command(), self.scratch / f'{role}.log',
            env={**on_disk.environment(), **self.addresses,
                 'WAKEBUS_HTTP_BIND': f'127.0.0.1:{port}'})
        self.stack.callback(process.kill)
        self.running[role] = (process, port)

    def probe(self, role, kind):
        """Its answer to a probe of the manifest; None while there is none."""
        container = containers(ours(self.objects)[role])[0]
        path = container[kind]['httpGet']['path']
        try:
            return urllib.request.urlopen(
                f'http://127.0.0.1:{self.running[role][1]}{path}',
                timeout=container[kind]['timeoutSeconds']).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def wait_ready(self, role, status=200):
        wait_until(lambda: self.probe(role, 'readinessProbe') == status,
                   f'{role} says {status}', 20)


@pytest.fixture
def site(tmp_path):
    with ExitStack() as stack:
        yield Site(tmp_path, stack)


def test_all_become_ready_and_end_within_their_grace(site):
    site.start('xmpp-frontend')
    site.wait_ready('xmpp-frontend', 503)
    assert site.probe('xmpp-frontend', 'livenessProbe') == 200
    for role in ('registry', 'fcm-sender'):
        site.start(role)
        site.wait_ready(role)
    site.wait_ready('xmpp-frontend')
    for role, (process, _) in site.running.items():
        grace = pod(find(site.objects, 'Deployment', role))[
            'terminationGracePeriodSeconds']
        process.stop(timeout=grace)


def test_a_key_is_rotated_as_the_readme_says(site, tmp_path):
    def update_public_keys():
        files = {path.name: path.read_bytes()
                 for path in (tmp_path / 'keys/authorized').iterdir()}
        for role, (process, _) in site.running.items():
            seen = process.log().count('keys.changed')
            site.pods[role].exchange('authorized', files, 0o644)
            process.wait_until(
                lambda: process.log().count('keys.changed') > seen, 'read')

    roles = ('xmpp-frontend', 'registry', 'fcm-sender')
    for role in roles:
        site.start(role)
    site.wait_ready('xmpp-frontend')
    subprocess.run([BIN / 'wakebusctl', 'keygen', '--rotate', 'registry',
                    tmp_path / 'keys'], check=True)
    update_public_keys()
    site.pods['registry'].exchange(
        'curve', {'own.key_secret': (tmp_path / 'keys/registry.key_secret')
                  .read_bytes()}, 0o440)
    site.running['registry'][0].stop()
    site.wait_ready('xmpp-frontend', 503)
    site.start('registry')
    site.wait_ready('xmpp-frontend')
    (tmp_path / 'keys/authorized/registry.old.key').unlink()
    update_public_keys()
    assert 'bus.stranger' not in site.running['xmpp-frontend'][0].log()
    for role in roles:
        site.wait_ready(role)


def test_a_worker_with_a_key_of_its_own_making_stays_out(site, tmp_path):
    """Who may come in is what curve-authorized says."""
    site.start('xmpp-frontend')
    (tmp_path / 'strangers').mkdir()
    site.made = make_secrets(tmp_path / 'strangers')
    site.start('registry')
    site.running['xmpp-frontend'][0].wait_for_log('bus.stranger')
    assert 'worker.joined' not in site.running['xmpp-frontend'][0].log()
    site.wait_ready('registry')  # Redis is there, which is all it promises
    assert site.probe('xmpp-frontend', 'readinessProbe') == 503
