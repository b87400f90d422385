"""Processes, and the private redis-server."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .process import Process, accepts, wait_until
from .redis_server import RedisServer

RELUCTANT = 'trap "exit 3" TERM; echo up; while :; do sleep 0.02; done'
STUBBORN = 'trap "" TERM; echo up; while :; do sleep 0.02; done'


def shell(script, tmp_path):
    process = Process(['sh', '-c', script], tmp_path / 'log')
    process.wait_for_log('up')
    return process


def gone(pid):
    """Does it no longer run? An orphan may stay as a zombie."""
    try:
        return ') Z ' in Path(f'/proc/{pid}/stat').read_text()
    except FileNotFoundError:
        return True


def test_stop_expects_an_exit_code(tmp_path):
    shell(RELUCTANT, tmp_path).stop(expect=3)
    with pytest.raises(AssertionError, match='exit code 3'):
        shell(RELUCTANT, tmp_path).stop()


def test_stop_finds_out_about_a_crash(tmp_path):
    process = shell('echo up; kill -SEGV $$', tmp_path)
    wait_until(lambda: not process.running, 'ended')
    with pytest.raises(AssertionError, match='exit code -11'):
        process.stop()


def test_nothing_withstands_stop(tmp_path):
    process = shell(STUBBORN, tmp_path)
    with pytest.raises(AssertionError, match='ignored SIGTERM'):
        process.stop(timeout=0.2)
    assert process.exit_code == -signal.SIGKILL


def test_kill_takes_the_children_along(tmp_path):
    process = shell('sleep 60 & echo child $! up; wait', tmp_path)
    child = int(process.log().split()[1])
    process.kill()
    process.stop()  # as a fixture does afterwards
    wait_until(lambda: gone(child), 'gone')


def test_waiting_ends_with_the_process_and_shows_its_log(tmp_path):
    process = shell('echo up; echo no configuration; exit 78', tmp_path)
    with pytest.raises(AssertionError, match='no configuration'):
        process.wait_for_log('ready', timeout=60)
    assert process.wait_exit() == 78


def test_the_log_of_a_run_is_its_own(tmp_path):
    shell('echo first up', tmp_path).wait_exit()
    second = shell('echo second up', tmp_path)
    second.wait_exit()
    assert second.log() == 'second up\n'
    assert second.log_path.read_text() == 'first up\nsecond up\n'


def test_a_process_dies_with_the_tests(tmp_path):
    tests = subprocess.Popen(
        [sys.executable, '-c',
         'import sys, time\n'
         'from support.process import Process\n'
         f'process = Process(["sleep", "60"], "{tmp_path}/log")\n'
         'print(process.pid, flush=True)\n'
         'time.sleep(60)\n'],
        cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True)
    child = int(tests.stdout.readline())
    assert not gone(child)
    tests.kill()
    tests.wait()
    wait_until(lambda: gone(child), 'gone')


@pytest.mark.parametrize('end', ['stop', 'kill'])
def test_redis_keeps_its_data(tmp_path, end):
    server = RedisServer(tmp_path, appendfsync='always').start()
    server.client().set('key', 'value')
    getattr(server, end)()
    assert not accepts(server.port)
    server.start()
    assert server.client().get('key') == 'value'
    server.stop()
