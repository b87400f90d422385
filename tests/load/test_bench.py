"""The bench itself: its figures are all there and its counts add up. How good
they are is nobody's business here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LOAD = Path(__file__).resolve().parent
PATHS = [str(LOAD.parent / 'integration'), str(LOAD)]
sys.path[:0] = PATHS

from figures import PROGRAMS, figure, markdown, row_of  # noqa: E402
from instructions import faults_of  # noqa: E402
from overload import normal_after  # noqa: E402
from stage import Stage, check_whole  # noqa: E402
from support.process import wait_until  # noqa: E402
from table import tell  # noqa: E402

PROCESSES = {'xmpp-frontend', 'registry', 'fcm-sender', 'fcm-sender-2',
             'apns-sender', 'apns-sender-2', 'redis', 'nginx', 'xmpp_load'}
PARTS = {'libcurl', 'libstrophe', 'redis', 'h2load'}
WHOLE = {'sent': 7, 'results': 7, 'errors': {}, 'unanswered': 0, 'surplus': 0,
         'links_lost': 0}


def bench(*options):
    done = subprocess.run([sys.executable, '-B', LOAD / 'bench.py', *options],
                          text=True, stdout=subprocess.PIPE, timeout=180)
    assert done.returncode == 0
    return done.stdout


@pytest.fixture(scope='module')
def result():
    return json.loads(bench('--json', '--devices', '1500', '--seconds', '0.3',
                            '--scenario', 'mixed-2', '--scenario',
                            'fcm-sender-alone', '--scenario', 'overload'))


def test_each_push_is_accounted_for(result):
    for load in ('at_full_load', 'at_even_rate'):
        run = result['scenarios']['mixed-2'][load]
        assert run['results'] == run['sent'] == run['seen_by_nginx'] > 0
        assert run['unanswered'] == 0 and run['errors'] == {}
        latency = run['latency_us']
        assert 0 < latency['p50'] <= latency['p99'] <= latency['p999']
        assert latency['p999'] <= latency['max']


def test_an_even_rate_is_kept(result):
    run = result['scenarios']['mixed-2']['at_even_rate']
    assert run['sent'] == 300


def test_every_figure_is_there(result):
    scenario = result['scenarios']['mixed-2']
    for name in ('cpu_us_per_push', 'rss_kib', 'rss_idle_kib',
                 'own_idle_kib'):
        assert scenario[name].keys() == PROCESSES
    for name in PROCESSES:
        assert scenario['rss_kib'][name] >= scenario['rss_idle_kib'][name] > 0
    for part in PARTS:
        assert scenario['limits'][part]['per_second'] > 0
        assert scenario['limits'][part]['cpu_us'] > 0
    for name in ('chain_cpu_to_parts', 'pushes_to_libcurl'):
        assert scenario['ratios'][name] > 0
    assert scenario['pushes_per_s'] > 0
    assert 0 < scenario['p50_us'] <= scenario['p99_us']
    for service in ('fcm', 'apns'):
        registered = result['registrations'][service]
        assert registered['devices'] == 1000
        assert registered['per_second'] > 0
        assert registered['redis_bytes'] > 100


def test_a_sender_alone_stands_beside_libcurl(result):
    alone = result['scenarios']['fcm-sender-alone']
    limit = alone['limits']['libcurl']
    assert alone['pushes_per_s'] > 0 and limit['per_second'] > 0
    assert alone['cpu_us_per_push'].keys() == {'fcm-sender'}
    assert alone['rss_kib'].keys() == {'fcm-sender'}
    assert alone['ratios'].keys() == {'pushes_to_libcurl', 'cpu_to_libcurl'}


def test_under_overload_all_are_answered(result):
    overload = result['scenarios']['overload']
    answered = overload['answered']
    assert answered['results'] + sum(answered['errors'].values()) == (
        answered['sent'])
    assert answered['unanswered'] == answered['surplus'] == 0
    assert all(name.startswith('wait/') for name in answered['errors'])
    assert overload['ratios']['goodput_to_peak'] > 0
    assert len(overload['by_second']) == 3 + 2
    assert overload['cpu_us_per_push'].keys() == overload['rss_kib'].keys()


@pytest.mark.parametrize('seconds, after', [
    ('', None), ('n', 0), ('nnn', 0), ('xn', 1), ('xnxn', 3), ('nnx', None)])
def test_normal_is_what_stays_so(seconds, after):
    kinds = {'n': {'errors': 0, 'result_max_us': 499999},
             'x': {'errors': 0, 'result_max_us': 500000}}
    assert normal_after([kinds[kind] for kind in seconds]) == after
    assert normal_after([{'errors': 1, 'result_max_us': 0}]) is None


def test_few_devices_stand_beside_many(result):
    growth = result['growth']
    assert growth['devices'] == [1000, 1500]
    assert growth['registrations_per_s'] > 0
    for number in ('few', 'many'):
        of = growth[number]
        assert of['pushes_per_s'] > 0 and 0 < of['p50_us'] <= of['p99_us']
        assert of['rss_kib'].keys() == of['cpu_us_per_push'].keys()
    assert growth['ratios']['pushes_per_s'] > 0


def test_the_table_says_it_too(result):
    table = '\n'.join(tell(result))
    for word in ('devices', 'a sender alone', 'pushes/s', 'CPU', 'RSS',
                 'libcurl', 'bytes of Redis', 'overload', 'start to ready'):
        assert word in table


def test_each_program_was_ready(result):
    assert result['start_ms'].keys() == set(PROGRAMS)
    assert all(ms > 0 for ms in result['start_ms'].values())


def test_each_figure_stands_beside_its_target(result):
    names = [row_of(figure)[0] for figure in result['figures']]
    assert len(names) == len(set(names)) == (
        1 + 2 + 2 + 3 * len(PROGRAMS) + 5 + 3)
    head, line, *rows, _, machine = markdown(result)
    assert len(rows) == 1 + 2 + 2 + 3 + 5 + 3
    assert all(row.count('|') == head.count('|') == line.count('|')
               for row in rows)
    assert 'processors' in machine


@pytest.mark.parametrize('limits, value, is_met', [
    ({'at_most': 5}, 5, True), ({'at_most': 5}, 5.1, False),
    ({'at_least': 5}, 5, True), ({'at_least': 5}, 4.9, False),
    ({'at_most': 5}, None, False), ({}, 7, True)])
def test_a_figure_is_met_or_not(limits, value, is_met):
    found = figure('a', 'b', value, 's', **limits)
    assert found['met'] == is_met
    assert row_of(found)[3] == ('' if is_met else 'NO')


@pytest.mark.parametrize('wrong', [
    {'results': 6}, {'sent': 8}, {'errors': {'wait/x': 1}},
    {'unanswered': 1}, {'surplus': 1}, {'links_lost': 1}])
def test_what_does_not_add_up_is_an_error(wrong):
    check_whole(WHOLE)
    with pytest.raises(RuntimeError, match='not every request'):
        check_whole({**WHOLE, **wrong})


def test_all_that_it_starts_it_ends(tmp_path):
    stage = Stage(tmp_path)
    try:
        stage.set()
        pids = [pid for pids in stage.pids().values() for pid in pids]
    finally:
        stage.abandon()
    assert not any(is_alive(pid) for pid in pids)


def test_what_it_starts_ends_with_it_however_that_ends(tmp_path):
    script = (f'import sys, pathlib; sys.path[:0] = {PATHS!r}\n'
              'from stage import Stage\n'
              f'stage = Stage(pathlib.Path({str(tmp_path)!r}))\n'
              'stage.set()\n'
              'print(*sum(stage.pids().values(), []), flush=True)\n'
              'input()')
    with subprocess.Popen([sys.executable, '-B', '-c', script], text=True,
                          stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as bench:
        pids = list(map(int, bench.stdout.readline().split()))
        assert len(pids) == 5
        bench.kill()
    wait_until(lambda: not any(is_alive(pid) for pid in pids), 'all ended')


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return 'State:\tZ' not in Path(f'/proc/{pid}/status').read_text()


def test_a_path_over_or_far_under_its_budget_is_a_fault():
    budgets = {'a': 1000, 'b': 1000}
    assert not list(faults_of({'a': 1050, 'b': 850}, budgets))
    assert len(list(faults_of({'a': 1051, 'b': 849}, budgets))) == 2
    assert len(list(faults_of({'a': 1000}, budgets))) == 1
    assert len(list(faults_of({'a': 1000, 'b': 1000, 'c': 1}, budgets))) == 1
