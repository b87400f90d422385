"""What a server has encrypted for the app, through all processes: to the apps
that want it and to no other, and nowhere else."""

import json
import re

import pytest

from support.answers import error_of
from support.http_pages import Pages
from support.metrics import metrics_of
from support.process import wait_until
from support.stanzas import new_id, publish
from support.wakebus import Wakebus
from test_dialects import Phone, hang_up

IV = '8iVbX7Nzr9pvH9KP'
FORWARDS = {'forward_encrypted': True}


@pytest.fixture(scope='module')
def pages():
    return {'xmpp-frontend': Pages(), 'fcm-sender': Pages()}


@pytest.fixture(scope='module')
def wakebus(server, redis_server, fcm, apns, pages, tmp_path_factory):
    apps = {'conversations': fcm.app() | FORWARDS | {'default': True},
            'quicksy': fcm.app(),
            'bare': fcm.app() | FORWARDS | {'stateless': True},
            'ios': apns.app() | FORWARDS | {'default': True}}
    wakebus = Wakebus(tmp_path_factory.mktemp('wakebus'), server,
                      redis_server.url, apps, fcm=fcm.settings(),
                      apns=apns.settings(),
                      push={'deadline_ms': 4000, 'retry_first_s': 1,
                            'coalesce_ms': 0})
    with wakebus:
        for program in ('xmpp-frontend', 'fcm-sender'):
            wakebus.start_one(program, env=pages[program].env)
        wakebus.start('registry', 'apns-sender')
        yield wakebus


@pytest.fixture(autouse=True)
def calm(fcm, apns):
    for provider in (fcm, apns):
        provider.clear()
    yield
    for provider in (fcm, apns):
        provider.clear()


def stanza_with(phone, encrypted, variant='prosody-encrypted', **options):
    """As Prosody and Tigase publish it, with other content."""
    registration = {'node': phone.registration.node,
                    'secret': phone.registration.secret}
    stanza = publish(variant, **{**registration, **options})
    return re.sub('>[^<]*</encrypted>', f'>{encrypted}</encrypted>', stanza)


def push(server, phone, encrypted, **options):
    return error_of(server.ask(stanza_with(phone, encrypted, **options)))


def data_of(message):
    return message['body']['message']['data']


@pytest.mark.parametrize('variant', ['prosody-encrypted', 'tigase-8.4-call'])
def test_siskin_finds_it_where_it_looks(server, wakebus, apns, variant):
    phone = Phone(server, 'apns')
    assert push(server, phone, 'QUFB', variant=variant) is None
    [message] = apns.received(1)
    assert message['body'] == {
        'aps': {'alert': {'title': 'New message',
                          'body': 'Open the app to read it'},
                'mutable-content': 1, 'sound': 'default'},
        'account': phone.account, 'encrypted': 'QUFB', 'iv': IV}


def test_fcm_has_it_as_data(server, wakebus, fcm):
    phone = Phone(server, 'fcm')
    assert push(server, phone, '\n QUFB ') is None
    [message] = fcm.received(1)
    assert data_of(message) == {
        'account': phone.account, 'encrypted': 'QUFB', 'iv': IV}


def test_an_app_that_does_not_ask_gets_none(server, wakebus, fcm):
    phone = Phone(server, 'fcm-quicksy')
    assert push(server, phone, 'QUFB') is None
    [message] = fcm.received(1)
    assert data_of(message) == {'account': phone.account}
    # And is the one that counts, if the push goes through another.
    phone = Phone(server, 'fcm')
    fcm.clear()
    assert push(server, phone, 'QUFB', pushModule='quicksy') is None
    [message] = fcm.received(1)
    assert data_of(message) == {'account': phone.account}


def test_what_nobody_wants_is_not_counted_as_unfit(server, wakebus, pages):
    def refused():
        return metrics_of(pages['xmpp-frontend'])(
            'wakebus_contents_refused_total')
    before = refused()
    plain, forwards = Phone(server, 'fcm-quicksy'), Phone(server, 'fcm')
    assert push(server, plain, 'no base64') is None
    assert push(server, forwards, 'no base64', pushModule='quicksy') is None
    assert push(server, forwards, 'no base64', node='unknown') == (
        'cancel', 'item-not-found')
    assert refused() == before
    assert push(server, plain, 'no base64',
                pushModule='conversations') is None
    assert refused() == before + 1, 'through an app that wants it'


def test_a_bare_token_is_enough(server, wakebus, fcm):
    phone = Phone(server, 'fcm')
    assert push(server, phone, 'QUFB', node=phone.token, secret=None,
                pushModule='bare') is None
    [message] = fcm.received(1)
    assert data_of(message) == {'encrypted': 'QUFB', 'iv': IV}


def test_what_cannot_go_along_does_not_hold_the_push_up(server, wakebus, fcm,
                                                        pages):
    refused = metrics_of(pages['xmpp-frontend'])(
        'wakebus_contents_refused_total')
    before = metrics_of(pages['fcm-sender']).nonzero(
        'wakebus_sender_contents_total', 'app', 'outcome')
    phone = Phone(server, 'fcm')
    for count, unfit in enumerate(('no base64', 'QUF', 4100 * 'A'), 1):
        assert push(server, phone, unfit) is None
        assert metrics_of(pages['xmpp-frontend'])(
            'wakebus_contents_refused_total') == refused + count
    assert push(server, phone, 4096 * 'A') is None  # it has the bus's room
    assert push(server, phone, 3600 * 'A') is None
    messages = fcm.received(5)
    assert [data_of(message) for message in messages[:4]] == (
        4 * [{'account': phone.account}])
    assert data_of(messages[4])['encrypted'] == 3600 * 'A'
    after = metrics_of(pages['fcm-sender']).nonzero(
        'wakebus_sender_contents_total', 'app', 'outcome')
    assert after['conversations', 'too_large'] == (
        before.get(('conversations', 'too_large'), 0) + 1)
    assert after['conversations', 'forwarded'] == (
        before.get(('conversations', 'forwarded'), 0) + 1)


def test_a_deferred_push_is_a_plain_wake_up(server, wakebus, fcm,
                                            redis_server):
    phone = Phone(server, 'fcm')
    fcm.fault(status=503, error_code='UNAVAILABLE', token=phone.token, count=1)
    assert push(server, phone, 'QkFELXNlY3JldA==') is None
    first, again = fcm.received(2, timeout=25)  # Google wants 10 s
    assert data_of(first)['encrypted'] == 'QkFELXNlY3JldA=='
    assert data_of(again) == {'account': phone.account}
    with redis_server.client() as client:
        everything = ''.join(repr(client.dump(key)) for key in client.keys())
    assert phone.token in everything  # so it would be found
    assert 'QkFELXNlY3JldA' not in everything
    assert all('QkFELXNlY3JldA' not in process.log()
               for process in wakebus.processes.values())


def test_it_survives_a_sender_that_dies(server, wakebus, fcm):
    """Another one gets the job, with all that it had."""
    phone = Phone(server, 'fcm')
    fcm.fault(kind='hang', token=phone.token, count=1)
    link = server.wait_link()
    id_ = new_id()
    link.send(stanza_with(phone, 'QUFB', id=id_))
    wait_until(lambda: fcm.received(), 'with FCM')
    fcm.control('DELETE', '/faults')
    wakebus.processes['fcm-sender'].kill()
    wakebus.start('fcm-sender')
    first, again = fcm.received(2)
    assert data_of(again) == data_of(first) == {
        'account': phone.account, 'encrypted': 'QUFB', 'iv': IV}


def test_pushes_that_are_one_have_the_last_content(server, wakebus, fcm):
    wakebus.config['push']['coalesce_ms'] = 1000
    wakebus.write_config()
    hang_up(wakebus, 'xmpp-frontend')
    phone = Phone(server, 'fcm')
    assert push(server, phone, 'Zmlyc3Q=') is None
    link = server.wait_link()
    for content in ('c2Vjb25k', 'dGhpcmQh'):
        link.send(stanza_with(phone, content))
    messages = fcm.received(2)
    assert [data_of(message)['encrypted'] for message in messages] == [
        'Zmlyc3Q=', 'dGhpcmQh']


def test_a_reload_ends_it(server, wakebus, fcm):
    phone = Phone(server, 'fcm')
    assert push(server, phone, 'QUFB') is None
    app = wakebus.config['apps']['conversations']
    app['forward_encrypted'] = False
    wakebus.write_config()
    hang_up(wakebus, 'xmpp-frontend')
    fcm.clear()
    phone = Phone(server, 'fcm')
    assert push(server, phone, 'QUFB') is None
    [message] = fcm.received(1)
    assert 'QUFB' not in json.dumps(message)
