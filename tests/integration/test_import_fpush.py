"""From fpush: its settings.json becomes a configuration, and that one works."""

import json
import subprocess

from support.answers import error_of
from support.process import free_port
from support.providers import TOPIC
from support.stanzas import publish
from support.wakebus import BIN, Wakebus
from test_stateless import apns_token, fcm_token


MONAL = {'firstGoodBuildNumber': 700, 'knownGoodBuildNumber': [640, 641]}


def settings_of(server, fcm, apns):
    """As its README shows them."""
    return {
        'component': {'componentHostname': server.component,
                      'componentKey': server.secret,
                      'serverHostname': '127.0.0.1',
                      'serverPort': server.component_port},
        'pushModules': {
            'monalProdiOS': {
                'type': 'apple', 'is_default_module': True,
                'apns': {'certFilePath': apns.info['p12_file'],
                         'certPassword': apns.info['p12_password'],
                         'topic': TOPIC,
                         'additionalData': MONAL},
                'ratelimit': {'ratelimitTime': '20s', 'enabled': True}},
            'someAndroidApp': {
                'type': 'google', 'is_default_module': False,
                'fcm': {'fcmSecretPath': fcm.info['service_account_file']}}},
        'timeout': {'xmppconnectionError': '20s'}}


def convert(settings, tmp_path):
    """Exit status, what it has printed, and what it says of it."""
    path = tmp_path / 'settings.json'
    path.write_text(settings if isinstance(settings, str)
                    else json.dumps(settings))
    done = subprocess.run([BIN / 'wakebusctl', 'import', 'fpush', path],
                          capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout, done.stderr


def with_secrets(config, server, apns, scratch):
    """They are put where they belong, as is said on standard error."""
    for section, member, secret in (
            (config['xmpp'], 'secret_file', server.secret),
            (config['apps']['monalProdiOS'], 'certificate_password_file',
             apns.info['p12_password'])):
        path = scratch / section[member]
        path.write_text(secret)
        section[member] = str(path)
    return config


def test_what_comes_out_works(server, fcm, apns, tmp_path):
    settings = settings_of(server, fcm, apns)
    status, printed, said = convert(settings, tmp_path)
    assert status == 0
    for secret in (server.secret, apns.info['p12_password']):
        assert f'"{secret}"' not in printed and f' {secret}' not in said
    for member in ('component.componentKey', 'timeout',
                   'pushModules.monalProdiOS.apns.certPassword',
                   'pushModules.monalProdiOS.ratelimit'):
        assert f'{member}: ' in said
    config = with_secrets(json.loads(printed), server, apns, tmp_path)
    wakebus = Wakebus(tmp_path, server, f'redis://127.0.0.1:{free_port()}/0',
                      config['apps'], fcm=fcm.settings(),
                      apns=apns.settings(), xmpp=config['xmpp'])
    with wakebus.start('xmpp-frontend', 'fcm-sender', 'apns-sender'):
        for module, token in (('monalProdiOS', apns_token()),
                              ('someAndroidApp', fcm_token()),
                              (None, apns_token())):
            options = {'pushModule': module} if module else {}
            reply = server.ask(publish('prosody', token, **options))
            assert error_of(reply) is None
        for push in apns.received():
            assert push['body'].items() >= MONAL.items()


def test_what_cannot_be_taken_over_is_said(server, fcm, apns, tmp_path):
    settings = settings_of(server, fcm, apns)
    settings['pushModules']['trial'] = {'type': 'demo'}
    status, printed, said = convert(settings, tmp_path)
    assert status == 65
    assert set(json.loads(printed)['apps']) == {'monalProdiOS',
                                                'someAndroidApp'}
    assert 'pushModules.trial.type: neither apple nor google' in said


def test_a_file_that_is_none_is_told_without_what_is_in_it(tmp_path):
    for text in ('{"componentKey": "hunter2', '{"a": "hunter2"}', '[]', ''):
        status, printed, said = convert(text, tmp_path)
        assert (status, printed) == (65, '')
        assert said != '' and 'hunter2' not in said
    assert convert('{}', tmp_path)[2].startswith('pushModules: missing')
