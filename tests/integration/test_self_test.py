"""--self-test: what a program needs is tried out for real, what is wrong is
told with a remedy, and nobody is disturbed."""

import json
import socket
import sys
from pathlib import Path

import pytest

from support.fake_frontend import FakeFrontend
from support.keys import keygen
from support.process import free_port
from support.self_tests import run_self_test, self_test
from support.wakebus import Wakebus

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'emulators'))

import pki  # noqa: E402


@pytest.fixture
def frontend():
    frontend = FakeFrontend()
    yield frontend
    frontend.close()


@pytest.fixture(autouse=True)
def no_faults(fcm, apns):
    yield
    fcm.clear()
    apns.clear()


def config_of(provider, frontend, **changes):
    """One app, called "app"; `changes` are its members."""
    app = provider.app() | changes
    return {'bus': {'frontends': [frontend.endpoint]},
            app['backend']: provider.settings(), 'apps': {'app': app}}


def tried(provider, frontend, scratch, **changes):
    """The findings of the provider's sender."""
    config = config_of(provider, frontend, **changes)
    return self_test(f"{provider.app()['backend']}-sender", config, scratch)



ALL_WELL = [('configuration', 'ok'), ('bus', 'ok'), ('app.access', 'ok'),
            ('app.connection', 'ok'), ('app.push', 'ok')]


# ---- all is well

def test_a_sender_to_fcm(tmp_path, fcm, frontend):
    found = tried(fcm, frontend, tmp_path)
    assert found.states() == ALL_WELL
    found.check_only_faults()
    assert fcm.info['project'] in found.one('app.access').text
    [push] = fcm.received()
    assert push['body']['validate_only'] is True
    assert push['status'] == 400
    assert 'invalid-registration-token' in found.one('app.push').text
    frontend.nothing_comes(0)


def test_a_sender_to_apns(tmp_path, apns, frontend):
    found = tried(apns, frontend, tmp_path)
    assert found.states() == ALL_WELL
    found.check_only_faults()
    assert apns.info['key_id'] in found.one('app.access').text
    [push] = apns.received()
    assert set(push['token']) == {'0'}
    assert push['reason'] == 'BadDeviceToken'
    frontend.nothing_comes(0)


def test_a_sender_with_a_certificate(tmp_path, apns, frontend):
    config = config_of(apns, frontend)
    for member in ('key_file', 'key_id', 'team_id'):
        del config['apps']['app'][member]
    config['apps']['app'] |= {
        'certificate_file': apns.info['p12_file'],
        'certificate_password': apns.info['p12_password']}
    found = self_test('apns-sender', config, tmp_path)
    found.check_only_faults()
    assert 'a certificate that ends on 20' in found.one('app.access').text


# ---- for people

def test_it_is_a_table_for_people(tmp_path, fcm, frontend):
    fcm.fault(kind='api_disabled')
    done = run_self_test('fcm-sender', config_of(fcm, frontend), tmp_path,
                         '--self-test')
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == 'fcm-sender'
    assert any(line.startswith('  FAULT   app.push        PERMISSION_DENIED')
               for line in lines)
    assert '-> enable the Firebase Cloud Messaging API' in done.stdout
    assert lines[-1] == '1 fault'
    assert max(map(len, lines)) <= 80
    assert '\033' not in done.stdout


def test_nothing_secret_is_told(tmp_path, fcm, apns, frontend):
    account = json.loads(Path(fcm.info['service_account_file']).read_text())
    fcm.fault(kind='oauth_error')
    apns.fault(reason='InvalidProviderToken')
    for provider, program in ((fcm, 'fcm-sender'), (apns, 'apns-sender')):
        for option in ('--self-test', '--self-test=json'):
            done = run_self_test(program, config_of(provider, frontend),
                                 tmp_path, option,
                                 env={'WAKEBUS_LOG_LEVEL': 'debug'})
            said = done.stdout + done.stderr
            for secret in (account['private_key'][60:90], 'eyJ', 'ya29',
                           40 * '0', account['private_key_id']):
                assert secret not in said


def test_one_app(tmp_path, fcm, frontend):
    config = config_of(fcm, frontend)
    config['apps']['other'] = {**fcm.app(), 'default': True}
    found = self_test('fcm-sender', config, tmp_path, '--app', 'other')
    assert [step for step, _ in found.states()] == [
        'configuration', 'bus', 'other.access', 'other.connection',
        'other.push']
    assert len(fcm.received()) == 1
    found = self_test('fcm-sender', config, tmp_path)
    assert len(found.all) == 8


@pytest.mark.parametrize('options, why', [
    (('--self-test', '--app', 'nobody'), 'no such app'),
    (('--app', 'app'), '--app needs --self-test'),
    (('--self-test=xml',), 'no such format')])
def test_a_wrong_command_line(tmp_path, fcm, frontend, options, why):
    done = run_self_test('fcm-sender', config_of(fcm, frontend), tmp_path,
                         *options)
    assert done.returncode == 64
    assert why in done.stderr and done.stdout == ''


# ---- the configuration

def test_a_configuration_with_faults_is_not_tried_out(tmp_path, fcm,
                                                      frontend):
    config = config_of(fcm, frontend, service_account_file='/nowhere')
    config['log'] = {'level': 'loud'}
    found = self_test('fcm-sender', config, tmp_path)
    assert found.status == 1
    texts = [f.text for f in found.of('configuration')]
    assert texts[0].startswith('log.level: ')
    assert texts[1].startswith('apps.app.service_account_file: cannot be ')
    assert found.states()[2:] == [('all else', 'skipped')]


# ---- what Google says

def account_with(fcm, scratch, **changes):
    account = json.loads(Path(fcm.info['service_account_file']).read_text())
    path = scratch / 'account.json'
    path.write_text(json.dumps(account | changes))
    return str(path)


@pytest.mark.parametrize('changes, remedy', [
    ({'client_email': 'gone@wakebus-test.example.org'}, 'was deleted'),
    ({'private_key_id': 'gone'}, 'no longer has this key')])
def test_a_service_account_that_google_does_not_know(
        tmp_path, fcm, frontend, changes, remedy):
    found = tried(fcm, frontend, tmp_path, service_account_file=account_with(
        fcm, tmp_path, **changes))
    found.check_only_faults('app.access')
    assert found.one('app.access').text == 'invalid_grant'
    assert remedy in found.one('app.access').remedy
    assert found.one('app.connection').state == 'ok'
    assert found.one('app.push').state == 'skipped'


def test_a_service_account_of_another_project(tmp_path, fcm, frontend):
    found = tried(fcm, frontend, tmp_path, service_account_file=account_with(
        fcm, tmp_path, project_id='another'))
    found.check_only_faults('app.push')
    assert found.one('app.push').text == 'PERMISSION_DENIED'
    assert 'in service_account_file' in found.one('app.push').remedy


@pytest.mark.parametrize('error, description, remedy', [
    ('invalid_grant', 'Invalid JWT: Token must be a short-lived token (60 '
     'minutes) and in a reasonable timeframe.', "machine's clock is wrong"),
    ('disabled_client', 'The OAuth client was disabled.', 'is disabled')])
def test_no_access(tmp_path, fcm, frontend, error, description, remedy):
    fcm.fault(kind='says', endpoint='token', status=400, body=json.dumps(
        {'error': error, 'error_description': description}))
    found = tried(fcm, frontend, tmp_path)
    found.check_only_faults('app.access')
    assert remedy in found.one('app.access').remedy


@pytest.mark.parametrize('fault, text, remedy', [
    ({'kind': 'api_disabled'}, 'PERMISSION_DENIED', 'enable the Firebase'),
    ({'kind': 'permission_denied'}, 'PERMISSION_DENIED', 'give the service'),
    ({'kind': 'unauthorized'}, 'UNAUTHENTICATED', 'its key was deleted'),
    ({'error_code': 'SENDER_ID_MISMATCH'}, 'SENDER_ID_MISMATCH',
     'google-services.json'),
    ({'error_code': 'UNAVAILABLE'}, 'UNAVAILABLE', 'Google is in trouble')])
def test_google_does_not_take_the_push(tmp_path, fcm, frontend, fault, text,
                                       remedy):
    fcm.fault(**fault)
    found = tried(fcm, frontend, tmp_path)
    found.check_only_faults('app.push')
    assert found.one('app.push').text == text
    assert remedy in found.one('app.push').remedy


def test_a_device_that_was_never_there_is_no_fault(tmp_path, fcm, frontend):
    for fault in ({'error_code': 'UNREGISTERED'}, {'kind': 'bad_token'}):
        fcm.fault(**fault, count=1)
        tried(fcm, frontend, tmp_path).check_only_faults()


# ---- what Apple says

def test_a_key_of_another_name(tmp_path, apns, frontend):
    found = tried(apns, frontend, tmp_path,
                  key_file=apns.info['next_key_file'])
    found.check_only_faults('app.push')
    assert found.one('app.push').text == 'InvalidProviderToken'
    assert 'check key_file, key_id and team_id' in found.one('app.push').remedy


def test_a_topic_that_the_key_is_not_for(tmp_path, apns, frontend):
    found = tried(apns, frontend, tmp_path, topic='org.example.other')
    found.check_only_faults('app.push')
    assert found.one('app.push').text == 'TopicDisallowed'
    assert found.one('app.push').remedy.startswith('check topic')


@pytest.mark.parametrize('reason, remedy', [
    ('BadTopic', 'check topic'),
    ('BadEnvironmentKeyIdInToken', 'check environment'),
    ('ExpiredProviderToken', 'check this machine\'s clock'),
    ('TooManyProviderTokenUpdates', 'run fewer of them'),
    ('InternalServerError', 'Apple is in trouble')])
def test_apple_does_not_take_the_push(tmp_path, apns, frontend, reason,
                                      remedy):
    apns.fault(reason=reason)
    found = tried(apns, frontend, tmp_path)
    found.check_only_faults('app.push')
    assert found.one('app.push').text == reason
    assert remedy in found.one('app.push').remedy


# ---- the way to the provider

def test_a_provider_that_nobody_vouches_for(tmp_path, fcm, apns, frontend):
    pki.make(tmp_path / 'others', 'localhost')
    others = str(tmp_path / 'others/ca.pem')
    for provider, program, faults in (
            (fcm, 'fcm-sender', {'app.access', 'app.connection'}),
            (apns, 'apns-sender', {'app.connection'})):
        config = config_of(provider, frontend)
        config[provider.app()['backend']]['ca_file'] = others
        found = self_test(program, config, tmp_path)
        found.check_only_faults(*faults)
        for step in faults:
            assert found.one(step).text.startswith(
                'tls-failed: SSL certificate problem')
            assert 'ca_file' in found.one(step).remedy
        assert found.one('app.push').state == 'skipped'


def test_a_provider_that_cannot_be_reached(tmp_path, apns, frontend):
    config = config_of(apns, frontend)
    config['apns']['production_url'] = f'https://127.0.0.1:{free_port()}'
    found = self_test('apns-sender', config, tmp_path)
    found.check_only_faults('app.connection')
    assert found.one('app.connection').text.startswith(
        'unreachable: Failed to connect')
    assert 'firewall' in found.one('app.connection').remedy


def test_a_provider_that_does_not_answer(tmp_path, fcm, frontend):
    fcm.fault(kind='hang')
    found = tried(fcm, frontend, tmp_path)
    found.check_only_faults('app.connection')
    assert found.one('app.connection').text.startswith('timeout')


# ---- the bus

def test_no_frontend(tmp_path, fcm, frontend):
    config = config_of(fcm, frontend)
    config['bus']['frontends'].append(f'tcp://127.0.0.1:{free_port()}')
    found = self_test('fcm-sender', config, tmp_path)
    found.check_only_faults('bus')
    assert [f.state for f in found.of('bus')] == ['ok', 'fault']
    assert found.of('bus')[1].text.endswith('nobody listens there')


def test_somebody_who_is_no_frontend(tmp_path, fcm, frontend):
    with socket.create_server(('127.0.0.1', 0)) as mute:
        config = config_of(fcm, frontend)
        config['bus']['frontends'] = [
            f'tcp://127.0.0.1:{mute.getsockname()[1]}']
        found = self_test('fcm-sender', config, tmp_path)
    found.check_only_faults('bus')
    assert 'does not answer' in found.one('bus').text


@pytest.fixture
def keys(tmp_path):
    keygen(tmp_path / 'keys')
    return tmp_path / 'keys'


@pytest.fixture
def guarded(server, redis_server, fcm, tmp_path, keys):
    """A frontend that wants keys; and the environment of its sender."""
    with Wakebus(tmp_path, server, redis_server.url, {'app': fcm.app()},
                 keys=keys, fcm=fcm.settings()) as wakebus:
        wakebus.start('xmpp-frontend')
        yield wakebus


def bus_of(wakebus, scratch, **env):
    """What a sender with these keys finds."""
    found = self_test('fcm-sender', wakebus.config, scratch,
                      env={**wakebus.keys_of('fcm-sender'), **env})
    assert 'worker.joined' not in wakebus.log('xmpp-frontend')
    return found


def test_keys_that_are_taken(guarded, tmp_path):
    bus_of(guarded, tmp_path).check_only_faults()


def test_keys_that_the_frontend_does_not_know(guarded, tmp_path):
    others = tmp_path / 'others'
    keygen(others)
    found = bus_of(guarded, tmp_path, WAKEBUS_BUS_CURVE_KEY_FILE=str(
        others / 'fcm-sender.key_secret'))
    found.check_only_faults('bus')
    assert found.one('bus').text.endswith('our key is not authorized there')
    assert 'bus.curve_authorized_dir' in found.one('bus').remedy


def test_a_frontend_whose_key_is_not_known(guarded, tmp_path):
    others = tmp_path / 'others'
    keygen(others)
    found = bus_of(guarded, tmp_path, WAKEBUS_BUS_CURVE_AUTHORIZED_DIR=str(
        others / 'authorized'))
    found.check_only_faults('bus')
    assert 'it has another key' in found.one('bus').text


def test_no_keys_for_a_frontend_that_wants_them(guarded, tmp_path):
    found = self_test('fcm-sender', guarded.config, tmp_path)
    found.check_only_faults('bus')
    assert 'wants keys, and this process has none' in found.one('bus').text


def test_a_name_without_an_address(tmp_path, fcm, frontend, keys):
    config = config_of(fcm, frontend)
    config['bus']['frontends'] = ['tcp://nobody.invalid:5750']
    found = self_test('fcm-sender', config, tmp_path, env={
        'WAKEBUS_BUS_CURVE_KEY_FILE': str(keys / 'fcm-sender.key_secret'),
        'WAKEBUS_BUS_CURVE_AUTHORIZED_DIR': str(keys / 'authorized')})
    found.check_only_faults('bus')
    assert found.one('bus').text == ('tcp://nobody.invalid:5750 has no '
                                     'address')
