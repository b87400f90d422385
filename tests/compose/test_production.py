# SPDX-License-Identifier: BSD-3-Clause
"""`docker compose up` with all that an operator has to give it: who may do
what, and that senders come and go under load and nobody notices."""

import stat
import time
from collections import Counter

import pytest

from images import SERVICES
from project import NAME, Project, kill, status_of

from support.process import wait_until

RATE = 150  # pushes a second


# ---- before it starts ----

@pytest.mark.parametrize('profile', [[], ['--profile', 'demo']])
def test_the_file_is_one_that_compose_takes(project, profile):
    project.compose(*profile, 'config', '--quiet')
    services = project.compose(*profile, 'config', '--services').split()
    assert len(services) == len(set(services)) > 0


def test_without_a_secret_it_says_which(engine, override, tmp_path):
    project = Project(engine, tmp_path, override)
    with pytest.raises(AssertionError) as error:
        project.compose('run', '--rm', 'xmpp-frontend')
    assert 'does not exist' in str(error.value)
    assert f'{tmp_path}/xmpp-secret' in str(error.value)


# ---- who may do what ----

def test_all_become_healthy(production):
    for service in ('redis', *SERVICES):
        assert production.project.healthy(service) == 1


def test_keygen_hands_all_secrets_to_the_services_alone(production, secrets):
    files = [path for path in secrets.rglob('*') if path.is_file()]
    names = {path.name for path in files}
    assert {'xmpp-secret', 'sealed-keys', 'fcm-sender.key_secret',
            'registry.key'} <= names
    for path in files:
        assert path.stat().st_uid == path.stat().st_gid == 65532
        if path.parent.name != 'authorized':
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keygen_again_changes_no_key(production, secrets):
    before = {path: path.read_bytes() for path in secrets.rglob('*key*')}
    assert len(before[secrets / 'sealed-keys'].strip()) == 64
    production.project.compose('run', '--rm', 'keygen')
    assert before == {path: path.read_bytes()
                      for path in secrets.rglob('*key*')}


@pytest.mark.parametrize('service', SERVICES)
def test_it_runs_with_no_rights(production, service):
    container = production.project.container(service)
    status = status_of(container)
    assert set(status['Uid'].split()) == {'65532'}
    assert int(status['CapEff'], 16) == int(status['CapBnd'], 16) == 0
    assert status['NoNewPrivs'] == '1'
    host = container['HostConfig']
    assert host['ReadonlyRootfs']
    assert host['Memory'] > 0 and host['NanoCpus'] > 0 and host['PidsLimit'] > 0
    assert host['RestartPolicy']['Name'] == 'unless-stopped'
    assert container['Config']['StopTimeout'] == 30


@pytest.mark.parametrize('service', SERVICES)
def test_it_has_its_own_secrets_only(production, service):
    mounts = production.project.container(service)['Mounts']
    secrets = {mount['Source'].rpartition('/')[2] for mount in mounts
               if mount['Destination'].startswith('/run/secrets/')}
    assert secrets == {f'{service}.key_secret'} | {
        'xmpp-frontend': {'xmpp-secret', 'sealed-keys'}, 'registry': set(),
        'fcm-sender': {'fcm-service-account.json'},
        'apns-sender': {'apns-key.p8'}}[service]


def test_only_the_registry_can_reach_redis(production):
    network = production.project.engine.inspect(f'{NAME}_redis')[0]
    assert network['Internal']
    assert {each['Name'].removeprefix(NAME)[1:-2]
            for each in network['Containers'].values()} == {
        'redis', 'registry'}


# ---- under load ----

class Watch:
    """Pushes all the while. Each must be answered with a result and reach FCM,
    and the frontend and its link must not notice anything."""

    def __init__(self, production):
        self.production = production
        self.duplicates = None
        self._frontend = self._state()

    def _state(self):
        container = self.production.project.container('xmpp-frontend')
        return container['Id'], container['State']['Pid']

    def __enter__(self):
        self._accepted = self._count_accepted()
        self._begin = time.time()
        self.production.phones.begin(RATE)
        time.sleep(1)
        return self

    def __exit__(self, kind, error, traceback):
        self.production.phones.end()
        if kind is None:
            self._check()

    def _check(self):
        answers = self.production.phones.during(self._begin, time.time())
        errors = Counter(error for _, error in answers if error)
        assert not errors
        accepted = wait_until(lambda: self._enough(len(answers)),
                              'all with FCM', timeout=15)
        self.duplicates = accepted - len(answers)
        assert self._state() == self._frontend
        [link] = self.production.server.links
        assert not link.closed.is_set()

    def _enough(self, wanted):
        accepted = self._count_accepted() - self._accepted
        return accepted if accepted >= wanted else None

    def _count_accepted(self):
        return self.production.fcm.stats()['accepted']


def test_senders_can_be_multiplied(production):
    with Watch(production) as watch:
        production.up('--scale', 'fcm-sender=3')
        production.project.wait_healthy('fcm-sender', count=3)
        production.wait_joined(3)
    assert watch.duplicates == 0


def test_senders_can_be_restarted_all_at_once(production):
    before = [each['State']['Pid']
              for each in production.project.containers('fcm-sender')]
    with Watch(production) as watch:
        production.project.compose('restart', 'fcm-sender')
        production.project.wait_healthy('fcm-sender', count=3)
        production.wait_joined(3)
    after = production.project.containers('fcm-sender')
    assert not set(before) & {each['State']['Pid'] for each in after}
    assert {each['RestartCount'] for each in after} == {0}
    assert watch.duplicates == 0


def test_a_sender_that_is_killed_loses_nothing(production, slow_fcm):
    victim = production.project.containers('fcm-sender')[0]
    with Watch(production):
        kill(victim)
        wait_until(lambda: came_back(production, victim), 'restarted',
                   timeout=30, interval=0.5)
        production.project.wait_healthy('fcm-sender', count=3)
        production.wait_joined(3)


@pytest.fixture
def slow_fcm(production):
    """So that there are always some pushes under way."""
    production.fcm.fault(kind='delay', ms=50)
    yield
    production.fcm.control('DELETE', '/faults')


def came_back(production, victim):
    [now] = production.project.engine.inspect(victim['Id'])
    return (now['State']['Running']
            and now['State']['Pid'] != victim['State']['Pid'])


def test_fewer_senders_are_enough_again(production):
    with Watch(production) as watch:
        production.up('--scale', 'fcm-sender=1')
        production.wait_joined(1)
    assert watch.duplicates == 0


def test_what_is_registered_survives_all_containers(production):
    """Only the volume of Redis and the secrets stay."""
    project = production.project
    project.compose('rm', '--stop', '--force', 'redis', *SERVICES)
    production.up()
    project.wait_healthy('redis', *SERVICES)
    del production.server.links[:-1]
    with Watch(production):
        pass
