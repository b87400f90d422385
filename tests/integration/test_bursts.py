"""Servers push in bursts, each in its own way: what they do in earnest, and what
comes of it."""

import secrets
import time
from itertools import count

import pytest

from support.burst import Burst, plant_targets
from support.ejabberd import Ejabberd
from support.http_pages import Pages
from support.metrics import metrics_of, outcomes_of
from support.process import wait_until
from support.prosody import Prosody
from support.providers import Fcm
from support.wakebus import Wakebus

TROUBLE = ('wait', 'internal-server-error')
TIMEOUT = ('wait', 'remote-server-timeout')
DEFAULT_LIMITS = {'target_per_minute': 12, 'target_burst': 60,
                  'domain_per_second': 5000, 'domain_burst': 60000,
                  'user_registrations_per_hour': 60,
                  'domain_registrations_per_second': 200}
numbers = count(1)


@pytest.fixture(scope='module')
def fcm(credentials):
    emulator = Fcm(credentials, '--keep', '60000')
    yield emulator
    assert emulator.stop() == 0


@pytest.fixture
def pages():
    return Pages()


@pytest.fixture
def wakebus(request, redis_server, fcm, tmp_path, pages):
    """As it comes, but for what its parameter says of `push`: as in
    @push(server='ejabberd', deadline_ms=4000)."""
    changes = dict(request.param)
    xmpp = request.getfixturevalue(changes.pop('server'))
    redis_server.client().flushall()
    with Wakebus(tmp_path, xmpp, redis_server.url,
                 {'conversations': fcm.app()}, pages=pages,
                 fcm=fcm.settings(),
                 push={'coalesce_ms': 1000, **changes},
                 limits=DEFAULT_LIMITS, log={'level': 'info'}) as wakebus:
        yield wakebus.start()
    fcm.clear()


def push(**parameters):
    return pytest.mark.parametrize('wakebus', [parameters], indirect=True,
                                   ids=[''])


def real(kind):
    @pytest.fixture(scope='module')
    def server(tmp_path_factory):
        server = kind(tmp_path_factory.mktemp(kind.name)).start()
        yield server
        server.process.kill()
    return server


ejabberd = real(Ejabberd)
prosody = real(Prosody)


class Person:
    """Somebody with a phone, logged in, for whom the server pushes."""

    def __init__(self, server, resume=False):
        name = f'juliet{next(numbers)}'
        server.add_user(name)
        self.client = server.login(name, resume)
        self.token = secrets.token_urlsafe(120)
        self.client.enable_push(*self.client.register_push(
            server.component, self.token, secrets.token_hex(8)))
        self.jid = self.client.bare_jid


def romeo_of(server):
    name = f'romeo{next(numbers)}'
    server.add_user(name)
    return server.login(name)


# ---- real servers

@push(server='ejabberd')
def test_ejabberd_pushes_for_each_stanza_of_a_pending_session(
        ejabberd, wakebus, fcm, pages):
    juliet, romeo = Person(ejabberd, resume=True), romeo_of(ejabberd)
    juliet.client.drop()
    for number in range(60):
        time.sleep(0.03)
        last = time.time()
        romeo.send_chat(juliet.jid, f'Wherefore art thou? {number}')
    wait_until(lambda: metrics_of(pages)('wakebus_pushes_received_total') >= 60
               and metrics_of(pages)('wakebus_pushes_in_flight') == 0,
               'all of them', 15)
    outcomes = outcomes_of(pages)
    assert set(outcomes) == {'sent', 'coalesced'}
    woken = fcm.wakeups(juliet.token)
    assert len(woken) == outcomes['sent'] < outcomes['coalesced']
    assert woken[-1][0] >= last, 'also for the last one'
    assert woken[-1][1] == 'HIGH'
    romeo.drop()


@push(server='ejabberd')
def test_ejabberd_wakes_all_when_it_starts(ejabberd, wakebus, fcm, pages):
    people = [Person(ejabberd) for _ in range(40)]
    for person in people:
        person.client.go_offline()
    ejabberd.wake_all()
    tokens = {person.token for person in people}
    wait_until(lambda: {push['token'] for push in fcm.received()} >= tokens,
               'all are woken', 20)
    wait_until(lambda: metrics_of(pages)('wakebus_pushes_in_flight') == 0,
               'answered')
    assert outcomes_of(pages).keys() <= {'sent', 'coalesced', 'gone'}
    assert [len(fcm.wakeups(token)) for token in tokens] == 40 * [1]


@push(server='prosody')
def test_prosody_pushes_twice_for_what_comes_together(
        prosody, wakebus, fcm, pages):
    """Once for what is not important, and once for what is."""
    juliet, romeo = Person(prosody, resume=True), romeo_of(prosody)
    juliet.client.drop()
    romeo.send(f"<message type='chat' to='{juliet.jid}'><composing"
               " xmlns='http://jabber.org/protocol/chatstates'/></message>")
    romeo.send_chat(juliet.jid, 'Art thou not Romeo?')
    wait_until(lambda: metrics_of(pages)('wakebus_pushes_received_total') >= 2
               and metrics_of(pages)('wakebus_pushes_in_flight') == 0,
               'both', 15)
    outcomes = outcomes_of(pages)
    woken = fcm.wakeups(juliet.token)
    assert len(woken) == outcomes['sent']
    assert woken[-1][1] == 'HIGH', 'it has not waited for the other one'
    for _ in range(3):
        romeo.send_chat(juliet.jid, 'Art thou not Romeo?')
        time.sleep(0.4)
    wait_until(lambda: len(fcm.wakeups(juliet.token)) > len(woken)
               and metrics_of(pages)('wakebus_pushes_in_flight') == 0,
               'woken again')
    assert outcomes_of(pages).keys() <= {'sent', 'coalesced'}
    romeo.drop()


# ---- a large server, as ejabberd with wake_on_start

def share_waiting(targets, woken):
    return sum(target.token not in woken for target in targets) / len(targets)


@push(server='server', deadline_ms=28000, retry_first_s=600)
def test_fifty_thousand_at_once(server, wakebus, redis_server, fcm, pages):
    """More than can be carried: nobody is lost without a word, and a domain that
    asks for little gets through when one that asks for much has to wait."""
    client = redis_server.client()
    many = plant_targets(client, 50000, 'example.test')
    others = plant_targets(client, 200, 'verona.test')
    with Burst(server) as burst:
        ids, rest = [], []
        for at in range(200):
            ids += burst.send(many[at * 250:at * 250 + 250])
            rest += burst.send(others[at:at + 1])
        others_heard = burst.wait(rest)
        heard = burst.wait(ids)
    woken = {push['token'] for push in fcm.received()}
    waiting = share_waiting(many, woken)
    others_waiting = share_waiting(others, woken)
    outcomes = outcomes_of(pages)
    print(f'\nof 50,000: {dict(heard)}; of the others: {dict(others_heard)};'
          f' {len(woken)} were woken; not woken: {waiting:.1%} of the many, '
          f'{others_waiting:.1%} of the others; {outcomes}')
    assert others_heard == {None: 200}
    assert others_waiting <= waiting / 2, 'they take turns'
    assert heard.keys() <= {None, TROUBLE, TIMEOUT}
    assert sum(heard.values()) == 50000
    promised = [burst.sent[id] for id in ids + rest
                if burst.errors[id] is None]
    pipeline = client.pipeline()
    for target in promised:
        pipeline.hexists(f'wakebus:{{{target.node[:2]}}}:node:{target.node}',
                         'deferred')
    lost = [target for target, is_deferred in zip(promised, pipeline.execute())
            if not is_deferred and target.token not in woken]
    assert lost == []
    assert sum(outcomes[name] for name in ('sent', 'deferred')
               if name in outcomes) == len(promised)
