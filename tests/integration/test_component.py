"""The frontend's side of XMPP, stanza by stanza: every dialect that servers
and apps have, and what each mistake is answered with."""

import secrets
import time
from itertools import count

import pytest

from support import push_commands
from support.answers import error_of, registration_of, text_of
from support.component_server import ComponentServer
from support.data_form import data_form
from support.process import wait_until
from support.push_commands import register, unregister
from support.stanzas import COMPONENT, iq, publish
from support.wakebus import Wakebus, account_hash

PHONE = 'juliet@example.test/phone'
numbers = count(1)


@pytest.fixture(scope='module')
def wakebus(server, redis_server, fcm, tmp_path_factory):
    with Wakebus(tmp_path_factory.mktemp('wakebus'), server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings(),
                 push={'deadline_ms': 1500}).start() as wakebus:
        yield wakebus


@pytest.fixture(autouse=True)
def calm(fcm):
    yield
    fcm.clear()


def new_token():
    return secrets.token_urlsafe(120)


def register_phone(server, sender=PHONE, **variant):
    """Returns what the app learns, and its account hash."""
    device_id = f'device{next(numbers)}'
    reply = server.ask(iq(register(new_token(), device_id, **variant), sender))
    bare = sender.partition('/')[0]
    return registration_of(reply), account_hash(bare, device_id)


ITEM_NOT_FOUND = ('cancel', 'item-not-found')
BAD_REQUEST = ('modify', 'bad-request')
DEFERRED = None  # it is durable, so there is no error


# ---- pushes

@pytest.mark.parametrize('item', [
    '', '<item/>', '<item><notification/></item>',
    "<item><notification xmlns='urn:xmpp:push:0'>"
    "<x xmlns='jabber:x:data'/></notification></item>",
    "<item><surprise xmlns='urn:example'/></item>"])
def test_an_odd_push_is_still_a_push(server, wakebus, fcm, item):
    (_, node, secret), account = register_phone(server)
    options = data_form({'secret': secret, 'pushModule': 'x', 'more': 'y'})
    reply = server.ask(iq(
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
        f"<publish node='{node}'>{item}</publish>"
        f'<publish-options>{options}</publish-options></pubsub>',
        'example.test'))
    assert error_of(reply) is None
    assert fcm.accounts() == [account]


def test_the_example_of_the_first_app_server(server, wakebus, fcm):
    reply = server.ask(iq(register(new_token(), '92afd7a91cdba9a0'),
                          'xiaomia1@jabber.de/Conversations.q7Uv'))
    _, node, secret = registration_of(reply)
    reply = server.ask(publish('prosody', node, sender='jabber.de',
                               secret=secret))
    assert error_of(reply) is None
    assert fcm.accounts() == ['ec164939a8485ee6b7f7871071a11c7bb18aead5']


def test_whoever_may_not_push_learns_nothing(server, wakebus, fcm):
    (_, node, secret), _ = register_phone(server)
    replies = [
        server.ask(publish('prosody', 'AAAAAAAAAAAA', secret=secret)),
        server.ask(publish('prosody', 'no such node', secret=secret)),
        server.ask(publish('prosody', node, secret='wrong')),
        server.ask(publish('prosody', node)),
        server.ask(publish('prosody', node, sender='example.net',
                           secret=secret)),
        server.ask(publish('prosody', node[:4], secret=secret))]
    assert {error_of(reply) for reply in replies} == {ITEM_NOT_FOUND}
    assert len({text_of(reply) for reply in replies}) == 1
    assert fcm.received() == []


def test_a_full_jid_may_not_push(server, wakebus):
    (_, node, secret), _ = register_phone(server)
    reply = server.ask(publish('prosody', node, sender=PHONE, secret=secret))
    assert error_of(reply) == ('auth', 'forbidden')


@pytest.mark.parametrize('pubsub', ['', '<publish/>', "<publish node=''/>"])
def test_a_push_to_no_node_is_malformed(server, wakebus, pubsub):
    reply = server.ask(iq(
        f"<pubsub xmlns='http://jabber.org/protocol/pubsub'>{pubsub}</pubsub>",
        'example.test'))
    assert error_of(reply) == BAD_REQUEST
    assert reply.find('.//{http://jabber.org/protocol/pubsub#errors}'
                      'nodeid-required') is not None


@pytest.mark.parametrize('trouble, answer', [
    ({'status': 500, 'error_code': 'INTERNAL'}, DEFERRED),
    ({'status': 429, 'error_code': 'QUOTA_EXCEEDED'}, DEFERRED),
    ({'kind': 'hang'}, DEFERRED),
    ({'kind': 'permission_denied'}, ('wait', 'internal-server-error')),
    ({'status': 404, 'error_code': 'UNREGISTERED'}, ITEM_NOT_FOUND)], ids=str)
def test_what_a_server_hears_of_trouble(server, wakebus, fcm, trouble, answer):
    (_, node, secret), _ = register_phone(server)
    fcm.fault(**trouble)
    reply = server.ask(publish('prosody', node, secret=secret))
    assert error_of(reply) == answer
    fcm.clear()
    if answer != ITEM_NOT_FOUND:
        wait_until(lambda: error_of(server.ask(
            publish('prosody', node, secret=secret))) is None,
            'pushing again by itself')


def test_a_token_that_was_renewed_survives_the_death_of_the_old_one(
        server, wakebus, fcm):
    device_id = f'device{next(numbers)}'
    old, new = new_token(), new_token()
    reply = server.ask(iq(register(old, device_id), PHONE))
    _, node, secret = registration_of(reply)
    fcm.fault(kind='delay', ms=400, token=old)
    fcm.fault(status=404, error_code='UNREGISTERED', token=old)
    link = server.wait_link()
    push = publish('prosody', node, secret=secret, id='slow')
    link.send(push)
    time.sleep(0.2)
    server.ask(iq(register(new, device_id), PHONE))
    assert error_of(server.wait_answer('slow')) == DEFERRED
    reply = server.ask(publish('prosody', node, secret=secret))
    assert error_of(reply) is None


# ---- registrations

@pytest.mark.parametrize('action', [None, 'execute', 'next', 'complete'])
@pytest.mark.parametrize('field', ['device-id', 'android-id'])
@pytest.mark.parametrize('form_type', ['submit', 'form', 'result'])
def test_every_way_to_register(server, wakebus, action, field, form_type):
    register_phone(server, action=action, field=field, form_type=form_type)


def test_a_form_needs_no_type(server, wakebus):
    command = register(new_token(), 'd').replace(" type='submit'", '')
    assert " type='submit'" not in command
    assert registration_of(server.ask(iq(command, PHONE)))


def test_device_id_goes_before_android_id(server, wakebus, fcm):
    form = data_form({'android-id': 'old', 'device-id': 'new',
                      'token': new_token()})
    reply = server.ask(iq(
        "<command xmlns='http://jabber.org/protocol/commands'"
        f" node='register-push-fcm'>{form}</command>", PHONE))
    _, node, secret = registration_of(reply)
    server.ask(publish('prosody', node, secret=secret))
    assert fcm.accounts() == [account_hash('juliet@example.test', 'new')]


def test_registering_again_gives_the_same(server, wakebus, fcm):
    device_id = f'device{next(numbers)}'
    first, again = (registration_of(server.ask(
        iq(register(token, device_id), PHONE)))
        for token in (new_token(), 'the-new-token'))
    assert first == again
    server.ask(publish('prosody', first.node, secret=first.secret))
    assert fcm.received()[-1]['body']['message']['token'] == 'the-new-token'


def test_a_group_chat_has_a_channel_of_its_own(server, wakebus, fcm):
    device_id = f'device{next(numbers)}'
    room = 'balcony@muc.example.test'
    own = registration_of(server.ask(
        iq(register(new_token(), device_id), PHONE)))
    rooms = [registration_of(server.ask(
        iq(register(new_token(), device_id, muc=muc), PHONE)))
        for muc in (room, 'garden@muc.example.test')]
    assert len({r.node for r in [own, *rooms]}) == 3
    reply = server.ask(publish('prosody', rooms[0].node,
                               sender='muc.example.test',
                               secret=rooms[0].secret))
    assert error_of(reply) is None
    assert fcm.received()[-1]['body']['message']['data'] == {
        'account': account_hash('juliet@example.test', device_id),
        'channel': account_hash(room, device_id)}

    def ends(**variant):
        return error_of(server.ask(iq(unregister(device_id, **variant),
                                      PHONE)))

    assert ends(muc=room) is None
    assert ends(muc=room) == ITEM_NOT_FOUND
    assert ends() is None, 'two rows are left, and both go'
    assert ends() == ITEM_NOT_FOUND


def test_unregistering_says_completed(server, wakebus):
    device_id = f'device{next(numbers)}'
    server.ask(iq(register(new_token(), device_id), PHONE))
    reply = server.ask(iq(unregister(device_id, action='complete'), PHONE))
    command = reply.find(push_commands.COMMAND)
    assert command.get('status') == 'completed' and command.get('sessionid')


def test_nobody_ends_the_registration_of_another(server, wakebus):
    (_, node, secret), _ = register_phone(server)
    for sender in ('romeo@example.test/x', 'juliet@example.net/phone'):
        reply = server.ask(iq(unregister(f'device{next(numbers)}'), sender))
        assert error_of(reply) == ITEM_NOT_FOUND
    assert error_of(server.ask(
        publish('prosody', node, secret=secret))) is None


def test_a_command_without_a_form_offers_one(server, wakebus):
    reply = server.ask(iq("<command xmlns='http://jabber.org/protocol/commands"
                          "' node='register-push-fcm'/>", PHONE))
    command = reply.find(push_commands.COMMAND)
    assert command.get('status') == 'executing'
    assert {f.get('var') for f in command.iterfind('.//{*}field')} == {
        'token', 'device-id', 'muc'}


def test_a_command_can_be_canceled(server, wakebus):
    reply = server.ask(iq("<command xmlns='http://jabber.org/protocol/commands"
                          "' node='register-push-fcm' action='cancel'/>",
                          PHONE))
    assert reply.find(push_commands.COMMAND).get('status') == 'canceled'


@pytest.mark.parametrize('command, error, names', [
    (register(None, 'd'), BAD_REQUEST, 'token'),
    (register(4097 * 'x', 'd'), BAD_REQUEST, 'token'),
    (register('t', None), BAD_REQUEST, 'device-id'),
    (register('t', 1025 * 'd'), BAD_REQUEST, 'device-id'),
    (register('t', 'd', muc='a@b/c'), BAD_REQUEST, 'muc'),
    (register('t', 'd', muc=3072 * 'm'), BAD_REQUEST, 'muc'),
    (register('t', ' '), BAD_REQUEST, 'device-id'),
    (register('t', 'd', action='prev'), BAD_REQUEST, 'action'),
    (register('t', 'd', service='wns'), ITEM_NOT_FOUND, 'command'),
    (register('t', 'd', service='apns'), ITEM_NOT_FOUND, 'command'),
    ("<command xmlns='http://jabber.org/protocol/commands'/>",
     ITEM_NOT_FOUND, 'command')],
    ids=lambda value: str(value)[:40])
def test_a_bad_registration_is_told_what_is_wrong(
        server, wakebus, command, error, names):
    reply = server.ask(iq(command, PHONE))
    assert error_of(reply) == error
    assert names in text_of(reply)


def test_jids_of_any_legal_length_can_register(server, wakebus):
    local, domain = 1023 * 'j', '.'.join(5 * [63 * 'd'])
    register_phone(server, sender=f'{local}@{domain}/{1023 * "r"}')
    reply = server.ask(iq(register('t', 'd'), f'{3072 * "j"}@example.test'))
    assert error_of(reply) == BAD_REQUEST


# ---- everything else (RFC 6120, XEP-0030, XEP-0050, XEP-0199)

INFO = 'http://jabber.org/protocol/disco#info'
ITEMS = 'http://jabber.org/protocol/disco#items'
COMMANDS = 'http://jabber.org/protocol/commands'


def disco(server, namespace, node=None):
    attribute = f" node='{node}'" if node else ''
    return server.ask(iq(f"<query xmlns='{namespace}'{attribute}/>", PHONE,
                         kind='get'))


def test_disco_tells_of_a_push_service(server, wakebus):
    reply = disco(server, INFO)
    identity = reply.find('.//{*}identity')
    assert (identity.get('category'), identity.get('type')) == (
        'pubsub', 'push')
    features = {f.get('var') for f in reply.iterfind('.//{*}feature')}
    assert {'urn:xmpp:push:0', COMMANDS, INFO, ITEMS,
            'urn:xmpp:ping'} <= features


def test_disco_lists_the_commands(server, wakebus):
    assert len(disco(server, ITEMS).find('{*}query')) == 0
    items = disco(server, ITEMS, COMMANDS).findall('.//{*}item')
    assert {i.get('node') for i in items} == {
        'register-push-fcm', 'unregister-push-fcm',
        'register-push-fcm-conversations',
        'unregister-push-fcm-conversations'}
    identity = disco(server, INFO, 'register-push-fcm').find('.//{*}identity')
    assert identity.get('type') == 'command-node'
    assert error_of(disco(server, INFO, 'nothing')) == ITEM_NOT_FOUND
    assert error_of(disco(server, ITEMS, 'nothing')) == ITEM_NOT_FOUND


@pytest.mark.parametrize('kind, payload, error', [
    ('get', "<ping xmlns='urn:xmpp:ping'/>", None),
    ('set', "<ping xmlns='urn:xmpp:ping'/>",
     ('cancel', 'feature-not-implemented')),
    ('get', "<pong xmlns='urn:xmpp:ping'/>",
     ('cancel', 'feature-not-implemented')),
    ('set', f"<query xmlns='{INFO}'/>", ('cancel', 'feature-not-implemented')),
    ('get', "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>",
     ('cancel', 'feature-not-implemented')),
    ('get', f"<command xmlns='{COMMANDS}' node='register-push-fcm'/>",
     ('cancel', 'feature-not-implemented')),
    ('get', "<query xmlns='jabber:iq:version'/>",
     ('cancel', 'service-unavailable')),
    ('set', '', BAD_REQUEST),
    ('set', "<a xmlns='a'/><b xmlns='b'/>", BAD_REQUEST),
    ('what', "<ping xmlns='urn:xmpp:ping'/>", BAD_REQUEST)])
def test_the_rules_for_any_iq(server, wakebus, kind, payload, error):
    assert error_of(server.ask(iq(payload, PHONE, kind=kind))) == error


@pytest.mark.parametrize('to', ['romeo@push.example.test',
                                'push.example.test/res'])
def test_nobody_lives_below_the_component(server, wakebus, to):
    reply = server.ask(iq("<ping xmlns='urn:xmpp:ping'/>", PHONE, kind='get',
                          to=to))
    assert error_of(reply) == ('cancel', 'service-unavailable')
    assert reply.get('from') == to


def test_what_must_not_be_answered_is_not(server, wakebus):
    link = server.wait_link()
    for id, stanza in {
            'r': iq('', PHONE, kind='result', id='r'),
            'e': iq('<error/>', PHONE, kind='error', id='e'),
            'm': f"<message id='m' from='{PHONE}' to='{COMPONENT}'/>",
            'p': f"<presence id='p' from='{PHONE}' to='{COMPONENT}'"
                 " type='subscribe'/>"}.items():
        link.send(stanza)
    server.ask(iq("<ping xmlns='urn:xmpp:ping'/>", PHONE, kind='get'))
    assert not {'r', 'e', 'm', 'p'} & server.answers.keys()
    assert server.requests == []


def test_values_from_outside_come_back_escaped(server, wakebus):
    node = '&lt;a b=&quot;c&quot;&gt;&amp;&apos;'
    reply = server.ask(iq(
        f"<command xmlns='{COMMANDS}' node='register-push-fcm' action='cancel'"
        '/>', "x&amp;'y&lt;".replace("'", '&apos;') + '@example.test/&quot;',
        kind='set'))
    assert reply.get('type') == 'result'
    assert error_of(disco(server, INFO, node)) == ITEM_NOT_FOUND


# ---- the link itself

@pytest.mark.parametrize('garbage', [
    '<iq <<< >', '<iq></message>', '\xff\xfe'.encode('latin-1'),
    '<!DOCTYPE x [<!ENTITY a "aaaa">]><iq>&a;</iq>', '</stream:stream>'],
    ids=str)
def test_a_broken_stream_is_replaced(server, wakebus, garbage):
    link = server.wait_link()
    link.send(garbage)
    time.sleep(0.1)
    link.close()
    wait_until(lambda: server.wait_link() is not link, 'a new link')
    assert error_of(server.ask(
        iq("<ping xmlns='urn:xmpp:ping'/>", PHONE, kind='get'))) is None


@pytest.mark.parametrize('refusal, remedy', [
    ('not-authorized', 'xmpp.secret'), ('host-unknown', 'xmpp.jid'),
    ('conflict', 'component_conflict_resolve')])
def test_a_refusal_names_the_remedy(tmp_path, redis_server, fcm, refusal,
                                    remedy):
    server = ComponentServer().start()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'c': fcm.app()}) as wakebus:
        frontend = wakebus.start_one('xmpp-frontend')
        server.refusal = refusal
        server.wait_link().close()
        frontend.wait_for_log('ev=link.refused')
        line = next(line for line in frontend.log().splitlines()
                    if 'ev=link.refused' in line)
        assert remedy in line and server.secret not in frontend.log()
    server.stop()


def test_a_shutdown_answers_everybody(tmp_path, redis_server, fcm):
    server = ComponentServer().start()
    with Wakebus(tmp_path, server, redis_server.url, {'c': fcm.app()},
                 fcm=fcm.settings(),
                 push={'deadline_ms': 3000}).start() as wakebus:
        (_, node, secret), _ = register_phone(server)
        fcm.fault(kind='delay', ms=1000)
        server.wait_link().send(
            publish('prosody', node, secret=secret, id='in flight'))
        wait_until(lambda: 'push.request' in wakebus.log('xmpp-frontend') or
                   'type=target.lookup.result' in
                   wakebus.log('xmpp-frontend'), 'looked up')
        wakebus.processes['xmpp-frontend'].signal(15)
        wakebus.processes['xmpp-frontend'].wait_for_log('ev=service.drain')
        late = server.ask(publish('prosody', node, secret=secret))
        assert error_of(late) == ('wait', 'service-unavailable')
        assert error_of(server.wait_answer('in flight')) is None
        assert wakebus.processes.pop('xmpp-frontend').wait_exit() == 0
    server.stop()


# ---- hostile stanzas

HEAD = f"<iq type='set' id='evil' from='{PHONE}' to='{COMPONENT}'>"
HOSTILE = {
    'nested': 100_000 * '<a>' + 100_000 * '</a>',
    'siblings': 60_000 * '<a/>',
    'text': '<a>' + 256_000 * 'x\n' + '</a>',
    'long text': '<a>' + 4_000_000 * 'x' + '</a>',
    'attributes': '<a ' + ' '.join(f"a{n}='1'" for n in range(3000)) + '/>',
    'long attribute': f"<a b='{60_000 * 'x'}'/><b>{9000 * 'y'}</b>",
}


@pytest.mark.parametrize('payload', HOSTILE.values(), ids=HOSTILE)
def test_a_monstrous_stanza_is_dropped_alone(server, wakebus, payload):
    (_, node, secret), _ = register_phone(server)
    link = server.wait_link()
    link.send(HEAD + payload + '</iq>')
    assert error_of(server.ask(publish('prosody', node, secret=secret))) is None
    assert server.wait_link() is link, 'the stream went on'
    assert 'evil' not in server.answers
    assert 'ev=stanza.dropped' in wakebus.log('xmpp-frontend')


def test_a_tag_without_an_end_costs_the_stream(server, wakebus):
    link = server.wait_link()
    link.send(HEAD + "<a b='" + 200_000 * 'x')
    link.wait_closed()
    wait_until(lambda: server.wait_link() is not link, 'a new link')


def test_a_large_stanza_within_the_limits_is_answered_at_once(
        server, wakebus):
    form = data_form({'token': 4096 * 't', 'device-id': 1024 * 'd',
                      **{f'field{n}': 2000 * 'z' for n in range(25)}})
    reply = server.ask(iq(
        "<command xmlns='http://jabber.org/protocol/commands'"
        f" node='register-push-fcm'>{form}</command>", PHONE))
    assert registration_of(reply)


def test_a_stanza_in_pieces_is_answered_at_once(server, wakebus):
    link = server.wait_link()
    ping = iq("<ping xmlns='urn:xmpp:ping'/>", PHONE, kind='get', id='cut')
    for cut in range(1, len(ping), 7):
        link.send(ping[:cut])
        time.sleep(0.002)
        link.send(ping[cut:].replace("'cut'", f"'cut{cut}'") if "'cut'" in
                  ping[cut:] else ping[cut:])
    wait_until(lambda: sum(len(answers) for id, answers in
                           server.answers.items() if id.startswith('cut'))
               == len(range(1, len(ping), 7)), 'all answered')
