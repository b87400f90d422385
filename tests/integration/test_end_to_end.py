"""From a message in a real XMPP server to the wake-up at the provider, and
after each failure the question that counts: does the server still push?"""

import secrets
import time
from itertools import count

import pytest

from support.ejabberd import Ejabberd
from support.process import wait_until
from support.prosody import Prosody
from support.wakebus import Wakebus, account_hash

DEADLINE_MS = 1500
numbers = count(1)


@pytest.fixture(scope='module', params=[Prosody, Ejabberd])
def server(request, tmp_path_factory):
    server = request.param(tmp_path_factory.mktemp('xmpp')).start()
    yield server
    server.process.kill()


@pytest.fixture(scope='module')
def wakebus(server, redis_server, fcm, apns, tmp_path_factory):
    apps = {'conversations': fcm.app(), 'ios': apns.app()}
    with Wakebus(tmp_path_factory.mktemp('wakebus'), server, redis_server.url,
                 apps, fcm=fcm.settings(), apns=apns.settings(),
                 push={'deadline_ms': DEADLINE_MS, 'retry_first_s': 2}).start() as wakebus:
        yield wakebus


@pytest.fixture(autouse=True)
def calm(fcm, apns):
    yield
    fcm.clear()
    apns.clear()


@pytest.fixture(scope='module')
def romeo(server):
    server.add_user('romeo')
    client = server.login('romeo')
    yield client
    client.drop()


class Juliet:
    """Somebody with a phone, which is off."""

    def __init__(self, server, service='fcm'):
        name = f'juliet{next(numbers)}'
        server.add_user(name)
        client = server.login(name)
        self.token = (secrets.token_hex(32) if service == 'apns'
                      else secrets.token_urlsafe(120))
        self.device_id = secrets.token_hex(8)
        self.registration = client.register_push(
            server.component, self.token, self.device_id, service=service)
        client.enable_push(*self.registration)
        self.jid = client.bare_jid
        client.go_offline()

    @property
    def account(self):
        return account_hash(self.jid, self.device_id)


def woken(provider, juliet):
    return provider.accounts().count(juliet.account)


def wake_up_comes(provider, juliet, romeo, within=8.0):
    """Does one more message lead to one more wake-up for her account?"""
    before = woken(provider, juliet)
    time.sleep(0.2)  # the answer to the push before may still be on its way
    romeo.send_chat(juliet.jid, 'Art thou not Romeo?')
    try:
        wait_until(lambda: woken(provider, juliet) > before, 'woken', within)
    except TimeoutError:
        return False
    return True


def test_a_message_wakes_an_iphone(server, wakebus, apns, romeo):
    juliet = Juliet(server, service='apns')
    assert wake_up_comes(apns, juliet, romeo)
    push = apns.received()[-1]
    assert push['token'] == juliet.token
    assert push['headers']['apns-push-type'] == 'alert'
    assert push['headers']['apns-priority'] == '10'
    assert push['body']['aps']['mutable-content'] == 1
    assert int(push['headers']['apns-expiration']) > time.time()


def test_registering_again_renews_the_token(server, wakebus, fcm, romeo):
    juliet = Juliet(server)
    client = server.login(juliet.jid.partition('@')[0])
    again = client.register_push(server.component, 'renewed-token-' + 80 * 'x',
                                 juliet.device_id)
    client.go_offline()
    assert again == juliet.registration
    assert wake_up_comes(fcm, juliet, romeo)
    assert (fcm.received()[-1]['body']['message']['token']
            == 'renewed-token-' + 80 * 'x')


FCM_TROUBLE = [
    {'status': 500, 'error_code': 'INTERNAL'},
    {'status': 503, 'error_code': 'UNAVAILABLE'},
    {'status': 429, 'error_code': 'QUOTA_EXCEEDED', 'retry_after': 30},
    {'status': 401, 'error_code': 'THIRD_PARTY_AUTH_ERROR'},
    {'kind': 'unauthorized'},
    {'kind': 'hang'},
    {'kind': 'html', 'status': 502},
    {'kind': 'outage'},
]

APNS_TROUBLE = [
    {'status': 500, 'reason': 'InternalServerError'},
    {'status': 503, 'reason': 'Shutdown'},
    {'status': 429, 'reason': 'TooManyRequests'},
    {'status': 403, 'reason': 'InvalidProviderToken'},
    {'status': 400, 'reason': 'BadTopic'},
    {'kind': 'reset'},
    {'kind': 'outage'},
]


def asked(wakebus):
    """How many pushes the server has asked for."""
    return wakebus.log('xmpp-frontend').count('type=target.lookup.result')


def survives(server, wakebus, provider, service, trouble, romeo):
    """A push that fails must not cost the subscription."""
    juliet = Juliet(server, service=service)
    provider.fault(**trouble)
    assert not wake_up_comes(provider, juliet, romeo,
                             within=DEADLINE_MS / 1000 + 0.7)
    provider.clear()
    before = asked(wakebus)
    return (wake_up_comes(provider, juliet, romeo)
            and asked(wakebus) > before)


@pytest.mark.parametrize('trouble', FCM_TROUBLE, ids=str)
def test_trouble_at_fcm_costs_nobody_the_subscription(
        server, wakebus, fcm, romeo, trouble):
    assert survives(server, wakebus, fcm, 'fcm', trouble, romeo)


@pytest.mark.parametrize('trouble', APNS_TROUBLE, ids=str)
def test_trouble_at_apns_costs_nobody_the_subscription(
        server, wakebus, apns, romeo, trouble):
    assert survives(server, wakebus, apns, 'apns', trouble, romeo)


def test_an_outage_is_made_good_without_another_message(
        server, wakebus, fcm, romeo):
    juliet = Juliet(server)
    fcm.fault(kind='outage')
    for _ in range(3):
        romeo.send_chat(juliet.jid, 'Wherefore art thou Romeo?')
        time.sleep(1.2)
    fcm.clear()
    wait_until(lambda: woken(fcm, juliet) > 0, 'woken by itself', timeout=15)
    assert wake_up_comes(fcm, juliet, romeo), 'and the server still pushes'


@pytest.mark.parametrize('program', ['fcm-sender', 'registry'])
def test_a_process_that_is_down_costs_nobody_the_subscription(
        server, wakebus, fcm, romeo, program):
    juliet = Juliet(server)
    wakebus.kill_one(program)
    assert not wake_up_comes(fcm, juliet, romeo,
                             within=DEADLINE_MS / 1000 + 0.7)
    wakebus.start_one(program)
    before = asked(wakebus)
    assert wake_up_comes(fcm, juliet, romeo)
    assert asked(wakebus) > before


def test_redis_down_costs_nobody_the_subscription(
        server, wakebus, redis_server, fcm, romeo):
    juliet = Juliet(server)
    redis_server.kill()
    assert not wake_up_comes(fcm, juliet, romeo, within=1.5)
    redis_server.start()
    wait_until(lambda: 'ev=redis.up' in
               wakebus.log('registry').rpartition('ev=redis.down')[2],
               'registry back')
    assert wake_up_comes(fcm, juliet, romeo)


def test_a_dead_token_ends_the_subscription(
        server, wakebus, redis_server, fcm, romeo):
    juliet = Juliet(server)
    fcm.fault(status=404, error_code='UNREGISTERED', token=juliet.token)
    assert not wake_up_comes(fcm, juliet, romeo, within=1.5)
    stored = [redis_server.client().hget(key, 'node')
              for key in redis_server.client().keys(f'*{juliet.account}*')]
    assert stored == [], 'the registration is gone'
    fcm.clear()
    # ejabberd forgets at once; Prosody asks again and is told the same.
    assert not wake_up_comes(fcm, juliet, romeo, within=1.5)
    client = server.login(juliet.jid.partition('@')[0])
    fresh = client.register_push(server.component, juliet.token,
                                 juliet.device_id)
    client.enable_push(*fresh)
    client.go_offline()
    assert wake_up_comes(fcm, juliet, romeo), 'and can be made anew'


def test_unregistering_ends_it(server, wakebus, fcm, romeo):
    juliet = Juliet(server)
    client = server.login(juliet.jid.partition('@')[0])
    reply = client.unregister_push(server.component, juliet.device_id)
    assert reply.get('type') == 'result'
    reply = client.unregister_push(server.component, juliet.device_id)
    assert reply.find('.//{*}item-not-found') is not None
    client.go_offline()
    assert not wake_up_comes(fcm, juliet, romeo, within=1.5)


def test_the_server_restarts_and_the_link_comes_back(
        server, wakebus, fcm, romeo):
    juliet = Juliet(server)
    links = wakebus.log('xmpp-frontend').count('ev=link.up')
    server.restart()
    wait_until(lambda: wakebus.log('xmpp-frontend').count('ev=link.up')
               > links, 'linked again')
    romeo = server.login('romeo')
    assert wake_up_comes(fcm, juliet, romeo)
    romeo.drop()
