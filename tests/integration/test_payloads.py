"""What arrives at FCM and APNs is what deploy/apps.md says, and what they would
refuse is refused at the start."""

import json
import re
import signal
from pathlib import Path

import pytest

from support.check_config import faults
from support.sender import SENT, Sender

ROOT = Path(__file__).resolve().parents[2]
ENCRYPTED = {'encrypted': 'aGVsbG8gd29ybGQ=', 'iv': '8iVbX7Nzr9pvH9KP'}


@pytest.fixture
def start(tmp_path):
    started = []

    def run(provider, **changes):
        scratch = tmp_path / str(len(started))
        scratch.mkdir()
        provider.clear()
        started.append(Sender(scratch, provider, provider.app() | changes))
        return started[-1]
    yield run
    for sender in started:
        sender.provider.clear()
        sender.stop()


def documented():
    """The example of deploy/apps.md: members by app, and the body that these
    make, without what differs from one push to the next."""
    page = (ROOT / 'deploy/apps.md').read_text()
    section = page.partition('## What a push looks like')[2]
    members, bodies = re.findall('```json\n(.*?)```', section, re.DOTALL)[:2]
    members = json.loads('{' + members.replace(' …,', '') + '}')
    return members, [json.loads(body) for body in bodies.split('\n\n')]


def pushed(sender, **changes):
    """What the provider gets of a push, and the request for it."""
    request = sender.request(**changes)
    sender.provider.clear()
    assert sender.push(**request) == SENT
    [push] = sender.provider.received(1)
    return push, request


def test_fcm_gets_what_is_documented(start, fcm):
    members, (body, _) = documented()
    sender = start(fcm, **members['conversations'])
    push, request = pushed(sender)
    body['message']['token'] = request['token']
    body['message']['data']['account'] = request['device']
    assert push['body'] == body
    push, _ = pushed(sender, priority='low')
    assert push['body']['message']['android'] == (
        body['message']['android'] | {'priority': 'NORMAL'})


def test_apns_gets_what_is_documented(start, apns):
    members, (_, body) = documented()
    sender = start(apns, **members['ios'])
    push, request = pushed(sender, priority='low')  # which is not auto
    assert push['body'] == body | {'account': request['device']}
    assert push['headers']['apns-priority'] == '10'


def test_low_is_never_urgent(start, fcm, apns):
    push, _ = pushed(start(fcm, priority='low'))
    assert push['body']['message']['android']['priority'] == 'NORMAL'
    push, _ = pushed(start(apns, priority='low'))
    assert push['headers']['apns-priority'] == '5'
    assert 'sound' not in push['body']['aps']


def test_collapse(start, fcm, apns):
    push, request = pushed(start(fcm, collapse='account'), channel='c' * 40)
    assert push['body']['message']['android']['collapse_key'] == 'c' * 40
    push, request = pushed(start(apns, collapse='none'))
    assert 'apns-collapse-id' not in push['headers']


@pytest.mark.parametrize('changes', [
    {}, {'push_type': 'background'},
    {'payload': {'aps': {'content-available': 1}, 'k': [1, None]},
     'push_type': 'background'},
    {'payload': {'k': 'x' * 3800}}])
def test_apns_takes_what_is_taken_at_the_start(start, apns, changes):
    pushed(start(apns, **changes), channel='c' * 40)


def test_fcm_takes_the_largest_that_is_taken_at_the_start(start, fcm):
    ours = 2 * 40 + len('accountchannel')
    pushed(start(fcm, payload={'data': {'k': 'x' * (4095 - ours)}}),
           channel='c' * 40)


def test_content_goes_along_only_if_the_app_wants_it(start, fcm, apns):
    push, request = pushed(start(fcm, forward_encrypted=True), **ENCRYPTED)
    assert push['body']['message']['data'] == {
        'account': request['device'], **ENCRYPTED}
    push, request = pushed(start(apns, forward_encrypted=True), **ENCRYPTED)
    assert push['body'].items() >= ENCRYPTED.items()
    for provider in (fcm, apns):
        push, _ = pushed(start(provider), **ENCRYPTED)
        assert ENCRYPTED['encrypted'] not in json.dumps(push)


def test_content_that_does_not_fit_is_left_off(start, fcm, apns):
    for provider in (fcm, apns):
        sender = start(provider, forward_encrypted=True)
        push, request = pushed(sender, encrypted='A' * 4096, iv='8iVb')
        assert 'AAAA' not in json.dumps(push)
        assert request['device'] in json.dumps(push['body'])
        push, _ = pushed(sender, encrypted='A' * 3000, iv='8iVb')
        assert 3000 * 'A' in json.dumps(push)
        assert 'AAAA' not in sender.process.log()


def test_a_reload_changes_them_and_no_push_is_lost(start, fcm, apns):
    for provider, payload in ((fcm, {'data': {'k': 'new'}}),
                              (apns, {'k': 'new'})):
        sender = start(provider)
        pushed(sender)
        provider.fault(kind='delay', ms=700)
        ids = [sender.frontend.send('push.request', **sender.request())
               for _ in range(20)]
        sender.write_config(provider.app() | {'payload': payload})
        sender.process.signal(signal.SIGHUP)
        sender.process.wait_for_log('ev=account.replaced')
        answers = sender.frontend.receive(ids, 15).values()
        assert [answer['verdict'] for answer in answers] == 20 * ['sent']
        push, _ = pushed(sender)
        assert '"k": "new"' in json.dumps(push['body'])


def test_a_reload_with_a_fault_changes_nothing(start, apns):
    sender = start(apns, payload={'k': 'old'})
    sender.write_config(apns.app() | {'payload': {'account': 'x'}})
    sender.process.signal(signal.SIGHUP)
    sender.process.wait_for_log('ev=config.refused')
    assert 'member=apps.app.payload.account' in sender.process.log()
    push, _ = pushed(sender)
    assert push['body']['k'] == 'old'


@pytest.mark.parametrize('kind, changes, members', [
    ('fcm', {'payload': {'data': {'from': 'x', 'a': 1}, 'notification': {}},
             'restricted_package': 'app', 'priority': 'urgent'},
     ['payload.data.from', 'payload.data.a', 'payload.notification',
      'restricted_package', 'priority']),
    ('apns', {'payload': {'aps': {'badge': '1'}, 'channel': 1},
              'collapse': 'chat'},
     ['payload.aps.badge', 'payload.aps', 'payload.channel', 'collapse']),
    ('apns', {'push_type': 'background', 'priority': 'high',
              'payload': {'aps': {'alert': '!'}, 'k': 'x' * 5000}},
     ['priority', 'payload.aps', 'payload.aps.alert', 'payload'])])
def test_all_faults_are_told_at_once(request, tmp_path, kind, changes,
                                     members):
    provider = request.getfixturevalue(kind)
    found = faults(f'{kind}-sender', {
        kind: provider.settings(),
        'apps': {'a': provider.app() | changes}}, tmp_path)
    assert found.keys() == {f'apps.a.{member}' for member in members}
