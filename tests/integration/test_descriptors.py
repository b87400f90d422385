"""select() of libstrophe takes descriptors below 1024 only: the frontend has no
others, whoever connects, and what it cannot do without one it does later."""

import json
import os
import sys
from pathlib import Path

import pytest
import zmq

from support.answers import error_of
from support.component_server import ComponentServer
from support.process import Process, free_port, wait_until
from support.registering import PHONE
from support.stanzas import iq
from support.wakebus import Wakebus

IDLERS = Path(__file__).resolve().parent / 'support' / 'idlers.py'
PING = "<ping xmlns='urn:xmpp:ping'/>"


@pytest.fixture
def server():
    server = ComponentServer().start()
    yield server
    server.stop()


def descriptors(process):
    return [int(fd) for fd in os.listdir(f'/proc/{process.pid}/fd')]


def hello(worker):
    return json.dumps({
        'v': 1, 'type': 'hello', 'id': worker, 'worker': worker,
        'role': 'registry', 'credit': 1,
        'jobs': f'tcp://127.0.0.1:{free_port()}'}).encode()


@pytest.fixture
def worker():
    """Connected to the inbox before anybody else; it says what a test says."""
    context = zmq.Context()
    yield context.socket(zmq.PUSH)
    context.destroy(linger=0)


def test_idle_connections_cannot_end_it(server, redis_server, fcm, tmp_path,
                                        worker):
    with Wakebus(tmp_path, server, redis_server.url,
                 {'c': fcm.app()}) as wakebus:
        frontend = wakebus.start_one('xmpp-frontend')
        worker.connect(wakebus.inbox)
        worker.send(hello('early'))
        frontend.wait_for_log('worker=early')
        with Process([sys.executable, '-B', IDLERS,
                      wakebus.inbox.rpartition(':')[2], 1500],
                     tmp_path / 'idlers.log') as idlers:
            frontend.wait_until(
                lambda: len(descriptors(frontend)) == 1024, 'all used up')
            server.wait_link().close()
            for number in range(30):
                worker.send(hello(f'late{number}'))
            frontend.wait_for_log('ev=link.cannot_connect')
            frontend.wait_for_log('why="no descriptor left"')
            assert max(descriptors(frontend)) < 1024
            idlers.kill()
        wait_until(lambda: len(descriptors(frontend)) < 500, 'free again')
        server.wait_link()
        wakebus.start_one('registry')
        assert error_of(server.ask(iq(PING, PHONE, kind='get'))) is None
        assert max(descriptors(frontend)) < 1024
