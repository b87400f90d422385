"""wakebusctl import: p2's table, and what may happen in the middle."""

import os
import pty
import re
import signal
import subprocess

import pytest

from support.answers import error_of, registration_of
from support.asking import Tool
from support.p2_rows import DUMPS, dumped, new_row, write_tab
from support.process import free_port
from support.push_commands import (
    CONVERSATIONS_2023, CONVERSATIONS_2026, register, unregister)
from support.redis_cluster import RedisCluster
from support.stanzas import iq, publish
from support.wakebus import Wakebus, account_hash

JULIET = 'juliet@example.test/phone'
MANY = 12_000  # a second's worth, or more
UNUSED = {'backend': 'fcm', 'service_account_file': '/dev/null'}


@pytest.fixture
def wakebus(server, redis_server, fcm, apns, tmp_path):
    redis_server.client().flushall()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app(), 'ios': apns.app()},
                 fcm=fcm.settings(), apns=apns.settings()) as wakebus:
        yield wakebus


@pytest.fixture
def tool(wakebus):
    return Tool(wakebus)


def by_node(redis):
    """All rows, by their nodes."""
    with redis.client() as client:
        rows = {key.split(':')[-1]: client.hgetall(key)
                for key in client.scan_iter('wakebus:*:node:*')
                if client.hexists(key, 'token')}
    return rows


def count(redis):
    """Devices that have a target: at most one each, in these tests."""
    with redis.client() as client:
        return sum(1 for _ in client.scan_iter('wakebus:*:device:*',
                                               count=1000))


def push(server, row):
    return error_of(server.ask(publish('prosody', row.node,
                                       sender=row.domain, secret=row.secret)))


# ---- what a user must not notice ----

@pytest.mark.parametrize('dump', ['p2.tab.txt', 'p2.enclosed.csv',
                                  'p2.batch.tsv', 'p2.header.csv'])
def test_each_dump_is_taken_over_whole(redis_server, wakebus, tool, dump):
    wakebus.start('xmpp-frontend', 'registry')
    done = tool.run('import', DUMPS / dump)
    rows = by_node(redis_server)
    assert (done.returncode, done.stderr) == (0, '')
    assert done.stdout == f'{len(rows)} targets imported\n'
    assert len(rows) == 13 + (dump != 'p2.header.csv')
    for row in dumped():
        taken = rows[row.node]
        assert taken.pop('created') and taken.pop('pointer')
        assert taken.pop('channel', '') == row.channel
        assert taken == {
            'app': 'ios' if row.service == 'APNS' else 'conversations',
            'device': row.device, 'domain': row.domain, 'token': row.token,
            'secret': row.secret}


def test_no_user_notices(server, wakebus, tool, fcm):
    """A push to the old node arrives, and a client that registers again gets
    what it has, as p2 would have told it; then its new token is used."""
    wakebus.start('xmpp-frontend', 'registry', 'fcm-sender')
    assert tool.run('import', DUMPS / 'p2.tab.txt').returncode == 0
    for i, dialect in [(1, CONVERSATIONS_2023), (2, CONVERSATIONS_2026)]:
        account = account_hash('juliet@example.test', f'p2-device{i}')
        row = next(row for row in dumped()
                   if row.device == account and not row.channel)
        assert push(server, row) is None
        answer = registration_of(server.ask(iq(
            register(f'new{i}', f'p2-device{i}', **dialect), JULIET)))
        assert (answer.node, answer.secret) == (row.node, row.secret)
        assert push(server, row) is None
        assert fcm.accounts().count(account) == 2
        tokens = [push['body']['message']['token'] for push in fcm.received()
                  if push['body']['message']['data']['account'] == account]
        assert tokens == [row.token, f'new{i}']


def test_it_can_be_done_before_p2_gives_way(server, wakebus, tool):
    """By a frontend that no XMPP server hears of, as deploy/from-p2.md has
    it."""
    early = {'WAKEBUS_XMPP_PORT': str(free_port())}
    wakebus.start_one('xmpp-frontend', env=early, wait=False)
    wakebus.start_one('registry')
    assert tool.run('import', DUMPS / 'p2.tab.txt').returncode == 0
    assert 'ev=link.up' not in wakebus.log('xmpp-frontend')
    wakebus.stop_one('xmpp-frontend')
    wakebus.start('xmpp-frontend', 'fcm-sender')
    assert push(server, dumped()[1]) is None


def test_a_user_of_an_imported_target_can_leave(server, wakebus, tool):
    wakebus.start('xmpp-frontend', 'registry')
    tool.run('import', DUMPS / 'p2.tab.txt')
    row = next(row for row in dumped() if row.device == account_hash(
        'juliet@example.test', 'p2-device3'))
    assert error_of(server.ask(iq(unregister('p2-device3'), JULIET))) is None
    assert push(server, row) == ('cancel', 'item-not-found')


def test_the_last_dump_before_the_switch_brings_what_is_new(
        server, redis_server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    rows = dumped()
    tool.run('import', DUMPS / 'p2.tab.txt')
    server.ask(iq(register('mine', 'p2-device1'), JULIET))
    mine = account_hash('juliet@example.test', 'p2-device1')
    later = write_tab(tmp_path / 'later.txt', [
        *(row._replace(token='renewed') for row in rows), new_row()])
    told = tool.json('import', later)
    assert (told['imported'], told['kept']) == (13, 1)
    tokens = {row['token'] for row in by_node(redis_server).values()
              if row['device'] == mine and 'channel' not in row}
    assert tokens == {'mine'}, 'it has registered here since'
    assert sum(row['token'] == 'renewed'
               for row in by_node(redis_server).values()) == 12


# ---- which app ----

def test_the_app_can_be_chosen(redis_server, wakebus, tool, tmp_path):
    wakebus.config['apps'] |= {
        'conversations': {**UNUSED, 'default': True}, 'quicksy': UNUSED}
    wakebus.write_config()
    wakebus.start('xmpp-frontend', 'registry')
    file = write_tab(tmp_path / 'p2.txt', [new_row(), new_row(service='APNS')])
    assert tool.run('import', '--app', 'quicksy', file).returncode == 0
    assert sorted(row['app'] for row in by_node(redis_server).values()) == [
        'ios', 'quicksy']
    assert tool.run('import', '--app', 'conversations,ios',
                    file).returncode == 0
    assert sorted(row['app'] for row in by_node(redis_server).values()) == [
        'conversations', 'ios'], 'put right by a second run'
    refused = tool.run('import', '--app', 'nobody', file)
    assert refused.returncode == 64
    assert '--app nobody: no such app' in refused.stderr


def test_a_service_that_no_app_is_for(wakebus, tool, tmp_path):
    del wakebus.config['apps']['ios']
    wakebus.write_config()
    file = write_tab(tmp_path / 'p2.txt', [new_row(service='APNS')])
    done = tool.run('import', '--dry-run', file)
    assert done.returncode == 65
    assert f'{file}:1: service has no app: see --app\n' in done.stderr


# ---- faults ----

@pytest.fixture
def faulty(tmp_path):
    rows = [new_row() for _ in range(20)]
    rows[4] = rows[4]._replace(node='short')
    rows[7] = rows[7]._replace(device='D' * 40, secret='planted-secret!')
    rows[9] = rows[9]._replace(node=rows[2].node)
    return write_tab(tmp_path / 'faulty.txt', rows)


def test_a_file_with_faults_is_refused_whole(
        redis_server, wakebus, tool, faulty):
    wakebus.start('xmpp-frontend', 'registry')
    done = tool.run('import', faulty)
    assert (done.returncode, done.stdout) == (65, '')
    assert done.stderr.splitlines() == [
        f'{faulty}:5: node is not 12 characters of base64',
        f'{faulty}:8: device is not 40 lowercase hex digits',
        f'{faulty}:8: secret is not 24 characters of base64',
        f'{faulty}:10: node is the same as in line 3',
        'import: nothing was imported, for there are faults in 3 of 20 '
        'targets: mend the file, or import the rest with --skip-faulty']
    assert count(redis_server) == 0


def test_the_rest_can_be_imported(redis_server, wakebus, tool, faulty):
    wakebus.start('xmpp-frontend', 'registry')
    done = tool.run('import', '--skip-faulty', faulty)
    assert (done.returncode, done.stdout) == (
        65, '17 targets imported, 3 faulty\n')
    assert count(redis_server) == 17
    told = tool.json('import', '--skip-faulty', faulty, status=65)
    assert told.pop('faults')[3] == {
        'line': 10, 'other_line': 3, 'member': 'node',
        'why': 'is the same as in'}
    assert told == {'format': 'p2', 'dry_run': False, 'targets': 20,
                    'faulty': 3, 'imported': 17, 'kept': 0, 'taken': 0,
                    'left': 0, 'fault_count': 4}


def test_a_dry_run_needs_nobody_and_does_nothing(
        redis_server, wakebus, tool, faulty):
    done = tool.run('import', '--dry-run', DUMPS / 'p2.tab.txt')
    assert (done.returncode, done.stdout, done.stderr) == (
        0, '14 targets could be imported\n', '')
    told = tool.json('import', '--dry-run', faulty, status=65)
    assert (told['faulty'], told['left']) == (3, 17)
    assert count(redis_server) == 0


def test_a_node_that_another_device_has_here(
        redis_server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    rows = [new_row() for _ in range(5)]
    tool.run('import', write_tab(tmp_path / 'first', rows))
    file = write_tab(tmp_path / 'p2.txt', [
        new_row(), new_row(node=rows[0].node), new_row()])
    done = tool.run('import', file)
    assert (done.returncode, done.stdout) == (
        65, '2 targets imported, 1 refused\n')
    assert done.stderr == f'{file}:2: node is here that of another device\n'
    assert by_node(redis_server)[rows[0].node]['device'] == rows[0].device


@pytest.mark.parametrize('arguments, status, said', [
    (['/nowhere'], 66, '/nowhere: No such file'),
    (['/'], 66, '/: Is a directory'),
    (['--from', 'csv', '/dev/null'], 64, '--from csv: it is own or p2'),
    (['/dev/null'], 65, '/dev/null: has no targets in it'),
    (['--from', 'own', DUMPS / 'p2.tab.txt'], 65, 'not a JSON object'),
    ([], 64, 'missing: FILE')])
def test_what_can_be_wrong_is_said(wakebus, tool, arguments, status, said):
    done = tool.run('import', *arguments)
    assert done.returncode == status, done
    assert said in done.stderr


def test_standard_input_is_read(redis_server, wakebus, tool):
    wakebus.start('xmpp-frontend', 'registry')
    done = tool.run('import', '-',
                    input=(DUMPS / 'p2.batch.tsv').read_bytes().decode())
    assert done.returncode == 0, done
    assert len(by_node(redis_server)) == 14
    done = tool.run('import', '-', input='x')
    assert 'stdin:1: has another number of columns' in done.stderr


def test_nothing_secret_is_told_or_logged(wakebus, tool, faulty):
    wakebus.start('xmpp-frontend', 'registry')
    said = ''.join(done.stdout + done.stderr for done in (
        tool.run('import', faulty),
        tool.run('import', '--skip-faulty', '--json', faulty)))
    for name in ('xmpp-frontend', 'registry'):
        said += wakebus.log(name)
    rows = [line.split('\t') for line in faulty.read_text().splitlines()]
    for _, device, _, _, token, node, secret in rows:
        assert not any(part in said for part in (device, token, secret))
        assert node == 'short' or node not in said


# ---- what may happen in the middle ----

@pytest.fixture
def many(tmp_path):
    return write_tab(tmp_path / 'many.txt',
                     [new_row() for _ in range(MANY)])


@pytest.fixture
def running(redis_server, wakebus, tool, tmp_path, many):
    """An import that has done some of it."""
    wakebus.config['log'] = {'level': 'info'}
    wakebus.write_config()
    wakebus.start('xmpp-frontend', 'registry')
    process = tool.start(tmp_path / 'import.log', 'import', '--timeout', '2',
                         many)
    process.wait_until(lambda: count(redis_server) > MANY / 10, 'under way')
    yield process
    process.kill()


def check_all(redis_server, many):
    """All of it is in, as it is in the file."""
    rows = by_node(redis_server)
    assert len(rows) == count(redis_server) == MANY
    for line in many.read_text().splitlines():
        _, device, _, _, token, node, secret = line.split('\t')
        row = rows[node]
        assert (row['device'], row['token'], row['secret']) == (
            device, token, secret)


def test_it_is_killed_and_run_again(redis_server, tool, running, many):
    running.signal(signal.SIGKILL)
    assert running.wait_exit() == -9
    assert count(redis_server) < MANY
    assert tool.run('import', many).returncode == 0
    check_all(redis_server, many)


def test_it_is_interrupted_and_run_again(redis_server, tool, running, many):
    running.signal(signal.SIGINT)
    assert running.wait_exit() == 130
    done, left = map(int, re.fullmatch(
        r'(\d+) targets imported, (\d+) left: run it again, and it goes '
        r'on\n', running.log()).groups())
    assert done + left == MANY and done <= count(redis_server) < MANY
    assert tool.run('import', many).returncode == 0
    check_all(redis_server, many)


def test_a_registry_is_killed_and_another_goes_on(
        redis_server, wakebus, running, many):
    wakebus.start_one('registry', 'registry-b')
    wakebus.kill_one('registry')
    assert running.wait_exit(60) == 0, running.log()
    assert running.log() == f'{MANY} targets imported\n'
    check_all(redis_server, many)


def test_redis_is_killed_and_comes_back(redis_server, running, many):
    redis_server.kill()
    redis_server.start()
    assert running.wait_exit(60) == 0, running.log()
    assert running.log() == f'{MANY} targets imported\n'
    check_all(redis_server, many)


def test_the_frontend_is_killed_and_comes_back(
        redis_server, wakebus, running, many):
    wakebus.kill_one('xmpp-frontend')
    wakebus.start_one('xmpp-frontend')
    assert running.wait_exit(60) == 0, running.log()
    check_all(redis_server, many)


@pytest.mark.parametrize('what, said', [
    ('registry', 'no registry'), ('xmpp-frontend', 'no frontend'),
    ('redis', 'Redis did not answer')])
def test_it_gives_up_when_nothing_comes_back(
        redis_server, wakebus, tool, running, many, what, said):
    if what == 'redis':
        redis_server.stop()
    else:
        wakebus.kill_one(what)
    try:
        assert running.wait_exit(40) == 69
        assert f'import: {said}' in running.log()
        assert 'left: run it again' in running.log()
    finally:
        if what == 'redis':
            redis_server.start()


# ---- size and shape ----

def test_a_hundred_thousand(redis_server, wakebus, tool, tmp_path):
    wakebus.config['log'] = {'level': 'info'}
    wakebus.write_config()
    wakebus.start('xmpp-frontend', 'registry')
    file = write_tab(tmp_path / 'p2.txt', (new_row() for _ in range(100_000)))
    assert tool.json('import', file)['imported'] == 100_000
    assert count(redis_server) == 100_000
    with redis_server.client() as client:
        keys = client.dbsize()
        told = tool.json('import', file)
        assert (told['imported'], told['left']) == (100_000, 0)
        assert client.dbsize() == keys, 'again does not mean more'


def test_a_cluster(server, tmp_path):
    cluster = RedisCluster(tmp_path)
    with Wakebus(tmp_path, server, cluster.url, {'conversations': UNUSED}
                 ).start('xmpp-frontend', 'registry') as wakebus:
        rows = [new_row() for _ in range(2000)]
        file = write_tab(tmp_path / 'p2.txt', rows)
        done = Tool(wakebus).run('import', file)
        assert (done.returncode, done.stdout) == (
            0, '2000 targets imported\n'), done
        assert set(by_node(cluster)) == {row.node for row in rows}
        assert all(s.client().dbsize() > 1000 for s in cluster.servers)
    cluster.kill()


def test_a_terminal_shows_how_far_it_is(
        redis_server, wakebus, tool, tmp_path, many):
    wakebus.config['log'] = {'level': 'info'}
    wakebus.write_config()
    wakebus.start('xmpp-frontend', 'registry')
    ours, theirs = pty.openpty()
    with subprocess.Popen(tool.argv('import', many), stdout=subprocess.PIPE,
                          stderr=theirs, text=True) as process:
        os.close(theirs)
        shown = b''
        while chunk := read_some(ours):
            shown += chunk
        assert process.stdout.read() == f'{MANY} targets imported\n'
    os.close(ours)
    lines = shown.decode().split('\r\x1b[K')
    pattern = (r'import: \[(#*)(\.*)\] (\d+)%  (\d+) of '
               rf'{MANY}  \d+/s(  \d+ s left)?')
    matches = [re.fullmatch(pattern, line) for line in lines[1:-1]]
    assert len(matches) >= 3 and all(matches), lines
    assert lines[-1] == '', 'and is gone at the end'
    parts = [int(match[4]) for match in matches]
    assert parts == sorted(parts) and len(set(parts)) > 2
    assert process.returncode == 0 and count(redis_server) == MANY


def test_a_terminal_shows_what_it_waits_for(
        redis_server, wakebus, tool, many):
    wakebus.config['log'] = {'level': 'info'}
    wakebus.write_config()
    wakebus.start('xmpp-frontend')
    ours, theirs = pty.openpty()
    with subprocess.Popen(tool.argv('import', many), stdout=subprocess.PIPE,
                          stderr=theirs, text=True) as process:
        os.close(theirs)
        shown = b''
        while b'import: no registry is there: start one' not in shown:
            shown += read_some(ours)
        wakebus.start_one('registry')
        while read_some(ours):
            pass
        assert process.stdout.read() == f'{MANY} targets imported\n'
    os.close(ours)
    assert process.returncode == 0 and count(redis_server) == MANY


def read_some(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b''
