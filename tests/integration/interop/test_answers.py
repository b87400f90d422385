"""Each failure there is, and what six XMPP servers would do with the answer:
what passes is kept by all of them, and what is over is dropped by all that
ever drop."""

import secrets
from contextlib import contextmanager
from itertools import count

import pytest

from support.answers import error_of, registration_of
from support.push_commands import register
from support.registering import PHONE
from support.stanzas import iq, publish
from support.wakebus import Wakebus

from .server_rules import ALL_DROP_THAT_EVER_DO, ALL_KEEP, verdicts

numbers = count(1)
pytestmark = pytest.mark.usefixtures('calm')


@contextmanager
def running(scratch, server, redis_server, fcm, apns, **push):
    with Wakebus(scratch, server, redis_server.url,
                 {'c': fcm.app(), 'ios': apns.app()}, fcm=fcm.settings(),
                 apns=apns.settings(), push={'deadline_ms': 1000, **push}
                 ).start() as wakebus:
        yield wakebus


@pytest.fixture(scope='module')
def wakebus(tmp_path_factory, server, redis_server, fcm, apns):
    with running(tmp_path_factory.mktemp('wakebus'), server, redis_server, fcm,
                 apns) as wakebus:
        yield wakebus


def new_target(server, service='fcm'):
    reply = server.ask(iq(register(
        secrets.token_hex(32), f'device{next(numbers)}', service=service),
        PHONE))
    return registration_of(reply)


def push(server, target, secret=None, **variant):
    return error_of(server.ask(publish(
        'prosody', target.node, secret=secret or target.secret, **variant)))


ANY = [{'kind': 'hang'}, {'kind': 'outage'}, {'kind': 'reset'},
       {'kind': 'goaway'}, {'kind': 'refuse_stream'},
       {'kind': 'html', 'status': 502}, {'kind': 'html', 'status': 404},
       {'kind': 'max_streams', 'streams': 0}]

FCM_PASSES = ANY + [
    {'error_code': code} for code in (
        'INVALID_ARGUMENT', 'THIRD_PARTY_AUTH_ERROR', 'QUOTA_EXCEEDED',
        'UNAVAILABLE', 'INTERNAL', 'UNSPECIFIED_ERROR')] + [
    {'kind': kind} for kind in (
        'no_details', 'unauthorized', 'permission_denied', 'project_quota',
        'oauth_error')]

# What a wrong setting of ours looks like as well.
FCM_IS_IN_DOUBT = [{'error_code': 'SENDER_ID_MISMATCH'}]
FCM_IS_OVER = FCM_IS_IN_DOUBT + [
    {'error_code': 'UNREGISTERED'},
    {'kind': 'bad_token'}, {'kind': 'bad_token_message'}]

APNS_PASSES = ANY + [
    {'reason': reason} for reason in (
        'BadCollapseId', 'BadExpirationDate', 'BadMessageId', 'BadPriority',
        'BadTopic', 'DuplicateHeaders', 'IdleTimeout', 'InvalidPushType',
        'MissingDeviceToken', 'MissingTopic', 'PayloadEmpty',
        'TopicDisallowed', 'BadCertificate', 'BadCertificateEnvironment',
        'BadEnvironmentKeyIdInToken', 'ExpiredProviderToken', 'Forbidden',
        'InvalidProviderToken', 'MissingProviderToken',
        'UnrelatedKeyIdInToken', 'BadPath', 'MethodNotAllowed',
        'PayloadTooLarge', 'TooManyProviderTokenUpdates', 'TooManyRequests',
        'InternalServerError', 'ServiceUnavailable', 'Shutdown')]

APNS_IS_IN_DOUBT = [
    {'reason': 'BadDeviceToken'}, {'reason': 'DeviceTokenNotForTopic'}]
APNS_IS_OVER = APNS_IS_IN_DOUBT + [
    {'reason': 'Unregistered'}, {'reason': 'ExpiredToken'}]


def trouble_at(service, troubles):
    return [pytest.param(service, trouble, id=f'{service} {trouble}')
            for trouble in troubles]


def meet(wakebus, fcm, apns, service, trouble):
    """A sender that has seen no trouble yet meets this one."""
    wakebus.kill_one(f'{service}-sender')
    {'fcm': fcm, 'apns': apns}[service].fault(**trouble)
    wakebus.start_one(f'{service}-sender')


@pytest.mark.parametrize('service, trouble',
                         trouble_at('fcm', FCM_PASSES)
                         + trouble_at('apns', APNS_PASSES))
def test_a_providers_trouble_is_forgiven(
        server, wakebus, redis_server, fcm, apns, service, trouble):
    targets = [new_target(server, service) for _ in range(2)]
    meet(wakebus, fcm, apns, service, trouble)
    assert verdicts(push(server, targets[0])) == ALL_KEEP
    with redis_server.refusing_writes():
        error = push(server, targets[1])
    assert error is None or error[0] == 'wait'
    assert verdicts(error) == ALL_KEEP


@pytest.mark.parametrize('service, trouble',
                         trouble_at('fcm', FCM_IS_OVER)
                         + trouble_at('apns', APNS_IS_OVER))
def test_a_dead_token_ends_the_subscription(
        server, wakebus, redis_server, fcm, apns, service, trouble):
    target, other = (new_target(server, service) for _ in range(2))
    provider = {'fcm': fcm, 'apns': apns}[service]
    meet(wakebus, fcm, apns, service, {'kind': 'delay', 'ms': 1})
    assert push(server, other) is None
    assert len(provider.accounts()) == 1, 'this app works'
    provider.fault(**trouble)
    assert verdicts(push(server, target)) == ALL_DROP_THAT_EVER_DO
    assert verdicts(push(server, target)) == ALL_DROP_THAT_EVER_DO


@pytest.mark.parametrize('service, trouble',
                         trouble_at('fcm', FCM_IS_IN_DOUBT)
                         + trouble_at('apns', APNS_IS_IN_DOUBT))
def test_tokens_of_an_app_that_never_worked_are_not_dead(
        server, wakebus, redis_server, fcm, apns, service, trouble):
    target = new_target(server, service)
    meet(wakebus, fcm, apns, service, trouble)
    assert verdicts(push(server, target)) == ALL_KEEP


def test_whoever_may_not_push_is_dropped(server, wakebus):
    target = new_target(server)
    for error in (push(server, target, secret='wrong'),
                  push(server, target, sender='example.net'),
                  push(server, target._replace(node='AAAAAAAAAAAA'))):
        assert verdicts(error) == ALL_DROP_THAT_EVER_DO


@pytest.mark.parametrize('program', ['fcm-sender', 'registry'])
def test_a_process_that_is_missing_is_forgiven(server, wakebus, program):
    target = new_target(server)
    wakebus.kill_one(program)
    assert verdicts(push(server, target)) == ALL_KEEP
    wakebus.start_one(program)


def test_redis_that_is_missing_is_forgiven(server, wakebus, redis_server):
    target = new_target(server)
    redis_server.kill()
    for _ in range(3):
        assert verdicts(push(server, target)) == ALL_KEEP
    assert verdicts(push(server, target, secret='wrong')) == ALL_KEEP
    redis_server.start()


def test_overload_and_shutdown_are_forgiven(
        tmp_path, server, redis_server, fcm, apns):
    with running(tmp_path, server, redis_server, fcm, apns,
                 max_in_flight=3) as wakebus:
        target = new_target(server)
        fcm.fault(kind='delay', ms=800)
        link = server.wait_link()
        for number in range(20):
            link.send(publish('prosody', target.node, secret=target.secret,
                              id=f'overload{number}'))
        server.wait_answer('overload19')
        frontend = wakebus.processes['xmpp-frontend']
        frontend.signal(15)
        frontend.wait_for_log('ev=service.drain')
        late = error_of(server.ask(publish(
            'prosody', target.node, secret=target.secret)))
        errors = [error_of(server.wait_answer(f'overload{number}'))
                  for number in range(20)]
        assert wakebus.processes.pop('xmpp-frontend').wait_exit() == 0
    assert {error for error in errors if error} == {
        ('wait', 'internal-server-error')}
    assert late == ('wait', 'service-unavailable')
    for error in errors + [late]:
        assert verdicts(error) == ALL_KEEP
