# SPDX-License-Identifier: BSD-3-Clause
"""An operator's life with the package, in order: install, get it wrong, get it
right, and what happens then. boot.py runs this."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / 'integration'))

from machine import Machine  # noqa: E402
from support.process import wait_until  # noqa: E402
from support.prosody import Prosody  # noqa: E402
from support.providers import Apns, Fcm  # noqa: E402
from support.wakebus import account_hash  # noqa: E402

WORKERS = ['wakebus-registry', 'wakebus-fcm-sender', 'wakebus-apns-sender']
UNITS = [*WORKERS, 'wakebus-xmpp-frontend']
PORTS = {'wakebus-xmpp-frontend': 9750, 'wakebus-registry': 9751,
         'wakebus-fcm-sender': 9752, 'wakebus-apns-sender': 9753}
EXAMPLE = TESTS.parent / 'deploy/systemd/wakebus.json'
EXAMPLES = '/usr/share/doc/wakebus/examples'
CONFIG = '/etc/wakebus/wakebus.json'
SECRETS = '/etc/wakebus/secrets'
APT = 'DEBIAN_FRONTEND=noninteractive apt-get -q -y'
AS_NOBODY = 'setpriv --reuid nobody --regid nogroup --clear-groups'


@pytest.fixture(scope='module', autouse=True)
def network():
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)


@pytest.fixture(scope='module')
def machine(network, tmp_path_factory):
    machine = Machine(os.environ['TEST_BASE'],
                      tmp_path_factory.mktemp('machine') / 'log',
                      f'{os.environ["TEST_PACKAGE"]}:/srv/wakebus.deb')
    yield machine
    machine.stop()


@pytest.fixture(scope='module')
def prosody(network, tmp_path_factory):
    server = Prosody(tmp_path_factory.mktemp('xmpp')).start()
    yield server
    server.process.kill()


@pytest.fixture(scope='module')
def fcm(network, tmp_path_factory):
    fcm = Fcm(tmp_path_factory.mktemp('fcm'))
    yield fcm
    fcm.stop()


@pytest.fixture(scope='module')
def apns(network, tmp_path_factory):
    apns = Apns(tmp_path_factory.mktemp('apns'))
    yield apns
    apns.stop()


def main_pid(machine, unit):
    return machine.show(unit, 'MainPID')


def pids(machine, units=UNITS):
    return {unit: main_pid(machine, unit) for unit in units}


# ---- before there is a configuration ----

def test_apt_installs_it_and_nothing_starts(machine):
    machine.do(f'{APT} install --no-install-recommends /srv/wakebus.deb')
    machine.do('systemctl start wakebus.target ' + ' '.join(UNITS))
    for unit in UNITS:
        assert machine.show(unit, 'ActiveState') == 'inactive'
        assert machine.show(unit, 'ConditionResult') == 'no'
    machine.do('systemctl stop wakebus.target')


def test_directories_are_closed_to_others(machine):
    assert machine.do(f'stat -c "%a %U" {SECRETS} {SECRETS}/fcm '
                      f'{SECRETS}/apns /run/wakebus').splitlines() == [
        '700 root', '700 root', '700 root', '700 wakebus']


def test_systemd_finds_no_fault_in_the_units(machine):
    assert machine.do(
        'cd /usr/lib/systemd/system && systemd-analyze verify --man=no '
        'wakebus.target $(ls wakebus-*.service | sed s/@/@9999/)') == ''


# ---- wrong ----

def test_a_wrong_configuration_is_tried_once(machine):
    machine.write(CONFIG, '{"log": {"level": "loud"}}')
    machine.run('systemctl start wakebus-registry')
    assert machine.show('wakebus-registry', 'ActiveState') == 'failed'
    assert machine.show('wakebus-registry', 'ExecMainStatus') == '78'
    assert machine.show('wakebus-registry', 'NRestarts') == '0'
    assert 'log.level: not one of: error' in machine.journal(
        'wakebus-registry')


def test_a_missing_secret_is_named(machine):
    machine.write(CONFIG, EXAMPLE.read_text())
    machine.run('systemctl start wakebus-xmpp-frontend')
    assert machine.show('wakebus-xmpp-frontend', 'ExecMainStatus') == '78'
    assert 'xmpp.secret: 0 bytes' in machine.journal('wakebus-xmpp-frontend')


def test_a_unit_is_active_only_when_it_says_so(machine):
    """A program that never says it is ready does not count as started."""
    dropin = '/run/systemd/system/wakebus-registry.service.d'
    machine.write(f'{dropin}/test.conf',
                  '[Service]\nExecStart=\nExecStart=sleep 60\n'
                  'TimeoutStartSec=1\nRestart=no\n')
    machine.do('systemctl daemon-reload')
    assert machine.run('systemctl start wakebus-registry').returncode != 0
    assert machine.show('wakebus-registry', 'Result') == 'timeout'
    machine.do(f'rm -r {dropin} && systemctl daemon-reload && '
               'systemctl reset-failed')


# ---- right ----

def wait_ready(machine):
    for unit, port in PORTS.items():
        machine.wait(unit, 'active')
        wait_until(lambda: machine.run(
            f'wakebusctl health 127.0.0.1:{port}').returncode == 0,
            f'{unit} ready', timeout=30)


@pytest.fixture(scope='module')
def running(machine, prosody, fcm, apns):
    """The example with the addresses and names of this test in it."""
    config = json.loads(EXAMPLE.read_text())
    config['xmpp'].update(jid=prosody.component, port=prosody.component_port)
    config['apps']['ios'].update(apns.app(), key_file='apns_AuthKey.p8')
    config['fcm'] = {**fcm.settings(), 'ca_file': '/etc/wakebus/fcm-ca.pem'}
    config['apns'] = {**apns.settings(), 'ca_file': '/etc/wakebus/apns-ca.pem'}
    machine.write(CONFIG, json.dumps(config))
    for path, source in (
            ('/etc/wakebus/fcm-ca.pem', fcm.info['ca_file']),
            ('/etc/wakebus/apns-ca.pem', apns.info['ca_file'])):
        machine.write(path, Path(source).read_text())
    for path, text in (
            ('xmpp-secret', prosody.secret),
            ('fcm/conversations.json',
             Path(fcm.info['service_account_file']).read_text()),
            ('apns/AuthKey.p8', Path(apns.info['key_file']).read_text())):
        machine.write(f'{SECRETS}/{path}', text, '600')
    machine.do('systemctl enable -q wakebus.target ' + ' '.join(UNITS))
    machine.do(f"echo 'include {EXAMPLES}/redis.conf' >>/etc/redis/redis.conf")
    machine.do('systemctl restart redis-server')
    machine.do('systemctl start wakebus.target')
    wait_ready(machine)
    return machine


def wakes(prosody, service, provider):
    """Register a phone, write to it while it is off: does it wake?"""
    name = f'juliet-{secrets.token_hex(4)}'
    prosody.add_user(name)
    phone = prosody.login(name)
    device = secrets.token_hex(8)
    token = (secrets.token_hex(32) if service == 'apns'
             else secrets.token_urlsafe(120))
    phone.enable_push(*phone.register_push(prosody.component, token, device,
                                           service=service))
    phone.go_offline()
    prosody.add_user(f'romeo-{name}')
    romeo = prosody.login(f'romeo-{name}')
    romeo.send_chat(f'{name}@{prosody.domain}', 'Art thou not Romeo?')
    account = account_hash(f'{name}@{prosody.domain}', device)
    wait_until(lambda: account in provider.accounts(), 'woken')
    romeo.drop()


def test_a_message_wakes_the_phones(running, prosody, fcm, apns):
    wakes(prosody, 'fcm', fcm)
    wakes(prosody, 'apns', apns)


def test_redis_keeps_what_it_acknowledges(running):
    assert running.do('redis-cli config get appendonly').split()[1] == 'yes'


def test_each_program_has_its_own_secrets_only(running):
    names = {'wakebus-registry': {'curve-key', 'redis-url'},
             'wakebus-xmpp-frontend': {'curve-key', 'sealed-keys',
                                       'xmpp-secret'},
             'wakebus-fcm-sender': {'curve-key', 'fcm_conversations.json'},
             'wakebus-apns-sender': {'curve-key', 'apns_AuthKey.p8'}}
    for unit, own in names.items():
        inside = f'nsenter -m -t {main_pid(running, unit)}'
        assert set(running.do(f'{inside} find /run/credentials -type f '
                              r'-printf "%f\n"').split()) == own
        assert running.do(f'cat /run/credentials/{unit}.service/* | wc -c')
        seen_by_wakebus = running.run(
            f'{inside} setpriv --reuid wakebus --regid wakebus --clear-groups '
            f'ls {SECRETS}')
        assert 'Permission denied' in seen_by_wakebus.stdout


def test_other_users_reach_neither_secrets_nor_the_bus(running):
    sockets = running.do('ls /run/wakebus').split()
    assert 'frontend' in sockets and len(sockets) == 1 + len(WORKERS)
    for path in ('/run/wakebus/', f'{SECRETS}/',
                 *(f'/run/credentials/{unit}.service/' for unit in UNITS)):
        denied = running.run(f'{AS_NOBODY} ls {path}')
        assert 'Permission denied' in denied.stdout, path


def test_the_watchdog_restarts_what_hangs(running):
    before = main_pid(running, 'wakebus-registry')
    running.do(f'kill -STOP {before}')
    wait_until(lambda: running.show('wakebus-registry', 'NRestarts') == '1',
               'restarted', timeout=60)
    running.wait('wakebus-registry', 'active')
    assert main_pid(running, 'wakebus-registry') != before
    assert 'Watchdog timeout' in running.journal('wakebus-registry')


def test_a_reload_changes_what_it_can(running):
    unit = 'wakebus-registry'
    right = running.do(f'cat {CONFIG}')
    before = main_pid(running, unit)
    config = json.loads(right)
    for level, event in (('debug', 'config.reloaded'),
                         ('loud', 'config.fault member=log.level '),
                         ('info', 'config.reloaded')):
        since = running.journal(unit).count(f'ev={event}')
        config['log'] = {'level': level}
        running.write(CONFIG, json.dumps(config))
        running.do(f'systemctl reload {unit}')
        wait_until(lambda: running.journal(unit).count(f'ev={event}') > since,
                   event)
        running.wait(unit, 'active')
    assert main_pid(running, unit) == before
    running.write(CONFIG, right)


def test_the_status_says_what_it_waits_for(running):
    running.do('systemctl stop wakebus-apns-sender')
    wait_until(lambda: running.show('wakebus-xmpp-frontend', 'StatusText')
               .startswith('waiting for sender.ios: start a sender'), 'said')
    running.do('systemctl start wakebus-apns-sender')
    wait_until(lambda: running.show('wakebus-xmpp-frontend', 'StatusText')
               == 'serving', 'serving')


def test_a_restart_drains(running, prosody, fcm):
    before = main_pid(running, 'wakebus-fcm-sender')
    running.do('systemctl restart wakebus-fcm-sender')
    end = running.do(f'journalctl -o cat _PID={before}').splitlines()
    assert any('ev=service.drain' in line for line in end)
    assert 'ev=service.down status=0' in end[-1]
    wakes(prosody, 'fcm', fcm)


def test_another_sender_serves_while_the_first_is_away(running, prosody, fcm):
    running.do('systemctl start wakebus-fcm-sender@9762')
    assert running.show('wakebus-fcm-sender@9762', 'ActiveState') == 'active'
    running.do('systemctl stop wakebus-fcm-sender')
    wakes(prosody, 'fcm', fcm)
    running.do('systemctl start wakebus-fcm-sender')


def test_an_update_restarts_the_frontend_last(running, prosody, fcm):
    units = [*UNITS, 'wakebus-fcm-sender@9762']
    before = pids(running, units)
    running.do(f'{APT} install --reinstall --no-install-recommends '
               '/srv/wakebus.deb')
    after = pids(running, units)
    assert all(before[unit] != after[unit] for unit in units)
    started = {unit: int(running.show(unit, 'ActiveEnterTimestampMonotonic'))
               for unit in units}
    assert max(started, key=started.get) == 'wakebus-xmpp-frontend'
    wakes(prosody, 'fcm', fcm)


def test_keys_for_several_hosts_reach_each_program(running, prosody, fcm):
    config = json.loads(running.do(f'cat {CONFIG}'))
    running.do('wakebusctl keygen /etc/wakebus/keys')
    config['bus'] = {'bind': 'tcp://0.0.0.0:5750',
                     'frontends': ['tcp://127.0.0.1:5750'],
                     'curve_key_file': 'curve-key',
                     'curve_authorized_dir': '/etc/wakebus/keys/authorized'}
    running.write(CONFIG, json.dumps(config))
    running.do('systemctl restart wakebus.target')
    wait_ready(running)
    wakes(prosody, 'fcm', fcm)


# ---- the end ----

def test_stopping_the_target_stops_all_of_it(running):
    running.do('systemctl stop wakebus.target')
    for unit in (*UNITS, 'wakebus-fcm-sender@9762'):
        running.wait(unit, 'inactive')
        assert running.show(unit, 'Result') == 'success'
    ended = {unit: int(running.show(unit, 'InactiveEnterTimestampMonotonic'))
             for unit in UNITS}
    assert min(ended, key=ended.get) == 'wakebus-xmpp-frontend'
    running.do('systemctl start wakebus.target')
    for unit in UNITS:
        running.wait(unit, 'active')


def test_removing_stops_it_and_keeps_what_the_operator_wrote(running):
    running.do(f'{APT} remove wakebus')
    assert 'wakebus' not in running.run(
        'readlink /proc/[0-9]*/exe').stdout
    running.do(f'test -f {CONFIG} && test -f {SECRETS}/xmpp-secret')


def test_a_purge_leaves_nothing(running):
    running.do(f'{APT} purge wakebus')
    assert running.do('find /etc /run /usr /var/lib -xdev -name "wakebus*" '
                      '-not -path "/var/lib/dpkg/*"') == ''
    assert running.do('systemctl list-units --failed --plain --no-legend '
                      '"wakebus*"') == ''
