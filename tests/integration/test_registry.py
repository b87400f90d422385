"""wakebus-registry with a real Redis; the test is the frontend."""

import hashlib
import json
import os
import re
import secrets
import signal
import time
from pathlib import Path

import pytest
import redis

from support.fake_frontend import FakeFrontend
from support.process import Process, wait_until
from support.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get('TEST_BIN_DIR', ROOT / 'build/dev/bin'))
DOMAIN = 'example.org'
TOKEN = 't' * 163
LATER = {'outcome': 'later'}
ABSENT = {'outcome': 'absent'}
OK = {'outcome': 'ok'}


def config_file(scratch, redis_url, frontend='tcp://127.0.0.1:5750'):
    path = scratch / 'wakebus.json'
    path.write_text(json.dumps({'redis': {'url': redis_url},
                                'bus': {'frontends': [frontend]},
                                'log': {'level': 'debug'}}))
    return path


class Registry:
    """A registry process, its Redis and what it says on the bus."""

    def __init__(self, scratch, server, url=None, env=None):
        self.server = server
        self.frontend = FakeFrontend()
        self.process = Process(
            [BIN / 'wakebus-registry', '--config',
             config_file(scratch, url or server.url, self.frontend.endpoint)],
            scratch / 'registry.log', env=env)
        self.frontend.meet()

    def ask(self, type_, **members):
        return self.frontend.ask(f'target.{type_}', **members)

    def register(self, device, app='conversations', channel=None,
                 token=TOKEN, domain=DOMAIN):
        return self.ask('register', app=app, device=device, channel=channel,
                        domain=domain, token=token)

    def lookup(self, node, secret, domain=DOMAIN):
        return self.ask('lookup', domain=domain, node=node, secret=secret)

    def until_it_works(self):
        """Waits; asks for a node that nobody has."""
        wait_until(lambda: self.lookup('A' * 12, 'x') == ABSENT,
                   'an answer from Redis', timeout=15)

    def close(self):
        if self.process.running:
            self.process.signal(signal.SIGTERM)
            self.frontend.let_go()
        assert self.process.wait_exit() == 0, self.process.log()
        self.frontend.close()


@pytest.fixture(scope='module')
def registry(tmp_path_factory):
    scratch = tmp_path_factory.mktemp('registry')
    server = RedisServer(scratch).start()
    running = Registry(scratch, server)
    running.until_it_works()
    yield running
    running.close()
    server.stop()


@pytest.fixture
def own_server(tmp_path):
    """For tests that change more of the server than they can put back."""
    def start(**options):
        servers.append(RedisServer(tmp_path, **options).start())
        return servers[-1]

    servers = []
    yield start
    for server in servers:
        server.process.kill()


@pytest.fixture
def own_registry(tmp_path):
    def start(server, url=None):
        running.append(Registry(tmp_path, server, url))
        return running[-1]

    running = []
    yield start
    for each in running:
        each.close()


@pytest.fixture
def device():
    return hashlib.sha1(secrets.token_bytes(8)).hexdigest()


def channel_named(name):
    return hashlib.sha1(name.encode()).hexdigest()


def keys_of(registry):
    with registry.server.client() as client:
        return sorted(client.keys('wakebus:*'))


# ---- registering ----

def test_register_gives_a_node_and_a_secret(registry, device):
    answer = registry.register(device)
    assert answer['outcome'] == 'ok'
    assert re.fullmatch(r'[A-Za-z0-9+/]{12}', answer['node'])
    assert re.fullmatch(r'[A-Za-z0-9+/]{24}', answer['secret'])


def test_register_writes_two_keys_of_one_slot(registry, device):
    before = keys_of(registry)
    node = registry.register(device)['node']
    tag = '{' + node[:2] + '}'
    assert sorted(set(keys_of(registry)) - set(before)) == [
        f'wakebus:{tag}:device:{device}', f'wakebus:{tag}:node:{node}']


def test_a_row_holds_all_that_was_registered(registry, device):
    started = time.time() * 1000 - 1
    answer = registry.register(device)
    with registry.server.client() as client:
        row = client.hgetall(
            f'wakebus:{{{answer["node"][:2]}}}:node:{answer["node"]}')
    assert started <= float(row['created']) <= time.time() * 1000
    assert row.pop('created') == row.pop('renewed')
    assert row == {'app': 'conversations', 'device': device, 'domain': DOMAIN,
                   'token': TOKEN, 'secret': answer['secret']}


def test_register_again_gives_the_same_and_renews_the_token(registry, device):
    first = registry.register(device, token='old')
    assert registry.register(device, token='new') == first
    found = registry.lookup(first['node'], first['secret'])
    assert found == {'outcome': 'ok', 'app': 'conversations',
                     'device': device, 'token': 'new'}


def test_register_again_moves_to_the_new_domain(registry, device):
    first = registry.register(device)
    registry.register(device, domain='example.net')
    assert registry.lookup(first['node'], first['secret']) == ABSENT
    assert registry.lookup(first['node'], first['secret'],
                           'example.net')['outcome'] == 'ok'


def test_both_apps_serve_the_same_device(registry, device):
    fcm = registry.register(device, app='conversations', token='f')
    apns = registry.register(device, app='ios', token='a')
    assert fcm['node'] != apns['node']
    assert registry.lookup(**pick(fcm))['token'] == 'f'
    assert registry.lookup(**pick(apns))['token'] == 'a'


def pick(answer):
    return {'node': answer['node'], 'secret': answer['secret']}


def test_each_channel_is_a_target_of_its_own(registry, device):
    channels = [None, channel_named('a'), channel_named('b')]
    answers = [registry.register(device, channel=c) for c in channels]
    assert len({a['node'] for a in answers}) == 3
    for channel, answer in zip(channels, answers):
        found = registry.lookup(**pick(answer))
        assert found.get('channel') == channel
    assert registry.register(device, channel=channels[1]) == answers[1]


def test_register_at_once_from_many_sides_makes_one_target(registry, device):
    ids = [registry.frontend.send(
        'target.register', app='conversations', device=device, domain=DOMAIN,
        token=f'token {i}') for i in range(100)]
    answers = registry.frontend.receive(ids).values()
    assert len({(a['node'], a['secret']) for a in answers}) == 1


def test_register_makes_a_new_target_when_the_row_is_lost(registry, device):
    first = registry.register(device)
    with registry.server.client() as client:
        client.delete(f'wakebus:{{{first["node"][:2]}}}:node:{first["node"]}')
    again = registry.register(device)
    assert again['outcome'] == 'ok' and again['node'] != first['node']
    assert registry.lookup(**pick(again))['outcome'] == 'ok'


def test_the_longest_of_everything_fits(registry, device):
    longest = {'app': 'a' * 64, 'channel': channel_named('x'),
               'token': 'ä' * 2048, 'domain': 'd' * 1023}
    answer = registry.register(device, **longest)
    found = registry.lookup(**pick(answer), domain=longest['domain'])
    assert found['token'] == longest['token']
    assert registry.ask('unregister', app=longest['app'],
                        device=device) == OK


def script(name):
    return (ROOT / f'services/registry/{name}.lua').read_text()


def test_a_drawn_node_that_is_taken_overwrites_nothing(registry, device):
    with registry.server.client() as client:
        taken = 'wakebus:{AA}:node:AAAAAAAAAAAA'
        client.hset(taken, 'secret', 'of another device')
        answer = client.eval(
            script('register'), 3, f'wakebus:{{AA}}:device:{device}', taken,
            f'wakebus:{{AA}}:ended:{device}',
            '/app', 'AAAAAAAAAAAA', 'secret', '1', '0', DOMAIN, TOKEN, 'app',
            device, '')
        assert answer is None
        assert client.hgetall(taken) == {'secret': 'of another device'}
        assert not client.exists(f'wakebus:{{AA}}:device:{device}')
        client.delete(taken)


def test_a_frontend_that_never_says_fin_holds_nobody(tmp_path, redis_server):
    """One that came after the worker had begun to leave does not know it."""
    registry = Registry(tmp_path, redis_server)
    registry.process.signal(signal.SIGTERM)
    assert registry.process.wait_exit(timeout=8) == 0


def ago(seconds):
    return int((time.time() - seconds) * 1000)


def test_what_was_overtaken_undoes_nothing(registry, device):
    """A registry that was frozen takes up jobs that others have done."""
    def register(token, seconds):
        return registry.ask('register', app='conversations', device=device,
                            domain=DOMAIN, token=token, asked_ms=ago(seconds))

    newer = register('newer', 5)
    assert register('older', 9) == newer, 'it is what it has become'
    found = registry.lookup(newer['node'], newer['secret'])
    assert found['token'] == 'newer'
    assert registry.ask('unregister', app='conversations', device=device,
                        asked_ms=ago(9)) == ABSENT
    assert registry.lookup(newer['node'], newer['secret']) == found
    assert registry.ask('unregister', app='conversations', device=device,
                        asked_ms=ago(3)) == OK
    assert register('older', 9) == LATER, 'it was unregistered since'
    assert register('newest', 0)['outcome'] == 'ok'


# ---- looking up ----

def test_lookup_answers_alike_whatever_is_wrong(registry, device):
    target = registry.register(device)
    node, secret = target['node'], target['secret']
    wrong = [
        registry.lookup(node, secret, 'example.net'),
        registry.lookup(node, secret[:-1] + '!'),
        registry.lookup(node, secret[:-1]),
        registry.lookup(node, secret + 'x'),
        registry.lookup(node, 'x' * 1024),
        registry.lookup(node, None),
        registry.lookup(node[:2] + 'x' * 10, secret),
        registry.lookup('x', secret),
        registry.lookup(node.swapcase(), secret),
        registry.lookup('}{' + 'ü' * 500, secret),
    ]
    assert wrong == [ABSENT] * len(wrong)
    assert registry.lookup(node, secret)['outcome'] == 'ok'


# ---- unregistering ----

def test_unregister_removes_one_channel(registry, device):
    account = registry.register(device)
    channel = registry.register(device, channel=channel_named('a'))
    assert registry.ask('unregister', app='conversations', device=device,
                        channel=channel_named('a')) == OK
    assert registry.lookup(**pick(channel)) == ABSENT
    assert registry.lookup(**pick(account))['outcome'] == 'ok'


def test_unregister_without_a_channel_removes_all_of_the_app(registry, device):
    gone = [registry.register(device, channel=c)
            for c in (None, channel_named('a'), channel_named('b'))]
    kept = registry.register(device, app='ios')
    assert registry.ask('unregister', app='conversations',
                        device=device) == OK
    assert [registry.lookup(**pick(each)) for each in gone] == [ABSENT] * 3
    assert registry.lookup(**pick(kept))['outcome'] == 'ok'


def test_unregister_of_nothing_is_absent(registry, device):
    assert registry.ask('unregister', app='conversations',
                        device=device) == ABSENT
    registry.register(device)
    assert registry.ask('unregister', app='ios', device=device) == ABSENT
    assert registry.ask('unregister', app='conversations', device=device,
                        channel=channel_named('a')) == ABSENT


def test_unregister_of_the_last_leaves_no_key(registry, device):
    before = keys_of(registry)
    registry.register(device)
    registry.register(device, channel=channel_named('a'))
    registry.ask('unregister', app='conversations', device=device)
    left = set(keys_of(registry)) - set(before)
    assert [key.split(':')[2] for key in left] == ['ended'], 'but a mark …'
    with registry.server.client() as client:
        assert 0 < client.ttl(left.pop()) <= 60, '… that goes by itself'


def test_registering_after_unregistering_gives_new_credentials(
        registry, device):
    first = registry.register(device)
    registry.ask('unregister', app='conversations', device=device)
    second = registry.register(device)
    assert second['node'] != first['node']
    assert second['secret'] != first['secret']


def test_an_app_with_a_slash_is_no_channel_of_another(registry, device):
    odd = channel_named('a') + '/conversations'
    target = registry.register(device, app=odd)
    assert registry.ask('unregister', app='conversations', device=device,
                        channel=channel_named('a')) == ABSENT
    assert registry.lookup(**pick(target))['app'] == odd
    assert registry.ask('unregister', app=odd, device=device) == OK


# ---- forgetting ----

def forget(registry, device, target, token=TOKEN, since_ms=None):
    return registry.ask('forget', node=target['node'], device=device,
                        token=token, since_ms=since_ms)


@pytest.mark.parametrize('channel', [None, channel_named('a')])
def test_forget_removes_a_dead_token(registry, device, channel):
    before = keys_of(registry)
    target = registry.register(device, channel=channel)
    assert forget(registry, device, target) == OK
    assert registry.lookup(**pick(target)) == ABSENT
    assert keys_of(registry) == before
    assert forget(registry, device, target) == ABSENT


def test_forget_keeps_a_target_with_another_token(registry, device):
    target = registry.register(device, token='new')
    assert forget(registry, device, target, 'old') == {'outcome': 'kept'}
    assert registry.lookup(**pick(target))['outcome'] == 'ok'


def test_forget_keeps_what_was_renewed_since(registry, device):
    dead_since = int(time.time() * 1000) - 60_000
    target = registry.register(device)
    assert forget(registry, device, target, since_ms=dead_since) == {
        'outcome': 'kept'}
    assert registry.lookup(**pick(target))['outcome'] == 'ok'


def test_forget_removes_what_died_after_it_was_renewed(registry, device):
    target = registry.register(device)
    dead_since = int(time.time() * 1000) + 60_000
    assert forget(registry, device, target, since_ms=dead_since) == OK


def test_forget_of_another_device_is_absent(registry, device):
    target = registry.register(device)
    assert forget(registry, channel_named('b'), target) == ABSENT
    assert registry.lookup(**pick(target))['outcome'] == 'ok'


def test_forget_leaves_the_other_targets_of_the_device(registry, device):
    account = registry.register(device)
    channel = registry.register(device, channel=channel_named('a'))
    assert forget(registry, device, channel) == OK
    assert registry.register(device) == account


# ---- what comes wrong from the bus ----

@pytest.mark.parametrize('type_, members', [
    ('target.register', {'app': 'a', 'device': channel_named('d'),
                         'domain': DOMAIN}),
    ('target.register', {'app': 'a', 'device': 'D' * 40, 'domain': DOMAIN,
                         'token': TOKEN}),
    ('target.register', {'app': 'a', 'device': channel_named('d'),
                         'channel': 'not 40 hex digits'.ljust(40),
                         'domain': DOMAIN, 'token': TOKEN}),
    ('target.register', {'app': 'a', 'device': channel_named('d'),
                         'domain': DOMAIN, 'token': 't' * 4097}),
    ('target.unregister', {'app': 'a', 'device': 'short'}),
    ('target.unregister', {'app': 'a' * 65, 'device': channel_named('d')}),
    ('target.lookup', {'node': 'x'}),
    ('target.lookup', {'node': 7, 'domain': DOMAIN}),
    ('target.forget', {'node': 'x', 'device': channel_named('d'),
                       'token': 't', 'since_ms': 'yesterday'}),
    ('target.forget', {'node': 'x', 'device': 'ü' * 20, 'token': 't'}),
])
def test_a_job_that_cannot_be_read_is_answered_later(registry, type_, members):
    """Not absent: that would cost a user the subscription."""
    assert registry.frontend.ask(type_, **members) == LATER


def test_hostile_frames_do_not_stop_it(registry, device):
    deep = b'[' * 30_000
    for frame in (b'', b'\0', b'garbage', b'{}', b'[]', b'null', b'\xff' * 99,
                  deep, b'{"v":1,"type":"target.lookup"}',
                  b'{"v":2,"type":"target.lookup","id":"x"}',
                  b'{"v":1,"type":"what.ever","id":"x"}',
                  b'{"v":1,"type":"target.lookup.result","id":"x",'
                  b'"outcome":"ok"}',
                  json.dumps({'v': 1, 'type': 'x' * 60_000, 'id': 'y'}
                             ).encode()):
        registry.frontend.send_frame(frame)
    registry.frontend.nothing_comes(0.3)
    assert registry.register(device)['outcome'] == 'ok'


def test_a_frame_too_long_costs_only_its_connection(registry, device):
    registry.frontend.send_frame(b'x' * 70_000)
    wait_until(lambda: answers_again(registry), 'back on the bus')
    assert registry.register(device)['outcome'] == 'ok'


def answers_again(registry):
    try:
        return registry.frontend.ask(
            'target.lookup', timeout=0.5, domain=DOMAIN, node='A' * 12)
    except TimeoutError:
        return None


def test_a_row_that_fits_in_no_message_is_answered_later(registry, device):
    target = registry.register(device)
    row = f'wakebus:{{{target["node"][:2]}}}:node:{target["node"]}'
    with registry.server.client() as client:
        client.hset(row, 'token', b'\xff\xfe')
    assert registry.lookup(**pick(target)) == LATER
    with registry.server.client() as client:
        client.delete(row)
        client.set(row, 'a string, not a hash')
    assert registry.lookup(**pick(target)) == LATER
    with registry.server.client() as client:
        client.delete(row)
    assert registry.lookup(**pick(target)) == ABSENT


# ---- Redis in trouble ----

def test_scripts_may_be_flushed_at_any_time(registry, device):
    first = registry.register(device)
    with registry.server.client() as client:
        client.script_flush()
    assert registry.register(device) == first
    with registry.server.client() as client:
        client.script_flush()
    assert forget(registry, device, first) == OK


def test_redis_may_go_and_come_back(registry, device):
    target = registry.register(device)
    registry.server.stop()
    wait_until(lambda: registry.lookup(**pick(target)) == LATER, 'later')
    assert registry.register(device) == LATER
    assert registry.ask('unregister', app='conversations',
                        device=device) == LATER
    assert forget(registry, device, target) == LATER
    registry.server.start()
    registry.until_it_works()
    assert registry.lookup(**pick(target))['outcome'] == 'ok'


def test_redis_killed_with_jobs_in_flight_answers_each_once(registry):
    devices = [hashlib.sha1(str(i).encode()).hexdigest() for i in range(400)]
    registry.server.process.signal(signal.SIGSTOP)
    ids = {registry.frontend.send('target.register', app='killed', device=d,
                                  domain=DOMAIN, token=TOKEN): d
           for d in devices}
    registry.frontend.nothing_comes(0.2)
    registry.server.kill()
    answers = registry.frontend.receive(ids)
    assert all(a['outcome'] == 'later' for a in answers.values())
    registry.server.start()
    registry.until_it_works()


def test_redis_that_hangs_is_given_up_in_time(registry, device):
    target = registry.register(device)
    registry.server.process.signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert registry.lookup(**pick(target)) == LATER
        assert 2.5 < time.monotonic() - started < 4.5
        assert registry.lookup(**pick(target)) == LATER
    finally:
        registry.server.process.signal(signal.SIGCONT)
    registry.until_it_works()
    assert registry.lookup(**pick(target))['outcome'] == 'ok'


def test_a_full_redis_still_answers_reads_and_removes(registry, device):
    target = registry.register(device)
    with registry.server.client() as client:
        client.config_set('maxmemory', '1mb')
        try:
            assert registry.register(channel_named('full')) == LATER
            assert registry.register(device, token='new') == LATER
            assert registry.lookup(**pick(target))['token'] == TOKEN
            assert forget(registry, device, target) == OK
        finally:
            client.config_set('maxmemory', '0')
    assert registry.register(device)['outcome'] == 'ok'
    assert 'state=OOM' in registry.process.log()


def test_a_replica_is_left_for_the_master(registry, device):
    """By a new connection, which after a failover leads to another server; a
    connection younger than five seconds is kept."""
    def connections():
        return registry.process.log().count('ev=redis.up')

    target = registry.register(device)
    time.sleep(5.1)
    before = connections()
    with registry.server.client() as client:
        client.replicaof('127.0.0.1', '1')
        try:
            assert registry.register(device) == LATER
            wait_until(lambda: connections() > before, 'a new connection')
            assert registry.register(device) == LATER
            assert registry.lookup(**pick(target))['token'] == TOKEN
            assert connections() == before + 1
        finally:
            client.replicaof('no', 'one')
    assert registry.register(device) == target
    assert 'state=READONLY' in registry.process.log()


def test_redis_that_loads_its_data_is_waited_for(own_server, own_registry,
                                                 device):
    server = own_server(appendonly='no', key_load_delay=4000,
                        loading_process_events_interval_bytes=1024)
    with server.client() as client:
        client.eval("for i = 1, 500 do redis.call('SET', i, i) end", 0)
        client.save()
    registry = own_registry(server)
    registry.until_it_works()
    server.restart()  # two seconds, in which it can be connected to
    assert 'state=LOADING' in registry.process.log()
    registry.until_it_works()
    assert registry.register(device)['outcome'] == 'ok'


def test_redis_that_comes_late_is_waited_for(own_server, own_registry):
    server = own_server()
    server.stop()
    registry = own_registry(server)
    assert registry.lookup('A' * 12, 'x') == LATER
    registry.process.wait_for_log('state=UNREACHABLE')
    server.start()
    registry.until_it_works()


def test_a_wrong_password_is_named_and_can_be_put_right(
        own_server, own_registry, device):
    server = own_server(requirepass='sesame')
    registry = own_registry(
        server, f'redis://:open%21@127.0.0.1:{server.port}/0')
    registry.process.wait_for_log('state=WRONGPASS')
    assert registry.register(device) == LATER
    assert 'open' not in registry.process.log()
    with redis.Redis(port=server.port, password='sesame') as client:
        client.config_set('requirepass', 'open!')
    registry.until_it_works()


def test_a_missing_password_is_named(own_server, own_registry, device):
    server = own_server(requirepass='sesame')
    registry = own_registry(server)
    registry.process.wait_for_log('state=NOAUTH')
    assert registry.register(device) == LATER


def test_a_user_with_the_documented_rights_can_do_all(
        own_server, own_registry, device):
    server = own_server()
    with server.client() as client:
        client.execute_command(
            *'ACL SETUSER wakebus on >sesame ~wakebus:* +@read +@write '
            '+@connection +eval -@dangerous +info'.split())
        client.execute_command('ACL', 'SETUSER', 'default', 'off')
    registry = own_registry(
        server, f'redis://wakebus:sesame@127.0.0.1:{server.port}/0')
    registry.until_it_works()
    target = registry.register(device)
    assert registry.register(device) == target
    assert registry.lookup(**pick(target))['outcome'] == 'ok'
    assert forget(registry, device, target) == OK
    assert registry.ask('unregister', app='a', device=device) == ABSENT


def test_a_database_that_does_not_exist_is_never_written_around(
        own_server, own_registry, device):
    server = own_server()
    registry = own_registry(server, f'redis://127.0.0.1:{server.port}/99')
    registry.process.wait_for_log('state=SELECT')
    assert registry.register(device) == LATER
    with server.client() as client:
        assert client.dbsize() == 0


def test_a_unix_socket_and_another_database(own_server, own_registry, device,
                                            tmp_path):
    path = tmp_path / 's'
    server = own_server(unixsocket=path)
    registry = own_registry(server, f'unix:{path}?db=5')
    registry.until_it_works()
    assert registry.register(device)['outcome'] == 'ok'
    with redis.Redis(port=server.port, db=5) as client:
        assert client.dbsize() == 2


def test_what_is_no_redis_is_named(own_server, own_registry, device):
    """Here: an inbox of ZeroMQ, which speaks first."""
    other = FakeFrontend()
    url = other.endpoint.replace('tcp', 'redis')
    registry = own_registry(None, url)
    registry.process.wait_for_log('state=UNREACHABLE')
    assert registry.register(device) == LATER
    other.close()


# ---- the process ----

def test_a_malformed_url_is_a_fault_of_the_configuration(tmp_path):
    process = Process(
        [BIN / 'wakebus-registry', '--config',
         config_file(tmp_path, 'redis://:sesame@host:port')], tmp_path / 'log')
    assert process.wait_exit() == 78
    assert 'redis.url' in process.log()
    assert 'sesame' not in process.log()


def test_sigterm_answers_what_is_in_flight_and_exits_0(
        own_server, tmp_path, device):
    server = own_server()
    registry = Registry(tmp_path, server)
    registry.until_it_works()
    target = registry.register(device)
    server.process.signal(signal.SIGSTOP)
    ids = [registry.frontend.send('target.lookup', domain=DOMAIN,
                                  **pick(target)) for _ in range(100)]
    registry.frontend.nothing_comes(0.2)
    registry.process.signal(signal.SIGTERM)
    registry.frontend.let_go()
    server.process.signal(signal.SIGCONT)
    answers = registry.frontend.receive(ids)
    assert {a['outcome'] for a in answers.values()} == {'ok'}
    assert registry.process.wait_exit() == 0
    registry.frontend.close()


def test_sigterm_without_redis_exits_0(own_server, tmp_path):
    server = own_server()
    server.stop()
    registry = Registry(tmp_path, server)
    registry.close()


def test_no_secret_or_token_is_in_the_log(registry, device):
    target = registry.register(device, token='sesame-token')
    registry.lookup(**pick(target))
    forget(registry, device, target, 'sesame-token')
    log = registry.process.log()
    assert 'sesame' not in log and TOKEN not in log
    assert target['secret'] not in log
