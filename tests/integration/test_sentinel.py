"""The registry and what sentinels say, which is not always true."""

import hashlib
import secrets
import time

import pytest

from support.process import free_port, wait_until
from support.redis_server import RedisServer
from support.sentinels import HANG_UP, FakeSentinel, names, url_of
from test_registry import LATER, Registry

NIL = b'*-1\r\n'
OK = b'+OK\r\n'


@pytest.fixture(scope='module')
def servers(tmp_path_factory):
    """A master and its replica."""
    directories = [tmp_path_factory.mktemp(name) for name in 'ab']
    master = RedisServer(directories[0], repl_diskless_sync_delay=0).start()
    replica = RedisServer(
        directories[1], replicaof=f'127.0.0.1 {master.port}').start()
    yield master, replica
    master.process.kill()
    replica.process.kill()


@pytest.fixture
def fakes():
    fakes = [FakeSentinel() for _ in range(3)]
    yield fakes
    for fake in fakes:
        fake.stop()


@pytest.fixture
def registry(tmp_path):
    def start(url):
        running.append(Registry(tmp_path, None, url))
        return running[-1]

    running = []
    yield start
    for each in running:
        each.close()


def register(registry):
    return registry.register(hashlib.sha1(secrets.token_bytes(8)).hexdigest())


def url_with(fakes, **variant):
    return url_of([fake.port for fake in fakes], **variant)


def test_the_master_is_asked_for_and_used(servers, fakes, registry):
    for fake in fakes:
        fake.answer = names(servers[0].port)
    running = registry(url_with(fakes))
    running.until_it_works()
    assert register(running)['outcome'] == 'ok'
    assert any(b'GET-MASTER-ADDR-BY-NAME\r\n$7\r\ntargets\r\n' in asked
               for fake in fakes for asked in fake.asked)


@pytest.mark.parametrize('answer', [
    None, NIL, b'garbage\r\n', b'-IDONTKNOW I have no idea\r\n', b':7\r\n',
    b'*0\r\n', b'*2\r\n$0\r\n\r\n$1\r\n1\r\n', names(0), names(99999),
    names('x'), names(7, 300 * 'x'), names(1, 'no.such.host.invalid'),
    b'$' + b'9' * 30 + b'\r\n', HANG_UP], ids=repr)
def test_a_useless_sentinel_is_passed_over(servers, fakes, registry, answer):
    fakes[0].answer = answer
    for fake in fakes[1:]:
        fake.answer = names(servers[0].port)
    running = registry(url_with(fakes))
    running.until_it_works()
    assert register(running)['outcome'] == 'ok'


def test_sentinels_that_are_not_there_are_waited_for(servers, registry):
    ports = [free_port(), free_port()]
    running = registry(url_of(ports, host='localhost'))
    running.process.wait_for_log('state=NOSENTINEL')
    assert register(running) == LATER
    fake = FakeSentinel(names(servers[0].port, 'localhost'), ports[1])
    running.until_it_works()
    assert register(running)['outcome'] == 'ok'
    fake.stop()


def test_a_master_that_is_unknown_is_named(fakes, registry):
    for fake in fakes:
        fake.answer = NIL
    running = registry(url_with(fakes))
    running.process.wait_for_log('state=NOMASTER')
    assert register(running) == LATER


def test_a_replica_is_not_taken_for_the_master(servers, fakes, registry):
    fakes[0].answer = names(servers[1].port)
    for fake in fakes[1:]:
        fake.answer = names(servers[0].port)
    running = registry(url_with(fakes))
    running.until_it_works()
    assert register(running)['outcome'] == 'ok'
    assert 'state=DEMOTED' in running.process.log()


def test_one_sentinel_alone_cannot_move_the_registry(
        servers, fakes, registry):
    for fake in fakes:
        fake.answer = names(servers[0].port)
    running = registry(url_with(fakes))
    running.until_it_works()
    fakes[1].answer = names(servers[1].port)
    asked = len(fakes[1].asked)
    wait_until(lambda: len(fakes[1].asked) > asked + 1, 'asked twice')
    assert 'ev=redis.down' not in running.process.log()
    assert register(running)['outcome'] == 'ok'


def test_a_master_that_was_replaced_is_left_though_it_still_answers(
        tmp_path, fakes, registry):
    (tmp_path / 'old').mkdir()
    (tmp_path / 'new').mkdir()
    old = RedisServer(tmp_path / 'old').start()
    new = RedisServer(tmp_path / 'new').start()
    for fake in fakes:
        fake.answer = names(old.port)
    running = registry(url_with(fakes))
    running.until_it_works()
    for fake in fakes:
        fake.answer = names(new.port)
    started = time.monotonic()
    running.process.wait_for_log(f'port={new.port}')
    assert time.monotonic() - started < 3
    running.until_it_works()
    assert register(running)['outcome'] == 'ok'
    with new.client() as client:
        assert client.dbsize() == 2
    old.process.kill()
    new.process.kill()


def test_sentinels_are_shown_the_password(servers, fakes, registry):
    """Those that want none refuse it, and that is no fault."""
    def locked(question):
        if b'AUTH' in question and b'sesame' in question:
            return OK + names(servers[0].port)
        return b'-NOAUTH Authentication required.\r\n'

    fakes[0].answer = locked
    running = registry(url_of([fakes[0].port], ':open@'))
    running.process.wait_for_log('state=NOAUTH')
    assert 'open' not in running.process.log()
    fakes[1].answer = (b'-ERR AUTH <password> called without any password\r\n'
                       + names(servers[0].port))
    with servers[0].client() as client:
        client.config_set('requirepass', 'sesame')
        try:
            for fake in fakes[:2]:
                other = registry(url_of([fake.port], ':sesame@'))
                other.until_it_works()
                assert register(other)['outcome'] == 'ok'
                assert 'redis.fault' not in other.process.log()
        finally:
            client.config_set('requirepass', '')
