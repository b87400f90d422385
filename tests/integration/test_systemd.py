"""What systemd is told, by a systemd that the test plays."""

import json
import signal
import socket
import time

import pytest

from support.process import Process, wait_until
from support.redis_server import RedisServer
from support.wakebus import BIN


@pytest.fixture
def notify_socket(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / 'notify'))
        receiver.settimeout(10)
        yield receiver


def registry(tmp_path, notify_socket, **env):
    return Process([BIN / 'wakebus-registry', '--config', config(tmp_path)],
                   tmp_path / 'log',
                   env={'NOTIFY_SOCKET': notify_socket.getsockname(), **env})


def config(tmp_path, **members):
    path = tmp_path / 'wakebus.json'
    path.write_text(json.dumps(
        {'redis': {'url': 'redis://127.0.0.1:1/0'}, **members}))
    return path


def heard(notify_socket):
    return notify_socket.recv(4096).decode()


def told(notify_socket):
    """What it is told but for the lines that are for people."""
    while (text := heard(notify_socket)).startswith('STATUS='):
        pass
    return text


def told_status(notify_socket):
    while not (text := heard(notify_socket)).startswith('STATUS='):
        pass
    return text.removeprefix('STATUS=')


def test_it_is_told_of_the_start_and_of_the_end(tmp_path, notify_socket):
    with registry(tmp_path, notify_socket) as process:
        assert told(notify_socket) == 'READY=1'
        process.signal(signal.SIGTERM)
        assert told(notify_socket) == 'STOPPING=1'
        assert process.wait_exit() == 0
    notify_socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        told(notify_socket)


def test_it_is_told_nothing_of_what_cannot_start(tmp_path, notify_socket):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        address = f'127.0.0.1:{taken.getsockname()[1]}'
        process = registry(tmp_path, notify_socket, WAKEBUS_HTTP_BIND=address)
        assert process.wait_exit() == 69
    notify_socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        told(notify_socket)


def test_the_status_says_what_it_waits_for(tmp_path, notify_socket):
    redis = RedisServer(tmp_path)
    with registry(tmp_path, notify_socket,
                  WAKEBUS_REDIS_URL=redis.url) as process:
        assert told_status(notify_socket) == (
            'waiting for redis: UNREACHABLE: check redis.url, and that Redis '
            'runs')
        redis.start()
        assert told_status(notify_socket) == 'serving'
        redis.stop()
        assert told_status(notify_socket).startswith('waiting for redis: ')
        process.signal(signal.SIGTERM)
        assert told_status(notify_socket) == 'draining'


@pytest.mark.parametrize('level', ['debug', 'wrong'])
def test_a_reload_has_a_beginning_and_an_end(tmp_path, notify_socket, level):
    with registry(tmp_path, notify_socket) as process:
        assert told(notify_socket) == 'READY=1'
        config(tmp_path, log={'level': level})
        process.signal(signal.SIGHUP)
        reloading = dict(line.split('=')
                         for line in told(notify_socket).splitlines())
        assert reloading.keys() == {'RELOADING', 'MONOTONIC_USEC'}
        assert reloading['RELOADING'] == '1'
        assert 0 < int(reloading['MONOTONIC_USEC']) / 1e6 <= time.monotonic()
        assert told(notify_socket) == 'READY=1'


def test_the_watchdog_hears_of_a_loop_that_turns(tmp_path, notify_socket):
    with registry(tmp_path, notify_socket, WATCHDOG_USEC='400000') as process:
        assert told(notify_socket) == 'READY=1'
        for _ in range(3):
            assert told(notify_socket) == 'WATCHDOG=1'
        process.signal(signal.SIGSTOP)
        wait_until(lambda: is_silent(notify_socket), 'silent')
        process.signal(signal.SIGCONT)
        assert told(notify_socket) == 'WATCHDOG=1'


def is_silent(notify_socket):
    """For longer than the watchdog would wait."""
    notify_socket.settimeout(0.5)
    try:
        heard(notify_socket)
        return False
    except TimeoutError:
        return True
    finally:
        notify_socket.settimeout(10)
