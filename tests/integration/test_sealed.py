"""Nodes that are their own registration: a frontend and senders, the operator's
keys, and nothing that is kept."""

import secrets
from contextlib import contextmanager
from itertools import count

import pytest

from support.answers import error_of, registration_of, text_of
from support.asking import Tool
from support.ejabberd import Ejabberd
from support.http_pages import Pages
from support.metrics import metrics_of
from support.process import free_port, wait_until
from support.prosody import Prosody
from support.providers import Apns
from support.push_commands import register, unregister
from support.stanzas import iq, publish
from support.wakebus import Wakebus, account_hash
from test_reload import REFUSED, hang_up

JULIET = 'juliet@example.test'
PHONE = f'{JULIET}/phone'
GONE = ('cancel', 'item-not-found')
TROUBLE = ('wait', 'internal-server-error')
numbers = count(1)


def new_key():
    """As `openssl rand -hex 32` makes one."""
    return secrets.token_hex(32)


class Keys:
    def __init__(self, path):
        self.path = path
        self.keys = [new_key()]
        self.write()

    def write(self):
        self.path.write_text('# first seals, all open\n'
                             + ''.join(f'{key}\n' for key in self.keys))


@pytest.fixture(scope='module')
def sandbox(credentials):
    emulator = Apns(credentials)
    yield emulator
    assert emulator.stop() == 0


@pytest.fixture(scope='module')
def pages():
    return Pages()


@pytest.fixture(scope='module')
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp('keys') / 'sealed-keys')


def nobody():
    """Where no Redis is."""
    return f'redis://127.0.0.1:{free_port()}/0'


@pytest.fixture(scope='module')
def wakebus(server, fcm, apns, sandbox, keys, pages, tmp_path_factory):
    apps = {'snikket': fcm.app(), 'ios': apns.app() | {'default': True},
            'xcode': apns.app() | {'environment': 'sandbox'}}
    wakebus = Wakebus(tmp_path_factory.mktemp('wakebus'), server, nobody(),
                      {name: app | {'stateless': True}
                       for name, app in apps.items()},
                      pages=pages, fcm=fcm.settings(),
                      apns=apns.settings() | {'sandbox_url': sandbox.url},
                      sealed={'keys_file': str(keys.path)},
                      push={'deadline_ms': 2000})
    with wakebus:
        wakebus.start('xmpp-frontend', 'fcm-sender', 'apns-sender')
        yield wakebus


@pytest.fixture(autouse=True)
def calm(fcm, apns, sandbox):
    yield
    for provider in (fcm, apns, sandbox):
        provider.clear()


@contextmanager
def limits(wakebus, **changed):
    before = wakebus.config['limits']
    wakebus.config['limits'] = before | changed
    wakebus.write_config()
    hang_up(wakebus.processes['xmpp-frontend'])
    yield
    wakebus.config['limits'] = before
    wakebus.write_config()
    hang_up(wakebus.processes['xmpp-frontend'])


class Phone:
    def __init__(self, server, service='fcm', **variant):
        self.server = server
        self.service = service
        self.token = (secrets.token_hex(32) if service == 'apns' else
                      f'{secrets.token_urlsafe(16)}:APA91b'
                      f'{secrets.token_urlsafe(100)}')
        self.device_id = f'sealed{next(numbers)}'
        self.account = account_hash(JULIET, self.device_id)
        self.variant = variant
        self.registration = self.register()

    def register(self):
        return registration_of(self.server.ask(iq(register(
            self.token, self.device_id, self.service, **self.variant),
            PHONE)))

    def publish(self, sender='example.test', node=None, **options):
        return self.server.ask(publish(
            'prosody', node or self.registration.node, sender=sender,
            **{'secret': self.registration.secret, **options}))

    def push(self, **changes):
        """The error, or None."""
        return error_of(self.publish(**changes))


# ---- register, push, unregister

@pytest.mark.parametrize('service, app', [
    ('fcm', 'snikket'), ('fcm-snikket', 'snikket'), ('apns', 'ios')])
def test_a_node_is_all_that_a_push_needs(server, wakebus, fcm, apns, pages,
                                         service, app):
    before = metrics_of(pages).sum('wakebus_registrations_total', app=app,
                                   outcome='done')
    phone = Phone(server, service)
    assert phone.push() is None
    if service == 'apns':
        [push] = apns.received(wait=1)
        assert push['token'] == phone.token
        assert push['body']['account'] == phone.account
    else:
        [push] = fcm.received(wait=1)
        message = push['body']['message']
        assert message['token'] == phone.token
        assert message['data'] == {'account': phone.account}
    page = metrics_of(pages)
    assert page.sum('wakebus_registrations_total', app=app,
                    outcome='done') == before + 1
    assert page.sum('wakebus_pushes_received_total') == page.sum(
        'wakebus_push_outcomes_total')


def test_a_node_tells_nothing(server, wakebus):
    phone = Phone(server)
    node = phone.registration.node
    assert node.startswith('s1.') and len(node) < 400
    for text in (phone.token, phone.account, 'snikket', 'example'):
        assert text not in node


def test_an_operator_looks_at_a_node_and_tries_it(wakebus, server, fcm):
    tool, phone = Tool(wakebus), Phone(server)
    node = phone.registration.node
    domain = ('--domain', 'example.test')
    shown = tool.json('show', *domain, node)
    assert (shown['outcome'], shown['app'], shown['domain']) == (
        'ok', 'snikket', 'example.test')
    assert phone.account.startswith(shown['device'])
    assert phone.token.endswith(shown['token'])
    assert shown['token_size'] == len(phone.token)
    assert tool.json('push', *domain, '--high', node)['outcome'] == 'sent'
    [push] = fcm.received()
    assert push['body']['message']['data'] == {'account': phone.account}
    for command in ('show', 'push'):
        told = tool.json(command, '--domain', 'example.net', node, status=1)
        assert told['outcome'] == 'absent'
        done = tool.run(command, node)
        assert done.returncode == 64 and '--domain' in done.stderr
    done = tool.run('revoke', '--yes', node)
    assert done.returncode == 64 and 'sealed.keys_file' in done.stderr
    assert phone.push() is None
    assert node not in wakebus.log('xmpp-frontend')
    assert phone.token not in wakebus.log('xmpp-frontend')


def test_registering_again_gives_the_same(server, wakebus):
    """Apps do it at each login, and servers push to each node they know."""
    phone = Phone(server)
    assert phone.register() == phone.registration
    phone.token += 'x'
    assert phone.register() != phone.registration


def test_registering_has_the_limits_of_any_other(server, wakebus, pages):
    """It costs less, but whoever does it in a loop is no less broken."""
    def ask(command, sender):
        return error_of(server.ask(iq(command, sender)))

    limited = metrics_of(pages).sum('wakebus_registrations_total',
                                    outcome='limited')
    with limits(wakebus, user_registrations_per_hour=60,
                user_registrations_burst=2):
        romeo = 'romeo@example.test/phone'
        for token in ('first', 'second'):
            assert ask(register(token, 'd'), romeo) is None
        assert ask(register('third', 'd'), romeo) == (
            'wait', 'resource-constraint')
        assert ask(unregister('d'), romeo) is None
        assert ask(register('t', 'd'), 'nurse@example.test/phone') is None
        assert ('limit=limits.user_registrations_per_hour' in
                wakebus.log('xmpp-frontend'))
        page = metrics_of(pages)
        assert page.sum('wakebus_registrations_total',
                        outcome='limited') == limited + 1
    with limits(wakebus, domain_registrations_per_second=1,
                domain_registrations_burst=1):
        assert ask(register('t', 'd'), 'one@verona.test/phone') is None
        assert ask(register('t', 'd'), 'two@verona.test/phone') == (
            'wait', 'resource-constraint')


def test_a_group_chat_pushes_from_its_own_domain(server, wakebus, fcm):
    phone = Phone(server, muc='room@muc.example.test')
    assert phone.push() == GONE
    assert phone.push(sender='muc.example.test') is None
    data = fcm.received(wait=1)[-1]['body']['message']['data']
    assert data == {'account': phone.account, 'channel': account_hash(
        'room@muc.example.test', phone.device_id)}


def test_what_is_wrong_is_told_alike(server, wakebus, fcm):
    phone = Phone(server)
    node = phone.registration.node
    changed = node[:-5] + ('A' if node[-5] != 'A' else 'B') + node[-4:]
    replies = [phone.publish(sender='example.net'),
               phone.publish(secret='wrong'), phone.publish(secret=''),
               phone.publish(node=changed), phone.publish(node=node[:-4]),
               phone.publish(node=node + 'AAAA'), phone.publish(node='s1.')]
    assert {error_of(reply) for reply in replies} == {GONE}
    assert len({text_of(reply) for reply in replies}) == 1
    assert fcm.received() == []


def test_a_bare_token_needs_no_registration_still(server, wakebus, fcm):
    phone = Phone(server)
    assert phone.push(node=phone.token, pushModule='snikket', secret='') is None
    assert phone.push(pushModule='snikket') is None, 'sealed all the same'
    assert len(fcm.received()) == 2


def test_unregistering_ends_nothing(server, wakebus, fcm):
    """Which is for the client's <disable/> to do."""
    phone = Phone(server)
    for _ in range(2):
        reply = server.ask(iq(unregister(phone.device_id), PHONE))
        command = reply.find('{*}command')
        assert command.get('status') == 'completed'
    assert phone.push() is None


def test_a_dead_token_ends_it(server, wakebus, fcm):
    phone = Phone(server)
    fcm.fault(token=phone.token, status=404, error_code='UNREGISTERED')
    assert phone.push() == GONE
    fcm.clear()
    assert phone.push() == GONE
    assert fcm.received() == []
    phone.token += 'x'
    phone.registration = phone.register()
    assert phone.push() is None


def test_sandbox_chooses_the_twin(server, wakebus, apns, sandbox):
    phone = Phone(server, 'apns')
    assert phone.push(sandbox='true') is None
    assert [push['token'] for push in sandbox.received()] == [phone.token]
    assert apns.received() == []


def test_a_token_that_does_not_fit_is_refused(server, wakebus):
    reply = server.ask(iq(register(1000 * 'x', 'd'), PHONE))
    assert error_of(reply) == ('modify', 'bad-request')
    assert text_of(reply) == (
        'token: too long for a node without a registration.')


def test_disco_lists_the_commands(server, wakebus):
    reply = server.ask(iq(
        "<query xmlns='http://jabber.org/protocol/disco#items'"
        " node='http://jabber.org/protocol/commands'/>", PHONE, kind='get'))
    assert {'register-push-fcm', 'unregister-push-fcm-snikket'} <= {
        item.get('node') for item in reply.iterfind('.//{*}item')}


# ---- keys and settings change

def frontend_reads(wakebus, event='ev=config.reloaded', **sections):
    wakebus.config |= sections
    wakebus.write_config()
    return hang_up(wakebus.processes['xmpp-frontend'], event)


def test_keys_change_while_nodes_go_on(server, wakebus, keys):
    phone = Phone(server)
    old = phone.registration
    keys.keys.insert(0, new_key())
    keys.write()
    frontend_reads(wakebus)
    assert phone.push() is None, 'sealed by the old key'
    phone.registration = phone.register()
    assert phone.registration.node != old.node
    assert phone.push() is None, 'sealed by the new key'
    keys.keys.pop()
    keys.write()
    frontend_reads(wakebus)
    assert phone.push() is None
    assert phone.push(node=old.node, secret=old.secret) == GONE
    assert phone.register() == phone.registration


def test_a_bad_keys_file_changes_nothing(server, wakebus, keys):
    phone = Phone(server)
    keys.path.write_text(f'{new_key()}\nsecret\n')
    log = frontend_reads(wakebus, REFUSED)
    assert ('member=sealed.keys_file why="line 2 is no key of 64 hex digits"'
            in log)
    assert 'openssl rand -hex 32' in log
    assert phone.push() is None
    keys.write()
    frontend_reads(wakebus)


def test_without_keys_nobody_loses_a_subscription(server, wakebus, keys, fcm):
    phone = Phone(server)
    frontend_reads(wakebus, sealed={})
    assert phone.push() == TROUBLE
    assert error_of(server.ask(iq(register(
        phone.token, phone.device_id), PHONE))) == GONE
    frontend_reads(wakebus, sealed={'keys_file': str(keys.path)})
    assert phone.push() is None


def test_an_app_that_is_gone_may_come_back(server, wakebus):
    phone = Phone(server)
    apps = wakebus.config['apps']
    frontend_reads(wakebus, apps={
        name: app for name, app in apps.items() if name != 'snikket'})
    assert phone.push() == TROUBLE
    assert 'ev=push.no_app app=snikket' in wakebus.log('xmpp-frontend')
    frontend_reads(wakebus, apps=apps)
    wait_until(lambda: phone.push() is None, 'served again')


def test_nodes_can_have_an_age(server, wakebus, keys):
    eternal = Phone(server)
    frontend_reads(wakebus, sealed={'keys_file': str(keys.path),
                                    'max_age_s': 1})
    aged = Phone(server)
    wait_until(lambda: aged.push() == GONE, 'too old')
    assert eternal.push() is None
    frontend_reads(wakebus, sealed={'keys_file': str(keys.path)})


# ---- with real servers

@pytest.fixture(scope='module', params=[Prosody, Ejabberd])
def real_server(request, tmp_path_factory):
    server = request.param(tmp_path_factory.mktemp('xmpp')).start()
    yield server
    server.process.kill()


def test_a_message_wakes_the_phone_once(real_server, fcm, keys, tmp_path):
    """However often the app has logged in."""
    server = real_server
    with Wakebus(tmp_path, server, nobody(),
                 {'snikket': fcm.app() | {'stateless': True}},
                 fcm=fcm.settings(), sealed={'keys_file': str(keys.path)},
                 ).start('xmpp-frontend', 'fcm-sender') as wakebus:
        token = secrets.token_urlsafe(120)
        for name in ('juliet', 'romeo'):
            server.add_user(name)
        for _ in range(3):
            client = server.login('juliet')
            registration = client.register_push(server.component, token, 'd1')
            client.enable_push(*registration)
            client.go_offline()
        romeo = server.login('romeo')
        romeo.send_chat(client.bare_jid, 'Art thou not Romeo?')
        wait_until(lambda: fcm.accounts() == [
            account_hash(client.bare_jid, 'd1')], 'woken')
        frontend = wakebus.processes['xmpp-frontend']
        frontend.wait_for_log('outcome=sent answer=result')
        romeo.drop()
        assert frontend.log().count('kind=push') == 1
