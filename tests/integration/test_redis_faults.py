"""Whatever happens to Redis: the XMPP server hears to try again later, nobody
is told to be registered who is not, no process ends, and all comes back by
itself."""

import signal
import subprocess
import time
from contextlib import contextmanager
from itertools import count

import pytest

from support.answers import error_of, registration_of
from support.process import wait_until
from support.redis_server import RedisServer
from support.registering import Registering
from support.stack import Stack, stack_on
from support.wakebus import Wakebus

LATER = ('wait', 'internal-server-error')
numbers = count(1)


@pytest.fixture(scope='module')
def stack(server, fcm, tmp_path_factory):
    """For troubles that leave no trace."""
    scratch = tmp_path_factory.mktemp('stack')
    redis = RedisServer(scratch, repl_diskless_sync_delay=0).start()
    with stack_on(server, fcm, scratch, redis) as stack:
        yield stack
    redis.process.kill()


# ---- what Redis can say or leave unsaid

@contextmanager
def stopped(redis):
    redis.stop()
    try:
        yield
    finally:
        redis.start()


@contextmanager
def killed(redis):
    redis.kill()
    try:
        yield
    finally:
        redis.start()


@contextmanager
def hanging(redis):
    redis.process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        redis.process.signal(signal.SIGCONT)


@contextmanager
def configured(redis, name, value, drop=False):
    """With another setting; `drop` ends the connections there are."""
    with redis.client() as client:
        before = client.config_get(name)[name]
        client.config_set(name, value)
        if drop:
            client.execute_command('CLIENT', 'KILL', 'TYPE', 'normal',
                                   'SKIPME', 'yes')
        try:
            yield
        finally:
            client.config_set(name, before)


@contextmanager
def replicating(redis, **options):
    """A replica of a master that is not there."""
    with redis.client() as client:
        client.config_set('replica-serve-stale-data',
                          options.get('serve', 'yes'))
        client.replicaof('127.0.0.1', '1')
        try:
            yield
        finally:
            client.replicaof('no', 'one')


@contextmanager
def loading(redis):
    """It reads its data for as long as the block takes, and a bit."""
    with redis.client() as client:
        client.config_set('key-load-delay', '1000')
        client.config_rewrite()
        for number in range(1500):
            client.set(f'ballast{number}', 1)
    redis.stop()
    redis.start_loading()
    redis.process.wait_for_log('Loading RDB')
    yield
    redis.process.wait_for_log('Ready to accept connections', timeout=20)


@contextmanager
def busy(redis):
    """In a script that does not end."""
    with configured(redis, 'busy-reply-threshold', '1'):
        endless = subprocess.Popen(
            ['redis-cli', '-p', str(redis.port), 'EVAL', 'while true do end',
             '0'], stdout=subprocess.DEVNULL)
        time.sleep(0.2)
        try:
            yield
        finally:
            with redis.client() as client:
                client.script_kill()
            endless.wait()


TROUBLES = {
    'stopped': (stopped, 'UNREACHABLE', LATER),
    'killed': (killed, 'UNREACHABLE', LATER),
    'hanging': (hanging, 'SILENT', LATER),
    'a replica': (replicating, 'READONLY', None),
    'a replica without data': (
        lambda redis: replicating(redis, serve='no'), 'MASTERDOWN', LATER),
    'full': (lambda redis: configured(redis, 'maxmemory', '1mb'), 'OOM', None),
    'without replicas': (
        lambda redis: configured(redis, 'min-replicas-to-write', '1'),
        'NOREPLICAS', None),
    'locked': (lambda redis: configured(redis, 'requirepass', 'sesame', True),
               'NOAUTH', LATER),
    'busy': (busy, 'BUSY', LATER),
}


@pytest.mark.parametrize('trouble, state, push', TROUBLES.values(),
                         ids=TROUBLES)
def test_trouble_is_waited_out(stack, fcm, trouble, state, push):
    """Reads go on where Redis can still be read, and so do pushes."""
    token = f'token{next(numbers)}'
    device = f'device{next(numbers)}'
    target = registration_of(stack.register(device, token))
    assert stack.push(target) is None
    with trouble(stack.redis):
        assert error_of(stack.register()) == LATER
        assert error_of(stack.register(device, token)) == LATER
        assert stack.push(target) == push
        assert stack.push(target) == push
        wait_until(lambda: f'state={state}' in stack.log(), 'named')
    stack.until_it_works()
    assert registration_of(stack.register(device, token)) == target
    assert stack.push(target) is None
    stack.check_nothing_ended()


def test_loading_is_waited_out(server, fcm, tmp_path):
    redis = RedisServer(tmp_path, appendonly='no', save='3600 1',
                        loading_process_events_interval_bytes=1024)
    redis.start()
    with stack_on(server, fcm, tmp_path, redis) as stack:
        target = registration_of(stack.register())
        with loading(redis):
            wait_until(lambda: 'state=LOADING' in stack.log(), 'heard of it')
            assert error_of(stack.register()) == LATER
            assert stack.push(target) == LATER
        stack.until_it_works()
        assert stack.push(target) is None
    redis.process.kill()


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 1 MiB."""
    disk = tmp_path / 'disk'
    disk.mkdir()
    mounted = subprocess.run(
        ['mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk],
        capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f'may not mount a file system: {mounted.stderr.strip()}')
    yield disk
    subprocess.run(['umount', '-l', disk], check=True)


def test_a_full_disk_is_waited_out(server, fcm, tmp_path, tiny_disk):
    redis = RedisServer(tiny_disk).start()
    ballast = tiny_disk / 'ballast'
    with stack_on(server, fcm, tmp_path, redis) as stack:
        target = registration_of(stack.register())
        with pytest.raises(OSError), open(ballast, 'wb') as file:
            while True:
                file.write(4096 * b'x')
                file.flush()
        load = Registering(server)
        wait_until(lambda: load.refused[LATER] > 50, 'refused')
        load.stop()
        assert 'state=MISCONF' in stack.log()
        assert stack.push(target) is None
        ballast.unlink()
        stack.until_it_works()
        redis.restart()
        stack.until_it_works()
        with redis.client() as client:
            assert load.lost(client) == []
    redis.process.kill()


def test_a_wrong_password_can_be_put_right(server, fcm, tmp_path):
    redis = RedisServer(tmp_path, requirepass='sesame').start()
    url = f'redis://:open@127.0.0.1:{redis.port}/0'
    with Wakebus(tmp_path, server, url, {'conversations': fcm.app()},
                 fcm=fcm.settings()).start() as wakebus:
        stack = Stack(server, wakebus, redis)
        assert error_of(stack.register()) == LATER
        assert 'state=WRONGPASS' in stack.log()
        with redis.client(password='sesame') as client:
            client.config_set('requirepass', 'open')
        stack.until_it_works()
        stack.check_nothing_ended()
        assert 'sesame' not in stack.log()
    redis.process.kill()


def test_a_slow_redis_is_waited_for(stack):
    target = registration_of(stack.register())
    for ask in (lambda: error_of(stack.register()),
                lambda: stack.push(target)):
        with stack.redis.client() as client:
            client.execute_command('CLIENT', 'PAUSE', '2000', 'ALL')
        started = time.monotonic()
        assert ask() is None
        assert time.monotonic() - started > 1.5


# ---- what was answered is there

def test_no_answered_registration_is_lost_when_redis_is_killed(
        server, fcm, tmp_path):
    redis = RedisServer(tmp_path, appendfsync='always').start()
    with stack_on(server, fcm, tmp_path, redis) as stack:
        load = Registering(server, per_second=400)
        for _ in range(4):
            time.sleep(0.7)
            redis.kill()
            time.sleep(0.3)
            redis.start()
            load.wait_until_it_works()
        load.stop()
        with redis.client() as client:
            assert load.lost(client) == []
        assert len(load.answered) > 200
        assert set(load.refused) <= {LATER}
    redis.process.kill()
