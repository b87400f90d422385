"""wakebusctl doctor: the whole chain at once, with everything real behind it.
What each program finds of its own part, the tests of --self-test have."""

import os
import pty
import shutil
import time

import pytest

from support.doctors import doctor, run_doctor
from support.ejabberd import Ejabberd
from support.keys import keygen
from support.process import free_port
from support.prosody import Prosody
from support.redis_server import RedisServer
from support.wakebus import BIN, Wakebus

NO_FRONTEND = [(worker, 'bus')
               for worker in ('registry', 'fcm-sender', 'apns-sender')]


@pytest.fixture(scope='module', params=[Prosody, Ejabberd],
                ids=['prosody', 'ejabberd'])
def real(request, tmp_path_factory):
    server = request.param(tmp_path_factory.mktemp('xmpp')).start()
    yield server
    server.stop()


@pytest.fixture(scope='module')
def prosody(tmp_path_factory):
    server = Prosody(tmp_path_factory.mktemp('prosody')).start()
    yield server
    server.stop()


def deployment(server, redis, fcm, apns, scratch, **more):
    return Wakebus(scratch, server, redis.url,
                   {'android': fcm.app(), 'ios': apns.app()},
                   fcm=fcm.settings(), apns=apns.settings(), **more)


@pytest.fixture
def wakebus(prosody, redis_server, fcm, apns, tmp_path):
    """Nothing of it runs yet."""
    with deployment(prosody, redis_server, fcm, apns, tmp_path) as wakebus:
        yield wakebus
    fcm.clear()
    apns.clear()


def test_all_is_well_and_stays_so(real, redis_server, fcm, apns, tmp_path):
    with deployment(real, redis_server, fcm, apns, tmp_path) as wakebus:
        wakebus.start()
        started = time.monotonic()
        found = doctor(wakebus.path)
        assert time.monotonic() - started < 30
        found.check_only_faults()
        assert found.where('warning') == {('xmpp-frontend', 'name')}
        assert [f.step for service, f in found.all
                if service == 'deployment'] == [
            'frontend', 'link', 'registry', 'android.sender', 'ios.sender',
            'waiting']
        assert found.one('xmpp-frontend', 'link').state == 'skipped'
        assert 'a ping comes back' in found.one('deployment', 'link').text
        for name, process in wakebus.processes.items():
            assert process.running
            log = process.log()
            assert 'warn' not in log and 'error' not in log, name
        assert wakebus.log('xmpp-frontend').count('ev=link.up') == 1
        assert wakebus.log('xmpp-frontend').count('ev=worker.joined') == 3


def test_before_anything_runs(real, redis_server, fcm, apns, tmp_path):
    """What must be right before the first start is tried, link and all."""
    with deployment(real, redis_server, fcm, apns, tmp_path) as wakebus:
        found = doctor(wakebus.path)
        found.check_only_faults(*NO_FRONTEND)
        assert found.one('xmpp-frontend', 'ping').state == 'ok'
        assert found.one('deployment', 'frontend').state == 'skipped'


# ---- what is amiss with what runs

def test_workers_that_are_missing(wakebus):
    wakebus.start('xmpp-frontend', 'fcm-sender')
    found = doctor(wakebus.path)
    found.check_only_faults(('deployment', 'registry'),
                            ('deployment', 'ios.sender'))
    assert found.one('deployment', 'ios.sender').text == 'no sender'


def test_a_link_that_is_refused(wakebus):
    wakebus.config['xmpp']['secret'] = 'planted'
    wakebus.write_config()
    frontend = wakebus.start_one('xmpp-frontend', wait=False)
    frontend.wait_for_log('ev=link.refused')
    found = doctor(wakebus.path)
    assert ('deployment', 'link') in found.where('fault')
    link = found.one('deployment', 'link')
    assert link.text.startswith('down: not-authorized')
    assert 'xmpp.secret' in link.remedy
    assert not any('planted' in f.text for _, f in found.all)


def test_the_xmpp_server_goes(redis_server, fcm, apns, tmp_path):
    server = Prosody(tmp_path).start()
    with deployment(server, redis_server, fcm, apns, tmp_path) as wakebus:
        wakebus.start()
        server.stop()
        wakebus.processes['xmpp-frontend'].wait_for_log(
            'ev=link.cannot_connect')
        found = doctor(wakebus.path)
    found.check_only_faults(('deployment', 'link'))
    assert 'Connection refused' in found.one('deployment', 'link').text


def test_redis_goes(wakebus, tmp_path):
    redis = RedisServer(tmp_path).start()
    wakebus.config['redis']['url'] = redis.url
    wakebus.write_config()
    wakebus.start()
    redis.process.kill()
    found = doctor(wakebus.path)
    found.check_only_faults(('registry', 'redis'))
    assert found.one('registry', 'redis.log').state == 'skipped'


def test_faults_of_several_at_once(wakebus, fcm, apns):
    fcm.fault(kind='oauth_error')
    apns.fault(reason='InvalidProviderToken')
    wakebus.start()
    found = doctor(wakebus.path)
    found.check_only_faults(('fcm-sender', 'android.access'),
                            ('apns-sender', 'ios.push'))
    done = run_doctor(wakebus.path)
    assert done.returncode == 1
    assert done.stdout.endswith('\n2 faults, 1 warning\n')


def test_keys(prosody, redis_server, fcm, apns, tmp_path):
    keygen(tmp_path / 'keys')
    with deployment(prosody, redis_server, fcm, apns, tmp_path,
                    keys=tmp_path / 'keys') as wakebus:
        wakebus.start('xmpp-frontend')
        # As with systemd: each has its own, and wakebusctl finds its.
        bus = wakebus.config['bus']
        bus['curve_key_file'] = str(tmp_path / 'curve-key')
        bus['curve_authorized_dir'] = str(tmp_path / 'keys/authorized')
        wakebus.write_config()
        found = doctor(wakebus.path)
        assert found.one('deployment', 'link').state == 'ok'
        assert ('xmpp-frontend', 'configuration') in found.where('fault')
        (tmp_path / 'keys/wakebusctl.key_secret').unlink()
        found = doctor(wakebus.path)
        assert found.one('deployment', 'frontend').state == 'skipped'


# ---- the configuration

def test_a_fault_of_the_configuration_is_told_once(wakebus):
    wakebus.config['log']['level'] = 'loud'
    wakebus.write_config()
    found = doctor(wakebus.path)
    found.check_only_faults(('xmpp-frontend', 'configuration'))
    assert len(found.where('fault', once=False)) == 1
    for service in ('xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender'):
        assert found.one(service, 'all else').state == 'skipped'
    assert found.one('deployment', 'frontend').text == (
        'the configuration has faults')


def test_senders_without_apps_are_not_asked(wakebus):
    del wakebus.config['apps']['ios']
    wakebus.write_config()
    found = doctor(wakebus.path)
    assert {service for service, _ in found.all} == {
        'xmpp-frontend', 'registry', 'fcm-sender', 'deployment'}


def test_stateless_apps_need_no_registry(wakebus):
    """Nor a Redis, so nobody looks whether there is one."""
    for app in wakebus.config['apps'].values():
        app['stateless'] = True
    wakebus.config['redis']['url'] = f'redis://127.0.0.1:{free_port()}/0'
    wakebus.write_config()
    wakebus.start('xmpp-frontend', 'fcm-sender', 'apns-sender')
    found = doctor(wakebus.path)
    found.check_only_faults()
    for where in (('registry', 'program'), ('deployment', 'registry'),
                  ('deployment', 'waiting')):
        assert found.one(*where).state == 'skipped'
        assert found.one(*where).text == 'not needed for stateless apps'
    assert {service for service, _ in found.all} == {
        'xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender',
        'deployment'}


def test_one_app_that_is_stateless(wakebus):
    wakebus.config['apps']['ios']['stateless'] = True
    wakebus.config['redis']['url'] = f'redis://127.0.0.1:{free_port()}/0'
    wakebus.write_config()
    wakebus.start('xmpp-frontend', 'fcm-sender', 'apns-sender')
    doctor(wakebus.path, '--app', 'ios').check_only_faults()
    found = doctor(wakebus.path)
    found.check_only_faults(('registry', 'redis'), ('deployment', 'registry'))


def test_one_app(wakebus, fcm):
    wakebus.start()
    found = doctor(wakebus.path, '--app', 'ios')
    assert {service for service, _ in found.all} == {
        'xmpp-frontend', 'registry', 'apns-sender', 'deployment'}
    assert not any('android' in f.step for _, f in found.all)
    assert fcm.received() == []
    done = run_doctor(wakebus.path, '--app', 'planted')
    assert done.returncode == 64 and done.stdout == ''
    assert 'no such app' in done.stderr


# ---- programs

def test_programs_that_are_elsewhere(wakebus, tmp_path):
    """As in a container: each has only its own."""
    (tmp_path / 'bin').mkdir()
    for program in ('wakebusctl', 'wakebus-registry'):
        shutil.copy(BIN / program, tmp_path / 'bin')
    wakebus.start()
    found = doctor(wakebus.path, bin_=tmp_path / 'bin',
                   env={'PATH': '/nowhere'})
    found.check_only_faults()
    assert found.one('registry', 'redis').state == 'ok'
    for service in ('xmpp-frontend', 'fcm-sender', 'apns-sender'):
        assert found.one(service, 'program').state == 'skipped'
    assert found.one('deployment', 'link').state == 'ok'


def test_a_program_of_another_version(wakebus, tmp_path):
    (tmp_path / 'bin').mkdir()
    shutil.copy(BIN / 'wakebusctl', tmp_path / 'bin')
    old = tmp_path / 'bin/wakebus-registry'
    old.write_text('#!/bin/sh\necho "unrecognized option" >&2\nexit 64\n')
    old.chmod(0o755)
    found = doctor(wakebus.path, bin_=tmp_path / 'bin')
    program = found.one('registry', 'program')
    assert program.state == 'fault'
    assert program.text.endswith('ended with 64: unrecognized option')
    assert 'same version' in program.remedy


# ---- for people

def on_a_terminal(command, **env):
    """What it shows there, as one sees it: bytes, colours included."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(command[0], list(map(str, command)), {**os.environ, **env})
    shown = b''
    while True:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # its other side is closed
            break
    os.waitpid(pid, 0)
    os.close(terminal)
    return shown


def test_colours_are_for_terminals_that_want_them(wakebus):
    command = [BIN / 'wakebusctl', 'doctor', '--config', wakebus.path]
    shown = on_a_terminal(command, NO_COLOR='')
    assert b'\033[32mok      \033[0m' in shown
    assert b'\033[1;31mFAULT   \033[0m' in shown
    assert b'\033' not in on_a_terminal(command, NO_COLOR='1')
    assert '\033' not in run_doctor(wakebus.path).stdout


def test_it_is_no_wider_than_a_terminal(wakebus):
    done = run_doctor(wakebus.path)
    lines = done.stdout.splitlines()
    assert max(len(line) for line in lines if '/' not in line) <= 80
    assert [line for line in lines if not line.startswith(' ')] == [
        'xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender',
        'deployment', '3 faults, 1 warning']
