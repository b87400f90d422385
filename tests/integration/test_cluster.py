"""The registry and a real Redis Cluster: targets and waiting pushes of all
masters, slots that move, masters that die."""

import hashlib
import json
import secrets
import signal
import string
import time
import urllib.error
import urllib.request

import pytest

from support.answers import error_of, registration_of
from support.http_pages import Pages
from support.metrics import metrics_of
from support.process import free_port, wait_until
from support.redis_cluster import (
    PATIENCE_S, Move, RedisCluster, bus_place, node_id, url_of)
from support.registering import Registering
from support.stack import stack_on
from test_deferred import OUTAGE, Phone, wait_woken, woken
from test_registry import ABSENT, DOMAIN, LATER, OK, TOKEN, Registry, pick

STANZA_LATER = ('wait', 'internal-server-error')


@pytest.fixture(scope='module')
def cluster(tmp_path_factory):
    cluster = RedisCluster(tmp_path_factory.mktemp('cluster'))
    yield cluster
    cluster.kill()


@pytest.fixture(scope='module')
def replicated(tmp_path_factory):
    cluster = RedisCluster(tmp_path_factory.mktemp('replicated'), replicas=1)
    yield cluster
    cluster.kill()


@pytest.fixture
def start(tmp_path):
    def start(url, env=None):
        directory = tmp_path / f'registry{len(running)}'
        directory.mkdir()
        running.append(Registry(directory, None, url, env))
        return running[-1]

    running = []
    yield start
    for each in running:
        each.close()


@pytest.fixture
def registry(cluster, start):
    registry = start(cluster.url)
    until_all_work(cluster, registry)
    return registry


def new_device():
    return hashlib.sha1(secrets.token_bytes(8)).hexdigest()


def node_key(node):
    return f'wakebus:{{{node[:2]}}}:node:{node}'


def keys_of(device, node):
    tag = node[:2]
    return {kind: f'wakebus:{{{tag}}}:{kind}:{name}' for kind, name in
            [('node', node), ('device', device), ('ended', device)]}


def until_all_work(cluster, registry):
    """One node for each master that has any share."""
    nodes = [first + 'Bcdefghijkl' for first in string.ascii_uppercase]
    assert {cluster.master_of(cluster.slot_of(node_key(node)))
            for node in nodes} == set(cluster.masters())
    wait_until(lambda: all(registry.lookup(node, 'x') == ABSENT
                           for node in nodes),
               'answers from all masters', PATIENCE_S)


def deferral(target):
    """For much later than the test takes."""
    return {'node': target['node'], 'priority': 'high', 'is_retry': 0,
            'retry_after_s': 3600}


class Many:
    """So many targets, of all masters."""

    def __init__(self, registry, count=200):
        self.registry = registry
        self.devices = [new_device() for _ in range(count)]
        self.targets = self.register()

    def register(self):
        return self.ask('register', app='conversations', domain=DOMAIN,
                        token=TOKEN)

    def lookup(self):
        return self.ask_each('lookup', [
            {'domain': DOMAIN, **pick(t)} for t in self.targets])

    def ask(self, type_, **members):
        return self.ask_each(
            type_, [{'device': d, **members} for d in self.devices])

    def ask_each(self, type_, jobs):
        ids = [self.registry.frontend.send(f'target.{type_}', **job)
               for job in jobs]
        answers = self.registry.frontend.receive(ids)
        for answer in answers.values():
            answer.pop('type')
        return [answers[id_] for id_ in ids]

    def masters(self, cluster):
        return [cluster.master_of(cluster.slot_of(node_key(t['node'])))
                for t in self.targets]


def outcomes(answers):
    return {answer['outcome'] for answer in answers}


# ---- one cluster at rest ----

def test_targets_of_all_masters_are_kept(cluster, registry):
    many = Many(registry)
    assert outcomes(many.targets) == {'ok'}
    assert set(many.masters(cluster)) == set(cluster.servers)
    assert many.register() == many.targets
    assert outcomes(many.lookup()) == {'ok'}
    assert outcomes(many.ask_each(
        'defer', map(deferral, many.targets))) == {'ok'}
    assert outcomes(many.ask_each('forget', [
        {'node': t['node'], 'device': d, 'token': TOKEN} for t, d in
        zip(many.targets[:100], many.devices)])) == {'ok'}
    assert outcomes(many.ask('unregister', app='conversations')[100:]) == {
        'ok'}
    assert outcomes(many.lookup()) == {'absent'}
    assert cluster.refusals('MOVED') == 0, 'each went where it belongs'


def test_one_node_that_is_there_leads_to_all(cluster, start):
    url = (f'redis+cluster://127.0.0.1:{free_port()},'
           f'localhost:{cluster.servers[2].port}')
    registry = start(url)
    until_all_work(cluster, registry)
    assert outcomes(Many(registry, 50).targets) == {'ok'}


def test_a_user_with_the_documented_rights_can_do_all(cluster, start):
    for server in cluster.servers:
        with server.client() as client:
            client.execute_command(
                *'ACL SETUSER wakebus on >sesame ~wakebus:* +@read +@write '
                '+@connection +eval +info +cluster|slots'.split())
    registry = start(url_of(cluster.servers, 'wakebus:sesame@'))
    until_all_work(cluster, registry)
    many = Many(registry, 50)
    assert outcomes(many.lookup()) == {'ok'}
    assert outcomes(many.ask('unregister', app='conversations')) == {'ok'}
    assert 'redis.fault' not in registry.process.log()
    assert 'sesame' not in registry.process.log()


def test_a_wrong_kind_of_url_is_named(cluster, start, redis_server):
    alone = start(redis_server.url.replace('redis:', 'redis+cluster:'))
    alone.process.wait_for_log('state=NOCLUSTER')
    assert alone.register(new_device()) == LATER
    with redis_server.client() as client:
        assert client.keys('wakebus:*') == []
    clustered = start(cluster.servers[0].url)
    many = Many(clustered, 50)
    assert outcomes(many.targets) == {'ok', 'later'}
    assert 'write redis.url as redis+cluster' in clustered.process.log()


def test_sigterm_with_a_master_that_hangs_exits_0(cluster, registry):
    many = Many(registry, 50)
    cluster.servers[0].process.signal(signal.SIGSTOP)
    try:
        ids = {registry.frontend.send('target.lookup', domain=DOMAIN,
                                      **pick(target))
               for target in many.targets}
        registry.process.signal(signal.SIGTERM)
        early = registry.frontend.let_go()
        late = registry.frontend.receive(ids - {a['id'] for a in early})
        assert outcomes([*early, *late.values()]) == {'ok', 'later'}
        assert registry.process.wait_exit() == 0
    finally:
        cluster.servers[0].process.signal(signal.SIGCONT)
        cluster.wait_until_whole()


def readiness(port):
    """Status, and what is said about Redis."""
    try:
        with urllib.request.urlopen(f'http://127.0.0.1:{port}/readyz') as page:
            return page.status, json.load(page)['checks']
    except urllib.error.HTTPError as page:
        return page.code, json.load(page)['checks']


def test_it_is_ready_when_all_masters_can_be_written(
        cluster, start, monkeypatch):
    port, full = free_port(), cluster.servers[2]
    monkeypatch.setenv('WAKEBUS_HTTP_BIND', f'127.0.0.1:{port}')
    until_all_work(cluster, start(cluster.url))
    wait_until(lambda: readiness(port)[0] == 200, 'ready')
    with full.client() as client:
        client.config_set('maxmemory', '1mb')
        try:
            wait_until(lambda: readiness(port)[0] == 503, 'no longer')
            assert f'OOM at 127.0.0.1:{full.port}' in str(readiness(port))
        finally:
            client.config_set('maxmemory', '0')
    wait_until(lambda: readiness(port)[0] == 200, 'ready again')
    with cluster.client() as client:
        assert list(client.scan_iter('*:probe')) == []


# ---- slots that move ----

def other_than(cluster, server):
    return next(s for s in cluster.masters() if s is not server)


def begin_move(cluster, node):
    slot = cluster.slot_of(node_key(node))
    return Move(cluster, slot, other_than(cluster, cluster.master_of(slot)))


def test_its_metrics_are_of_all_masters(cluster, start):
    def told(name):
        return metrics_of(pages).samples.get((name, ()))

    pages = Pages()
    registry = start(cluster.url, pages.env)
    until_all_work(cluster, registry)
    assert told('wakebus_redis_up') == 1
    assert told('wakebus_redis_connects_total') >= 3
    wait_until(lambda: told('wakebus_redis_durable') == 1, 'all are durable')
    before = told('wakebus_deferred_targets')
    many = Many(registry, 60)
    assert outcomes(many.ask_each(
        'defer', map(deferral, many.targets))) == {'ok'}
    wait_until(lambda: told('wakebus_deferred_targets') == before + 60,
               'all parts are counted')
    with cluster.servers[1].client() as client:
        client.config_set('appendonly', 'no')
        wait_until(lambda: told('wakebus_redis_durable') == 0, 'one is not')
        client.config_set('appendonly', 'yes')
    wait_until(lambda: told('wakebus_redis_durable') == 1, 'all are again')


def test_a_slot_that_is_being_moved_is_found_in_both_places(cluster, registry):
    device = new_device()
    target = registry.register(device)
    keys = keys_of(device, target['node'])
    move = begin_move(cluster, target['node'])
    assert registry.lookup(**pick(target))['outcome'] == 'ok', 'not yet moved'
    asked, tried = cluster.refusals('ASK'), cluster.refusals('TRYAGAIN')
    move.key(keys['node'])
    assert registry.lookup(**pick(target))['outcome'] == 'ok', 'moved'
    assert registry.ask('defer', **deferral(target)) == OK
    assert cluster.refusals('ASK') == asked + 2
    assert registry.register(device) == LATER
    assert registry.ask('unregister', app='conversations',
                        device=device) == LATER
    assert registry.ask('forget', node=target['node'], device=device,
                        token=TOKEN) == LATER
    assert cluster.refusals('TRYAGAIN') >= tried + 3
    assert 'state=TRYAGAIN' in registry.process.log()
    move.rest()
    moved = cluster.refusals('MOVED')
    assert registry.register(device) == target
    assert registry.lookup(**pick(target))['outcome'] == 'ok'
    assert cluster.refusals('MOVED') == moved + 1, 'it is known from then on'
    assert 'redis.down' not in registry.process.log()


def test_an_unregistration_never_leaves_the_row_behind(cluster, registry):
    """The index, and even the mark of another unregistration, are in the new
    place already."""
    device = new_device()
    registry.register(device, app='other')
    assert registry.ask('unregister', app='other', device=device) == OK
    target = registry.register(device)
    keys = keys_of(device, target['node'])
    move = begin_move(cluster, target['node'])
    move.key(keys['device'], keys['ended'])
    assert registry.ask('unregister', app='conversations',
                        device=device) == LATER
    move.rest()
    assert registry.lookup(**pick(target))['outcome'] == 'ok'
    assert registry.ask('unregister', app='conversations',
                        device=device) == OK
    assert registry.lookup(**pick(target)) == ABSENT
    assert cluster.client().exists(keys['node']) == 0


def move_slowly(cluster, source, target):
    """All slots that have something in them are open at once for a while."""
    with source.client() as client:
        slots = {cluster.slot_of(key) for key in client.scan_iter('wakebus:*')}
    moves = [Move(cluster, slot, target) for slot in slots]
    time.sleep(1)
    for move in moves:
        move.rest()


def test_slots_move_to_a_new_master_under_load_and_nothing_is_lost(
        server, fcm, tmp_path, tmp_path_factory):
    cluster = RedisCluster(tmp_path_factory.mktemp('growing'))
    with stack_on(server, fcm, tmp_path, None, cluster.url) as stack:
        target = registration_of(stack.register())
        load = Registering(server, per_second=400)
        new = cluster.add_server()
        cluster.command('add-node', bus_place(new),
                        bus_place(cluster.servers[0]))
        cluster.wait_until_whole()
        for old in cluster.servers[:3]:
            cluster.command('reshard', f'127.0.0.1:{old.port}',
                            '--cluster-from', node_id(old),
                            '--cluster-to', node_id(new),
                            '--cluster-slots', 1000)
        move_slowly(cluster, new, cluster.servers[0])
        load.wait_until_it_works()
        load.stop()
        with cluster.client() as client:
            assert load.lost(client) == []
        with new.client() as client:
            assert client.dbsize() > 0
        assert set(load.refused) <= {STANZA_LATER}
        counts = {error: cluster.refusals(error)
                  for error in ('MOVED', 'ASK', 'TRYAGAIN')}
        assert all(counts.values()), counts
        assert stack.push(target) is None
        print(f'\n{len(load.answered)} answered, '
              f'{sum(load.refused.values())} refused; {counts}')
    cluster.kill()


# ---- masters that die ----

def test_a_dead_master_takes_only_its_share_with_it(cluster, registry):
    many = Many(registry)
    masters = many.masters(cluster)
    dead = cluster.servers[1]
    dead.kill()
    its = [m is dead for m in masters]

    def only_its_share_is_later(answers):
        return all((a == LATER) == lost for a, lost in zip(answers, its))

    def others_can_wait():
        return outcomes(many.ask_each('defer', [
            deferral(t) for t, lost in zip(many.targets, its)
            if not lost])) == {'ok'}

    def wait_for(predicate, what):
        wait_until(predicate, what, PATIENCE_S)

    wait_for(lambda: cluster.is_known_dead(dead), 'noticed')
    wait_for(lambda: only_its_share_is_later(many.lookup()), 'its share')
    wait_for(lambda: only_its_share_is_later(many.register()), 'its share')
    wait_for(others_can_wait, 'waiting')
    assert f'server=127.0.0.1:{dead.port} state=UNREACHABLE' in (
        registry.process.log())
    dead.start()
    wait_for(lambda: outcomes(many.lookup()) == {'ok'}, 'back')
    assert many.register() == many.targets


def test_the_promotion_of_a_replica_is_followed(
        server, fcm, tmp_path, replicated):
    with stack_on(server, fcm, tmp_path, None, replicated.url) as stack:
        load = Registering(server)
        time.sleep(1)
        old = replicated.master_of(0)
        moment = time.monotonic()
        old.kill()
        wait_until(lambda: replicated.master_of(0) is not old, 'promoted',
                   PATIENCE_S)
        back = time.monotonic()
        wait_until(lambda: refuses_no_more(load), 'all is taken again',
                   PATIENCE_S)
        time.sleep(0.5)
        load.stop()
        old.start()
        replicated.wait_until_whole()
        with replicated.client() as client:
            lost = load.lost(client)
        # What it had acknowledged and not yet copied is Redis's own to lose.
        assert len(lost) <= 5
        assert set(load.refused) <= {STANZA_LATER}
        assert sum(load.refused.values()) < len(load.answered)
        print(f'\npromoted after {back - moment:.1f} s, {len(lost)} lost, '
              f'{len(load.answered)} answered, '
              f'{sum(load.refused.values())} refused')
        stack.check_nothing_ended()


def refuses_no_more(load):
    """A second's worth of phones, of all masters."""
    refused, answered = sum(load.refused.values()), len(load.answered)
    wait_until(lambda: len(load.answered) + sum(load.refused.values())
               > answered + refused + 100, 'more answers')
    return sum(load.refused.values()) == refused


# ---- pushes that wait ----

def waiting(cluster):
    """In all parts of the list."""
    with cluster.client() as client:
        return sum(client.zcard(key) for key in client.scan_iter(
            'wakebus:{due*}:targets'))


def is_settled(cluster, phone):
    with cluster.client() as client:
        return not client.hexists(node_key(phone.node), 'deferred')


@pytest.fixture
def empty_cluster(cluster):
    with cluster.client() as client:
        client.flushall(target_nodes='primaries')
    return cluster


def test_several_registries_work_off_what_waits_on_all_masters(
        server, fcm, tmp_path, empty_cluster):
    cluster = empty_cluster
    with stack_on(server, fcm, tmp_path, None, cluster.url,
                  retry_first_s=1) as stack:
        stack.wakebus.start_one('registry', 'registry-b')
        wait_until(lambda: all(error_of(stack.register()) is None
                               for _ in range(60)), 'both have all masters')
        phones = [Phone(server) for _ in range(60)]
        assert {cluster.master_of(cluster.slot_of(node_key(p.node)))
                for p in phones} == set(cluster.servers)
        fcm.fault(**OUTAGE)
        assert [phone.push() for phone in phones] == 60 * [None]
        assert waiting(cluster) == 60
        fcm.clear()
        for phone in phones:
            wait_woken(fcm, phone)
        wait_until(lambda: all(is_settled(cluster, p) for p in phones),
                   'settled')
        assert all(woken(fcm, phone) == 1 for phone in phones)
        logs = [stack.wakebus.log(n) for n in ('registry', 'registry-b')]
        assert all('ev=push.due' in log for log in logs), 'both did some'
        stack.wakebus.stop_one('registry-b')


def test_what_waited_before_a_move_to_the_cluster_comes_due(
        server, fcm, tmp_path, empty_cluster):
    """All in one list, as one Redis has it."""
    with stack_on(server, fcm, tmp_path, None, empty_cluster.url) as stack:
        phones = [Phone(server) for _ in range(10)]
        with empty_cluster.client() as client:
            for phone in phones:
                client.hset(node_key(phone.node), 'deferred',
                            f'{int(time.time() * 1000)}/1/1/1')
                client.zadd('wakebus:{due}:targets', {phone.node: 1})
        for phone in phones:
            wait_woken(fcm, phone)
        stack.check_nothing_ended()


def test_what_became_pointless_is_taken_off_every_part_of_the_list(
        empty_cluster, start):
    parts = [f'wakebus:{{{tag}}}:targets' for tag in ('due2', 'due', 'due12')]
    assert len({empty_cluster.master_of(empty_cluster.slot_of(part))
                for part in parts}) > 1
    registry = start(empty_cluster.url)
    with empty_cluster.client() as client:
        for part in parts:
            client.zadd(part, {'A' * 12: 1})
        wait_until(lambda: waiting(empty_cluster) == 0, 'taken off')
    until_all_work(empty_cluster, registry)
