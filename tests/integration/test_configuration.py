"""What an operator learns of a configuration before anything runs: all its
faults at once, each with its member and what to do."""

import base64
import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from support.check_config import faults, run
from support.providers import TOPIC
from support.wakebus import BIN

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'emulators'))

import pki  # noqa: E402

PROGRAMS = ['xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender']


def fcm_config(fcm, **changes):
    return {'fcm': fcm.settings(), 'apps': {'a': fcm.app() | changes}}


def apns_config(apns, **changes):
    return {'apns': apns.settings(), 'apps': {'a': apns.app() | changes}}


def test_all_faults_are_told_at_once(tmp_path, fcm, apns):
    config = {
        'xmpp': {'jid': 'user@example.org', 'prot': 5347},
        'bus': {'bind': '5750', 'frontends': ['frontend:5750']},
        'http': {'bind': '9750'},
        'log': {'level': 'loud'},
        'push': {'deadline_ms': 100},
        'fcm': {'base_url': 'http://fcm.googleapis.com'},
        'apps': {'ios': {'backend': 'apns', 'kee_file': 'x'},
                 'android': {'backend': 'gcm'}}}
    found = faults('xmpp-frontend', config, tmp_path, WAKEBUS_BUS_BIDN='x')
    assert found.keys() == {
        'xmpp.jid', 'xmpp.secret', 'xmpp.prot', 'bus.bind', 'bus.frontends',
        'http.bind', 'log.level', 'push.deadline_ms', 'fcm.base_url',
        'apps.ios.kee_file', 'apps.android.backend', 'WAKEBUS_BUS_BIDN'}
    assert found['xmpp.prot'].endswith('did you mean xmpp.port?')
    assert found['apps.ios.kee_file'].endswith('did you mean '
                                               'apps.ios.key_file?')
    assert found['WAKEBUS_BUS_BIDN'].endswith('did you mean '
                                              'WAKEBUS_BUS_BIND?')


def test_a_right_one_is_silent(tmp_path, fcm, apns):
    config = fcm_config(fcm) | {
        'xmpp': {'jid': 'push.example.org', 'secret': 's'}}
    config['apps']['ios'] = apns.app()
    config['apns'] = apns.settings()
    for program in PROGRAMS:
        assert faults(program, config, tmp_path) == []


def test_it_starts_with_none_that_has_faults(tmp_path):
    for program in PROGRAMS:
        done = run(program, {'log': {'level': 'loud'}}, tmp_path)
        assert done.returncode == 78
        assert 'log.level: ' in done.stderr


# ---- keys

def spoiled(account, tmp_path, **members):
    path = tmp_path / 'account.json'
    path.write_text(json.dumps(json.loads(Path(account).read_text())
                               | members))
    return str(path)


def test_keys_of_fcm(tmp_path, fcm, apns):
    account = fcm.info['service_account_file']
    ec_key = Path(apns.info['key_file']).read_text()
    cases = [('/nonexistent', 'cannot be opened: No such file'),
             (apns.info['key_file'], 'is not a JSON object'),
             (spoiled(account, tmp_path, private_key='x'),
              'its private_key holds no private key')]
    for path, why in cases:
        found = faults('fcm-sender', fcm_config(
            fcm, service_account_file=path), tmp_path)
        assert found.keys() == {'apps.a.service_account_file'}
        assert found['apps.a.service_account_file'].startswith(why), found
    found = faults('fcm-sender', fcm_config(fcm, service_account_file=spoiled(
        account, tmp_path, private_key=ec_key)), tmp_path)
    assert 'not an RSA key' in found['apps.a.service_account_file']


def test_keys_of_apns(tmp_path, apns, fcm):
    key = fcm.info['service_account_file']
    rsa = json.loads(Path(key).read_text())['private_key']
    (tmp_path / 'rsa.p8').write_text(rsa)
    found = faults('apns-sender', apns_config(
        apns, key_file=str(tmp_path / 'rsa.p8'), key_id='abc',
        team_id='TEAMTEAMTEAM', topic='an app'), tmp_path)
    assert found.keys() == {'apps.a.key_file', 'apps.a.key_id',
                            'apps.a.team_id', 'apps.a.topic'}
    assert 'P-256' in found['apps.a.key_file']


def test_a_key_that_does_not_sign(tmp_path, apns):
    """Its private part is of one key and its public part of another."""
    parts = [pki.load_key(Path(apns.info[name])).private_bytes(
        pki.serialization.Encoding.DER,
        pki.serialization.PrivateFormat.TraditionalOpenSSL,
        pki.serialization.NoEncryption())
        for name in ('key_file', 'next_key_file')]
    point = 65
    mixed = parts[0][:-point] + parts[1][-point:]
    path = tmp_path / 'mixed.pem'
    path.write_text('-----BEGIN EC PRIVATE KEY-----\n'
                    + base64.encodebytes(mixed).decode()
                    + '-----END EC PRIVATE KEY-----\n')
    found = faults('apns-sender', apns_config(apns, key_file=str(path)),
                   tmp_path)
    assert found['apps.a.key_file'].startswith(
        'is damaged: it does not verify what it signs')


# ---- certificates

@pytest.fixture
def certificate(tmp_path):
    """Makes one that Apple might have issued."""
    def make(days, topic=TOPIC):
        key = pki.ec.generate_private_key(pki.ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.USER_ID, topic)])
        now = datetime.datetime.utcnow()
        made = (x509.CertificateBuilder().subject_name(name)
                .issuer_name(name).public_key(key.public_key())
                .serial_number(1)
                .not_valid_before(now - datetime.timedelta(days=400))
                .not_valid_after(now + datetime.timedelta(days=days, hours=1))
                .sign(key, hashes.SHA256()))
        path = tmp_path / 'certificate.pem'
        path.write_bytes(pki.pem(key) + made.public_bytes(
            pki.serialization.Encoding.PEM))
        return {'apps': {'a': {'backend': 'apns', 'topic': TOPIC,
                               'certificate_file': str(path)}}}
    return make


def test_a_certificate_that_has_expired(tmp_path, certificate):
    found = faults('apns-sender', certificate(-1), tmp_path)
    assert found.keys() == {'apps.a.certificate_file'}
    assert found['apps.a.certificate_file'].startswith('expired on 20')


def test_a_certificate_that_expires_soon_is_only_a_warning(tmp_path,
                                                           certificate):
    [warning] = faults('apns-sender', certificate(13), tmp_path)
    assert ('warning: apps.a.certificate_file: expires in 13 days; renew it'
            in warning)
    assert faults('apns-sender', certificate(90), tmp_path) == []


def test_a_certificate_of_another_app(tmp_path, certificate):
    found = faults('apns-sender', certificate(90, 'org.example.other'),
                   tmp_path)
    assert found.keys() == {'apps.a.topic'}
    assert ("is not the certificate's, which is for org.example.other"
            in found['apps.a.topic'])


def test_ca_files(tmp_path, fcm):
    for text, why in (('', 'holds no certificate'),
                      ('-----BEGIN CERTIFICATE-----\nAAAA\n'
                       '-----END CERTIFICATE-----\n', 'cannot be read')):
        (tmp_path / 'ca.pem').write_text(text)
        config = fcm_config(fcm)
        config['fcm']['ca_file'] = str(tmp_path / 'ca.pem')
        found = faults('fcm-sender', config, tmp_path)
        assert found.keys() == {'fcm.ca_file'}
        assert why in found['fcm.ca_file']


# ---- what it tells

def test_it_prints_what_is_in_force_without_secrets(tmp_path, apns):
    config = {'xmpp': {'jid': 'push.example.org', 'secret': 'planted-1'},
              'redis': {'url': 'redis://:planted-2@127.0.0.1/0'},
              'apps': {'a': {'backend': 'apns', 'topic': TOPIC,
                             'certificate_file': apns.info['p12_file'],
                             'certificate_password': 'planted-3'}}}
    for program in PROGRAMS[:2]:
        done = run(program, config, tmp_path, '--print-config',
                   WAKEBUS_LOG_LEVEL='warn')
        assert done.returncode == 0
        assert 'planted' not in done.stdout + done.stderr
        shown = json.loads(done.stdout)
        assert shown['xmpp']['secret'] == '********'
        assert shown['log']['level'] == 'warn'
        assert shown['push']['deadline_ms'] == 10000


def test_faults_do_not_tell_secrets(tmp_path, apns):
    config = {'redis': {'url': 'planted'},
              'apps': {'a': {'backend': 'apns', 'topic': TOPIC,
                             'certificate_file': apns.info['p12_file'],
                             'certificate_password': 'planted'}}}
    for program in ('registry', 'apns-sender'):
        done = run(program, config, tmp_path, '--check-config')
        assert done.returncode == 78
        assert 'planted' not in done.stdout + done.stderr


@pytest.mark.parametrize('program', [*PROGRAMS, 'ctl'])
def test_the_version_names_the_commit(tmp_path, program):
    name = 'wakebusctl' if program == 'ctl' else f'wakebus-{program}'
    done = subprocess.run([BIN / name, '--version'], text=True, check=True,
                          stdout=subprocess.PIPE)
    version, commit = done.stdout.removeprefix(f'{name} ').split()
    assert version.count('.') == 2
    commit = commit.strip('()').removesuffix('-dirty')
    assert commit == 'unknown' or int(commit, 16) > 0


@pytest.mark.parametrize('program', PROGRAMS)
def test_a_wrong_command_line(tmp_path, program):
    done = run(program, {}, tmp_path, '--chek-config')
    assert done.returncode == 64
    assert done.stderr.endswith(f'Try: wakebus-{program} --help\n')
