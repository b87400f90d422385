"""The senders with the emulated providers; the test is the frontend."""

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from support.process import LIBC, Process
from support.providers import TOPIC
from support.sender import SENT, Sender
from support.wakebus import BIN

PIDFD_GETFD = 438  # system call, on all architectures


@pytest.fixture
def start(tmp_path, request):
    started = []

    def run(provider, app=None):
        scratch = tmp_path / str(len(started))
        scratch.mkdir()
        started.append(Sender(scratch, provider, app))
        return started[-1]
    yield run
    for sender in started:
        sender.provider.clear()
        sender.stop()


@pytest.fixture(params=['fcm', 'apns'])
def sender(request, start):
    """Of either kind, and known to work."""
    provider = request.getfixturevalue(request.param)
    provider.clear()
    sender = start(provider)
    assert sender.push() == SENT
    return sender


@pytest.fixture
def fcm_sender(start, fcm):
    fcm.clear()
    sender = start(fcm)
    assert sender.push() == SENT
    return sender


@pytest.fixture
def apns_sender(start, apns):
    apns.clear()
    sender = start(apns)
    assert sender.push() == SENT
    return sender


def test_says_what_it_serves(sender):
    assert sender.frontend.hello['role'] == f'{sender.kind}-sender'
    assert sender.frontend.hello['apps'] == ['app']


def test_takes_few_pushes_before_one_got_through(sender):
    assert sender.frontend.hello['credit'] <= 16
    while sender.frontend.hello['credit'] < 100:  # it has pushed one by now
        sender.frontend.meet()


def test_fcm_gets_a_data_message(fcm_sender, fcm):
    request = fcm_sender.request(channel='c' * 40, priority='low')
    fcm.clear()
    assert fcm_sender.push(**request) == SENT
    assert [push['body'] for push in fcm.received(1)] == [{'message': {
        'token': request['token'],
        'data': {'account': request['device'], 'channel': 'c' * 40},
        'android': {'priority': 'NORMAL', 'ttl': '2419200s'}}}]


def test_apns_gets_an_alert_that_starts_the_extension(apns_sender, apns):
    request = apns_sender.request()
    apns.clear()
    assert apns_sender.push(**request) == SENT
    [push] = apns.received(1)
    assert push['body']['account'] == request['device']
    assert push['body']['aps']['mutable-content'] == 1
    headers = push['headers']
    assert headers['apns-topic'] == TOPIC
    assert headers['apns-priority'] == '10'
    assert headers['apns-collapse-id'] == request['device']
    assert abs(int(headers['apns-expiration']) - time.time() - 2419200) < 5


def test_apns_background(start, apns):
    apns.clear()
    sender = start(apns, apns.app() | {'push_type': 'background'})
    assert sender.push() == SENT
    [push] = apns.received(1)
    assert push['headers']['apns-priority'] == '5'


@pytest.mark.parametrize('kind', ['pem', 'p12'])
def test_apns_certificate(start, apns, kind):
    info = apns.info
    app = {'backend': 'apns', 'topic': TOPIC}
    if kind == 'pem':
        app |= {'certificate_file': info['cert_file'],
                'certificate_key_file': info['cert_key_file']}
    else:
        app |= {'certificate_file': info['p12_file'],
                'certificate_password': info['p12_password']}
    assert start(apns, app).push() == SENT


def test_a_burst_on_a_new_connection_begins_with_one_stream(start, apns):
    apns.clear()
    before = apns.stats()
    sender = start(apns)
    assert sender.pushes(200) == [SENT] * 200
    after = apns.stats()
    # Two hundred are more than one connection takes, so there may be three.
    assert after['connections_opened'] - before['connections_opened'] <= 3
    assert after['streams_refused'] == before['streams_refused']


@pytest.mark.parametrize('fault', [
    {'kind': 'goaway', 'count': 1}, {'kind': 'goaway_after', 'count': 1},
    {'kind': 'reset', 'count': 1}, {'kind': 'refuse_stream', 'count': 1},
    {'kind': 'goaway', 'every': 20},
    {'kind': 'refuse_stream', 'every': 10},
    {'kind': 'max_streams', 'streams': 3, 'count': 1}],
    ids=lambda fault: '-'.join(str(value) for value in fault.values()))
def test_connections_may_break(sender, fault):
    before = sender.provider.stats()
    sender.provider.fault(**fault)
    assert sender.pushes(100) == [SENT] * 100
    after = sender.provider.stats()
    assert after['accepted'] - before['accepted'] >= 100
    assert after['connections_opened'] - before['connections_opened'] < 30


def test_a_network_that_breaks_all_the_time_loses_nothing(sender):
    sender.provider.fault(kind='reset', every=50)
    verdicts = [answer['verdict'] for answer in sender.pushes(100)]
    assert set(verdicts) <= {'sent', 'later'}
    assert 'sent' in verdicts


def test_between_turns_nothing_is_held_back(sender):
    """What libcurl writes in a turn leaves at its end (common/http_multi.h),
    also over a connection that libcurl no longer looks at."""
    sender.pushes(50)
    held = {name: held_back(sender.process.pid, fd)
            for fd, name in sockets_to(sender)}
    assert held and not any(held.values()), held


def sockets_to(sender):
    """(descriptor, name) of its connections to the provider."""
    port = int(sender.provider.url.rpartition(':')[2])
    wanted = set()
    for line in Path('/proc/net/tcp').read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].partition(':')[2], 16) == port:
            wanted.add(f'socket:[{fields[9]}]')
    directory = Path(f'/proc/{sender.process.pid}/fd')
    for entry in directory.iterdir():
        if os.readlink(entry) in wanted:
            yield int(entry.name), os.readlink(entry)


def held_back(pid, fd):
    """Is the socket with this descriptor of the process corked?"""
    pidfd = os.pidfd_open(pid)
    ours = LIBC.syscall(PIDFD_GETFD, pidfd, fd, 0)
    os.close(pidfd)
    assert ours >= 0
    with socket.socket(fileno=ours) as copy:
        return copy.getsockopt(socket.IPPROTO_TCP, socket.TCP_CORK)


def test_an_outage_is_later_and_ends(sender):
    sender.provider.fault(kind='outage')
    began = time.monotonic()
    for answer in sender.pushes(50, budget_ms=3000):
        assert answer['verdict'] == 'later', answer
        assert 'retry_after_s' not in answer, 'nobody has said how long'
    assert time.monotonic() - began < 4
    sender.provider.clear()
    deadline = time.monotonic() + 10
    while (answer := sender.push()) != SENT:
        assert answer['verdict'] == 'later'
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_silence_is_later_within_the_budget(sender):
    sender.provider.fault(kind='hang', count=3)
    began = time.monotonic()
    answer = sender.push(budget_ms=700)
    assert answer['verdict'] == 'later' and answer['reason'] == 'timeout'
    assert time.monotonic() - began < 1.5
    sender.provider.clear()
    assert sender.push() == SENT


def test_a_slow_answer_is_waited_for(sender):
    sender.provider.fault(kind='delay', ms=1500, count=1)
    assert sender.push() == SENT


@pytest.mark.parametrize('fault, verdict, reason', [
    ({'error_code': 'UNREGISTERED'}, 'gone', 'UNREGISTERED'),
    ({'error_code': 'SENDER_ID_MISMATCH'}, 'gone', 'SENDER_ID_MISMATCH'),
    ({'error_code': 'INVALID_ARGUMENT'}, 'refused', 'invalid-message'),
    ({'error_code': 'QUOTA_EXCEEDED'}, 'later', 'QUOTA_EXCEEDED'),
    ({'error_code': 'UNAVAILABLE'}, 'later', 'UNAVAILABLE'),
    ({'error_code': 'INTERNAL'}, 'later', 'INTERNAL'),
    ({'error_code': 'THIRD_PARTY_AUTH_ERROR'}, 'misconfigured',
     'THIRD_PARTY_AUTH_ERROR'),
    ({'kind': 'bad_token'}, 'gone', 'invalid-registration-token'),
    ({'kind': 'bad_token_message'}, 'gone', 'invalid-registration-token'),
    ({'kind': 'no_details'}, 'refused', 'INVALID_ARGUMENT'),
    ({'kind': 'permission_denied'}, 'misconfigured', 'PERMISSION_DENIED'),
    ({'kind': 'project_quota', 'retry_after': 90}, 'later',
     'RESOURCE_EXHAUSTED'),
    ({'kind': 'html', 'status': 502}, 'later', 'http-502')])
def test_fcm_verdicts(fcm_sender, fcm, fault, verdict, reason):
    fcm.fault(count=1, **fault)
    answer = fcm_sender.push()
    assert (answer['verdict'], answer['reason']) == (verdict, reason)
    if 'retry_after' in fault:
        assert answer['retry_after_s'] == fault['retry_after']


@pytest.mark.parametrize('reason, verdict', [
    ('BadDeviceToken', 'gone'), ('DeviceTokenNotForTopic', 'gone'),
    ('Unregistered', 'gone'), ('ExpiredToken', 'gone'),
    ('PayloadTooLarge', 'refused'), ('BadPriority', 'refused'),
    ('TooManyRequests', 'later'), ('ServiceUnavailable', 'later'),
    ('InternalServerError', 'later'), ('TopicDisallowed', 'misconfigured'),
    ('InvalidProviderToken', 'misconfigured'),
    ('TooManyProviderTokenUpdates', 'later')])
def test_apns_verdicts(apns_sender, apns, reason, verdict):
    apns.fault(count=1, reason=reason)
    answer = apns_sender.push()
    assert (answer['verdict'], answer['reason']) == (verdict, reason)
    if reason in ('Unregistered', 'ExpiredToken'):
        assert abs(answer['since_ms'] / 1000 - time.time()) < 5


@pytest.mark.parametrize('reason', [
    'ExpiredProviderToken', 'IdleTimeout', 'Shutdown',
    'UnrelatedKeyIdInToken'])
def test_a_spoilt_apns_connection_is_left(apns_sender, apns, reason):
    apns.fault(count=1, reason=reason)
    assert apns_sender.push() == SENT
    first, again = apns.received()[-2:]
    assert first['code' if 'code' in first else 'reason'] == reason
    assert again['connection'] > first['connection']
    assert again['headers']['apns-id'] == first['headers']['apns-id']


def test_a_refused_access_token_is_replaced_once(fcm_sender, fcm):
    fcm.fault(kind='unauthorized', count=1)
    assert fcm_sender.push() == SENT
    first, again = fcm.received()[-2:]
    assert (first['headers']['authorization']
            != again['headers']['authorization'])


def test_without_a_token_pushes_wait_within_their_budget(start, fcm):
    fcm.clear()
    fcm.fault(kind='delay', endpoint='token', ms=1000, count=1)
    sender = start(fcm)
    assert sender.pushes(10) == [SENT] * 10


def test_a_revoked_key_is_a_misconfiguration(start, fcm):
    fcm.clear()
    fcm.fault(kind='oauth_error', endpoint='token')
    sender = start(fcm)
    assert sender.push() == {'verdict': 'misconfigured',
                             'reason': 'invalid_grant'}
    assert ' error fcm-sender ev=token.failed' in sender.process.log()


def test_nothing_is_gone_before_the_settings_are_proven(start, apns):
    apns.clear()
    apns.fault(reason='BadDeviceToken')
    sender = start(apns)
    for answer in sender.pushes(5):
        assert answer == {'verdict': 'misconfigured',
                          'reason': 'BadDeviceToken'}


def test_a_burst_of_bad_tokens_is_a_misconfiguration(apns_sender, apns):
    apns.fault(reason='BadDeviceToken')
    verdicts = [apns_sender.push()['verdict'] for _ in range(15)]
    assert verdicts == ['gone'] * 9 + ['misconfigured'] * 6


def test_an_unreadable_job_is_refused_by_its_field(sender):
    assert sender.push(priority='urgent') == {'verdict': 'refused',
                                              'reason': 'priority'}
    assert sender.push(token=None) == {'verdict': 'refused', 'reason': 'token'}
    assert sender.push() == SENT


def test_an_app_of_others_is_a_misconfiguration(sender):
    assert sender.push(app='other') == {'verdict': 'misconfigured',
                                        'reason': 'unknown-app'}


def test_sigterm_finishes_what_is_open(sender):
    sender.provider.fault(kind='delay', ms=1000)
    ids = [sender.frontend.send('push.request', **sender.request())
           for _ in range(20)]
    time.sleep(0.3)
    sender.process.signal(signal.SIGTERM)
    sender.stopping = True
    before = sender.frontend.let_go()
    answered = [m['id'] for m in before if m['type'] == 'push.result']
    rest = sender.frontend.receive([i for i in ids if i not in answered], 5)
    assert all(answer['verdict'] == 'sent' for answer in rest.values())


def test_no_token_is_ever_logged(sender):
    request = sender.request()
    for kind in ('error', 'reset', 'html'):
        sender.provider.clear()
        fault = {'kind': kind, 'count': 3}
        if kind == 'error':
            fault |= ({'error_code': 'UNREGISTERED'} if sender.kind == 'fcm'
                      else {'reason': 'Unregistered'})
        sender.provider.fault(**fault)
        sender.push(**request)
    log = sender.process.log()
    assert request['token'] not in log
    assert 'earer' not in log
    assert 'ya29' not in log


@pytest.mark.parametrize('member, value, why', [
    ('key_file', '/nowhere', 'cannot be opened'),
    ('key_id', 'short', 'not ten'), ('topic', 'a b', 'is not letters')])
def test_faults_of_the_keys_are_told_with_their_member(
        tmp_path, apns, member, value, why):
    path = tmp_path / 'wakebus.json'
    path.write_text(json.dumps(
        {'apns': apns.settings(), 'apps': {
            'ios': apns.app() | {member: value},
            'mac': apns.app() | {'team_id': '?', 'default': True}}}))
    process = Process([BIN / 'wakebus-apns-sender', '--config', path],
                      tmp_path / 'log')
    assert process.wait_exit() == 78
    assert f'apps.ios.{member}' in process.log() and why in process.log()
    assert 'apps.mac.team_id' in process.log()
