"""Several frontends for one component: ejabberd gives each stanza to one of
them; Prosody has room for one."""

import threading
import time
from itertools import count

import pytest

from support.answers import error_of
from support.ejabberd import Ejabberd
from support.process import free_port, wait_until
from support.prosody import Prosody
from support.push_commands import register
from support.stanzas import iq
from support.wakebus import Wakebus
from test_end_to_end import Juliet, wake_up_comes

numbers = count(1)


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
    phones = [Juliet(ejabberd) for _ in range(8)]
    for juliet in phones:
        assert wake_up_comes(fcm, juliet, romeo)
        assert wake_up_comes(fcm, juliet, romeo)
    pushes = [several.served(name, 'push') for name in 'ab']
    assert sum(pushes) == 16 and min(pushes) > 0


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
    # What ejabberd writes while the end of our stream is on its way to it
    # comes when nothing can be said on that stream any more.
    assert unanswered <= (3 if end == 'stop_one' else 20)
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
        assert links <= 5, 'ever more slowly'
        assert 'component_conflict_resolve' in several.log('a')
        assert wake_up_comes(fcm, juliet, romeo)
        several.wakebus.stop_one('b')
        wait_until(lambda: wake_up_comes(fcm, juliet, romeo, within=1),
                   'waking again', 10)
        romeo.drop()
    prosody.stop()
