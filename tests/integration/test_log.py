"""The log as an operator reads it: the story of a push by its id, and no flood,
whatever happens how often."""

import re
import secrets
import socket
import time
from collections import Counter
from itertools import count

import pytest

from support.answers import error_of, registration_of
from support.keys import Peer, keygen, own_pair, public_key, stranger_pair
from support.load import Load
from support.log_lines import lines_of
from support.process import free_port, wait_until
from support.prosody import Prosody
from support.push_commands import register
from support.redis_server import RedisServer
from support.stanzas import iq, publish
from support.wakebus import Wakebus

PHONE = 'juliet@example.test/phone'
MANY = 1000  # of what is not to become so many lines
FEW = 45     # lines of an event in a test: twenty changes, and some faults
numbers = count(1)


def start(server, redis, fcm, scratch, **sections):
    return Wakebus(scratch, server, redis.url, {'conversations': fcm.app()},
                   fcm=fcm.settings(), **{
                       'log': {'level': 'info'},
                       'push': {'deadline_ms': 2000}, **sections}).start()


# ---- one push through all processes

@pytest.fixture(scope='module')
def prosody(tmp_path_factory):
    server = Prosody(tmp_path_factory.mktemp('prosody')).start()
    yield server
    server.process.kill()


def grep(wakebus, id):
    """What `grep -w` finds in the logs of all processes, by time."""
    lines = [line for process in wakebus.processes.values()
             for line in process.log().splitlines()
             if re.search(rf'\b{re.escape(id)}\b', line)]
    return [lines_of(line)[0] for line in sorted(lines)]


def test_one_grep_tells_the_story_of_a_push(prosody, redis_server, fcm,
                                            tmp_path):
    for name in ('romeo', 'juliet'):
        prosody.add_user(name)
    with start(prosody, redis_server, fcm, tmp_path,
               log={'level': 'debug'}) as wakebus:
        juliet = prosody.login('juliet')
        registration = juliet.register_push(
            prosody.component, secrets.token_urlsafe(120), 'device')
        juliet.enable_push(*registration)
        juliet.go_offline()
        romeo = prosody.login('romeo')
        romeo.send_chat(juliet.bare_jid, 'Art thou not Romeo?')
        fcm.received(wait=1)
        wakebus.processes['xmpp-frontend'].wait_for_log('outcome=sent')
        romeo.drop()
        [taken] = [line for line in lines_of(wakebus.log('xmpp-frontend'),
                                             'request.taken')
                   if line['kind'] == 'push']
        story = grep(wakebus, taken['id'])
    fcm.clear()
    told = [(line['svc'], line['ev'], line.get('outcome',
             line.get('verdict', line.get('kind')))) for line in story]
    # Two processes within the same millisecond come in any order.
    assert Counter(told) == Counter([
        ('xmpp-frontend', 'request.taken', 'push'),
        ('registry', 'job.done', 'ok'),
        ('xmpp-frontend', 'job.result', None),
        ('fcm-sender', 'push.done', 'sent'),
        ('xmpp-frontend', 'job.result', None),
        ('xmpp-frontend', 'request.done', 'sent')])


def test_a_push_that_is_tried_again_names_where_it_comes_from(
        server, redis_server, fcm, tmp_path):
    with start(server, redis_server, fcm, tmp_path, log={'level': 'debug'},
               push={'deadline_ms': 2000, 'retry_first_s': 1}) as wakebus:
        phone = new_phone(server)
        fcm.fault(kind='outage')
        assert push(server, phone) is None
        fcm.control('DELETE', '/faults')
        frontend = wakebus.processes['xmpp-frontend']
        frontend.wait_for_log('kind=retry')
        wait_until(lambda: [line for line in lines_of(frontend.log(),
                                                      'request.done')
                            if line.get('outcome') == 'sent'], 'sent')
        taken = [line for line in lines_of(frontend.log(), 'request.taken')
                 if line['kind'] == 'retry'][-1]
        assert [(line['svc'], line['ev'])
                for line in grep(wakebus, taken['due'])] == [
            ('registry', 'push.due'), ('xmpp-frontend', 'request.taken')]
        assert ('fcm-sender', 'push.done', 'sent') in [
            (line['svc'], line['ev'], line.get('verdict'))
            for line in grep(wakebus, taken['id'])]
    fcm.clear()


# ---- floods

def new_phone(server):
    return registration_of(server.ask(iq(
        register(secrets.token_urlsafe(120), f'flood{next(numbers)}'), PHONE)))


def push(server, phone):
    return error_of(server.ask(
        publish('prosody', phone.node, secret=phone.secret)))


def check_calm(wakebus, *events):
    """These were told of, and nothing was told too often."""
    told = Counter(line['ev'] for process in wakebus.processes.values()
                   for line in lines_of(process.log()))
    assert set(events) <= told.keys(), told
    assert max(told.values()) <= FEW, told


@pytest.fixture
def wakebus(server, redis_server, fcm, tmp_path):
    with start(server, redis_server, fcm, tmp_path) as wakebus:
        yield wakebus
    fcm.clear()


def test_redis_that_is_down(server, fcm, tmp_path):
    redis = RedisServer(tmp_path).start()
    with start(server, redis, fcm, tmp_path) as wakebus:
        phone = new_phone(server)
        load = Load(server, MANY, phones=1)
        redis.stop()
        load.finish()
        redis.start()
        wait_until(lambda: push(server, phone) is None, 'pushing again')
        check_calm(wakebus, 'redis.down', 'redis.fault')
        told = lines_of(wakebus.log('registry'))
        assert told[-1]['ev'] == 'redis.up'
    redis.kill()


def test_redis_that_comes_and_goes(server, fcm, tmp_path):
    redis = RedisServer(tmp_path).start()
    with start(server, redis, fcm, tmp_path) as wakebus, \
            redis.client() as client:
        registry = wakebus.processes['registry']
        for _ in range(23):
            ended = wait_until(lambda: client.execute_command(
                'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'), 'here')
            assert ended
        # Quiet by now: who was not told that it came is not told that it went.
        told = Counter(line['ev'] for line in lines_of(registry.log()))
        assert told['redis.up'] == 20
        assert told['redis.up'] - told['redis.down'] in (0, 1)
        check_calm(wakebus, 'redis.up', 'redis.down')
    redis.kill()


def test_rows_that_are_none_of_ours(server, wakebus, redis_server):
    phone = new_phone(server)
    with redis_server.client() as client:
        [row] = client.keys(f'wakebus:*:node:{phone.node}')
        client.hset(row, 'token', 5000 * 'x')
    for _ in range(MANY // 10):
        assert push(server, phone) is not None
    check_calm(wakebus, 'row.unfit')


@pytest.mark.parametrize('fault', [
    {'kind': 'outage'}, {'kind': 'goaway_after'},
    {'error_code': 'UNAVAILABLE'}, {'kind': 'permission_denied'}], ids=str)
def test_a_provider_in_trouble(server, wakebus, fcm, fault):
    phone = new_phone(server)
    assert push(server, phone) is None
    fcm.fault(**fault)
    Load(server, MANY // 3).finish()
    fcm.control('DELETE', '/faults')
    check_calm(wakebus)


def test_a_provider_that_works_again(server, wakebus, fcm):
    phone = new_phone(server)
    fcm.fault(kind='permission_denied', count=1)
    assert push(server, phone) is not None
    wait_until(lambda: push(server, phone) is None, 'pushing again', 15)
    sender = wakebus.processes['fcm-sender']
    assert [line['ev'] for line in lines_of(sender.log())
            if line['ev'] in ('push.fault', 'push.recovered')] == [
        'push.fault', 'push.recovered']


def malformed(number):
    return [
        iq(register(None, 'x'), PHONE),
        iq(register('x', None), PHONE),
        iq(register('x', 'y', muc='a b@c/d'), PHONE),
        iq('<a/><b/>', PHONE),
        iq('<ping/>', PHONE, kind=f'odd{number}'),
        publish('prosody', '', secret='x'),
        publish('prosody', f'node{number}', secret='x', sender=PHONE),
        publish('prosody', f'node{number}', secret=2000 * 'x'),
        publish('prosody', f'node{number}', secret='x'),
    ][number % 9]


def test_malformed_stanzas(server, wakebus):
    link = server.wait_link()
    huge = f"<message from='{PHONE}'><body>{66000 * 'x'}</body></message>"
    for number in range(MANY):
        link.send(malformed(number))
        if number % 20 == 0:
            link.send(huge)
    server.ask(iq("<ping xmlns='urn:xmpp:ping'/>", PHONE), timeout=20)
    check_calm(wakebus, 'iq.refused', 'stanza.dropped')


def test_an_xmpp_server_that_comes_and_goes(wakebus, server):
    frontend = wakebus.processes['xmpp-frontend']
    for _ in range(8):
        server.wait_link().close()
        wait_until(lambda: not server.links[-1].closed.is_set(), 'up again')
    def told():
        return [line['ev'] for line in lines_of(frontend.log())
                if line['ev'] in ('link.up', 'link.down')]

    wait_until(lambda: told() == 8 * ['link.up', 'link.down'] + ['link.up'],
               'each told', timeout=5)


def odd_frames(number):
    hello = {'type': 'hello', 'role': f'role{number}', 'credit': 1,
             'worker': f'worker{number}', 'apps': []}
    return [{'type': f'odd{number}'}, {'type': 'hello', 'role': 'registry'},
            {'type': 'bye'}, {'type': 'target.due', 'node': 7},
            {'type': 'push.result', 'verdict': 'odd'},
            {**hello, 'jobs': f'odd{number}'},
            {**hello, 'jobs': 'tcp://127.0.0.1:1'}][number % 7]


def test_a_stranger_on_an_open_bus(server, wakebus):
    with Peer(wakebus.inbox) as peer:
        for number in range(MANY):
            peer.send(**odd_frames(number))
            peer.send_frame(b'\0' * (number % 7))
        wakebus.processes['xmpp-frontend'].wait_for_log('bus.refused')
        wakebus.processes['xmpp-frontend'].wait_for_log('worker.refused')
        # Those who said hello are lost for their silence.
        wakebus.processes['xmpp-frontend'].wait_for_log('worker.lost')
        time.sleep(0.5)
    check_calm(wakebus, 'bus.refused', 'worker.refused', 'worker.lost')
    assert push(server, new_phone(server)) is None


def test_jobs_that_cannot_be_read(server, wakebus_with_keys):
    wakebus, keys = wakebus_with_keys
    for program in ('registry', 'fcm-sender'):
        process = wakebus.processes[program]
        found = lines_of(process.log(), 'frontend.found')[0]
        with Peer(found['jobs'], own_pair(keys, 'xmpp-frontend'),
                  public_key(keys, program)) as peer:
            for number in range(MANY):
                peer.send(**[{'type': f'odd{number}'}, {'type': 'push.request'},
                             {'type': 'target.lookup', 'node': number},
                             {'type': 'target.register', 'device': 'X',
                              'app': 'a', 'domain': 'd', 'token': 't'}]
                          [number % 4])
            process.wait_for_log('ev=job.refused')
            time.sleep(0.5)
        refused = lines_of(process.log(), 'job.refused')
        assert len(refused) < 10
    assert push(server, new_phone(server)) is None


@pytest.fixture
def wakebus_with_keys(server, redis_server, fcm, tmp_path):
    keys = tmp_path / 'keys'
    keygen(keys)
    port = free_port()
    with start(server, redis_server, fcm, tmp_path, keys=keys,
               log={'level': 'debug'},
               bus={'bind': f'tcp://*:{port}',
                    'frontends': [f'tcp://127.0.0.1:{port}']}) as wakebus:
        yield wakebus, keys
    fcm.clear()


def test_strangers_at_the_door(server, wakebus_with_keys):
    wakebus, keys = wakebus_with_keys
    inbox = wakebus.config['bus']['frontends'][0]
    frontend_key = public_key(keys, 'xmpp-frontend')
    for number in range(100):
        with Peer(inbox, stranger_pair(), frontend_key) as one, \
                Peer(inbox, own_pair(keys, 'xmpp-frontend'), frontend_key), \
                Peer(inbox) as another:
            one.send(type='hello')
            another.send(type='hello')
        address = ('127.0.0.1', int(inbox.rsplit(':')[-1]))
        with socket.create_connection(address) as garbage:
            garbage.sendall(64 * b'x')
    frontend = wakebus.processes['xmpp-frontend']
    assert len(lines_of(frontend.log(), 'bus.stranger')) in range(1, 10)
    assert push(server, new_phone(server)) is None
