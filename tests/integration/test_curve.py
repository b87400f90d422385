"""A bus with keys: who has none, another's or the wrong ones stays outside,
and the keys can change while everything runs."""

import os
import re
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest

from support.answers import error_of
from support.keys import Peer, keygen, own_pair, public_key, stranger_pair
from support.load import Load
from support.process import free_port, wait_until
from support.push_commands import register
from support.stanzas import iq, publish
from support.wakebus import BIN, Wakebus

PHONE = 'juliet@example.test/phone'


@pytest.fixture
def keys(tmp_path):
    directory = tmp_path / 'keys'
    keygen(directory)
    return directory


@pytest.fixture
def wakebus(server, redis_server, fcm, tmp_path, keys):
    port = free_port()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(), keys=keys,
                 bus={'bind': f'tcp://*:{port}',
                      'frontends': [f'tcp://127.0.0.1:{port}']},
                 push={'deadline_ms': 5000}) as wakebus:
        wakebus.inbox = f'tcp://127.0.0.1:{port}'
        yield wakebus
    fcm.clear()


def hello(role, worker='stranger'):
    return {'type': 'hello', 'role': role, 'worker': worker, 'credit': 1000,
            'jobs': f'tcp://127.0.0.1:{free_port()}',
            'apps': ['conversations']}


def wait_for_line(wakebus, name, *parts):
    """The lines of the log that have all these parts; waits for the first."""
    def lines():
        return [line for line in wakebus.log(name).splitlines()
                if all(part in line for part in parts)]

    wakebus.processes[name].wait_until(lines, f'log says {parts}')
    return lines()


def workers(wakebus):
    return wakebus.log('xmpp-frontend').count('ev=worker.joined')


# ---- keys ----

def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_keygen_makes_a_pair_for_each_role(tmp_path):
    keys = tmp_path / 'keys'
    keygen(keys)
    roles = {path.name.removesuffix('.key_secret')
             for path in keys.glob('*.key_secret')}
    assert roles == {'xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender',
                     'wakebusctl'}
    assert {path.name for path in (keys / 'authorized').iterdir()} == {
        f'{role}.key' for role in roles}
    assert mode(keys) == 0o700
    assert {mode(path) for path in keys.glob('*.key_secret')} == {0o600}
    for role in roles:
        public = (keys / 'authorized' / f'{role}.key').read_text()
        assert 'secret-key' not in public and f'role = "{role}"' in public
        assert own_pair(keys, role)[0] == public_key(keys, role)


def test_keygen_overwrites_nothing_and_completes_what_was_cut_short(tmp_path):
    keys = tmp_path / 'keys'
    keygen(keys)
    pairs = {path: own_pair(keys, path.name.removesuffix('.key_secret'))
             for path in keys.glob('*.key_secret')}
    (keys / 'authorized/registry.key').unlink()
    (keys / 'fcm-sender.key_secret').unlink()
    keygen(keys)
    for path, pair in pairs.items():
        role = path.name.removesuffix('.key_secret')
        assert own_pair(keys, role)[0] == public_key(keys, role)
        assert (own_pair(keys, role) == pair) == (role != 'fcm-sender')


@pytest.mark.parametrize('arguments, code, says', [
    ([], 64, 'missing: DIR'),
    (['a', 'b'], 64, 'unexpected argument: b'),
    (['--rotate', 'nobody', 'a'], 64, 'no such role: nobody'),
    (['--rotate', 'registry', 'a'], 66, 'no key that could be rotated'),
    (['/proc/nowhere'], 73, '/proc/nowhere'),
    (['--force', 'a'], 64, 'unrecognized option'),
], ids=str)
def test_keygen_says_what_is_wrong(tmp_path, arguments, code, says):
    done = subprocess.run([BIN / 'wakebusctl', 'keygen', *arguments],
                          cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, says in done.stderr) == (code, True), done


# ---- who comes in ----

def test_all_goes_as_without_keys(server, wakebus, fcm):
    wakebus.start('xmpp-frontend', 'registry')
    wakebus.start_one('fcm-sender', 'first')
    wakebus.start_one('fcm-sender', 'second')
    load = Load(server, 600)
    wakebus.stop_one('first')
    assert load.finish() == {None: 600}


def plain(endpoint, keys):
    return Peer(endpoint)


def unknown(endpoint, keys):
    return Peer(endpoint, stranger_pair(), public_key(keys, 'xmpp-frontend'))


def misled(endpoint, keys):
    """It knows a key that is let in, but takes another for the frontend's."""
    return Peer(endpoint, own_pair(keys, 'registry'), stranger_pair()[0])


def frontend(endpoint, keys):
    return Peer(endpoint, own_pair(keys, 'xmpp-frontend'),
                public_key(keys, 'xmpp-frontend'))


class Garbage:
    """No ZeroMQ at all."""

    def __init__(self, endpoint, keys):
        port = int(endpoint.rsplit(':', 1)[1])
        self._socket = socket.create_connection(('127.0.0.1', port))

    def send(self, **_):
        try:
            self._socket.sendall(b'GET / HTTP/1.1\r\n\r\n' * 100)
        except ConnectionError:
            pass  # it was thrown out

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()


@pytest.mark.parametrize('make, why', [
    (plain, 'no CURVE handshake with our key'),
    (Garbage, None),  # ZeroMQ tells nobody of who speaks nothing of its own
    (misled, 'no CURVE handshake with our key'),
    (unknown, 'its key is not authorized'),
    (frontend, 'a frontend is no worker'),
])
def test_a_stranger_stays_outside_the_inbox(server, wakebus, keys, make, why):
    wakebus.start()
    joined = workers(wakebus)
    with make(wakebus.inbox, keys) as peer:
        load = Load(server, 300)
        for _ in range(20):
            peer.send(**hello('registry'))
            peer.send(**hello('fcm-sender'))
        if why:
            wait_for_line(wakebus, 'xmpp-frontend', 'ev=bus.stranger', why)
        assert load.finish() == {None: 300}
        time.sleep(2)  # it goes on trying
    assert workers(wakebus) == joined
    assert wakebus.log('xmpp-frontend').count('ev=bus.stranger') == bool(why)


def jobs_endpoint(wakebus, name):
    return re.search(r'ev=frontend.found .*jobs=(\S+)',
                     wakebus.log(name)).group(1)


@pytest.mark.parametrize('role, why', [
    (None, 'its key is not authorized'),
    ('fcm-sender', 'only a frontend gives jobs'),
    ('registry', 'only a frontend gives jobs'),
])
def test_only_a_frontend_gives_jobs(server, wakebus, keys, role, why):
    wakebus.start()
    pair = own_pair(keys, role) if role else stranger_pair()
    with Peer(jobs_endpoint(wakebus, 'registry'), pair,
              public_key(keys, 'registry')) as peer:
        peer.send(type='target.lookup', domain='d', node='n', secret='s')
        wait_for_line(wakebus, 'registry', 'ev=bus.stranger', why)
    assert Load(server, 20).finish() == {None: 20}


# ---- what those do who are in ----

@pytest.fixture
def sender(wakebus, keys):
    """Somebody who has got hold of a sender's key."""
    wakebus.start()
    with Peer(wakebus.inbox, own_pair(keys, 'fcm-sender'),
              public_key(keys, 'xmpp-frontend')) as peer:
        yield peer


def test_a_sender_cannot_pose_as_a_registry(server, wakebus, sender):
    joined = workers(wakebus)
    for _ in range(100):
        sender.send(**hello('registry'))
        sender.send(**hello('apns-sender'))
    lines = wait_for_line(wakebus, 'xmpp-frontend', 'ev=bus.refused',
                          'field=role', 'role=fcm-sender')
    assert Load(server, 200).finish() == {None: 200}
    assert workers(wakebus) == joined
    assert len(lines) == 1


def test_a_sender_cannot_send_what_a_registry_says(server, wakebus, sender):
    sender.send(type='target.due', app='conversations', token='t',
                domain='d', node='n', version='1', attempt=1)
    wait_for_line(wakebus, 'xmpp-frontend', 'ev=bus.refused', 'field=role',
                  'type=target.due')


def test_a_sender_cannot_answer_the_jobs_of_a_registry(server, wakebus,
                                                       sender):
    """It guesses the ids of lookups that a registry has, and says that the
    targets do not exist: that would end their users' subscriptions."""
    phone = Load(server, 0, window=0, phones=1).phones[0]
    server.on_answer = None
    prefix, last = re.findall(r'ev=job.result id=([0-9a-f]+)-(\d+)\.',
                              wakebus.log('xmpp-frontend'))[-1]
    registry = wakebus.processes['registry']
    registry.signal(signal.SIGSTOP)
    answer = []
    server.on_answer = lambda stanza: answer.append(error_of(stanza))
    server.wait_link().send(publish('prosody', phone.node,
                                    secret=phone.secret, id='looked-up'))
    deadline = time.monotonic() + 2
    refused = False
    while not refused and time.monotonic() < deadline:
        for number in range(int(last), int(last) + 50):
            sender.send(type='target.lookup.result', id=f'{prefix}-{number}.1',
                        outcome='absent')
        time.sleep(0.05)
        refused = 'why="a job of another\'s"' in wakebus.log('xmpp-frontend')
    registry.signal(signal.SIGCONT)
    wait_until(lambda: answer, 'answered')
    server.on_answer = None
    assert refused and answer == [None]


def test_nobody_says_bye_for_another(server, wakebus, keys):
    wakebus.start()
    registry = re.search(r'ev=worker.joined role=registry worker=(\S+)',
                         wakebus.log('xmpp-frontend')).group(1)
    with Peer(wakebus.inbox, own_pair(keys, 'apns-sender'),
              public_key(keys, 'xmpp-frontend')) as peer:
        peer.send(type='bye', worker=registry)
        peer.send(**hello('apns-sender', worker=registry))
        wait_for_line(wakebus, 'xmpp-frontend', 'ev=bus.refused',
                      'field=worker', 'type=bye')
        wait_for_line(wakebus, 'xmpp-frontend', 'ev=bus.refused',
                      'field=worker', 'type=hello')
    assert Load(server, 20).finish() == {None: 20}


def test_a_flood_from_inside_drowns_nobody(server, wakebus, sender):
    stop = threading.Event()

    def flood():
        while not stop.is_set():
            sender.send_frame(b'{"v":1,"type":"hello","id":""}')

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        assert Load(server, 500).finish() == {None: 500}
    finally:
        stop.set()
        thread.join()
    assert wakebus.log('xmpp-frontend').count('ev=bus.refused') == 1


def test_a_flood_of_strangers_drowns_nobody(server, wakebus, keys):
    wakebus.start()
    stop = threading.Event()
    came = []

    def flood(make):
        while not stop.is_set():
            with make(wakebus.inbox, keys) as peer:
                peer.send(**hello('registry'))
                time.sleep(0.002)
            came.append(make)

    threads = [threading.Thread(target=flood, args=[make])
               for make in (Garbage, unknown, plain)]
    for thread in threads:
        thread.start()
    try:
        assert Load(server, 500).finish() == {None: 500}
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert len(came) > 50
    assert wakebus.log('xmpp-frontend').count('ev=bus.stranger') <= 2


# ---- keys change ----

def test_a_worker_gets_a_new_key_and_only_it_restarts(server, wakebus, keys):
    wakebus.start()
    pids = {name: wakebus.processes[name].pid
            for name in ('xmpp-frontend', 'fcm-sender')}
    old = public_key(keys, 'registry')
    keygen(keys, '--rotate', 'registry')
    assert public_key(keys, 'registry') != old
    assert public_key(keys, 'registry.old') == old
    assert Load(server, 50).finish() == {None: 50}  # with the old one
    wakebus.stop_one('registry')
    wakebus.start_one('registry')
    (keys / 'authorized/registry.old.key').unlink()
    assert Load(server, 50).finish() == {None: 50}
    assert pids == {name: wakebus.processes[name].pid for name in pids}


def test_a_frontend_gets_a_new_key_and_only_it_restarts(server, wakebus, keys):
    wakebus.start()
    keygen(keys, '--rotate', 'xmpp-frontend')
    wakebus.stop_one('xmpp-frontend')
    wakebus.start_one('xmpp-frontend')
    wakebus.processes['xmpp-frontend'].wait_until(
        lambda: workers(wakebus) == 2, 'all there')
    (keys / 'authorized/xmpp-frontend.old.key').unlink()
    assert Load(server, 50).finish() == {None: 50}


def test_a_key_that_is_taken_away_ends_its_worker(server, wakebus, keys):
    """Its connection is up; and when the key is back, so is it."""
    wakebus.start()
    key = keys / 'authorized/fcm-sender.key'
    key.rename(keys / 'away')
    wait_for_line(wakebus, 'xmpp-frontend', 'ev=worker.lost',
                  'role=fcm-sender')
    wait_for_line(wakebus, 'xmpp-frontend', 'ev=bus.refused',
                  'its key is no longer authorized')
    (keys / 'away').rename(key)
    wakebus.processes['xmpp-frontend'].wait_until(
        lambda: wakebus.joined('fcm-sender') == 2, 'back')
    assert Load(server, 20).finish() == {None: 20}


def test_who_is_not_yet_authorized_is_let_in_when_he_is(server, wakebus, keys):
    key = keys / 'authorized/registry.key'
    key.rename(keys / 'later')
    wakebus.start('xmpp-frontend', 'fcm-sender')
    wakebus.start_one('registry', wait=False)
    lines = wait_for_line(wakebus, 'registry', 'ev=bus.refused_us',
                          'our key is not authorized there')
    (keys / 'later').rename(key)
    wakebus.processes['xmpp-frontend'].wait_until(
        lambda: wakebus.joined('registry') == 1, 'let in')
    assert error_of(server.ask(iq(register('t' * 100, 'd'), PHONE))) is None
    assert len(lines) == 1


def test_who_has_no_keys_is_told_and_comes_in_when_none_are_wanted(
        server, redis_server, fcm, tmp_path, keys):
    """ZeroMQ by itself never asks again who wants what we do not speak."""
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 keys=keys) as wakebus:
        wakebus.start('xmpp-frontend')
        wakebus.keys = None
        wakebus.start_one('fcm-sender', wait=False)
        wait_for_line(wakebus, 'xmpp-frontend', 'ev=bus.stranger')
        done = subprocess.run(
            [BIN / 'wakebusctl', 'status', '--config', wakebus.path],
            capture_output=True, text=True, timeout=60)
        assert done.returncode == 77, done
        assert 'it wants keys, and this process has none' in done.stderr
        wakebus.stop_one('xmpp-frontend')
        wakebus.start_one('xmpp-frontend')
        wakebus.processes['xmpp-frontend'].wait_until(
            lambda: wakebus.joined('fcm-sender') == 1, 'let in')


# ---- sockets in the file system ----

def test_ipc_sockets_are_for_their_user_alone(server, redis_server, fcm,
                                              tmp_path):
    inbox = f'ipc://{tmp_path}/inbox'
    os.umask(0o022)
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 bus={'bind': inbox, 'frontends': [inbox]}).start() as wakebus:
        sockets = [path for path in tmp_path.iterdir() if path.is_socket()]
        assert len(sockets) == 3
        assert {mode(path) for path in sockets} == {0o700}

        # A second frontend does not take the first one's place.
        second = subprocess.run(
            [BIN / 'wakebus-xmpp-frontend', '--config', wakebus.path],
            capture_output=True, text=True, timeout=10)
        assert second.returncode == 69
        assert 'ev=bus.cannot_bind' in second.stderr
        assert Load(server, 20).finish() == {None: 20}
