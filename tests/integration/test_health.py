"""/livez and /readyz: each reason not to be ready appears and goes away again,
and whoever asks, however badly, disturbs nothing."""

import json
import signal
import socket
import time

import pytest

from support.answers import error_of, registration_of
from support.component_server import ComponentServer
from support.http_pages import Pages, wakebusctl
from support.process import Process, free_port, wait_until
from support.push_commands import register
from support.redis_server import RedisServer
from support.registering import PHONE
from support.stanzas import iq, publish
from support.wakebus import BIN, Wakebus
from test_descriptors import hello, worker  # noqa: F401
from test_redis_faults import busy, configured, hanging, replicating, stopped


@pytest.fixture
def server():
    server = ComponentServer().start()
    yield server
    server.stop()


@pytest.fixture
def wakebus(server, redis_server, fcm, apns, tmp_path):
    with Wakebus(tmp_path, server, redis_server.url,
                 {'android': fcm.app(), 'ios': apns.app()},
                 fcm=fcm.settings(), apns=apns.settings()) as wakebus:
        yield wakebus


def started(wakebus, program):
    """Its pages."""
    pages = Pages()
    process = wakebus.start_one(program, env=pages.env)
    process.wait_for_log('ev=service.up')
    return pages


def wait_ready(pages):
    wait_until(lambda: not pages.trouble(), 'ready')


def wait_trouble(pages, *names):
    """Returns why they are not ok."""
    wait_until(lambda: set(pages.trouble()) == set(names), names)
    return pages.trouble()


# ---- when is it ready?

def test_a_frontend_needs_xmpp_a_registry_and_a_sender_for_each_app(
        wakebus, server):
    pages = started(wakebus, 'xmpp-frontend')
    trouble = wait_trouble(pages, 'registry', 'sender.android', 'sender.ios')
    assert trouble['registry'].startswith('start a registry')
    wakebus.start_one('registry')
    wait_trouble(pages, 'sender.android', 'sender.ios')
    wakebus.start_one('fcm-sender')
    wait_trouble(pages, 'sender.ios')
    wakebus.start_one('apns-sender')
    wait_ready(pages)

    wakebus.stop_one('fcm-sender')
    wait_trouble(pages, 'sender.android')
    wakebus.start_one('fcm-sender')
    wait_ready(pages)
    wakebus.kill_one('registry')
    wait_trouble(pages, 'registry')
    wakebus.start_one('registry')
    wait_ready(pages)

    server.stop()
    wait_trouble(pages, 'xmpp')
    assert pages.get('/livez').status == 200
    server.start()
    wait_ready(pages)


def test_a_worker_that_cannot_be_reached_does_not_count(wakebus, worker):
    """As when a firewall is between: its hello comes, jobs cannot go."""
    pages = started(wakebus, 'xmpp-frontend')
    wait_trouble(pages, 'registry', 'sender.android', 'sender.ios')
    worker.connect(wakebus.inbox)
    worker.send(hello('registry1'))  # nobody listens where it takes jobs
    wait_until(lambda: 'worker=registry1' in wakebus.log('xmpp-frontend'),
               'joined')
    assert 'registry' in pages.trouble()


@pytest.mark.parametrize('program', ['fcm-sender', 'apns-sender'])
def test_a_sender_needs_a_frontend(wakebus, program):
    pages = started(wakebus, program)
    trouble = wait_trouble(pages, 'bus')
    assert 'bus.frontends' in trouble['bus']
    wakebus.start_one('xmpp-frontend')
    wait_ready(pages)
    wakebus.kill_one('xmpp-frontend')
    wait_trouble(pages, 'bus')
    wakebus.start_one('xmpp-frontend')
    wait_ready(pages)


def full(redis):
    return configured(redis, 'maxmemory', '1kb')  # and has no data


def without_replicas(redis):
    return configured(redis, 'min-replicas-to-write', '1')


def locked(redis):
    return configured(redis, 'requirepass', 'sesame', True)


def test_a_registry_needs_a_redis_that_takes_writes(
        server, fcm, tmp_path):
    """It is found without any work to do, and with it."""
    redis = RedisServer(tmp_path, repl_diskless_sync_delay=0).start()
    with Wakebus(tmp_path, server, redis.url,
                 {'android': fcm.app()}) as wakebus:
        pages = started(wakebus, 'registry')
        wait_ready(pages)
        for trouble, state in [
                (stopped, 'UNREACHABLE'), (hanging, 'SILENT'),
                (replicating, 'READONLY'), (full, 'OOM'), (busy, 'BUSY'),
                (without_replicas, 'NOREPLICAS'), (locked, 'NOAUTH')]:
            with trouble(redis):
                why = wait_trouble(pages, 'redis')['redis']
                wait_until(lambda: pages.trouble().get('redis', '')
                           .startswith(f'{state}: '), f'{why} is {state}')
                assert pages.get('/livez').status == 200
            wait_ready(pages)
        with redis.client() as client:
            assert client.keys('*') == [], 'the probe writes nothing'
    redis.process.kill()


def test_reads_go_on_while_the_probe_is_refused(server, redis_server, fcm,
                                                tmp_path):
    """A replica answers lookups: the registry stays with it."""
    with Wakebus(tmp_path, server, redis_server.url,
                 {'android': fcm.app()}) as wakebus:
        pages = started(wakebus, 'registry')
        wait_ready(pages)
        with replicating(redis_server):
            wait_trouble(pages, 'redis')
            time.sleep(6.5)  # a connection so old may be left for another
            assert 'ev=redis.down' not in wakebus.log('registry')
            assert wakebus.log('registry').count('ev=redis.fault') == 1
        wait_ready(pages)


def test_a_draining_process_is_alive_and_not_ready(server, redis_server, fcm,
                                                   tmp_path):
    with Wakebus(tmp_path, server, redis_server.url, {'android': fcm.app()},
                 push={'deadline_ms': 5000}) as wakebus:
        pages = started(wakebus, 'xmpp-frontend')
        wakebus.start_one('registry')
        target = registration_of(server.ask(iq(register('t', 'd'), PHONE)))
        server.wait_link().send(
            publish('prosody', target.node, secret=target.secret, id='last'))
        frontend = wakebus.processes['xmpp-frontend']
        frontend.wait_for_log('type=target.lookup.result')
        frontend.signal(signal.SIGTERM)  # the push waits for a sender
        why = wait_until(lambda: pages.trouble().get('draining'), 'draining')
        assert 'none needed' in why
        assert pages.get('/livez').status == 200
        server.wait_answer('last', timeout=10)
        assert frontend.wait_exit() == 0


def test_an_address_that_is_taken_ends_it_at_once(wakebus):
    with socket.create_server(('127.0.0.1', free_port())) as taken:
        port = taken.getsockname()[1]
        process = Process(
            [BIN / 'wakebus-registry', '--config', wakebus.path],
            wakebus.directory / 'taken.log', env=Pages(port).env)
        assert process.wait_exit() == 69
    assert 'ev=http.cannot_bind' in process.log()
    assert 'why="Address already in use"' in process.log()
    assert 'remedy="change http.bind' in process.log()


def test_without_an_address_nothing_is_served(wakebus):
    wakebus.start_one('registry')
    wakebus.processes['registry'].wait_for_log('ev=redis.up')
    assert 'ev=http' not in wakebus.log('registry')


# ---- wakebusctl

def test_wakebusctl_tells_how_a_process_is(wakebus, server):
    pages = started(wakebus, 'xmpp-frontend')
    wait_trouble(pages, 'registry', 'sender.android', 'sender.ios')
    status, said = wakebusctl('health', pages.address)
    assert status == 1
    assert [line.partition(':')[0] for line in said.splitlines()] == [
        'registry', 'sender.android', 'sender.ios']
    assert wakebusctl('health', '--live', pages.address) == (0, 'alive\n')
    for program in 'registry', 'fcm-sender', 'apns-sender':
        wakebus.start_one(program)
    wait_ready(pages)
    assert wakebusctl('health', pages.address) == (0, 'ready\n')
    assert wakebusctl('health', f'0.0.0.0:{pages.port}') == (0, 'ready\n')
    assert wakebusctl('health', WAKEBUS_HTTP_BIND=f'0.0.0.0:{pages.port}',
                      http_proxy='http://127.0.0.1:1') == (0, 'ready\n')
    wakebus.config['http'] = {'bind': pages.address}
    wakebus.write_config()
    assert wakebusctl('health', '--config', wakebus.path) == (0, 'ready\n')
    wakebus.processes['xmpp-frontend'].signal(signal.SIGSTOP)
    status, said = wakebusctl('health', '--live', pages.address)
    assert status == 1 and 'no answer from' in said
    wakebus.processes['xmpp-frontend'].signal(signal.SIGCONT)
    wakebus.stop_one('xmpp-frontend')
    status, said = wakebusctl('health', pages.address)
    assert status == 1 and 'no answer from' in said


def test_wakebusctl_refuses_what_makes_no_sense():
    for arguments in [(), ('heal',), ('health',), ('health', 'a'),
                      ('health', 'a:1', 'b:1'), ('health', '--dead')]:
        status, said = wakebusctl(*arguments)
        assert status == 64 and 'wakebusctl' in said, arguments
    assert wakebusctl('health', WAKEBUS_HTTP_BIND='a')[0] == 78
    assert wakebusctl('--help')[0] == 0
    assert wakebusctl('--version')[1].startswith('wakebusctl 0.')


# ---- whoever asks

@pytest.fixture
def running(wakebus):
    """All of Wakebus, with the pages of its frontend."""
    pages = started(wakebus, 'xmpp-frontend')
    for program in 'registry', 'fcm-sender', 'apns-sender':
        wakebus.start_one(program)
    wait_ready(pages)
    return pages


def test_an_answer_is_for_now_and_for_this_use(running):
    for path, kind in [('/livez', 'text/plain'),
                       ('/readyz', 'application/json')]:
        page = running.get(path)
        assert page.status == 200
        assert page.headers['Content-Type'] == kind
        assert page.headers['Cache-Control'] == 'no-store'
        assert page.headers['X-Content-Type-Options'] == 'nosniff'
        head = running.get(path, 'HEAD')
        assert head.status == 200 and head.body == b''
        assert head.headers['Content-Length'] == str(len(page.body))
        assert running.get(f'{path}?verbose').status == 200


def test_other_requests_are_refused(running):
    get = running.get
    for path in '/nothing', '/livez/', '/readyz/x', '//livez', '/..%2flivez', '*':
        assert get(path).status == 404, path
    for method in 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'get', 'X':
        page = get('/livez', method)
        assert page.status == 405, method
        assert page.headers['Allow'] == 'GET, HEAD'
    assert get('/livez', 'POST', body=b'x').status == 405
    assert get('/livez', body=b'x').status == 413
    assert get('/livez', headers={'Transfer-Encoding': 'chunked'}
               ).status == 413
    assert get('/livez', headers={'X': 20000 * 'x'}).status == 431
    assert get('/' + 20000 * 'x').status in (414, 431)
    assert get('/livez', headers={f'X-{i}': 'x' for i in range(90)}
               ).status == 200


def test_rubbish_is_no_harm(running, server):
    for rubbish in [
                 b'', b'\r\n' * 1000, b'GET', b'\0' * 5000,
                 b'GET /livez\r\n\r\n', b'GET /livez HTTP/9.9\r\n\r\n',
                 b'\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03' + 500 * b'x',
                 b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
                 b'GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
                 b'GET /livez HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
                 b'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n' * 500,
                 b'POST /livez HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n'
                 + 9999999 * b'x']:
        send(running, rubbish)
        assert running.get('/livez').status == 200
    assert push_goes_through(server)


def send(pages, rubbish):
    """Whatever becomes of it."""
    with socket.create_connection(('127.0.0.1', pages.port), 1) as peer:
        try:
            peer.sendall(rubbish)
            peer.shutdown(socket.SHUT_WR)
            peer.recv(4096)
        except OSError:
            pass


def push_goes_through(server):
    target = registration_of(server.ask(iq(register('t', 'd'), PHONE)))
    answer = server.ask(publish('prosody', target.node,
                                secret=target.secret))
    return error_of(answer) is None


def test_a_slow_client_is_cut_off(running):
    """Though it sends something all the time."""
    with socket.create_connection(('127.0.0.1', running.port)) as slow:
        slow.sendall(b'GET /livez HTTP/1.1\r\nHost: a\r\nX: ')
        started_at = time.monotonic()

        def is_cut():
            try:
                slow.sendall(b'x')
                slow.setblocking(False)
                return slow.recv(1000) == b''
            except BlockingIOError:
                return False
            except OSError:
                return True
            finally:
                slow.setblocking(True)

        wait_until(is_cut, 'cut off', timeout=30, interval=0.2)
        print(f'\ncut off after {time.monotonic() - started_at:.1f} s')


def test_idle_connections_keep_nobody_else_out(running, wakebus, server):
    frontend = wakebus.processes['xmpp-frontend']
    before = cpu_seconds(frontend)
    idle = [socket.create_connection(('127.0.0.1', running.port))
            for _ in range(100)]
    assert push_goes_through(server)
    assert running.get('/livez', source='127.0.0.2').status == 200
    assert running.get('/readyz', source='127.0.0.2').status == 200
    wait_until(lambda: livez_from_here(running), 'those are cut off', 30)
    print(f'\n{cpu_seconds(frontend) - before:.2f} s of CPU')
    assert push_goes_through(server)
    for peer in idle:
        peer.close()


def test_a_crowd_keeps_nobody_out_for_long(running, server):
    """From many addresses it fills all there is, until they are cut off."""
    idle = [socket.create_connection(('127.0.0.1', running.port),
                                     source_address=(f'127.0.1.{n}', 0))
            for n in range(1, 41)]
    assert push_goes_through(server)
    wait_until(lambda: livez_from_here(running), 'those are cut off', 30)
    for peer in idle:
        peer.close()


def livez_from_here(pages):
    connection = pages.connect(timeout=1)
    try:
        connection.request('GET', '/livez')
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def cpu_seconds(process):
    fields = open(f'/proc/{process.pid}/stat').read().rpartition(')')[2]
    return sum(map(int, fields.split()[11:13])) / 100


def test_nothing_that_identifies_is_told(running, server):
    assert push_goes_through(server)
    said = json.dumps([running.get(path).body.decode()
                       for path in ('/livez', '/readyz')])
    for word in server.component, server.secret, 'juliet', 'token':
        assert word not in said
