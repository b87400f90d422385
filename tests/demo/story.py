"""The story that a demo tells: two people, two phones that are off, and how
they are woken. It prints each step."""

import json
import secrets
import sys
import time
from itertools import count

from support.wakebus import account_hash

COLORS = sys.stdout.isatty()
numbers = count(1)


def bold(text):
    return f'\033[1m{text}\033[0m' if COLORS else text


def step(text):
    print(f'\n{bold(f"{next(numbers)}. {text}")}', flush=True)


def show(text):
    for line in text.splitlines():
        print(f'   {line}', flush=True)


def pretty(value):
    return json.dumps(value, indent=1, ensure_ascii=False)


class Story:
    """`new_user(name)` makes an account and returns its XmppClient; `fcm` and
    `apns` are emulators, and `store` is a client of Redis."""

    def __init__(self, component, new_user, fcm, apns, store):
        self.component = component
        self.new_user = new_user
        self.fcm = fcm
        self.apns = apns
        self.store = store

    def tell(self):
        romeo = self.new_user('romeo')
        step("Juliet's app registers at the app server, " + self.component)
        juliet, device_id = self._juliet()
        account = account_hash(juliet.bare_jid, device_id)
        step('Juliet goes offline, and Romeo writes to her')
        juliet.go_offline()
        self._wake_phone(romeo, juliet.bare_jid, account)
        step('The same with an iPhone')
        self._wake_iphone(romeo)

    def _juliet(self):
        juliet = self.new_user('juliet')
        device_id = secrets.token_hex(8)
        _, node, secret = self._register(
            juliet, 'fcm', secrets.token_urlsafe(120), device_id)
        show(f'It learns its node {node} and secret {secret},\n'
             'and tells its own server to push there. All that is stored of'
             ' it:')
        for key in self.store.keys(f'*node:{node}'):
            row = self.store.hgetall(key)
            row['token'] = row['token'][:16] + '…'
            show(pretty(row))
        return juliet, device_id

    def _wake_phone(self, romeo, jid, account):
        seconds, push = wake(romeo, jid, self.fcm)
        show(f'{seconds * 1000:.0f} ms later FCM was asked to wake her phone:')
        message = push['body']['message']
        message['token'] = message['token'][:16] + '…'
        show(pretty(message))
        assert message['data']['account'] == account
        show('The account is a hash that only her phone can make sense of.')

    def _wake_iphone(self, romeo):
        nurse = self.new_user('nurse')
        self._register(nurse, 'apns', secrets.token_hex(32),
                       secrets.token_hex(8))
        nurse.go_offline()
        seconds, push = wake(romeo, nurse.bare_jid, self.apns)
        show(f'{seconds * 1000:.0f} ms later APNs got:')
        show(pretty({name: value for name, value in push['headers'].items()
                     if name.startswith('apns-')}))
        show(pretty(push['body']))

    def _register(self, client, service, token, device_id):
        registration = client.register_push(self.component, token, device_id,
                                            service=service)
        client.enable_push(*registration)
        return registration


def wake(romeo, jid, provider):
    """Send a message; returns how long it took to get there, and what the
    provider got."""
    known = len(provider.received())
    sent = time.monotonic()
    romeo.send_chat(jid, 'Art thou not Romeo, and a Montague?')
    push = provider.received(wait=known + 1)[-1]
    return time.monotonic() - sent, push
