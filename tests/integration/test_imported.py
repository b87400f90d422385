"""Targets that another system has registered: their nodes begin as they like,
and so lead into other slots than their devices'."""

import base64
import hashlib
import secrets
import time

import pytest

from support.process import wait_until
from support.redis_cluster import RedisCluster
from test_registry import (
    ABSENT, DOMAIN, OK, TOKEN, Registry, channel_named, pick, script)

KEPT = {'outcome': 'kept'}
TAKEN = {'outcome': 'taken'}
APP = 'conversations'


@pytest.fixture(scope='module', params=['one server', 'a cluster'])
def place(request, tmp_path_factory):
    """Something with a url and clients."""
    if request.param == 'one server':
        yield request.getfixturevalue('redis_server')
        return
    cluster = RedisCluster(tmp_path_factory.mktemp('cluster'))
    yield cluster
    cluster.kill()


@pytest.fixture(scope='module')
def registry(place, tmp_path_factory):
    running = Registry(tmp_path_factory.mktemp('registry'), place,
                       env={'WAKEBUS_PUSH_RETRY_FIRST_S': '1'})
    wait_until(lambda: all(running.lookup(node, 'x') == ABSENT for node in
                           (first + 'B' * 11 for first in 'ABCDEFGHIJKLMNOP')),
               'answers from all masters', timeout=15)
    yield running
    running.close()


@pytest.fixture(autouse=True)
def empty(place):
    yield
    with place.client() as client:
        for key in client.scan_iter('wakebus:*'):
            client.delete(key)


def keys_of(place):
    with place.client() as client:
        return sorted(key for key in client.scan_iter('wakebus:*')
                      if ':ended:' not in key)


def tag_of(device):
    return base64.b64encode(bytes.fromhex(device[:3] + '000'))[:2].decode()


class Foreign:
    """A target as p2 draws it: of no device's tag."""

    def __init__(self, **members):
        self.device = hashlib.sha1(secrets.token_bytes(8)).hexdigest()
        self.node = tag_of(self.device)
        while self.node.startswith(tag_of(self.device)):
            self.node = base64.b64encode(secrets.token_bytes(9)).decode()
        self.secret = base64.b64encode(secrets.token_bytes(18)).decode()
        self.members = {'app': APP, 'device': self.device, 'domain': DOMAIN,
                        'token': TOKEN, 'node': self.node,
                        'secret': self.secret, **members}

    @property
    def row(self):
        return f'wakebus:{{{tag_of(self.device)}}}:node:{self.node}'

    @property
    def pointer(self):
        return f'wakebus:{{{self.node[:2]}}}:node:{self.node}'

    def put(self, registry, **members):
        return put_each(registry, [{**self.members, **members}])[0]

    def lookup(self, registry):
        return registry.lookup(self.node, self.secret)


@pytest.fixture
def foreign():
    return Foreign()


def put_each(registry, rows):
    """The answers to so many imports at once, without their types."""
    ids = [registry.frontend.send('operator.import', asker='test', **row)
           for row in rows]
    answers = registry.frontend.receive(ids)
    for answer in answers.values():
        type_ = answer.pop('type')
        assert type_ == ('operator.later' if 'why' in answer
                         else 'operator.import.result')
    return [answers[id_] for id_ in ids]


def of(foreign):
    return {'node': foreign.node, 'secret': foreign.secret}


# ---- what a user must not notice ----

def test_its_node_and_secret_work(registry, foreign):
    assert foreign.put(registry) == OK
    assert foreign.lookup(registry) == {
        'outcome': 'ok', 'app': APP, 'device': foreign.device, 'token': TOKEN}
    wrong = [registry.lookup(foreign.node, foreign.secret, 'example.net'),
             registry.lookup(foreign.node, foreign.secret[:-1] + '!'),
             registry.lookup(foreign.node, None)]
    assert wrong == [ABSENT] * 3


def test_a_client_that_registers_again_gets_the_same(registry, foreign):
    foreign.put(registry)
    assert registry.register(foreign.device, token='new') == {
        'outcome': 'ok', **of(foreign)}
    assert foreign.lookup(registry)['token'] == 'new'


@pytest.mark.parametrize('channel', [None, channel_named('a')])
def test_nothing_is_left_when_it_is_unregistered(place, registry, channel):
    foreign = Foreign(channel=channel)
    assert foreign.put(registry) == OK
    assert keys_of(place) == sorted([
        foreign.row, foreign.pointer,
        f'wakebus:{{{tag_of(foreign.device)}}}:device:{foreign.device}'])
    assert registry.ask('unregister', app=APP, device=foreign.device) == OK
    assert foreign.lookup(registry) == ABSENT
    wait_until(lambda: keys_of(place) == [], 'nothing left')


def test_nothing_is_left_when_its_token_is_dead(place, registry, foreign):
    foreign.put(registry)
    dead = {'node': foreign.node, 'device': foreign.device}
    assert registry.ask('forget', **dead, token='other') == KEPT
    assert registry.ask('forget', **dead, token=TOKEN) == OK
    assert foreign.lookup(registry) == ABSENT
    wait_until(lambda: keys_of(place) == [], 'nothing left')


def next_due(registry):
    """What the registry wants to be sent."""
    while (message := registry.frontend._next(10))['type'] != 'target.due':
        assert message['type'] == 'hello', message
    return message


def test_its_push_can_wait(place, registry, foreign):
    foreign.put(registry)
    target = {'node': foreign.node, 'device': foreign.device}
    assert registry.ask('defer', **target, priority='high') == OK
    with place.client() as client:
        assert client.hexists(foreign.row, 'deferred')
        assert not client.hexists(foreign.pointer, 'deferred')
    due = next_due(registry)
    assert (due['node'], due['device'], due['app'], due['token']) == (
        foreign.node, foreign.device, APP, TOKEN)
    assert due['deferred'] == foreign.lookup(registry)['deferred']
    assert registry.ask('settle', **target, deferred=due['deferred']) == OK
    assert 'deferred' not in foreign.lookup(registry)


def test_several_of_one_device_are_told_apart(registry, foreign):
    other = Foreign(device=foreign.device, channel=channel_named('a'))
    ios = registry.register(foreign.device, app='ios')
    assert foreign.put(registry) == OK
    assert put_each(registry, [other.members]) == [OK]
    assert registry.lookup(**pick(ios))['app'] == 'ios'
    assert registry.ask('unregister', app=APP, device=foreign.device,
                        channel=channel_named('a')) == OK
    assert other.lookup(registry) == ABSENT
    assert foreign.lookup(registry)['outcome'] == 'ok'


def test_of_all_masters_are_kept(place, registry):
    many = [Foreign() for _ in range(200)]

    def ask_each(type_, jobs):
        ids = [registry.frontend.send(f'target.{type_}', **job)
               for job in jobs]
        answers = registry.frontend.receive(ids)
        return {answer['outcome'] for answer in answers.values()}

    everything = [each.members for each in many]
    assert put_each(registry, everything) == 200 * [OK]
    assert put_each(registry, everything) == 200 * [OK], 'it does no harm'
    assert len(keys_of(place)) == 600
    assert ask_each('lookup', [
        {'domain': DOMAIN, **of(each)} for each in many]) == {'ok'}
    assert ask_each('unregister', [
        {'app': APP, 'device': each.device} for each in many]) == {'ok'}
    wait_until(lambda: keys_of(place) == [], 'nothing left')


# ---- what is newer here ----

def test_what_a_client_has_registered_since_is_kept(place, registry, foreign):
    foreign.put(registry)
    registry.register(foreign.device, token='new')
    assert foreign.put(registry) == KEPT
    assert foreign.lookup(registry)['token'] == 'new'
    registry.ask('unregister', app=APP, device=foreign.device)
    wait_until(lambda: keys_of(place) == [], 'nothing left')


def test_a_later_dump_brings_later_tokens(registry, foreign):
    foreign.put(registry)
    assert foreign.put(registry, token='new') == OK
    assert foreign.lookup(registry)['token'] == 'new'


def test_of_two_with_times_the_newer_counts(registry, foreign):
    assert foreign.put(registry, token='2', renewed_ms=2000) == OK
    assert foreign.put(registry, token='2', renewed_ms=2000) == OK, 'the same'
    assert foreign.put(registry, token='1', renewed_ms=1000) == KEPT
    assert foreign.put(registry, token='0') == KEPT
    assert foreign.lookup(registry)['token'] == '2'
    assert foreign.put(registry, token='3', renewed_ms=3000) == OK
    assert foreign.lookup(registry)['token'] == '3'


def test_a_client_that_came_first_keeps_what_it_got(place, registry, foreign):
    mine = registry.register(foreign.device)
    before = keys_of(place)
    assert foreign.put(registry) == KEPT
    assert registry.register(foreign.device) == mine
    assert foreign.lookup(registry) == ABSENT
    wait_until(lambda: keys_of(place) == before, 'no pointer to nothing')


def test_another_node_of_the_device_is_replaced_by_a_newer(
        place, registry, foreign):
    newer = Foreign(device=foreign.device)
    newer.device = foreign.device
    foreign.put(registry)
    assert newer.put(registry) == OK
    assert foreign.lookup(registry) == ABSENT
    assert newer.lookup(registry)['outcome'] == 'ok'
    wait_until(lambda: len(keys_of(place)) == 3, 'and its pointer')


def test_what_was_unregistered_just_now_does_not_come_back(
        place, registry, foreign):
    foreign.put(registry)
    registry.ask('unregister', app=APP, device=foreign.device)
    assert foreign.put(registry) == KEPT
    assert foreign.lookup(registry) == ABSENT
    wait_until(lambda: keys_of(place) == [], 'nothing left')
    assert foreign.put(registry, renewed_ms=int(time.time() * 1000)) == OK


def test_times_are_those_of_the_import(place, registry, foreign):
    def times():
        with place.client() as client:
            return client.hmget(foreign.row, 'created', 'renewed')

    started = time.time() * 1000 - 1
    foreign.put(registry)
    created, renewed = times()
    assert started <= float(created) <= time.time() * 1000 and renewed is None
    foreign.put(registry, token='again')
    assert times() == [created, None]
    foreign.put(registry, created_ms=1000, renewed_ms=2000)
    assert times() == ['1000', '2000']


# ---- what cannot be ----

@pytest.mark.parametrize('tag', ['its own', 'the same as ours', 'another'])
def test_a_node_of_another_device_is_refused(registry, foreign, tag):
    if tag == 'its own':
        other = registry.register(channel_named('x'))
        node, secret = other['node'], other['secret']
    else:
        other = Foreign()
        while (tag_of(other.device) == tag_of(foreign.device)) != (
                tag == 'the same as ours'):
            other = Foreign()
        other.put(registry)
        node, secret = other.node, other.secret
    found = registry.lookup(node, secret)
    assert found['outcome'] == 'ok'
    assert foreign.put(registry, node=node) == TAKEN
    assert registry.lookup(node, secret) == found
    assert registry.lookup(node, foreign.secret) == ABSENT


def test_the_wrong_app_can_be_put_right(place, registry, foreign):
    foreign.put(registry, app='wrong')
    assert foreign.put(registry) == OK
    assert foreign.lookup(registry)['app'] == APP
    assert registry.ask('unregister', app='wrong',
                        device=foreign.device) == ABSENT
    assert len(keys_of(place)) == 3


def test_a_channel_that_is_gone_is_gone(registry, foreign):
    foreign.put(registry, channel=channel_named('a'))
    assert foreign.put(registry) == OK
    assert 'channel' not in foreign.lookup(registry)


# ---- halves ----

def test_a_pointer_to_no_row_is_nothing(place, registry, foreign):
    with place.client() as client:
        client.hset(foreign.pointer, 'at', f'{tag_of(foreign.device)}/0')
    assert foreign.lookup(registry) == ABSENT
    for type_, members in [('forget', {'token': TOKEN}),
                           ('defer', {'priority': 'low'}),
                           ('settle', {'deferred': 'x'})]:
        assert registry.ask(type_, node=foreign.node, device=foreign.device,
                            **members) == ABSENT
    assert foreign.put(registry) == OK
    assert foreign.lookup(registry)['outcome'] == 'ok'


def test_a_frontend_of_before_does_no_harm(place, registry, foreign):
    """It names no device: what cannot be found is not called absent."""
    foreign.put(registry)
    assert registry.ask('defer', node=foreign.node, priority='low') == {
        'outcome': 'later'}
    assert registry.ask('settle', node=foreign.node, deferred='x') == ABSENT
    with place.client() as client:
        assert list(client.hgetall(foreign.pointer)) == ['at']
    own = registry.register(foreign.device, app='ios')
    assert registry.ask('defer', node=own['node'], priority='low') == OK


def test_a_pointer_that_redis_lost_comes_back(place, registry, foreign):
    foreign.put(registry)
    with place.client() as client:
        client.delete(foreign.pointer)
    assert foreign.lookup(registry) == ABSENT
    registry.register(foreign.device)
    assert foreign.lookup(registry)['outcome'] == 'ok'


def test_a_pointer_that_another_import_counts_on_stays(place, foreign):
    with place.client() as client:
        client.hset(foreign.pointer, 'at', 'AA/2')
        assert client.eval(script('unpoint'), 1, foreign.pointer,
                           'AA/1') == 'kept'
        assert client.hget(foreign.pointer, 'at') == 'AA/2'
        assert client.eval(script('unpoint'), 1, foreign.pointer,
                           'AA/2') == 'ok'
        assert not client.exists(foreign.pointer)


@pytest.mark.parametrize('member, value', [
    ('node', 'x' * 11 + '='), ('node', 'short'), ('device', 'D' * 40),
    ('channel', 'D' * 40), ('secret', 's'), ('token', ''),
    ('renewed_ms', -1)])
def test_what_cannot_be_read_is_refused_by_name(
        place, registry, foreign, member, value):
    why = foreign.put(registry, **{member: value})['why']
    assert f'refused: {member}: ' in why and str(value) not in why.split()
    assert keys_of(place) == []
