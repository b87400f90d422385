"""The frontend's --self-test: each trouble with the XMPP server is found, with
the real ones, and a link that works is left alone."""

import json
import os
import shutil
import socket
import struct
import subprocess
import threading

import pytest

from support.answers import error_of
from support.component_server import ComponentServer
from support.ejabberd import Ejabberd
from support.keys import keygen
from support.process import free_port
from support.prosody import Prosody
from support.registering import PHONE
from support.self_tests import Findings, self_test
from support.stanzas import iq, publish
from support.wakebus import BIN, Wakebus

PING = "<ping xmlns='urn:xmpp:ping'/>"


@pytest.fixture(scope='module', params=[Prosody, Ejabberd],
                ids=['prosody', 'ejabberd'])
def real(request, tmp_path_factory):
    server = request.param(tmp_path_factory.mktemp('xmpp')).start()
    yield server
    server.stop()


@pytest.fixture
def server():
    server = ComponentServer().start()
    yield server
    server.stop()


def config_of(server, **xmpp):
    inbox = f'tcp://127.0.0.1:{free_port()}'
    return {'xmpp': {'port': server.component_port, 'jid': server.component,
                     'secret': server.secret, **xmpp},
            'bus': {'bind': inbox, 'frontends': [inbox]}}


def examine(server, scratch, **xmpp):
    return self_test('xmpp-frontend', config_of(server, **xmpp), scratch)


# ---- with real servers

def test_all_is_well(real, tmp_path):
    found = examine(real, tmp_path)
    assert found.states() == [('configuration', 'ok'), ('name', 'warning'),
                              ('link', 'ok'), ('ping', 'ok')]
    found.check_only_faults()
    assert real.component in found.one('link').text


def test_a_wrong_secret(real, tmp_path):
    found = examine(real, tmp_path, secret='planted')
    found.check_only_faults('link')
    assert 'not-authorized' in found.one('link').text
    assert 'xmpp.secret' in found.one('link').remedy
    assert found.one('ping').state == 'skipped'
    assert not any('planted' in f.text + f.remedy for f in found.all)


def test_a_component_that_the_server_does_not_know(real, tmp_path):
    found = examine(real, tmp_path, jid='another.example.test')
    found.check_only_faults('link')
    assert 'xmpp.jid' in found.one('link').remedy


def test_a_frontend_that_runs_is_not_disturbed(real, tmp_path, redis_server,
                                               fcm):
    with Wakebus(tmp_path, real, redis_server.url, {'a': fcm.app()},
                 fcm=fcm.settings()) as wakebus:
        wakebus.start('xmpp-frontend')
        for _ in range(3):
            found = self_test('xmpp-frontend', wakebus.config, tmp_path)
            found.check_only_faults()
            assert found.one('link').state == 'skipped'
            assert found.one('ping').state == 'skipped'
            assert wakebus.inbox in found.one('link').text
        log = wakebus.log('xmpp-frontend')
        assert log.count('ev=link.up') == 1
        assert 'ev=link.down' not in log and 'error' not in log


def test_the_server_is_down(real, tmp_path):
    real.stop()
    try:
        found = examine(real, tmp_path)
    finally:
        real.start()
    found.check_only_faults('link')
    assert 'Connection refused' in found.one('link').text
    assert 'check that the XMPP server runs' in found.one('link').remedy


# ---- with one that does what a test wants

def test_a_server_that_says_nothing(server, tmp_path):
    server.silent = True
    found = examine(server, tmp_path)
    found.check_only_faults('link')
    assert 'no answer' in found.one('link').text


def test_another_is_connected(server, tmp_path):
    server.refusal = 'conflict'
    found = examine(server, tmp_path)
    found.check_only_faults('link')
    assert 'run only one frontend' in found.one('link').remedy


def test_a_ping_that_does_not_come_back(server, tmp_path):
    server.received = lambda link, stanza: None
    found = examine(server, tmp_path)
    found.check_only_faults('ping')
    assert found.one('link').state == 'ok'


def test_a_push_that_comes_meanwhile_is_put_off(server, tmp_path):
    received = server.received

    def send_more_first(link, stanza):
        server.received = received
        link.send(publish('prosody', 'node', id='meanwhile', secret='x'))
        link.send(iq(PING, PHONE, kind='get', id='pinged'))
        received(link, stanza)

    server.received = send_more_first
    examine(server, tmp_path).check_only_faults()
    assert error_of(server.wait_answer('meanwhile')) == (
        'wait', 'service-unavailable')
    assert error_of(server.wait_answer('pinged')) is None


def test_the_end_of_the_stream_is_said(server, tmp_path):
    examine(server, tmp_path).check_only_faults()
    [link] = server.links
    assert link.closed.wait(5)


# ---- who runs already?

@pytest.fixture
def running(server, redis_server, fcm, tmp_path):
    """A frontend that wants keys."""
    keygen(tmp_path / 'keys')
    with Wakebus(tmp_path, server, redis_server.url, {'a': fcm.app()},
                 keys=tmp_path / 'keys', fcm=fcm.settings()) as wakebus:
        wakebus.start('xmpp-frontend')
        yield wakebus


@pytest.mark.parametrize('change', [
    lambda bus: bus,
    lambda bus: {**bus, 'bind': bus['bind'].replace('127.0.0.1', '*')},
    lambda bus: {**bus, 'frontends': [f'tcp://127.0.0.1:{free_port()}']},
    lambda bus: {**bus, 'bind': f'tcp://127.0.0.1:{free_port()}'},
    lambda bus: {'bind': 'ipc:///nowhere', 'frontends': [
        'ipc:///nowhere/else',
        bus['bind'].replace('127.0.0.1', 'localhost')]}],
    ids=['both', 'all', 'bind', 'frontends', 'name'])
def test_it_is_found_where_it_may_be(running, server, tmp_path, change):
    config = {**running.config, 'bus': change(running.config['bus'])}
    found = self_test('xmpp-frontend', config, tmp_path,
                      env=running.keys_of('xmpp-frontend'))
    assert found.one('link').state == 'skipped'
    assert len(server.links) == 1
    assert 'ev=bus.stranger' not in running.log('xmpp-frontend')


def test_it_is_found_at_a_socket(server, redis_server, fcm, tmp_path):
    inbox = f'ipc://{tmp_path}/inbox'
    with Wakebus(tmp_path, server, redis_server.url, {'a': fcm.app()},
                 fcm=fcm.settings(),
                 bus={'bind': inbox, 'frontends': [inbox]}) as wakebus:
        wakebus.start('xmpp-frontend')
        found = self_test('xmpp-frontend', wakebus.config, tmp_path)
        assert inbox in found.one('link').text
        assert len(server.links) == 1


# ---- the DNS

def test_a_name_with_an_address(server, tmp_path):
    found = examine(server, tmp_path, jid='localhost')
    assert found.one('name').state == 'ok'


class DnsServer:
    """Knows no address, and one SRV record."""

    def __init__(self, name):
        self.labels = b''.join(bytes([len(label)]) + label.encode()
                               for label in name.split('.')) + b'\0'
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.53', 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, whom = self.socket.recvfrom(512)
            question = query[12:query.index(b'\0', 12) + 5]
            name, kind = question[:-4], question[-4:-2]
            record = b''
            if name == self.labels and kind == struct.pack('!H', 33):
                target = b'\4xmpp\7example\4test\0'
                record = (b'\xc0\x0c' + struct.pack(
                    '!HHIH', 33, 1, 60, 6 + len(target))
                    + struct.pack('!HHH', 0, 0, 5269) + target)
            self.socket.sendto(query[:2] + struct.pack(
                '!HHHHH', 0x8180, 1, 1 if record else 0, 0, 0)
                + question + record, whom)


def test_a_name_with_an_srv_record(server, tmp_path):
    """With a name server of our own, in a mount namespace of its own."""
    private = ['unshare', '--mount']
    if os.geteuid() != 0 or shutil.which('unshare') is None or \
            subprocess.run([*private, 'true'], check=False).returncode != 0:
        pytest.skip('needs root, and a namespace')
    try:
        DnsServer('_xmpp-server._tcp.push.example.test')
    except OSError:
        pytest.skip('there is a name server already')
    (tmp_path / 'resolv.conf').write_text('nameserver 127.0.0.53\n')
    config = tmp_path / 'c.json'
    for jid, state in ((server.component, 'ok'), ('x.example.test', 'warning')):
        config.write_text(json.dumps(config_of(server, jid=jid)))
        done = subprocess.run(
            [*private, 'sh', '-c',
             f'mount --bind {tmp_path}/resolv.conf /etc/resolv.conf && '
             f'exec {BIN}/wakebus-xmpp-frontend --config {config} '
             '--self-test=json'], text=True, check=False, timeout=30,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        found = Findings(done).one('name')
        assert found.state == state
    assert 'no address' in found.text
