"""Pushes that could not be delivered are delivered later, by themselves, once,
whatever is restarted meanwhile, unless they became pointless."""

import time
from itertools import count

import pytest

from support.process import wait_until
from support.push_commands import register, unregister
from support.stanzas import iq, publish
from support.wakebus import Wakebus, account_hash
from test_component import error_of, new_token, registration_of

PHONE = 'juliet@example.test/phone'
OUTAGE = {'kind': 'outage'}  # an answer would ask for ten seconds at least
numbers = count(1)


@pytest.fixture
def wakebus(server, redis_server, fcm, tmp_path):
    redis_server.client().flushall()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 push={'deadline_ms': 2500, 'retry_first_s': 1,
                       'retry_ttl_s': 8}).start() as wakebus:
        yield wakebus
    fcm.clear()


class Phone:
    def __init__(self, server):
        self.server = server
        self.device_id = f'device{next(numbers)}'
        self.account = account_hash('juliet@example.test', self.device_id)
        self.register(new_token())

    def register(self, token):
        self.token = token
        reply = self.server.ask(iq(register(token, self.device_id), PHONE))
        _, self.node, self.secret = registration_of(reply)

    def push(self, variant='prosody'):
        return error_of(self.server.ask(
            publish(variant, self.node, secret=self.secret)))


def defer(fcm, phone):
    """One push that meets an outage, which is then over."""
    fcm.fault(**OUTAGE)
    assert phone.push() is None, 'durable, so the server hears a result'
    fcm.clear()


def woken(fcm, phone):
    return fcm.accounts().count(phone.account)


def wait_woken(fcm, phone, times=1):
    wait_until(lambda: woken(fcm, phone) >= times, 'woken', timeout=15)


def waiting(redis_server):
    """The targets that wait, by what they say themselves."""
    client = redis_server.client()
    return [key for key in client.keys('*:node:*')
            if client.hexists(key, 'deferred')]


def test_it_is_delivered_when_the_provider_is_back(
        server, wakebus, redis_server, fcm):
    phone = Phone(server)
    fcm.fault(**OUTAGE)
    assert phone.push() is None
    assert phone.push() is None
    assert len(waiting(redis_server)) == 1
    fcm.clear()
    wait_woken(fcm, phone)
    wait_until(lambda: waiting(redis_server) == [], 'settled')
    time.sleep(2.5)
    assert woken(fcm, phone) == 1, 'two that waited are one wake-up'


def test_it_survives_the_restart_of_everything(
        server, redis_server, fcm, tmp_path):
    redis_server.client().flushall()
    wakebus = Wakebus(tmp_path, server, redis_server.url,
                      {'conversations': fcm.app()}, fcm=fcm.settings(),
                      push={'retry_first_s': 2})
    with wakebus.start():
        phone = Phone(server)
        fcm.fault(**OUTAGE)
        assert phone.push('ejabberd-23.01-no-body') is None
        assert phone.push() is None
        wakebus.stop()
        redis_server.restart()
        fcm.clear()
        wakebus.start()
        wait_woken(fcm, phone)
        message = fcm.received()[-1]['body']['message']
        assert message['android']['priority'] == 'HIGH', 'the higher of both'
    fcm.clear()


def test_no_sender_for_a_while(server, wakebus, fcm):
    phone = Phone(server)
    wakebus.stop_one('fcm-sender')
    assert phone.push() is None
    wakebus.start_one('fcm-sender')
    wait_woken(fcm, phone)


def test_a_sender_that_hangs(server, wakebus, fcm):
    phone = Phone(server)
    fcm.fault(kind='hang', count=1)
    assert phone.push() is None
    wait_woken(fcm, phone)


def test_retry_after_is_heeded(server, wakebus, fcm):
    phone = Phone(server)
    fcm.fault(status=429, error_code='QUOTA_EXCEEDED', retry_after=4, count=1)
    began = time.monotonic()
    assert phone.push() is None
    wait_woken(fcm, phone)
    assert time.monotonic() - began >= 4


def test_a_newer_push_makes_it_pointless(server, wakebus, redis_server, fcm):
    phone = Phone(server)
    defer(fcm, phone)
    wait_until(lambda: phone.push() is None and woken(fcm, phone) == 1,
               'woken by a newer push', interval=0.3)
    wait_until(lambda: waiting(redis_server) == [], 'settled')
    time.sleep(2.5)
    assert woken(fcm, phone) == 1


def test_unregistering_ends_it(server, wakebus, redis_server, fcm):
    phone = Phone(server)
    defer(fcm, phone)
    server.ask(iq(unregister(phone.device_id), PHONE))
    wait_until(lambda: redis_server.client().zcard(
        'wakebus:{due}:targets') == 0, 'off the list')
    assert woken(fcm, phone) == 0


def test_it_goes_to_the_token_of_the_time(server, wakebus, fcm):
    phone = Phone(server)
    defer(fcm, phone)
    phone.register('a-newer-token')
    wait_woken(fcm, phone)
    assert (fcm.received()[-1]['body']['message']['token']
            == 'a-newer-token')


def test_a_token_that_died_meanwhile(server, wakebus, redis_server, fcm):
    phone = Phone(server)
    defer(fcm, phone)
    fcm.fault(status=404, error_code='UNREGISTERED', token=phone.token)
    wait_until(lambda: redis_server.client().keys('*:node:*') == [],
               'forgotten')
    assert phone.push() == ('cancel', 'item-not-found')


def test_it_is_given_up_after_its_time(server, wakebus, redis_server, fcm):
    phone = Phone(server)
    fcm.fault(**OUTAGE)
    assert phone.push() is None
    wait_until(lambda: waiting(redis_server) == [], 'given up', timeout=25)
    fcm.clear()
    time.sleep(1)
    assert woken(fcm, phone) == 0
    assert phone.push() is None
    wait_woken(fcm, phone)  # the next one is a push like any


def test_several_registries_work_the_list_together(
        server, wakebus, redis_server, fcm):
    wakebus.start_one('registry', 'registry-b')
    phones = [Phone(server) for _ in range(40)]
    fcm.fault(**OUTAGE)
    assert [phone.push() for phone in phones] == 40 * [None]
    fcm.clear()
    for phone in phones:
        wait_woken(fcm, phone)
    assert all(woken(fcm, phone) == 1 for phone in phones)
    wait_until(lambda: waiting(redis_server) == [], 'settled')


def test_while_redis_is_down_nothing_is_promised(
        server, wakebus, redis_server, fcm):
    phone = Phone(server)
    fcm.fault(kind='delay', ms=1500, count=1)
    fcm.fault(**OUTAGE)
    server.wait_link().send(publish('prosody', phone.node,
                                    secret=phone.secret, id='unsure'))
    wait_until(lambda: 'type=target.lookup outcome=ok' in
               wakebus.log('registry'), 'looked up')
    redis_server.kill()
    assert error_of(server.wait_answer('unsure'))[0] == 'wait'
    redis_server.start()
