"""The registry's --self-test: each trouble of Redis is found, by the real one,
and nothing is written to find it."""

import pytest

from support.fake_frontend import FakeFrontend
from support.process import free_port
from support.redis_cluster import RedisCluster
from support.redis_server import RedisServer
from support.self_tests import self_test
from support.sentinels import MASTER, Sentinels, url_of
from test_redis_faults import (configured, hanging, loading, replicating,
                               stopped)

STEPS = ['configuration', 'bus', 'redis', 'redis.version', 'redis.log',
         'redis.memory', 'redis.replicas']


@pytest.fixture(scope='module')
def frontend():
    frontend = FakeFrontend()
    yield frontend
    frontend.close()


@pytest.fixture
def examine(frontend, tmp_path):
    """examine(url) -> what the registry finds."""
    def run(url):
        return self_test('registry', {
            'bus': {'frontends': [frontend.endpoint]},
            'redis': {'url': url}}, tmp_path)
    return run


def check_no_redis(found, text):
    """It is at fault, and the rest is left out."""
    found.check_only_faults('redis')
    assert text in found.one('redis').text
    assert found.steps('skipped') == set(STEPS[3:])


def test_all_is_well(examine, redis_server):
    with redis_server.client() as client:
        client.flushall()
        found = examine(redis_server.url)
        assert client.dbsize() == 0
    assert [step for step, _ in found.states()] == STEPS
    found.check_only_faults()
    assert found.steps('warning') == set()
    assert found.one('redis.version').text.count('.') == 2
    assert found.one('redis.log').text == 'on, appendfsync everysec'


# ---- the way to it

def test_redis_is_not_there(examine, redis_server):
    with stopped(redis_server):
        check_no_redis(examine(redis_server.url), 'Connection refused')
    check_no_redis(examine('redis://nobody.invalid:6379/0'),
                   'Name or service not known')


def test_redis_hangs(examine, redis_server):
    with hanging(redis_server):
        check_no_redis(examine(redis_server.url), 'SILENT')


def test_something_else_is_there(examine, fcm):
    port = fcm.url.rpartition(':')[2]
    check_no_redis(examine(f'redis://127.0.0.1:{port}/0'), '')


@pytest.mark.parametrize('url, state', [
    ('redis://127.0.0.1:{port}/0', 'NOAUTH'),
    ('redis://:planted-1@127.0.0.1:{port}/0', 'WRONGPASS'),
    ('redis://nobody:planted-2@127.0.0.1:{port}/0', 'WRONGPASS'),
    ('redis://:right@127.0.0.1:{port}/77', 'SELECT')])
def test_redis_does_not_let_us_in(examine, redis_server, url, state):
    with configured(redis_server, 'requirepass', 'right'):
        found = examine(url.format(port=redis_server.port))
        with redis_server.client(password='right') as client:
            client.config_set('requirepass', '')
    check_no_redis(found, state)
    assert 'redis.url' in found.one('redis').remedy
    assert not any('planted' in f.text + f.remedy for f in found.all)


# ---- does it take what is written?

@pytest.mark.parametrize('trouble, state', [
    (lambda redis: configured(redis, 'maxmemory', '1'), 'OOM'),
    (lambda redis: configured(redis, 'min-replicas-to-write', '1'),
     'NOREPLICAS'),
    (lambda redis: replicating(redis), 'READONLY'),
    (lambda redis: loading(redis), 'LOADING')],
    ids=['OOM', 'NOREPLICAS', 'READONLY', 'LOADING'])
def test_redis_takes_nothing(examine, tmp_path, trouble, state):
    redis = RedisServer(tmp_path).start()
    with trouble(redis):
        check_no_redis(examine(redis.url), state)
    redis.process.kill()


# ---- will it keep it?

def test_its_log_is_off(examine, redis_server):
    with configured(redis_server, 'appendonly', 'no'):
        found = examine(redis_server.url)
    found.check_only_faults('redis.log')
    assert found.one('redis.log').text.startswith('off: ')
    assert 'appendonly yes' in found.one('redis.log').remedy


def test_its_log_is_not_forced_to_the_disk(examine, redis_server):
    with configured(redis_server, 'appendfsync', 'no'):
        found = examine(redis_server.url)
    found.check_only_faults()
    assert found.steps('warning') == {'redis.log'}


def test_it_throws_away_what_it_has(examine, redis_server):
    with configured(redis_server, 'maxmemory-policy', 'allkeys-lru'), \
            configured(redis_server, 'maxmemory', '1gb'):
        found = examine(redis_server.url)
    found.check_only_faults('redis.memory')
    assert 'allkeys-lru' in found.of('redis.memory')[1].text
    assert 'noeviction' in found.of('redis.memory')[1].remedy


def test_it_is_nearly_full(examine, redis_server):
    with redis_server.client() as client:
        used = client.info('memory')['used_memory']
    with configured(redis_server, 'maxmemory', str(used * 115 // 100)):
        found = examine(redis_server.url)
    found.check_only_faults()
    assert found.steps('warning') == {'redis.memory'}


def test_a_user_who_may_not_ask(examine, redis_server):
    with redis_server.client() as client:
        client.execute_command(
            'ACL', 'SETUSER', 'narrow', 'on', '>pass', '~wakebus:*', '+@read',
            '+@write', '+@connection', '+eval', '-@dangerous')
        url = f'redis://narrow:pass@127.0.0.1:{redis_server.port}/0'
        found = examine(url)
        found.check_only_faults()
        assert found.steps('warning') == {'redis.version'}
        assert '+info' in found.one('redis.version').remedy
        # As deploy/redis.conf has it.
        client.execute_command('ACL', 'SETUSER', 'narrow', '+info')
        found = examine(url)
        found.check_only_faults()
        assert found.steps('warning') == set()
        assert 'not told' in found.one('redis.log').text
        client.acl_deluser('narrow')


# ---- sentinels and clusters

def test_sentinels(examine, tmp_path):
    redis = RedisServer(tmp_path).start()
    sentinels = Sentinels(tmp_path, redis.port, count=1)
    found = examine(sentinels.url)
    found.check_only_faults()
    assert found.steps('warning') == {'redis.replicas'}
    assert found.one('redis.sentinels').text.endswith(
        f'says that the master is 127.0.0.1:{redis.port}')

    absent = free_port()
    found = examine(url_of([absent, *sentinels.ports]))
    found.check_only_faults()
    assert {f.state: f.text for f in found.of('redis.sentinels')} == {
        'warning': f'127.0.0.1:{absent}: NOSENTINEL',
        'ok': f'127.0.0.1:{sentinels.ports[0]} says that the master is '
              f'127.0.0.1:{redis.port}'}

    found = examine(sentinels.url.replace(MASTER, 'another'))
    check_no_redis(found, 'NOMASTER')
    found = examine(url_of([absent]))
    check_no_redis(found, 'NOSENTINEL')
    sentinels.kill()
    redis.process.kill()


def test_a_cluster(examine, tmp_path):
    cluster = RedisCluster(tmp_path)
    found = examine(cluster.url)
    found.check_only_faults()
    assert found.one('redis').text.startswith('3 masters')
    for step in STEPS[3:]:
        assert len(found.of(step)) == 3
        assert ({f.text.split(': ')[0] for f in found.of(step)}
                == {f'127.0.0.1:{s.port}' for s in cluster.servers})
    assert found.steps('warning') == {'redis.replicas'}

    one = cluster.servers[1]
    with configured(one, 'appendonly', 'no'):
        found = examine(cluster.url)
    found.check_only_faults('redis.log')
    [fault] = [f for f in found.all if f.state == 'fault']
    assert fault.text.startswith(f'127.0.0.1:{one.port}: off')

    check_no_redis(examine(one.url), 'MOVED')
    one.process.kill()
    found = examine(cluster.url)
    check_no_redis(found, f'127.0.0.1:{one.port}')
    cluster.kill()
