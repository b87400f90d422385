"""The bus under load: workers come, go, drain, die and are imitated, and the
XMPP server sees one answer to each request all the same."""

import json
import os
import signal
import threading
import time

import pytest
import zmq

from support.answers import error_of
from support.load import Load
from support.process import free_port, wait_until
from support.stanzas import publish
from support.wakebus import Wakebus


@pytest.fixture
def wakebus(server, redis_server, fcm, tmp_path):
    redis_server.client().flushall()  # what waits there of the test before
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 push={'deadline_ms': 5000}) as wakebus:
        yield wakebus
    fcm.clear()


def start_two_senders(wakebus):
    wakebus.start('xmpp-frontend', 'registry')
    for name in ('sender-a', 'sender-b'):
        wakebus.start_one('fcm-sender', name)


def pushes_of(wakebus, name):
    return wakebus.log(name).count('verdict=sent')


def test_two_senders_share_the_load(server, wakebus, fcm):
    start_two_senders(wakebus)
    load = Load(server, 400)
    assert load.finish() == {None: 400}
    assert pushes_of(wakebus, 'sender-a') > 100
    assert pushes_of(wakebus, 'sender-b') > 100
    assert len(fcm.accounts()) == 400


def test_a_sender_that_drains_loses_and_doubles_nothing(server, wakebus, fcm):
    start_two_senders(wakebus)
    fcm.fault(kind='delay', ms=20)
    load = Load(server, 1000)
    wait_until(lambda: pushes_of(wakebus, 'sender-a') > 50, 'under way')
    wakebus.stop_one('sender-a')  # exits with 0
    assert load.finish() == {None: 1000}
    assert len(fcm.accounts()) == 1000, 'nothing was sent twice'
    assert 'ev=worker.left' in wakebus.log('xmpp-frontend')


def test_the_jobs_of_a_killed_sender_go_to_the_other(server, wakebus, fcm):
    start_two_senders(wakebus)
    fcm.fault(kind='delay', ms=50)
    load = Load(server, 600)
    wait_until(lambda: pushes_of(wakebus, 'sender-a') > 50, 'under way')
    wakebus.kill_one('sender-a')
    assert load.finish() == {None: 600}
    lost = next(line for line in wakebus.log('xmpp-frontend').splitlines()
                if 'ev=worker.lost' in line)
    handed_over = int(lost.rpartition('handed_over=')[2])
    assert handed_over > 0
    assert 600 <= len(fcm.accounts()) <= 600 + handed_over


def test_a_frozen_sender_is_passed_by(server, wakebus, fcm):
    start_two_senders(wakebus)
    load = Load(server, 400)
    wait_until(lambda: pushes_of(wakebus, 'sender-a') > 20, 'under way')
    frozen = wakebus.processes['sender-a']
    frozen.signal(signal.SIGSTOP)
    outcomes = load.finish()
    frozen.signal(signal.SIGCONT)
    assert outcomes == {None: 400}
    wait_until(lambda: wakebus.joined('fcm-sender') == 3, 'it came back')


def test_registries_restart_one_after_the_other(server, wakebus, fcm):
    wakebus.start('xmpp-frontend', 'fcm-sender')
    for name in ('registry-a', 'registry-b'):
        wakebus.start_one('registry', name)
    load = Load(server, 1500)
    for name in ('registry-a', 'registry-b'):
        wakebus.stop_one(name)
        wakebus.start_one('registry', name)
    assert load.finish() == {None: 1500}


def test_a_sender_that_comes_late_gets_what_waits(server, wakebus, fcm):
    wakebus.start('xmpp-frontend', 'registry')
    load = Load(server, 30)
    time.sleep(0.3)
    wakebus.start_one('fcm-sender')
    assert load.finish() == {None: 30}


def test_workers_find_a_frontend_that_restarts(server, wakebus, fcm):
    wakebus.start()
    wakebus.stop_one('xmpp-frontend')
    wakebus.start_one('xmpp-frontend')
    wakebus.processes['xmpp-frontend'].wait_until(
        lambda: wakebus.joined('fcm-sender') == 1
        and wakebus.joined('registry') == 1, 'all there')
    assert Load(server, 50).finish() == {None: 50}


def test_the_bus_can_be_sockets_in_the_file_system(
        server, redis_server, fcm, tmp_path):
    inbox = f'ipc://{tmp_path}/inbox'
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 bus={'bind': inbox, 'frontends': [inbox]}).start():
        assert Load(server, 50).finish() == {None: 50}


def test_frontends_are_found_by_name(server, redis_server, fcm, tmp_path):
    port = free_port()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 bus={'bind': f'tcp://127.0.0.1:{port}',
                      'frontends': [f'tcp://localhost:{port}']}).start():
        assert Load(server, 50).finish() == {None: 50}


def test_overload_is_turned_away_gently(server, redis_server, fcm, tmp_path):
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 push={'max_in_flight': 12}).start() as wakebus:
        assert wakebus
        phone_load = Load(server, 0, window=0, phones=1)
        fcm.fault(kind='delay', ms=300)
        load = Load.__new__(Load)
        load.__dict__.update(phone_load.__dict__, total=100, answers={},
                             done=threading.Event(), sent=0)
        server.on_answer = load._on_answer
        with load._lock:
            for _ in range(100):
                load._send_one()
        outcomes = load.finish()
    fcm.clear()
    assert outcomes[None] >= 10, 'what one domain can have of 12'
    assert outcomes[('wait', 'internal-server-error')] == (
        100 - outcomes[None])


HELLO = {'v': 1, 'type': 'hello', 'id': 'x', 'role': 'registry', 'worker': 'w',
         'jobs': 'tcp://127.0.0.1:1', 'credit': 5}


@pytest.mark.parametrize('frame, field', [
    (b'', 'message'), (b'{', 'message'), (b'[]', 'message'),
    (b'\xff\xff', 'message'), (b'x' * 60000, 'message'),
    (b'{"v":1,"type":"hello","id":"a\\u0000b"}', 'message'),
    (b'{"v":1,"v":1,"type":"hello","id":"a"}', 'message'),
    (json.dumps({**HELLO, 'v': 2}).encode(), 'v'),
    (json.dumps({**HELLO, 'id': 65 * 'x'}).encode(), 'id'),
    (json.dumps({**HELLO, 'credit': 0}).encode(), 'credit'),
    (json.dumps({**HELLO, 'credit': 'many'}).encode(), 'credit'),
    (json.dumps({**HELLO, 'jobs': 'nonsense'}).encode(), 'jobs'),
    (json.dumps({**HELLO, 'apps': [7]}).encode(), 'apps'),
    (json.dumps({'v': 1, 'type': 'bye', 'id': 'x'}).encode(), 'worker'),
], ids=str)
def test_a_hostile_frame_harms_nobody(server, wakebus, fcm, frame, field):
    wakebus.start()
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.connect(wakebus.inbox)
        push.send(frame)
        push.send_multipart([frame, b'more'])
        push.send(b'y' * 70000)  # ZeroMQ cuts this one off
        wakebus.processes['xmpp-frontend'].wait_until(
            lambda: f'ev=bus.refused field={field}' in
            wakebus.log('xmpp-frontend') or
            f'field={field} ' in wakebus.log('xmpp-frontend'), 'refused')
        push.close(linger=0)
    assert Load(server, 20).finish() == {None: 20}


def test_results_that_nobody_asked_for_are_ignored(server, wakebus, fcm):
    wakebus.start()
    with zmq.Context() as context, context.socket(zmq.PUSH) as push:
        push.connect(wakebus.inbox)
        for id in ('nonsense', '00000000-1.1'):
            push.send_json({'v': 1, 'type': 'push.result', 'id': id,
                            'verdict': 'gone'})
        load = Load(server, 200)
        for number in range(200):
            push.send_json({'v': 1, 'type': 'target.lookup.result',
                            'id': f'00000000-{number}.1', 'outcome': 'absent'})
        assert load.finish() == {None: 200}
        push.close(linger=0)


def test_a_second_signal_ends_at_once(server, wakebus, fcm):
    wakebus.start()
    phone_load = Load(server, 1, window=0, phones=1)
    fcm.fault(kind='hang')
    phone = phone_load.phones[0]
    server.on_answer = None
    server.wait_link().send(publish('prosody', phone.node,
                                    secret=phone.secret, id='hanging'))
    wait_until(lambda: fcm.stats()['answers'].get('hang'), 'hanging')
    for name in ('xmpp-frontend', 'fcm-sender'):
        process = wakebus.processes.pop(name)
        process.signal(signal.SIGTERM)
        process.wait_for_log('ev=service.drain')
        assert process.running, 'it waits for the push'
        process.signal(signal.SIGTERM)
        assert process.wait_exit() == 69
        assert 'ev=service.stop_now' in process.log()


def test_what_a_worker_sent_before_it_left_is_waited_for(server, wakebus, fcm):
    """Its results come on another connection than the news that it has gone:
    whoever hands its jobs on at once has the push sent twice."""
    wakebus.start('xmpp-frontend', 'registry')
    phone = Load(server, 0, window=0, phones=1).phones[0]
    accepted = fcm.stats()['accepted']
    answers = []
    server.on_answer = answers.append
    with zmq.Context() as context:
        jobs, inbox = context.socket(zmq.PULL), context.socket(zmq.PUSH)
        jobs.rcvtimeo = 10000
        endpoint = f'tcp://127.0.0.1:{jobs.bind_to_random_port("tcp://127.0.0.1")}'
        inbox.connect(wakebus.inbox)
        hello = {'v': 1, 'type': 'hello', 'id': 'w', 'worker': 'w',
                 'role': 'fcm-sender', 'jobs': endpoint, 'credit': 5,
                 'apps': ['conversations']}
        inbox.send_json(hello)
        server.wait_link().send(publish('prosody', phone.node,
                                        secret=phone.secret, id='once'))
        job = jobs.recv_json()
        wakebus.start_one('fcm-sender')
        inbox.send_json({**hello, 'type': 'bye'})
        assert jobs.recv_json()['type'] == 'fin'
        jobs.close(linger=0)
        time.sleep(0.5)
        inbox.send_json({'v': 1, 'type': 'push.result', 'id': job['id'],
                         'verdict': 'sent'})
        wait_until(lambda: answers, 'answered')
        inbox.close()
    server.on_answer = None
    assert [error_of(answer) for answer in answers] == [None]
    assert fcm.stats()['accepted'] == accepted
    wakebus.processes['xmpp-frontend'].wait_for_log('ev=worker.left')


def test_the_bus_interrupts_nobody(wakebus):
    """ZeroMQ's threads wait their turn where all processors are busy: a push
    costs a quarter less then."""
    wakebus.start('xmpp-frontend', 'registry', 'fcm-sender')
    for process in wakebus.processes.values():
        threads = {name_of(process.pid, int(thread)): int(thread)
                   for thread in os.listdir(f'/proc/{process.pid}/task')}
        ours = [thread for name, thread in threads.items() if 'ZMQ' in name]
        assert len(ours) >= 2, threads
        assert {os.sched_getscheduler(thread) for thread in ours} == {
            os.SCHED_BATCH}
        assert os.sched_getscheduler(process.pid) == os.SCHED_OTHER


def name_of(pid, thread):
    with open(f'/proc/{pid}/task/{thread}/comm') as comm:
        return comm.read().strip()
