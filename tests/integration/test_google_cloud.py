"""On Google's cloud FCM needs no key file: the machine tells an access token."""

import json
import secrets
from pathlib import Path

import pytest

from support.answers import error_of
from support.metadata_server import MetadataServer
from support.process import free_port
from support.self_tests import self_test
from support.stanzas import publish
from support.wakebus import Wakebus

NO_REDIS = f'redis://127.0.0.1:{free_port()}/0'


@pytest.fixture
def machine(fcm):
    fcm.clear()
    machine = MetadataServer(fcm)
    yield machine
    machine.stop()
    fcm.clear()


@pytest.fixture
def app(fcm):
    account = json.loads(Path(fcm.info['service_account_file']).read_text())
    return {'backend': 'fcm', 'stateless': True,
            'project_id': account['project_id']}


def settings(fcm, url):
    return fcm.settings() | {'metadata_url': url}


def push(server):
    token = f'{secrets.token_urlsafe(16)}:APA91b{secrets.token_urlsafe(100)}'
    return error_of(server.ask(publish('prosody', token,
                                       sender='example.test')))


def test_a_push_with_the_machines_token(server, fcm, machine, app, tmp_path):
    with Wakebus(tmp_path, server, NO_REDIS, {'android': app},
                 fcm=settings(fcm, machine.url)) as wakebus:
        wakebus.start('xmpp-frontend', 'fcm-sender')
        assert [push(server) for _ in range(3)] == [None] * 3
        assert [push['status'] for push in fcm.received()] == [200] * 3
        assert machine.asked == 1
        fcm.fault(kind='unauthorized', count=1)
        assert push(server) is None, 'with another token'
        assert machine.asked == 2
        log = wakebus.log('fcm-sender')
        assert 'ev=token.renewed app=android' in log


def test_a_machine_without_an_account(server, fcm, machine, app, tmp_path):
    machine.status = 404
    with Wakebus(tmp_path, server, NO_REDIS, {'android': app},
                 fcm=settings(fcm, machine.url)) as wakebus:
        wakebus.start('xmpp-frontend', 'fcm-sender')
        assert push(server) == ('wait', 'internal-server-error')
        log = wakebus.log('fcm-sender')
        assert ('error fcm-sender ev=token.failed app=android '
                'reason=token-http-404') in log
        assert 'Workload Identity' in log


def test_fcm_takes_no_token_of_the_machine(server, fcm, machine, app, tmp_path):
    fcm.fault(kind='unauthorized')
    with Wakebus(tmp_path, server, NO_REDIS, {'android': app},
                 fcm=settings(fcm, machine.url)) as wakebus:
        wakebus.start('xmpp-frontend', 'fcm-sender')
        assert push(server) == ('wait', 'internal-server-error')
        log = wakebus.log('fcm-sender').splitlines()
        [token] = [line for line in log if 'ev=token.failed' in line]
        [fault] = [line for line in log if 'ev=push.fault' in line]
        assert 'reason=UNAUTHENTICATED' in token
        assert 'service account of this machine' in token
        assert 'reason=UNAUTHENTICATED' in fault
        for remedy in ('download', 'service_account_file'):
            assert remedy not in token + fault, 'there is no key'


def test_the_self_test(server, fcm, machine, app, tmp_path):
    wakebus = Wakebus(tmp_path, server, NO_REDIS, {'android': app},
                      fcm=settings(fcm, machine.url))
    found = self_test('fcm-sender', wakebus.config, tmp_path)
    assert found.one('android.access').state == 'ok'
    assert found.one('android.push').state == 'ok'


def test_the_self_test_elsewhere(server, fcm, app, tmp_path):
    nobody = f'http://127.0.0.1:{free_port()}'
    wakebus = Wakebus(tmp_path, server, NO_REDIS, {'android': app},
                      fcm=settings(fcm, nobody))
    found = self_test('fcm-sender', wakebus.config, tmp_path)
    access = found.one('android.access')
    assert access.state == 'fault'
    assert "no machine of Google's cloud" in access.remedy
    assert found.one('android.push').state == 'skipped'
