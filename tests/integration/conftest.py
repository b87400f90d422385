"""What the tests of the whole share: a Redis, the emulators, and scratch
directories that are gone afterwards."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.component_server import ComponentServer  # noqa: E402
from support.providers import Apns, Fcm  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402


@pytest.fixture(scope='module')
def server():
    """The scripted XMPP server; a module that wants real ones has its own."""
    server = ComponentServer().start()
    yield server
    server.stop()


@pytest.fixture(scope='module')
def redis_server(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp('redis')).start()
    yield server
    server.process.kill()


@pytest.fixture(scope='module')
def credentials(tmp_path_factory):
    return tmp_path_factory.mktemp('credentials')


@pytest.fixture(scope='module')
def fcm(credentials):
    emulator = Fcm(credentials)
    yield emulator
    assert emulator.stop() == 0


@pytest.fixture(scope='module')
def apns(credentials):
    emulator = Apns(credentials)
    yield emulator
    assert emulator.stop() == 0
