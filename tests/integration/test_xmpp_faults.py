"""The link to the XMPP server: how it is lost, and that it comes back; and
several frontends at once."""

import threading
import time
from itertools import count

import pytest

from support.component_link import ComponentLink
from support.component_server import ComponentServer
from support.ejabberd import Ejabberd
from support.process import free_port, wait_until
from support.prosody import Prosody
from support.push_commands import register
from support.registering import PHONE, error_of
from support.stanzas import iq
from support.wakebus import Wakebus
from support.xml_connection import StreamClosed
from test_end_to_end import Juliet, wake_up_comes

PING = "<ping xmlns='urn:xmpp:ping'/>"
numbers = count(1)


@pytest.fixture
def server():
    server = ComponentServer().start()
    yield server
    server.stop()


class Frontend:
    """A frontend alone; its pings are made quick."""

    def __init__(self, scratch, server, redis_server, fcm):
        self.server = server
        self.wakebus = Wakebus(
            scratch, server, redis_server.url, {'c': fcm.app()})
        self.wakebus.config['xmpp'].update(ping_interval_s=1, ping_timeout_s=1)
        self.wakebus.write_config()
        self.process = self.wakebus.start_one('xmpp-frontend')

    def log(self):
        return self.process.log()

    def wait_new_link(self, old, timeout=10.0):
        """Returns it and the seconds that took."""
        started = time.monotonic()
        wait_until(lambda: self.server.links[-1] is not old, 'a new link',
                   timeout)
        return self.server.wait_link(), time.monotonic() - started

    def works(self):
        return error_of(self.server.ask(iq(PING, PHONE, kind='get'))) is None

    def resident_mib(self):
        status = open(f'/proc/{self.process.pid}/status').read()
        return int(status.partition('VmRSS:')[2].split()[0]) / 1024


@pytest.fixture
def frontend(tmp_path, server, redis_server, fcm):
    frontend = Frontend(tmp_path, server, redis_server, fcm)
    with frontend.wakebus:
        yield frontend


def vanish(link):
    try:
        link.vanish()
    except PermissionError:
        pytest.skip('needs root to make a connection vanish')


# ---- lost, and back

@pytest.mark.parametrize('lose, why', [
    (ComponentLink.close, None), (ComponentLink.reset, None),
    (lambda link: link.stream_error('system-shutdown'), None),
    (vanish, None), (ComponentLink.freeze, 'no answer to a ping')],
    ids=['closed', 'reset', 'shut down', 'vanished', 'frozen'])
def test_a_lost_link_is_made_anew(server, frontend, lose, why):
    link = server.wait_link()
    time.sleep(1.5)  # a ping has been there and back
    assert server.wait_link() is link
    lose(link)
    _, seconds = frontend.wait_new_link(link)
    print(f'\nlinked again after {seconds:.2f} s')
    assert seconds < 5
    assert frontend.works()
    assert 'ev=link.down' in frontend.log()
    assert why is None or why in frontend.log()


def test_the_link_is_back_soon_after_the_server_is(server, frontend):
    link = server.wait_link()
    server.stop()
    time.sleep(3)
    server.start()
    _, seconds = frontend.wait_new_link(link)
    print(f'\nlinked again {seconds:.2f} s after the server was there')
    assert seconds < 3
    assert frontend.works()


def test_a_server_that_says_nothing_is_given_up(server, frontend):
    """It accepts the connection, and that is all."""
    link = server.wait_link()
    server.silent = True
    link.close()
    frontend.process.wait_for_log('the server does not answer', timeout=15)
    attempts = server.attempts
    assert attempts == 2
    server.silent = False
    frontend.wait_new_link(link)
    assert frontend.works()


def test_a_server_that_reads_nothing_is_given_up(
        tmp_path, server, redis_server, fcm):
    """Before its answers fill the memory."""
    with Wakebus(tmp_path, server, redis_server.url,
                 {'c': fcm.app()}) as wakebus:
        frontend = wakebus.start_one('xmpp-frontend')
        link = server.wait_link()
        link.freeze()
        info = iq("<query xmlns='http://jabber.org/protocol/disco#info'/>",
                  PHONE, kind='get')
        with pytest.raises(OSError):
            for _ in range(2000):
                link.send(100 * info)
        frontend.wait_for_log('the server does not read')
        status = open(f'/proc/{frontend.pid}/status').read()
        peak_mib = int(status.partition('VmHWM:')[2].split()[0]) / 1024
        print(f'\nat most {peak_mib:.0f} MiB in memory')
        assert peak_mib < 80
        wait_until(lambda: server.links[-1] is not link, 'a new link')
        assert error_of(server.ask(iq(PING, PHONE, kind='get'))) is None


# ---- turned away

def test_what_a_person_must_mend_is_tried_slowly(
        tmp_path, redis_server, fcm):
    refusals = 'conflict', 'not-authorized', 'host-unknown'
    servers = [ComponentServer().start() for _ in refusals]
    frontends = []
    for server, refusal in zip(servers, refusals):
        (tmp_path / refusal).mkdir()
        frontends.append(Frontend(tmp_path / refusal, server, redis_server,
                                  fcm))
        server.wait_link().stream_error(refusal)
        server.refusal = refusal
    time.sleep(6)
    for server, frontend, refusal in zip(servers, frontends, refusals):
        assert 2 <= server.attempts <= 3, 'the first and the one refused'
        assert f'ev=link.refused why={refusal}' in frontend.log()
        server.refusal = None
    for server, frontend in zip(servers, frontends):
        frontend.wait_new_link(server.links[0], timeout=15)
        assert frontend.works()
        frontend.wakebus.stop()
        server.stop()


# ---- several frontends

class Several:
    """Wakebus with two frontends."""

    def __init__(self, scratch, server, redis_server, fcm):
        inboxes = [f'tcp://127.0.0.1:{free_port()}' for _ in range(2)]
        self.wakebus = Wakebus(
            scratch, server, redis_server.url, {'c': fcm.app()},
            bus={'bind': inboxes[0], 'frontends': inboxes},
            fcm=fcm.settings())
        self.inboxes = inboxes
        self.start('a')

    def start(self, name):
        inbox = self.inboxes['ab'.index(name)]
        return self.wakebus.start_one('xmpp-frontend', name,
                                      env={'WAKEBUS_BUS_BIND': inbox})

    def start_workers(self):
        for program in ('registry', 'fcm-sender'):
            self.wakebus.start_one(program)
        self.wait_workers('a', 'b')

    def wait_workers(self, *names):
        for name in names:
            wait_until(lambda: self.log(name).count('ev=worker.joined') == 2,
                       f'{name} has workers')

    def log(self, name):
        return self.wakebus.log(name)

    def served(self, name, type_):
        return self.log(name).count(f'type={type_}.result')


class Asking:
    """An app that asks the component something all the time."""

    def __init__(self, client, component):
        self.client = client
        self.component = component
        self.open = set()
        self.answers = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stopping.is_set():
            id = f'asking{next(numbers)}'
            self.open.add(id)
            self.client.send(iq(register('token', id), '', id=id,
                                to=self.component).replace("from=''", ''))
            self._receive(0.005)
        deadline = time.monotonic() + 8
        while self.open and time.monotonic() < deadline:
            self._receive(0.1)

    def _receive(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                stanza = self.client.wait(
                    lambda stanza: stanza.get('id') in self.open,
                    deadline - time.monotonic())
            except TimeoutError:
                return
            self.open.remove(stanza.get('id'))
            self.answers.append(error_of(stanza))

    def stop(self):
        """Returns how many were never answered."""
        self._stopping.set()
        self._thread.join()
        return len(self.open)


@pytest.fixture(scope='module')
def ejabberd(tmp_path_factory):
    server = Ejabberd(tmp_path_factory.mktemp('ejabberd')).start()
    server.add_user('romeo')
    yield server
    server.process.kill()


@pytest.fixture
def several(ejabberd, tmp_path, redis_server, fcm):
    several = Several(tmp_path, ejabberd, redis_server, fcm)
    with several.wakebus:
        several.start('b')
        several.start_workers()
        yield several


@pytest.fixture
def romeo(ejabberd):
    client = ejabberd.login('romeo')
    yield client
    client.drop()


def test_two_frontends_share_the_work_behind_ejabberd(
        ejabberd, several, fcm, romeo):
    phones = [Juliet(ejabberd) for _ in range(4)]
    for juliet in phones:
        assert wake_up_comes(fcm, juliet, romeo)
        assert wake_up_comes(fcm, juliet, romeo)
    for name in 'ab':
        assert several.served(name, 'target.register') > 0 or \
            several.served(name, 'push') > 0
    assert several.served('a', 'push') + several.served('b', 'push') == 8


@pytest.mark.parametrize('end', ['stop_one', 'kill_one'])
def test_a_frontend_that_ends_leaves_the_work_to_the_other(
        ejabberd, several, fcm, romeo, end):
    juliet = Juliet(ejabberd)
    asking = Asking(ejabberd.login('romeo'), ejabberd.component)
    time.sleep(1)
    assert several.served('a', 'target.register') > 20
    assert several.served('b', 'target.register') > 20
    getattr(several.wakebus, end)('b')
    time.sleep(1)
    unanswered = asking.stop()
    print(f'\n{end}: {len(asking.answers)} answers, {unanswered} missing, '
          f'{len(asking.answers) - asking.answers.count(None)} errors')
    if end == 'stop_one':
        assert unanswered == 0
    assert unanswered <= 20
    assert {error and error[0] for error in asking.answers} <= {None, 'wait'}
    for _ in range(3):
        assert wake_up_comes(fcm, juliet, romeo)
    several.start('b')
    several.wait_workers('b')
    for _ in range(3):
        assert wake_up_comes(fcm, juliet, romeo)


def test_two_frontends_behind_prosody_take_turns_slowly(
        tmp_path, redis_server, fcm):
    """There can be only one; the log says so, and whichever it is works."""
    prosody = Prosody(tmp_path).start()
    several = Several(tmp_path, prosody, redis_server, fcm)
    with several.wakebus:
        several.start('b')
        several.wakebus.processes['a'].wait_for_log('why=conflict')
        several.start_workers()
        prosody.add_user('romeo')
        romeo = prosody.login('romeo')
        juliet = Juliet(prosody)
        time.sleep(8)
        links = sum(several.log(name).count('ev=link.up') for name in 'ab')
        assert links <= 8, 'not more than one in two seconds'
        assert 'component_conflict_resolve' in several.log('a')
        assert wake_up_comes(fcm, juliet, romeo)
        several.wakebus.stop_one('b')
        wait_until(lambda: wake_up_comes(fcm, juliet, romeo, within=1),
                   'waking again', 10)
        romeo.drop()
    prosody.stop()
