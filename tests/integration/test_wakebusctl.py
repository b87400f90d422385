"""The operator's tool asks a running deployment, with the bus's own
authorisation."""

import base64
import hashlib
import itertools
import json
import os
import pty
import pwd
import re
import signal
import stat
import subprocess
import termios
import time
from contextlib import contextmanager

import pytest
import zmq

from support.answers import error_of, registration_of
from support.component_server import ComponentServer
from support.keys import Peer, keygen, own_pair, public_key
from support.load import Load
from support.asking import Tool
from support.process import free_port, wait_until
from support.push_commands import register
from support.redis_cluster import RedisCluster
from support.redis_server import RedisServer
from support.stanzas import iq, publish
from support.wakebus import BIN, ROOT, Wakebus

PHONE = 'juliet@example.test/phone'
numbers = itertools.count(1)
TOKEN = 'dXl0b2tlbg:APA91bF' + 120 * 'x' + 'theEnd42'


@pytest.fixture(params=['open', 'keys'])
def wakebus(request, server, redis_server, fcm, tmp_path):
    keys = None
    if request.param == 'keys':
        keys = tmp_path / 'keys'
        keygen(keys)
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(), keys=keys,
                 push={'deadline_ms': 3000}) as wakebus:
        yield wakebus


@pytest.fixture
def tool(wakebus):
    return Tool(wakebus)


def begin(wakebus, *programs):
    """Start these, by default all, and wait until Redis is there, too."""
    wakebus.start(*programs)
    wakebus.processes['registry'].wait_for_log('ev=redis.up')


def registered(server, token=TOKEN):
    """A new target."""
    return registration_of(server.ask(
        iq(register(token, f'device{next(numbers)}'), PHONE)))


def requests(wakebus, name='xmpp-frontend'):
    """What the log tells of them: (type, outcome)."""
    return re.findall(r'ev=operator\.request type=(\S+) outcome=(\S+)',
                      wakebus.log(name))


@contextmanager
def frozen(wakebus, tool):
    """A registry that the frontend knows and can reach, and that hangs."""
    wait_until(lambda: tool.run('show', 'AAAAAAAAAAAA').returncode == 1,
               'answered')
    registry = wakebus.processes['registry']
    registry.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        if registry.running:
            registry.signal(signal.SIGCONT)


def sockets(directory):
    return {path.name for path in directory.iterdir()
            if stat.S_ISSOCK(path.stat().st_mode)}


# ---- show ----

def test_show_tells_what_is_registered_and_no_secret(server, wakebus, tool):
    begin(wakebus)
    target = registered(server)
    done = tool.run('show', target.node)
    assert done.returncode == 0, done
    for part in (target.node, 'conversations', 'example.test',
                 '…theEnd42 (146 bytes)', 'no push waits'):
        assert part in done.stdout
    for secret in (target.secret, TOKEN[:40]):
        assert secret not in done.stdout
    told = tool.json('show', target.node)
    assert told['outcome'] == 'ok' and told['token'] == 'theEnd42'
    assert re.fullmatch('[0-9a-f]{8}', told['device'])
    assert told['created'] == told['renewed']
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', told['created'])
    assert requests(wakebus) == 2 * [('operator.show', 'ok')]
    for secret in (target.node, target.secret, TOKEN, told['device']):
        assert secret not in wakebus.log('xmpp-frontend')
        assert secret not in wakebus.log('registry')


@pytest.mark.parametrize('node', ['AAAAAAAAAAAA', 'x', 300 * 'ä'])
def test_show_of_an_unknown_node(wakebus, tool, node):
    begin(wakebus)
    done = tool.run('show', node)
    assert (done.returncode, done.stdout) == (1, '')
    assert 'no such node' in done.stderr
    assert tool.json('show', node, status=1) == {
        'outcome': 'absent', 'node': node}


def test_show_of_a_node_that_was_imported(redis_server, wakebus, tool):
    """Its row is where a pointer says."""
    begin(wakebus, 'xmpp-frontend', 'registry')
    with redis_server.client() as client:
        client.hset('wakebus:{AA}:node:AAimported12', 'at', 'BB/01234567')
        client.hset('wakebus:{BB}:node:AAimported12', mapping={
            'app': 'conversations', 'domain': 'example.test', 'token': TOKEN,
            'device': 'ec164939a8485ee6b7f7871071a11c7bb18aead5'})
    told = tool.json('show', 'AAimported12')
    assert told['device'] == 'ec164939' and told['created'] == ''


def test_it_leaves_no_trace_among_the_workers(server, wakebus, tool):
    begin(wakebus)
    tool.run('show', registered(server).node)
    frontend = wakebus.processes['xmpp-frontend']
    frontend.wait_for_log('ev=operator.left')
    log = frontend.log()
    assert 'debug xmpp-frontend ev=operator.joined' in log
    assert 'ev=worker.lost' not in log and 'ev=worker.left' not in log


# ---- status ----

def test_status_tells_who_is_there_and_what_was_done(server, wakebus, tool):
    begin(wakebus)
    assert Load(server, 30).finish() == {None: 30}
    wakebus.processes['registry'].wait_until(
        lambda: tool.json('status')['waiting'] == 0, 'counted')
    done = tool.run('status')
    assert done.returncode == 0, done
    for part in (f'frontend  {wakebus.inbox}: up for', 'link      up for',
                 '30 since the start, 0 in flight', '/s now', 'registry  ',
                 'fcm-sender  ', 'conversations  fcm',
                 'waiting   0 targets in Redis'):
        assert part in done.stdout, part
    (frontend,) = tool.json('status')['frontends']
    assert frontend['state'] == 'up' and frontend['link']['state'] == 'up'
    assert frontend['received'] == 30 and frontend['pushes_per_second'] == 0
    assert {worker['role']: worker['jobs'] for worker in frontend['workers']
            } == {'registry': 0, 'fcm-sender': 0}
    (app,) = (app for app in frontend['apps'] if app['app'])
    assert (app['app'], app['senders'], app['sent'], app['failed']) == (
        'conversations', 1, 30, 0)


def test_status_without_registry_and_without_link(
        redis_server, fcm, tmp_path):
    nobody = ComponentServer().start()
    nobody.stop()
    with Wakebus(tmp_path, nobody, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings()) as wakebus:
        frontend = wakebus.start_one('xmpp-frontend', wait=False)
        frontend.wait_for_log('ev=service.up')
        done = Tool(wakebus).run('status')
    assert done.returncode == 0, done
    assert ('link      DOWN: Connection refused: check that the XMPP server '
            'runs') in done.stdout
    assert 'no worker is there' in done.stdout
    assert 'waiting   –: no registry is there' in done.stdout


def test_status_tells_why_the_link_is_refused(redis_server, fcm, tmp_path):
    """In the server's own words, of which there may be more than fit."""
    server = ComponentServer().start()
    server.refusal = ("not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-"
                      "streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-"
                      "streams'>" + 300 * 'ä' + '</text><x')
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings()) as wakebus:
        frontend = wakebus.start_one('xmpp-frontend', wait=False)
        frontend.wait_for_log('ev=link.refused')
        (told,) = Tool(wakebus).json('status')['frontends']
    assert told['link']['state'] == 'down'
    assert told['link']['why'].startswith('not-authorized: ää')
    assert len(told['link']['why'].encode()) in (198, 199)
    assert 'xmpp.secret' in told['link']['remedy']
    server.stop()


def test_status_has_the_link_tried(server, wakebus, tool):
    begin(wakebus)
    (told,) = tool.json('status')['frontends']
    assert told['link']['silent_ms'] < 500
    server.received = lambda link, stanza: None  # pings do not come back
    try:
        wakebus.processes['xmpp-frontend'].wait_until(
            lambda: 'answers no ping: silent for' in tool.run('status').stdout,
            'noticed')
    finally:
        del server.received


def test_status_of_two_frontends_of_which_one_goes(
        server, redis_server, fcm, tmp_path):
    inboxes = [f'tcp://127.0.0.1:{free_port()}' for _ in range(2)]
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 bus={'bind': inboxes[0], 'frontends': inboxes}) as wakebus:
        wakebus.start('xmpp-frontend')
        second = wakebus.start_one('xmpp-frontend', 'second-frontend',
                                   {'WAKEBUS_BUS_BIND': inboxes[1]},
                                   wait=False)
        second.wait_for_log('ev=service.up')
        tool = Tool(wakebus)
        told = tool.json('status')
        assert [(each['endpoint'], each['state'])
                for each in told['frontends']] == [
                    (inbox, 'up') for inbox in sorted(inboxes)]
        wakebus.processes.pop('second-frontend').kill()
        told = tool.json('status', status=1)
        assert {each['endpoint']: each['state'] for each in told['frontends']
                } == {inboxes[0]: 'up', inboxes[1]: 'down'}
        assert f'{inboxes[1]}: cannot be reached' in tool.run('status').stdout
        assert tool.run('show', 'AAAAAAAAAAAA').returncode == 69


@pytest.fixture
def watching(wakebus):
    """Starts status --watch, and kills it at the end."""
    started = []

    def start(*arguments, **options):
        started.append(subprocess.Popen(
            [BIN / 'wakebusctl', 'status', '--watch', '--config',
             wakebus.path, *arguments],
            env={**os.environ, **wakebus.keys_of('wakebusctl')}, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_watch_prints_a_line_a_second_until_interrupted(wakebus, watching):
    begin(wakebus)
    process = watching(stdout=subprocess.PIPE, text=True)
    lines = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert 'pushes/s=–' in lines[0] and 'pushes/s=0' in lines[2]
    process = watching('--json', stdout=subprocess.PIPE, text=True)
    assert json.loads(process.stdout.readline())['frontends']
    process.stdout.close()
    assert process.wait(10) == 0, 'nobody reads any more'


def test_watch_paints_a_terminal_until_a_key_is_pressed(wakebus, watching):
    begin(wakebus)
    terminal, inside = pty.openpty()
    before = termios.tcgetattr(inside)
    termios.tcsetwinsize(inside, (9, 80))
    process = watching(stdin=inside, stdout=inside, stderr=inside)
    painted = b''
    while painted.count(b'frontend  ') < 2:
        painted += os.read(terminal, 4096)
    assert termios.tcgetattr(inside) != before, 'no echo'
    assert b'fcm-sender' not in painted, 'there are only nine lines'
    os.write(terminal, b'q')
    assert process.wait(10) == 0
    assert termios.tcgetattr(inside) == before
    os.set_blocking(terminal, False)
    assert os.read(terminal, 65536).endswith(b'\x1b[?1049l')
    for end in (terminal, inside):
        os.close(end)


# ---- count and list ----

def row(number, **members):
    """A target as it stands in Redis: (key, members)."""
    node = base64.b64encode(
        hashlib.sha256(str(number).encode()).digest()[:9]).decode()
    return f'wakebus:{{{node[:2]}}}:node:{node}', {
        'token': f't{number}', 'app': f'app{number % 3}',
        'domain': f'd{number % 40}.example', 'secret': f'secret{number}',
        'created': 1790000000000 + 1000 * number,
        'renewed': 1795000000000 + 1000 * number, **members}


def node_of(key):
    return key.partition(':node:')[2]


def fill(client, numbers, **members):
    """Returns the rows by node."""
    rows = dict(row(number, **members) for number in numbers)
    pipeline = client.pipeline()
    for key, members in rows.items():
        pipeline.hset(key, mapping=members)
    pipeline.execute()
    return {node_of(key): members for key, members in rows.items()}


@pytest.fixture
def many(redis_server):
    """10,000 targets, and what is none."""
    with redis_server.client() as client:
        client.flushdb()
        client.hset('wakebus:{AA}:node:AAimported12', 'at', 'BB/01234567')
        client.set('wakebus:{AA}:node:AAnoHash1234', 'x')
        client.hset('wakebus:{AA}:device:' + 40 * 'a', 'x', 'y')
        yield fill(client, range(10000))
        client.flushdb()


def by(targets, member):
    return {name: sum(1 for target in targets.values()
                      if target[member] == name)
            for name in {target[member] for target in targets.values()}}


def test_count_counts_by_app_and_domain(many, wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    told = tool.json('count', '--top', '5')
    assert (told['targets'], told['app_count'], told['domain_count']) == (
        10000, 3, 40)
    assert {each['app']: each['targets'] for each in told['apps']} == by(
        many, 'app')
    assert [each['targets'] for each in told['domains']] == 5 * [250]
    done = tool.run('count')
    assert done.stdout.startswith('10,000 targets\n'), done
    assert re.search(r'^app0 +3,334$', done.stdout, re.MULTILINE)
    assert re.search(r'^\(30 others\) +7,500$', done.stdout, re.MULTILINE)
    assert done.stderr == '', 'it is no terminal'


def test_count_of_nothing(redis_server, wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    with redis_server.client() as client:
        client.flushdb()
    assert tool.run('count').stdout == '0 targets\n'
    assert tool.json('count')['domains'] == []


def listed(text):
    return {line['node']: line for line in map(json.loads, text.splitlines())}


def test_list_has_each_target_of_a_domain(many, wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    wanted = {node: target for node, target in many.items()
              if target['domain'] == 'd7.example'}
    done = tool.run('list', '--json', '--domain', 'd7.example')
    assert listed(done.stdout).keys() == wanted.keys() and len(wanted) == 250
    assert 'secret' not in done.stdout and 'token' not in done.stdout
    for node, line in listed(done.stdout).items():
        assert line['app'] == wanted[node]['app']
        assert line['created'].startswith('2026-09-21T')
        assert line['renewed'].startswith('2026-11-18T')
    done = tool.run('list', '--domain', 'd7.example', '--app', 'app1')
    nodes = {line.split()[0] for line in done.stdout.splitlines()}
    assert nodes == {node for node, target in wanted.items()
                     if target['app'] == 'app1'}
    done = tool.run('list', '--domain', 'nowhere.example')
    assert (done.returncode, done.stdout) == (0, '')


def test_pages_lead_through_all_and_any_registry_goes_on(many, wakebus):
    """One at a time, and each by another registry than the one before."""
    begin(wakebus, 'xmpp-frontend', 'registry')
    found, after, pages = set(), None, 0
    with Asker(wakebus, 'wakebusctl') as asker:
        asker.peer.send(**hello('wakebusctl', 'tool', asker.jobs))
        while pages == 0 or after is not None:
            asker.peer.send(**{'type': 'operator.list', 'asker': 'tool',
                               'domain': 'd7.example',
                               **({'after': after} if after else {})})
            page = asker.answer()
            assert page['outcome'] == 'ok', page
            found |= {target['node'] for target in page['targets']}
            after = page.get('after')
            pages += 1
            wakebus.start_one('registry', f'registry{pages}').wait_for_log(
                'ev=redis.up')
            wakebus.kill_one('registry' if pages == 1
                             else f'registry{pages - 1}')
    assert len(found) == 250 and pages > 1


def test_a_list_survives_the_end_of_all_registries(redis_server, wakebus):
    """What has to be read is more than the pipe takes: it cannot have ended."""
    with redis_server.client() as client:
        client.flushdb()
        rows = fill(client, range(10000), domain='d7.example')
    begin(wakebus, 'xmpp-frontend', 'registry')
    wakebus.start_one('registry', 'second')
    with subprocess.Popen(
            [BIN / 'wakebusctl', 'list', '--json', '--domain', 'd7.example',
             '--timeout', '20', '--config', wakebus.path],
            env={**os.environ, **wakebus.keys_of('wakebusctl')},
            stdout=subprocess.PIPE, text=True) as listing:
        lines = [listing.stdout.readline()]
        wakebus.kill_one('registry')
        wakebus.kill_one('second')
        wakebus.start_one('registry', 'third')
        lines += listing.stdout.readlines()
        assert listing.wait() == 0
    assert listed(''.join(lines)).keys() == rows.keys()


def test_a_list_that_cannot_go_on_says_how_to(many, redis_server, wakebus):
    begin(wakebus, 'xmpp-frontend', 'registry')
    tool = Tool(wakebus)
    after = place_in_the_middle(wakebus)
    done = tool.run('list', '--domain', 'd7.example', '--after', after)
    assert done.returncode == 0
    assert 0 < len(done.stdout.splitlines()) < 250
    redis_server.restart()
    wait_until(lambda: tool.run('count').returncode == 0, 'Redis again')
    done = tool.run('list', '--domain', 'd7.example', '--after', after)
    assert done.returncode == 69 and 'begin again' in done.stderr


def place_in_the_middle(wakebus):
    with Asker(wakebus, 'wakebusctl') as asker:
        asker.peer.send(**hello('wakebusctl', 'tool', asker.jobs))
        asker.peer.send(type='operator.list', asker='tool',
                        domain='d7.example')
        return asker.answer()['after']


@pytest.mark.parametrize('command, arguments, code, says', [
    ('list', [], 64, 'give --domain'),
    ('list', ['--domain', 1024 * 'x'], 64, 'too long'),
    ('list', ['--domain', 'x', '--after', 70 * 'x'], 64, 'what list has said'),
    ('list', ['--domain', 'x', '--after', '1/1/0/-'], 69, 'refused: after'),
    ('count', ['--top', '0'], 64, 'give 1 to'),
    ('count', ['--top', '5x'], 64, 'give 1 to'),
    ('count', ['x'], 64, 'unexpected argument'),
], ids=str)
def test_list_and_count_say_what_is_wrong(
        wakebus, tool, command, arguments, code, says):
    begin(wakebus, 'xmpp-frontend', 'registry')
    done = tool.run(command, *arguments)
    assert (done.returncode, says in done.stderr) == (code, True), done


def documented_user():
    """The rights that deploy/redis.conf says are enough."""
    text = (ROOT / 'deploy/redis.conf').read_text()
    return re.search('^#   user (wakebus on .*)$', text, re.MULTILINE)[1]


def test_the_rights_of_the_documented_user_are_enough(
        server, fcm, tmp_path):
    redis_server = RedisServer(tmp_path).start()
    with redis_server.client() as client:
        fill(client, range(100))
        client.execute_command('ACL', 'SETUSER', *documented_user().split())
        client.execute_command('ACL', 'SETUSER', 'default', 'off')
    url = f'redis://wakebus:change-me@127.0.0.1:{redis_server.port}/0'
    with Wakebus(tmp_path, server, url, {'conversations': fcm.app()},
                 fcm=fcm.settings()).start('xmpp-frontend', 'registry') as all:
        tool = Tool(all)
        assert tool.json('count')['targets'] == 100
        all.processes['registry'].wait_until(
            lambda: tool.json('status')['waiting'] == 0, 'counted')
        node = next(iter(listed(tool.run(
            'list', '--json', '--domain', 'd7.example').stdout)))
        assert tool.json('show', node)['outcome'] == 'ok'
    redis_server.kill()


def test_a_cluster_is_walked_master_by_master(server, fcm, tmp_path):
    cluster = RedisCluster(tmp_path)
    try:
        with cluster.client() as client:
            for key, members in map(row, range(300)):
                client.hset(key, mapping=members)
        with Wakebus(tmp_path, server, cluster.url,
                     {'conversations': fcm.app()},
                     fcm=fcm.settings()).start('xmpp-frontend',
                                               'registry') as all:
            tool = Tool(all)
            wait_until(lambda: tool.run('count').returncode == 0, 'all known')
            assert tool.json('count')['targets'] == 300
            found = listed(tool.run('list', '--json', '--domain',
                                    'd7.example').stdout)
            assert found.keys() == {
                node_of(row(number)[0]) for number in range(7, 300, 40)}
    finally:
        cluster.kill()


# ---- push ----

def pushes(tool):
    """What the frontend has counted of servers' pushes."""
    (frontend,) = tool.json('status')['frontends']
    return frontend['received'], [
        sum(app[outcome] for app in frontend['apps']) for outcome in
        ('sent', 'gone', 'refused', 'deferred', 'expired', 'failed')]


def test_push_wakes_a_target_and_counts_as_none_of_the_servers(
        server, wakebus, tool, fcm):
    begin(wakebus)
    target = registered(server)
    before = pushes(tool), fcm.stats()['accepted']
    done = tool.run('push', target.node)
    assert done.returncode == 0, done
    assert done.stdout.startswith('sent: the provider took it\n')
    assert re.search('^app +conversations$', done.stdout, re.MULTILINE)
    assert re.search(r'^took +\d+ ms', done.stdout, re.MULTILINE)
    told = tool.json('push', '--high', target.node)
    assert told['outcome'] == 'sent' and told['app'] == 'conversations'
    assert told['ms'] >= told['sender_ms'] >= 0
    assert [push['body']['message']['android']['priority'].lower()
            for push in fcm.received()[-2:]] == ['normal', 'high']
    assert (pushes(tool), fcm.stats()['accepted']) == (
        before[0], before[1] + 2)
    assert requests(wakebus).count(('operator.push', 'sent')) == 2


@pytest.mark.parametrize('fault, outcome, reason', [
    ({'error_code': 'UNREGISTERED'}, 'gone', 'UNREGISTERED'),
    ({'error_code': 'UNAVAILABLE'}, 'later', 'UNAVAILABLE'),
    ({'kind': 'permission_denied'}, 'misconfigured', None),
], ids=str)
def test_push_tells_the_verdict_and_changes_nothing(
        server, wakebus, tool, fcm, fault, outcome, reason):
    begin(wakebus)
    target = registered(server)
    before = pushes(tool)
    fcm.fault(**fault)
    try:
        told = tool.json('push', '--timeout', '20', target.node, status=1)
    finally:
        fcm.clear()
    assert told['outcome'] == outcome
    assert reason is None or told['reason'] == reason
    assert tool.json('show', target.node)['waits'] is False
    assert pushes(tool) == before


def test_push_says_who_is_missing(server, wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    done = tool.run('push', 'AAAAAAAAAAAA')
    assert done.returncode == 1 and 'no such node' in done.stderr
    assert tool.json('push', 'AAAAAAAAAAAA', status=1)['outcome'] == 'absent'
    done = tool.run('push', registered(server).node)
    assert done.returncode == 69
    assert 'no sender for the target\'s app is there' in done.stderr
    wakebus.stop_one('registry')
    done = tool.run('push', 'AAAAAAAAAAAA')
    assert done.returncode == 69 and 'no registry is there' in done.stderr


def test_push_to_an_app_that_was_taken_from_the_settings(
        redis_server, wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    key, members = row(1, app='former', device=40 * 'a')
    with redis_server.client() as client:
        client.hset(key, mapping=members)
    done = tool.run('push', node_of(key))
    assert done.returncode == 69 and 'put it back into `apps`' in done.stderr


def test_a_sender_that_hangs_has_its_push_handed_over_or_told(
        server, wakebus, tool, fcm):
    begin(wakebus)
    target = registered(server)
    assert tool.run('push', target.node).returncode == 0
    sender = wakebus.processes['fcm-sender']
    sender.signal(signal.SIGSTOP)
    try:
        done = tool.run('push', '--timeout', '1', target.node)
    finally:
        sender.signal(signal.SIGCONT)
    assert done.returncode == 69
    assert 'no sender has answered in time' in done.stderr


# ---- revoke ----

def test_a_revoked_target_is_gone_for_its_server(server, wakebus, tool):
    begin(wakebus)
    target = registered(server)
    other = registered(server)
    done = tool.run('revoke', '--yes', target.node)
    assert done.returncode == 0 and 'item-not-found' in done.stdout
    assert error_of(server.ask(publish(
        'prosody', target.node, secret=target.secret))) == (
            'cancel', 'item-not-found')
    assert error_of(server.ask(publish(
        'prosody', other.node, secret=other.secret))) is None
    done = tool.run('revoke', '--yes', target.node)
    assert (done.returncode, done.stdout) == (1, '')
    assert tool.json('revoke', '--yes', other.node) == {
        'outcome': 'ok', 'node': other.node}
    assert tool.json('revoke', '--yes', other.node, status=1)[
        'outcome'] == 'absent'
    assert requests(wakebus) == [('operator.revoke', 'ok'),
                                 ('operator.revoke', 'absent')] * 2


def test_nothing_is_left_of_a_revoked_target(redis_server, server, wakebus,
                                             tool):
    with redis_server.client() as client:
        client.flushdb()
        begin(wakebus, 'xmpp-frontend', 'registry')
        target = registered(server)
        assert client.dbsize() == 2
        client.hset('wakebus:{AA}:node:AAimported12', 'at', 'BB/01234567')
        client.hset('wakebus:{BB}:node:AAimported12', mapping={
            'app': 'conversations', 'domain': 'example.test', 'token': TOKEN,
            'device': '041' + 37 * '0', 'pointer': 'BB/01234567'})
        for node in (target.node, 'AAimported12'):
            assert tool.run('revoke', '--yes', node).returncode == 0
        wait_until(lambda: client.dbsize() == 0, 'nothing is left')


def test_revoke_asks_at_a_terminal(server, wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    node = registered(server).node
    assert tool.run('revoke', node).returncode == 64, 'nobody to ask'
    for answer, status in (('n', 1), ('', 1), ('y', 0)):
        terminal, inside = pty.openpty()
        process = subprocess.Popen(
            [BIN / 'wakebusctl', 'revoke', '--config', wakebus.path, node],
            env={**os.environ, **wakebus.keys_of('wakebusctl')},
            stdin=inside, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        os.write(terminal, answer.encode() + b'\n')
        asked = process.communicate(timeout=20)[1].decode()
        assert f'Remove the target of node {node}?' in asked
        assert process.returncode == status
        for end in (terminal, inside):
            os.close(end)
    assert tool.run('show', node).returncode == 1


# ---- what can be wrong ----

def test_no_frontend(wakebus, tool):
    started = time.monotonic()
    done = tool.run('show', '--timeout', '1', 'AAAAAAAAAAAA')
    assert done.returncode == 69 and wakebus.inbox in done.stderr
    assert 'no frontend can be reached' in done.stderr
    assert time.monotonic() - started < 10


def test_no_registry(wakebus, tool):
    wakebus.start('xmpp-frontend')
    done = tool.run('show', 'AAAAAAAAAAAA')
    assert done.returncode == 69
    assert 'no registry is there: start one' in done.stderr
    assert requests(wakebus) == [('operator.show', 'later')]


def test_a_registry_that_hangs(wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    with frozen(wakebus, tool):
        done = tool.run('show', '--timeout', '1', 'AAAAAAAAAAAA')
    assert done.returncode == 69
    assert 'no registry has answered in time' in done.stderr
    tool.json('show', 'AAAAAAAAAAAA', status=1)


def test_a_registry_that_dies_has_its_job_handed_over(wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    frontend = wakebus.processes['xmpp-frontend']
    with frozen(wakebus, tool), subprocess.Popen(
            [BIN / 'wakebusctl', 'show', '--config', wakebus.path,
             '--timeout', '20', 'AAAAAAAAAAAA'],
            env={**os.environ, **wakebus.keys_of('wakebusctl')},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True) as asking:
        frontend.wait_until(
            lambda: frontend.log().count('ev=operator.joined') > frontend.log(
                ).count('ev=operator.left'), 'it asks')
        wakebus.start_one('registry', 'other').wait_for_log('ev=redis.up')
        wakebus.kill_one('registry')
        assert 'no such node' in asking.communicate()[1]
        assert asking.returncode == 1


def test_no_redis(server, redis_server, wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    node = registered(server).node
    redis_server.stop()
    try:
        done = tool.run('show', node)
    finally:
        redis_server.start()
    assert done.returncode == 69 and 'Redis did not answer' in done.stderr
    wait_until(lambda: tool.run('show', node).returncode == 0, 'Redis again')


@pytest.mark.parametrize('arguments, code, says', [
    ([], 64, 'missing: NODE'),
    (['a', 'b'], 64, 'unexpected argument: b'),
    (['--timeout', '0', 'a'], 64, '1 to 28 seconds'),
    (['--timeout', '5x', 'a'], 64, '1 to 28 seconds'),
    (['--force', 'a'], 64, 'unrecognized option'),
    ([1025 * 'a'], 64, 'no node'),
], ids=str)
def test_a_wrong_command_line(wakebus, tool, arguments, code, says):
    wakebus.start('xmpp-frontend')
    done = tool.run('show', *arguments)
    assert (done.returncode, says in done.stderr) == (code, True), done


def test_a_wrong_configuration(tmp_path, tool):
    (tmp_path / 'wrong.json').write_text('{"bus": {"frontends": ["nowhere"]}}')
    done = tool.run('show', 'a', config=tmp_path / 'wrong.json')
    assert done.returncode == 78 and 'bus.frontends' in done.stderr


# ---- who may ask ----

def hello(role, worker, jobs):
    return {'type': 'hello', 'role': role, 'worker': worker, 'jobs': jobs,
            'credit': 1}


def show(asker):
    return {'type': 'operator.show', 'asker': asker, 'node': 'AAAAAAAAAAAA'}


def refusals(wakebus):
    return re.findall(r'ev=bus\.refused field=(\S+) type=(\S+)',
                      wakebus.log('xmpp-frontend'))


class Asker:
    """A peer of the bus that says what it likes, and hears the answers."""

    def __init__(self, wakebus, role):
        keys = wakebus.keys
        self._context = zmq.Context()
        self._jobs = self._context.socket(zmq.PULL)
        if keys is not None:
            self._jobs.curve_server = True
            self._jobs.curve_publickey, self._jobs.curve_secretkey = own_pair(
                keys, role)
            self.peer = Peer(wakebus.inbox, own_pair(keys, role),
                             public_key(keys, 'xmpp-frontend'))
        else:
            self.peer = Peer(wakebus.inbox)
        port = self._jobs.bind_to_random_port('tcp://127.0.0.1')
        self.jobs = f'tcp://127.0.0.1:{port}'

    def answer(self, seconds=10):
        assert self._jobs.poll(seconds * 1000), 'no answer'
        return self._jobs.recv_json()

    def hears_nothing(self, seconds=0.5):
        return not self._jobs.poll(seconds * 1000)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.close()
        self._context.destroy(linger=0)


def test_who_has_not_said_hello_is_refused(wakebus):
    begin(wakebus, 'xmpp-frontend', 'registry')
    with Asker(wakebus, 'wakebusctl') as asker:
        asker.peer.send(**show('nobody'))
        wait_until(lambda: ('asker', 'operator.show') in refusals(wakebus),
                   'refused')
        asker.peer.send(**hello('wakebusctl', 'tool', asker.jobs))
        asker.peer.send(**show('tool'))
        assert asker.answer() == {'v': 1, 'type': 'operator.show.result',
                                  'id': 'x', 'outcome': 'absent'}


def test_a_worker_is_no_operator(wakebus):
    begin(wakebus, 'xmpp-frontend', 'registry')
    with Asker(wakebus, 'fcm-sender') as asker:
        asker.peer.send(**hello('fcm-sender', 'sender', asker.jobs))
        asker.peer.send(**show('sender'))
        wait_until(lambda: ('asker', 'operator.show') in refusals(wakebus),
                   'refused')
        assert asker.hears_nothing()
        if wakebus.keys is not None:
            asker.peer.send(**hello('wakebusctl', 'liar', asker.jobs))
            asker.peer.send(**show('liar'))
            wait_until(lambda: ('role', 'hello') in refusals(wakebus),
                       'refused')
            assert asker.hears_nothing()
    assert requests(wakebus) == []


def test_what_is_unknown_malformed_or_too_much_is_answered_later(
        wakebus, tool):
    begin(wakebus, 'xmpp-frontend', 'registry')
    with Asker(wakebus, 'wakebusctl') as asker:
        asker.peer.send(**hello('wakebusctl', 'tool', asker.jobs))
        asker.peer.send(**{**show('tool'), 'type': 'operator.dance'})
        answer = asker.answer()
        assert answer['type'] == 'operator.later'
        assert 'does not know that request' in answer['why']
        with frozen(wakebus, tool):
            for _ in range(129):
                asker.peer.send(**show('tool'))
            assert 'too many requests are open' in asker.answer()['why']
        assert [asker.answer()['type'] for _ in range(128)] == (
            128 * ['operator.show.result'])
        asker.peer.send(**{**show('tool'), 'node': 7})
        assert 'refused: node' in asker.answer()['why']
    assert ('other', 'later') in requests(wakebus)


def test_a_key_that_is_not_authorized_is_refused(server, wakebus, tool):
    if wakebus.keys is None:
        pytest.skip('there are no keys')
    begin(wakebus, 'xmpp-frontend', 'registry')
    (wakebus.keys / 'authorized/wakebusctl.key').rename(
        wakebus.keys / 'wakebusctl.key')
    wakebus.processes['xmpp-frontend'].wait_for_log('ev=keys.changed', 15)
    done = tool.run('show', '--timeout', '2', 'AAAAAAAAAAAA')
    assert done.returncode == 77 and 'refuses us' in done.stderr, done
    done = Tool(wakebus, 'fcm-sender').run('show', 'AAAAAAAAAAAA')
    assert done.returncode == 78
    assert 'is the key of fcm-sender, not of wakebusctl' in done.stderr


def test_its_key_is_found_beside_those_that_are_authorized(
        server, wakebus, tool):
    if wakebus.keys is None:
        pytest.skip('there are no keys')
    begin(wakebus, 'xmpp-frontend', 'registry')
    done = tool.run('show', 'AAAAAAAAAAAA',
                    env={'WAKEBUS_BUS_CURVE_KEY_FILE': 'curve-key'})
    assert done.returncode == 1, done


# ---- sockets in the file system ----

@pytest.fixture
def on_ipc(server, redis_server, fcm, tmp_path):
    inbox = f'ipc://{tmp_path}/bus/frontend'
    (tmp_path / 'bus').mkdir()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 bus={'bind': inbox, 'frontends': [inbox]}) as wakebus:
        yield wakebus


def test_sockets_go_with_their_process(tmp_path, on_ipc):
    begin(on_ipc, 'xmpp-frontend', 'registry')
    before = sockets(tmp_path / 'bus')
    assert len(before) == 2
    assert Tool(on_ipc).run('show', 'AAAAAAAAAAAA').returncode == 1
    assert sockets(tmp_path / 'bus') == before
    on_ipc.stop_one('registry')
    assert sockets(tmp_path / 'bus') == {'frontend'}
    on_ipc.stop_one('xmpp-frontend')
    assert sockets(tmp_path / 'bus') == set()


@pytest.mark.skipif(os.geteuid() != 0, reason='needs root')
def test_root_asks_a_frontend_of_another_user(tmp_path, on_ipc):
    """The frontend must be able to answer, and nobody else: what root makes,
    only root can connect to."""
    user = pwd.getpwnam('nobody')
    for path in (tmp_path, *tmp_path.parents):
        if path.owner() == 'root' and path != path.parent:
            path.chmod(path.stat().st_mode | 0o011)
        if path.name.startswith('pytest-of'):
            break
    os.chown(tmp_path / 'bus', user.pw_uid, user.pw_gid)
    (tmp_path / 'bus').chmod(0o700)
    on_ipc.directory.chmod(0o755)
    on_ipc.path.chmod(0o644)
    frontend = Frontend(on_ipc, user)
    try:
        frontend.wait_for('ev=link.up')
        done = Tool(on_ipc).run('show', 'AAAAAAAAAAAA')
        assert 'no registry is there' in done.stderr, done
        assert sockets(tmp_path / 'bus') == {'frontend'}
    finally:
        frontend.end()


class Frontend:
    """Of another user."""

    def __init__(self, wakebus, user):
        self._log = wakebus.directory / 'other-user.log'
        with open(self._log, 'wb') as log:
            self._popen = subprocess.Popen(
                [BIN / 'wakebus-xmpp-frontend', '--config', wakebus.path],
                stdout=log, stderr=log, user=user.pw_uid, group=user.pw_gid,
                extra_groups=[], umask=0o077)

    def wait_for(self, text):
        def says():
            assert self._popen.poll() is None, self._log.read_text()
            return text in self._log.read_text()
        wait_until(says, text)

    def end(self):
        self._popen.terminate()
        assert self._popen.wait(15) == 0
