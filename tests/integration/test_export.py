"""wakebusctl export, and back with import."""

import json
import os
import pty
import re
import signal
import stat
import subprocess

import pytest

from support.asking import Tool
from support.p2_rows import new_row, write_tab
from support.process import wait_until
from support.push_commands import register
from support.redis_cluster import RedisCluster
from support.stanzas import iq
from support.wakebus import Wakebus

APPS = {'conversations': {'backend': 'fcm',
                          'service_account_file': '/dev/null'}}


@pytest.fixture
def wakebus(server, redis_server, tmp_path):
    redis_server.client().flushall()
    with Wakebus(tmp_path, server, redis_server.url, APPS) as wakebus:
        yield wakebus


@pytest.fixture
def tool(wakebus):
    return Tool(wakebus)


def fill(server, tool, tmp_path, count=300):
    """Some of p2's, some of our own, one with all that JSON has to escape."""
    tool.run('import', write_tab(tmp_path / 'p2.txt', [
        *(new_row() for _ in range(count)),
        new_row(token='tab\\t "quote" back\\\\slash \\n ü \x7f'),
        new_row(channel='a' * 40)]))
    for i in range(20):
        server.ask(iq(register(f'token{i}', f'device{i}'),
                      'juliet@example.test/phone'))
    return count + 22


def targets(file):
    """The lines of it between head and end, in an order."""
    lines = file.read_text().splitlines()
    assert json.loads(lines[0]) == {'format': 'wakebus-targets', 'version': 1}
    assert json.loads(lines[-1]) == {'targets': len(lines) - 2}
    return sorted(lines[1:-1])


def rows_of(redis):
    with redis.client() as client:
        return {key: client.hgetall(key)
                for key in client.scan_iter('wakebus:*:node:*')}


def forget_all(redis):
    with redis.client() as client:
        for key in client.scan_iter('wakebus:*'):
            client.delete(key)


def check_there_and_back(tool, redis, tmp_path, count):
    before = rows_of(redis)
    first, second = tmp_path / 'first', tmp_path / 'second'
    done = tool.run('export', first)
    assert (done.returncode, done.stdout, done.stderr) == (
        0, f'{count} targets exported\n', '')
    assert len(targets(first)) == count
    forget_all(redis)
    assert tool.json('import', first)['imported'] == count
    assert tool.json('export', second) == {'targets': count, 'unfit': 0}
    assert targets(second) == targets(first)
    after = rows_of(redis)
    for row in (*before.values(), *after.values()):  # a new serial each time
        row.pop('pointer', None)
        if 'at' in row:
            row['at'] = row['at'][:3]
    assert after == before


def test_there_and_back_is_the_same(
        server, redis_server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    count = fill(server, tool, tmp_path)
    check_there_and_back(tool, redis_server, tmp_path, count)


def test_from_all_masters_of_a_cluster(server, tmp_path):
    cluster = RedisCluster(tmp_path)
    with Wakebus(tmp_path, server, cluster.url, APPS).start(
            'xmpp-frontend', 'registry') as wakebus:
        tool = Tool(wakebus)
        count = fill(server, tool, tmp_path)
        check_there_and_back(tool, cluster, tmp_path, count)
    cluster.kill()


def test_nothing_to_export(redis_server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    assert tool.json('export', tmp_path / 'out') == {'targets': 0, 'unfit': 0}
    assert targets(tmp_path / 'out') == []
    assert tool.json('import', tmp_path / 'out')['imported'] == 0


# ---- the file ----

def files(directory):
    return {path.name for path in directory.iterdir()}


def test_only_its_owner_may_read_it(server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    directory = tmp_path / 'backups'
    directory.mkdir()
    file = directory / 'all.jsonl'
    file.write_text('of yesterday')
    file.chmod(0o644)
    assert tool.run('export', file).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert targets(file) == []
    assert files(directory) == {'all.jsonl'}, 'and nothing beside it'


def test_standard_output_gets_the_same(server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    count = fill(server, tool, tmp_path, 10)
    tool.run('export', tmp_path / 'file')
    for arguments in ([], ['-']):
        done = tool.run('export', *arguments)
        assert done.stderr == f'{count} targets exported\n'
        (tmp_path / 'pipe').write_text(done.stdout)
        assert targets(tmp_path / 'pipe') == targets(tmp_path / 'file')


def test_a_terminal_is_not_shown_secrets(wakebus, tool):
    ours, theirs = pty.openpty()
    done = subprocess.run(tool.argv('export'), stdout=theirs,
                          stderr=subprocess.PIPE, text=True)
    assert done.returncode == 64
    assert 'it holds tokens and secrets: name a FILE' in done.stderr
    os.close(ours)
    os.close(theirs)


def test_a_place_that_cannot_be_written(wakebus, tool):
    done = tool.run('export', '/nowhere/all.jsonl')
    assert done.returncode == 73
    assert done.stderr == ('export: /nowhere/all.jsonl: No such file or '
                           'directory\n')


def test_a_full_disk(server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    fill(server, tool, tmp_path, 100)
    with open('/dev/full', 'w') as full:
        done = subprocess.run(tool.argv('export'), stdout=full,
                              stderr=subprocess.PIPE, text=True)
    assert done.returncode == 73
    assert 'standard output: No space left on device' in done.stderr


# ---- what may happen in the middle ----

@pytest.fixture
def under_way(server, redis_server, wakebus, tool, tmp_path):
    """An export that waits for Redis in the middle."""
    wakebus.start('xmpp-frontend', 'registry')
    fill(server, tool, tmp_path, 3000)
    directory = tmp_path / 'backups'
    directory.mkdir()
    (directory / 'all.jsonl').write_text('of yesterday')

    def has_begun():
        return any(path.name != 'all.jsonl' and path.stat().st_size > 0
                   for path in directory.iterdir())

    with subprocess.Popen(
            tool.argv('export', '--timeout', '1', directory / 'all.jsonl'),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True) as process:
        wait_until(has_begun, 'under way')
        redis_server.process.signal(signal.SIGSTOP)
        try:
            yield process, directory
        finally:
            redis_server.process.signal(signal.SIGCONT)
            process.kill()


def test_what_is_not_whole_is_not_there(under_way):
    """Nobody is let in, and at the end Redis is given up."""
    process, directory = under_way
    drafts = files(directory) - {'all.jsonl'}
    assert all(stat.S_IMODE((directory / name).stat().st_mode) == 0o600
               for name in drafts)
    assert process.wait(30) == 69
    assert 'export: ' in process.stderr.read()
    assert files(directory) == {'all.jsonl'}
    assert (directory / 'all.jsonl').read_text() == 'of yesterday'


def test_nothing_is_left_of_an_interrupted_one(under_way):
    process, directory = under_way
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert files(directory) == {'all.jsonl'}


def test_what_others_have_written_is_told(
        server, redis_server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    count = fill(server, tool, tmp_path, 10)
    with redis_server.client() as client:
        client.hset('wakebus:{AA}:node:AAAAAAAAAAAA', 'token', 'alone')
        client.hset('wakebus:{AA}:node:x', b'token', b'\xff')
        client.set('wakebus:{AA}:node:BBBBBBBBBBBB', 'no hash')
    file = tmp_path / 'file'
    done = tool.run('export', file)
    assert done.returncode == 65
    assert done.stdout == f'{count} targets exported\n'
    assert '2 rows in Redis are no targets of Wakebus' in done.stderr
    assert len(targets(file)) == count


def test_nothing_secret_is_logged(server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    fill(server, tool, tmp_path, 10)
    tool.run('export', tmp_path / 'file')
    logs = wakebus.log('xmpp-frontend') + wakebus.log('registry')
    for line in targets(tmp_path / 'file'):
        target = json.loads(line)
        assert not any(target[name] in logs for name in (
            'device', 'token', 'node', 'secret'))


def test_a_terminal_shows_that_it_goes_on(server, wakebus, tool, tmp_path):
    wakebus.start('xmpp-frontend', 'registry')
    count = fill(server, tool, tmp_path, 3000)
    ours, theirs = pty.openpty()
    with subprocess.Popen(tool.argv('export', tmp_path / 'out'),
                          stdout=subprocess.PIPE, stderr=theirs,
                          text=True) as process:
        os.close(theirs)
        shown = b''
        try:
            while chunk := os.read(ours, 4096):
                shown += chunk
        except OSError:  # the other side is closed
            pass
        assert process.stdout.read() == f'{count} targets exported\n'
    os.close(ours)
    assert re.search(r'export: \d+  \d+/s', shown.decode())
    assert shown.endswith(b'\r\x1b[K')
