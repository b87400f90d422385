"""SIGHUP: keys, apps, limits and the log level change while pushes flow, a bad
configuration is refused whole, and nothing is lost either way."""

import copy
import json
import signal

import pytest

from support.answers import error_of
from support.http_pages import Pages
from support.load import Load
from support.metrics import metrics_of
from support.process import wait_until
from support.push_commands import register
from support.providers import TOPIC
from support.stanzas import iq
from support.wakebus import Wakebus
from test_component import new_token, register_phone
from test_component import publish
from test_senders import SENT, start  # noqa: F401 (a fixture)

PHONE = 'juliet@example.test/phone'
RELOADED = 'ev=config.reloaded'
REFUSED = 'ev=config.refused'


def hang_up(process, event=RELOADED):
    """SIGHUP; returns what it has logged since, up to this event."""
    before = len(process.log())
    process.signal(signal.SIGHUP)
    process.wait_until(lambda: event in process.log()[before:], event)
    return process.log()[before:]


# ---- a sender

@pytest.fixture
def change(start, tmp_path):  # noqa: F811
    """A sender, and a way to change its file and have it read it."""
    def begin(provider, app=None):
        provider.clear()
        sender = start(provider, app)
        path = tmp_path / '0/wakebus.json'
        config = json.loads(path.read_text())

        def reload(event=RELOADED, app=None, **sections):
            if app is not None:
                config['apps'] = {'app': app}
            path.write_text(json.dumps(config | sections))
            return hang_up(sender.process, event)
        return sender, reload
    return begin


def test_a_key_of_fcm_is_replaced(change, fcm):
    sender, reload = change(fcm)
    assert sender.push() == SENT
    granted = fcm.stats()['tokens_granted']
    log = reload(app=fcm.app() | {
        'service_account_file': fcm.info['next_service_account_file']})
    assert 'ev=account.replaced app=app' in log
    assert sender.push() == SENT
    assert fcm.stats()['tokens_granted'] == granted + 1


def next_apns_app(apns):
    return apns.app() | {'key_file': apns.info['next_key_file'],
                         'key_id': apns.info['next_key_id']}


def authorization(apns):
    return apns.received(1)[-1]['headers'].get('authorization')


def test_a_key_of_apns_is_replaced(change, apns):
    sender, reload = change(apns)
    assert sender.push() == SENT
    before = authorization(apns)
    reload(app=next_apns_app(apns))
    assert sender.push() == SENT
    assert authorization(apns) not in (None, before)


@pytest.mark.parametrize('kind', ['pem', 'p12'])
def test_a_certificate_takes_the_place_of_a_key(change, apns, kind):
    info = apns.info
    sender, reload = change(apns)
    assert sender.push() == SENT
    certificate = ({'certificate_file': info['cert_file'],
                    'certificate_key_file': info['cert_key_file']}
                   if kind == 'pem' else
                   {'certificate_file': info['p12_file'],
                    'certificate_password': info['p12_password']})
    reload(app={'backend': 'apns', 'topic': TOPIC, **certificate})
    assert sender.push() == SENT
    assert authorization(apns) is None


def test_a_file_with_other_contents_is_another_key(change, apns, tmp_path):
    """As certbot and Kubernetes do it: the path stays."""
    key = tmp_path / 'key.p8'
    key.write_bytes(open(apns.info['key_file'], 'rb').read())
    sender, reload = change(apns, apns.app() | {'key_file': str(key)})
    assert sender.push() == SENT
    assert 'account.replaced' not in reload(), 'nothing has changed'
    key.write_bytes(open(apns.info['next_key_file'], 'rb').read())
    assert 'ev=account.replaced app=app' in reload()
    # Signed by the new key, in the old one's name.
    assert sender.push()['verdict'] == 'misconfigured'
    key.write_bytes(open(apns.info['key_file'], 'rb').read())
    reload()
    assert sender.push() == SENT


def test_what_the_provider_refused_is_mended(change, apns):
    """The sender asks again at once, however long it wanted to wait."""
    sender, reload = change(apns, apns.app() | {'key_id': 'WRONGKEY00'})
    for _ in range(3):
        assert sender.push()['verdict'] == 'misconfigured'
    reload(app=apns.app())
    assert sender.push() == SENT


def test_pushes_that_are_open_end_where_they_began(change, apns):
    sender, reload = change(apns)
    assert sender.push() == SENT
    before = authorization(apns)
    apns.clear()
    apns.fault(kind='delay', ms=1000, count=20)
    ids = [sender.frontend.send('push.request', **sender.request())
           for _ in range(20)]
    wait_until(lambda: len(apns.received()) == 20, 'with APNs')
    assert 'ev=account.replaced' in reload(app=next_apns_app(apns))
    ids.append(sender.frontend.send('push.request', **sender.request()))
    answers = sender.frontend.receive(ids, 15).values()
    assert [answer['verdict'] for answer in answers] == ['sent'] * 21
    used = [push['headers']['authorization'] for push in apns.received()]
    assert used[:20] == [before] * 20 and used[20] != before


BAD = [
    ({'key_file': '/nonexistent.p8'}, 'apps.app.key_file'),
    ({'key_id': 'short'}, 'apps.app.key_id'),
    ({'topics': TOPIC}, 'apps.app.topics'),
    ({'environment': 'staging'}, 'apps.app.environment'),
]


@pytest.mark.parametrize('change_of_app, member', BAD,
                         ids=[member for _, member in BAD])
def test_a_bad_file_is_refused_whole(change, apns, change_of_app, member):
    sender, reload = change(apns)
    assert sender.push() == SENT
    before = authorization(apns)
    log = reload(REFUSED, app=next_apns_app(apns) | change_of_app,
                 log={'level': 'error'})
    assert f'ev=config.fault member={member} why=' in log
    assert 'remedy=' in log and 'account.replaced' not in log
    assert sender.push() == SENT
    assert authorization(apns) == before, 'the old key is in force'
    log = reload(app=next_apns_app(apns), log={'level': 'debug'})
    assert sender.push() == SENT
    assert authorization(apns) != before


def test_a_file_that_is_gone_is_refused_too(change, fcm, tmp_path):
    sender, _ = change(fcm)
    path = tmp_path / '0/wakebus.json'
    path.rename(tmp_path / '0/elsewhere')
    assert 'ev=config.fault' in hang_up(sender.process, REFUSED)
    assert sender.push() == SENT


def test_whether_the_last_one_was_refused_is_a_metric(change, fcm,
                                                      monkeypatch):
    pages = Pages()
    monkeypatch.setenv('WAKEBUS_HTTP_BIND', pages.address)
    _, reload = change(fcm)

    def succeeded():
        return metrics_of(pages)('wakebus_config_last_reload_successful')
    assert succeeded() == 1, 'none was refused yet'
    reload(REFUSED, app={'backend': 'none'})
    assert succeeded() == 0
    reload(app=fcm.app())
    assert succeeded() == 1


def test_how_much_and_how_it_logs(change, fcm):
    sender, reload = change(fcm)

    def says_of_a_push():
        before = len(sender.process.log())
        assert sender.push() == SENT
        return sender.process.log()[before:]
    assert ' debug ' in says_of_a_push()
    reload(log={'level': 'info'})
    assert ' debug ' not in says_of_a_push()
    reload('"ev":"config.reloaded"', log={'level': 'debug', 'format': 'json'})
    assert '"level":"debug"' in says_of_a_push()


# ---- all of it

@pytest.fixture
def wakebus(server, redis_server, fcm, apns, tmp_path):
    redis_server.client().flushall()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app(), 'ios': apns.app()},
                 fcm=fcm.settings(), apns=apns.settings(),
                 push={'deadline_ms': 5000}).start() as wakebus:
        yield wakebus
    fcm.clear()
    apns.clear()


def reload_all(wakebus, event=RELOADED):
    wakebus.write_config()
    return {name: hang_up(process, event)
            for name, process in wakebus.processes.items()}


def test_nothing_is_lost_while_all_is_read_again(server, wakebus, fcm):
    """Keys change to and fro, limits change, and between them the file is
    bad."""
    files = [fcm.info['next_service_account_file'],
             fcm.info['service_account_file']]
    before = len(fcm.received())
    load = Load(server, total=6000, window=40)
    rounds = 0
    while not load.done.is_set():
        app = wakebus.config['apps']['conversations']
        app['service_account_file'] = files[rounds % 2]
        wakebus.config['push']['deadline_ms'] = 4000 + 1000 * (rounds % 2)
        reload_all(wakebus)
        right = copy.deepcopy(wakebus.config)
        app['service_account_file'] = '/nonexistent'
        wakebus.write_config()
        log = hang_up(wakebus.processes['fcm-sender'], REFUSED)
        assert 'member=apps.conversations.service_account_file ' in log
        wakebus.config = right
        rounds += 1
    assert rounds >= 2, 'the load must outlast the reloads'
    assert load.finish() == {None: 6000}
    assert len(fcm.received()) - before == 6000
    assert wakebus.log('fcm-sender').count('ev=account.replaced') == rounds


def test_an_app_comes_and_goes(server, wakebus, fcm, apns):
    tablet = {**apns.app(), 'default': False}
    wakebus.config['apps']['ios']['default'] = True
    (_, node, secret), account = register_phone(server)
    push = publish('prosody', node, secret=secret)
    assert error_of(server.ask(push)) is None
    # It goes: the frontend has nobody to send it through.
    app = wakebus.config['apps'].pop('conversations')
    wakebus.config['apps']['other'] = app
    wakebus.config['apps']['tablet'] = tablet
    reload_all(wakebus)
    assert error_of(server.ask(publish('prosody', node, secret=secret))) \
        is not None
    assert 'ev=push.no_app app=conversations' in wakebus.log('xmpp-frontend')
    # Those that came serve.
    reply = server.ask(iq(register(new_token(), 'd1'), PHONE))
    assert error_of(reply) is None
    # It comes back, and its registrations are as they were.
    wakebus.config['apps']['conversations'] = {**app, 'default': True}
    reload_all(wakebus)
    wait_until(lambda: error_of(server.ask(
        publish('prosody', node, secret=secret))) is None, 'served again')
    assert account in fcm.accounts()


def test_the_limit_of_requests(server, wakebus, fcm):
    (_, node, secret), _ = register_phone(server)
    server.ask(publish('prosody', node, secret=secret))
    fcm.clear()
    wakebus.config['push']['max_in_flight'] = 1
    reload_all(wakebus)
    fcm.fault(kind='hang')
    server.wait_link().send(publish('prosody', node, secret=secret, id='1st'))
    wait_until(fcm.received, 'with FCM')
    assert error_of(server.ask(publish('prosody', node, secret=secret))) == (
        'wait', 'internal-server-error')
    wakebus.config['push']['max_in_flight'] = 2
    reload_all(wakebus)
    fcm.fault(kind='outage')
    for reply in (server.wait_answer('1st'),
                  server.ask(publish('prosody', node, secret=secret))):
        assert error_of(reply) is None, 'it is deferred'


def test_the_deadline_is_for_what_comes(server, wakebus, fcm):
    (_, node, secret), _ = register_phone(server)
    server.ask(publish('prosody', node, secret=secret))
    fcm.clear()
    wakebus.config['push']['deadline_ms'] = 28000
    reload_all(wakebus)
    fcm.fault(kind='hang')
    server.wait_link().send(publish('prosody', node, secret=secret, id='old'))
    wait_until(fcm.received, 'with FCM')
    wakebus.config['push']['deadline_ms'] = 700
    reload_all(wakebus)
    # The newer one is answered within five seconds, before the older.
    server.ask(publish('prosody', node, secret=secret))
    with pytest.raises(TimeoutError):
        server.wait_answer('old', 0.1)
    fcm.fault(kind='outage')
    assert error_of(server.wait_answer('old')) is None, 'it is deferred'


def test_what_needs_a_restart_is_said(server, wakebus):
    (_, node, secret), _ = register_phone(server)
    right = copy.deepcopy(wakebus.config)
    wakebus.config['bus'] = {'bind': 'ipc:///nowhere',
                             'frontends': ['ipc:///nowhere']}
    wakebus.config['xmpp']['secret'] = 'other'
    for name, log in reload_all(wakebus).items():
        for member in ('bus.bind', 'bus.frontends', 'xmpp.secret'):
            needed = name == 'xmpp-frontend' or member != 'xmpp.secret'
            said = f'ev=config.needs_restart member={member} why=' in log
            assert said or not needed, (name, member)
        assert 'other' not in log
    push = publish('prosody', node, secret=secret)
    assert error_of(server.ask(push)) is None
    wakebus.config = right
    reload_all(wakebus)
    assert error_of(server.ask(publish('prosody', node, secret=secret))) is None
