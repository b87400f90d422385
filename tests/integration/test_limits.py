"""Many pushes for one device become few wake-ups, and none is lost."""

import signal
import time
from itertools import count

import pytest

from support.answers import error_of, registration_of
from support.burst import Burst, plant_targets
from support.http_pages import Pages
from support.metrics import metrics_of, outcomes_of
from support.process import wait_until
from support.push_commands import register
from support.stanzas import iq, new_id, publish
from support.wakebus import Wakebus

GONE = ('cancel', 'item-not-found')
TROUBLE = ('wait', 'internal-server-error')
TIMEOUT = ('wait', 'remote-server-timeout')
HIGH, LOW = 'prosody', 'prosody-0.12-unimportant'
WINDOW_S = 1.0
numbers = count(1)


@pytest.fixture
def pages():
    return Pages()


@pytest.fixture
def wakebus(request, server, redis_server, fcm, tmp_path, pages):
    """Its parameter are the limits."""
    redis_server.client().flushall()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app()}, pages=pages,
                 fcm=fcm.settings(),
                 push={'deadline_ms': 5000, 'coalesce_ms': int(WINDOW_S * 1000),
                       'retry_first_s': 1},
                 limits=getattr(request, 'param', {})) as wakebus:
        yield wakebus.start()
    fcm.clear()


def limits(**settings):
    return pytest.mark.parametrize('wakebus', [settings], indirect=True,
                                   ids=[''])


def says(wakebus, limit):
    return (f'warn xmpp-frontend ev=limit.reached limit=limits.{limit}'
            in wakebus.log('xmpp-frontend'))


def waits(wakebus):
    """How many pushes have had to wait for a window to end."""
    return wakebus.log('xmpp-frontend').count('ev=request.waits')


class Phone:
    def __init__(self, server, user='juliet@example.test', device=None,
                 token=None):
        self.server = server
        self.device = device or f'device{next(numbers)}'
        self.token = token or f'token-{self.device}'
        _, self.node, self.secret = registration_of(server.ask(iq(
            register(self.token, self.device), f'{user}/phone')))

    def stanza(self, variant=HIGH, **changed):
        id = new_id()
        return id, publish(variant, changed.pop('node', self.node), id=id,
                           secret=changed.pop('secret', self.secret),
                           **changed)

    def send(self, *stanzas):
        """All in one write; returns their ids."""
        self.server.wait_link().send(''.join(text for _, text in stanzas))
        return [id for id, _ in stanzas]

    def push(self, *variants):
        return self.send(*map(self.stanza, variants))

    def errors(self, ids):
        return [error_of(self.server.wait_answer(id, 8)) for id in ids]


def test_a_burst_is_two_wake_ups(server, wakebus, fcm, pages):
    """The first at once, and one for all that came after it."""
    phone = Phone(server)
    first = phone.push(HIGH)
    assert phone.errors(first) == [None]
    assert len(fcm.wakeups(phone.token)) == 1
    sent_at = time.time()
    rest = phone.push(*[HIGH, LOW] * 20)
    assert phone.errors(rest) == 40 * [None]
    (begin, _), (end, priority) = fcm.wakeups(phone.token)
    assert end - begin >= WINDOW_S - 0.05, 'after the window'
    assert end >= sent_at and priority == 'HIGH'
    assert outcomes_of(pages) == {'sent': 2, 'coalesced': 39}
    assert metrics_of(pages)('wakebus_coalesce_windows') == 1


def test_nobody_is_answered_before_the_wake_up(server, wakebus, fcm):
    """Else what came in the window would be lost with the process."""
    phone = Phone(server)
    phone.errors(phone.push(HIGH))
    fcm.fault(kind='delay', ms=1000)
    ids = phone.push(HIGH, HIGH)
    wait_until(lambda: 'ev=request.joined' in wakebus.log('xmpp-frontend'),
               'joined')
    answers = [server.answers.get(id) for id in ids]
    assert answers == [None, None] and len(fcm.wakeups(phone.token)) == 1
    assert phone.errors(ids) == [None, None]
    assert len(fcm.wakeups(phone.token)) == 2


def test_what_has_not_been_sent_can_be_joined(server, wakebus, fcm, pages):
    """Prosody's pair for one message is one wake-up, with its priority."""
    phone = Phone(server)
    assert phone.errors(phone.push(LOW, HIGH)) == [None, None]
    assert waits(wakebus) == 0
    [(_, priority)] = fcm.wakeups(phone.token)
    assert priority == 'HIGH'
    assert outcomes_of(pages) == {'sent': 1, 'coalesced': 1}


def test_what_is_urgent_does_not_wait_for_what_is_not(server, wakebus, fcm):
    """It overtakes what has begun to wait before it."""
    wakebus.config['push'].update(deadline_ms=28000, coalesce_ms=7000)
    wakebus.reload_one('xmpp-frontend')
    other, phone = Phone(server), Phone(server)
    for each in other, phone:
        assert each.errors(each.push(LOW)) == [None]
    [waiting], low = other.push(LOW), phone.push(LOW)
    wait_until(lambda: waits(wakebus) == 2, 'both wait')
    high = phone.push(HIGH)
    assert phone.errors(high + low) == [None, None]
    assert waiting not in server.answers
    assert other.errors([waiting, *other.push(HIGH)]) == [None, None]
    assert [priority for _, priority in fcm.wakeups(phone.token)] == [
        'NORMAL', 'HIGH']


def test_devices_do_not_wait_for_each_other(server, wakebus, fcm, pages):
    phones = [Phone(server) for _ in range(20)]
    for phone in phones:
        assert phone.errors(phone.push(HIGH)) == [None]
    assert outcomes_of(pages) == {'sent': 20}
    assert [len(fcm.wakeups(phone.token)) for phone in phones] == 20 * [1]


def test_a_wrong_secret_joins_nobody(server, wakebus, fcm, pages):
    phone = Phone(server)
    stanzas = [phone.stanza(), phone.stanza(secret='wrong'), phone.stanza(),
               phone.stanza(secret='wrong'), phone.stanza(node='A' * 12),
               phone.stanza(sender='evil.test')]
    assert phone.errors(phone.send(*stanzas)) == [
        None, GONE, None, GONE, GONE, GONE]
    assert outcomes_of(pages) == {'sent': 1, 'coalesced': 1, 'gone': 4}
    assert len(fcm.wakeups(phone.token)) == 1
    # Who tries in vain waits for nothing, and is remembered nowhere.
    waited = waits(wakebus)
    for _ in range(5):
        assert phone.errors(phone.send(
            phone.stanza(secret='wrong'))) == [GONE]
    assert waits(wakebus) == waited
    assert metrics_of(pages)('wakebus_coalesce_windows') == 1


def test_an_outage_in_the_window(server, wakebus, fcm, pages):
    """What has joined is deferred with its wake-up, and comes by itself."""
    phone = Phone(server)
    assert phone.errors(phone.push(LOW)) == [None]
    fcm.fault(kind='outage')
    assert phone.errors(phone.push(LOW, HIGH, LOW)) == [None, None, None]
    assert outcomes_of(pages) == {'sent': 1, 'deferred': 1, 'coalesced': 2}
    fcm.clear()  # and what was received until now
    wait_until(lambda: fcm.wakeups(phone.token), 'woken', 15)
    [(_, priority)] = fcm.wakeups(phone.token)
    assert priority == 'HIGH'


def test_no_sender_when_the_window_is_over(server, wakebus, fcm, pages):
    phone = Phone(server)
    assert phone.errors(phone.push(HIGH)) == [None]
    ids = phone.push(HIGH, HIGH)
    wakebus.stop_one('fcm-sender')
    assert phone.errors(ids) == [None, None]
    assert outcomes_of(pages) == {'sent': 1, 'deferred': 1, 'coalesced': 1}
    wakebus.start_one('fcm-sender')
    wait_until(lambda: len(fcm.wakeups(phone.token)) == 2, 'woken', 15)


def test_no_redis_when_the_window_is_over(
        server, wakebus, redis_server, fcm, pages):
    """Nothing is promised, to none of them."""
    phone = Phone(server)
    assert phone.errors(phone.push(HIGH)) == [None]
    ids = phone.push(HIGH, HIGH, HIGH)
    redis_server.kill()
    assert phone.errors(ids) == [TROUBLE, TROUBLE, TROUBLE]
    redis_server.start()
    assert outcomes_of(pages) == {'sent': 1, 'failed': 3}


def test_who_joins_after_a_renewal_wakes_the_new_token(
        server, wakebus, fcm, pages):
    """A push that waits for a sender was looked up before it: what joins it
    may know of a registration that it does not."""
    phone = Phone(server)
    wakebus.stop_one('fcm-sender')
    first = phone.push(HIGH)
    wait_until(lambda: metrics_of(pages)(
        'wakebus_job_duration_seconds_count', stage='lookup') == 1, 'looked up')
    renewed = Phone(server, device=phone.device, token=f'{phone.token}-new')
    assert renewed.node == phone.node
    second = renewed.push(HIGH)
    wait_until(lambda: 'ev=request.joined' in wakebus.log('xmpp-frontend'),
               'joined')
    wakebus.start_one('fcm-sender')
    assert phone.errors(first + second) == [None, None]
    assert len(fcm.wakeups(renewed.token)) == 1
    assert outcomes_of(pages) == {'sent': 1, 'coalesced': 1}


def test_a_dead_token_when_the_window_is_over(server, wakebus, fcm, pages):
    phone = Phone(server)
    assert phone.errors(phone.push(HIGH)) == [None]
    fcm.fault(status=404, error_code='UNREGISTERED', token=phone.token)
    assert phone.errors(phone.push(HIGH, LOW)) == [GONE, GONE]
    assert outcomes_of(pages) == {'sent': 1, 'gone': 2}


def test_a_registry_that_hangs_costs_nobody_who_came_later(
        server, wakebus, fcm, pages):
    """Who comes late does not share the deadline of who came first."""
    phone = Phone(server)
    registry = wakebus.processes['registry']
    registry.signal(signal.SIGSTOP)
    [first] = phone.push(HIGH)
    time.sleep(2.7)
    [second] = phone.push(HIGH)
    assert phone.errors([first]) == [('wait', 'remote-server-timeout')]
    registry.signal(signal.SIGCONT)
    assert phone.errors([second]) == [None]
    assert len(fcm.wakeups(phone.token)) >= 1


def test_a_frontend_that_stops_finishes_what_waits(server, wakebus, fcm):
    phone = Phone(server)
    assert phone.errors(phone.push(HIGH)) == [None]
    ids = phone.push(HIGH, HIGH)
    frontend = wakebus.processes['xmpp-frontend']
    wait_until(lambda: 'ev=request.joined' in frontend.log(), 'joined')
    wakebus.stop_one('xmpp-frontend')
    assert phone.errors(ids) == [None, None]
    assert len(fcm.wakeups(phone.token)) == 2
    assert ('ev=pushes.total received=3 sent=2 gone=0 refused=0 deferred=0'
            ' expired=0 coalesced=1 limited=0 failed=0') in frontend.log()


def test_it_can_be_switched_off_and_on_while_it_runs(
        server, wakebus, fcm, pages):
    phone = Phone(server)

    def reload(coalesce_ms):
        wakebus.config['push']['coalesce_ms'] = coalesce_ms
        wakebus.reload_one('xmpp-frontend')

    reload(0)
    assert phone.errors(phone.push(*5 * [HIGH])) == 5 * [None]
    assert outcomes_of(pages) == {'sent': 5}
    reload(1000)
    assert phone.errors(phone.push(*5 * [HIGH])) == 5 * [None]
    assert outcomes_of(pages) == {'sent': 6, 'coalesced': 4}


def test_those_that_join_count_as_requests_in_flight(
        server, wakebus, fcm, pages):
    wakebus.config['push']['max_in_flight'] = 4
    wakebus.reload_one('xmpp-frontend')
    phone = Phone(server)
    ids = phone.push(*6 * [HIGH])
    assert sorted(phone.errors(ids), key=str) == [TROUBLE] * 2 + [None] * 4
    assert outcomes_of(pages) == {'sent': 1, 'coalesced': 3, 'failed': 2}
    assert phone.errors(phone.push(HIGH)) == [None], 'there is room again'


# ---- rates

def reached(pages, limit):
    return metrics_of(pages)('wakebus_limit_reached_total',
                             limit=f'limits.{limit}')


@limits(target_per_minute=6, target_burst=2)
def test_a_device_at_its_limit(server, wakebus, redis_server, fcm, pages):
    """What is beyond waits for its turn, as one push, and comes by itself."""
    phone, other = Phone(server), Phone(server)
    # Urgent ones are not one with the first, which is not.
    assert phone.errors(phone.push(LOW)) == [None]
    assert phone.errors(phone.push(HIGH)) == [None]
    began = time.time()
    assert phone.errors(phone.push(LOW, HIGH)) == [None, None]
    assert phone.errors(phone.push(LOW)) == [None]
    assert len(fcm.wakeups(phone.token)) == 2
    assert outcomes_of(pages) == {'sent': 2, 'limited': 2, 'coalesced': 1}
    assert reached(pages, 'target_per_minute') == 2
    assert says(wakebus, 'target_per_minute')
    assert other.errors(other.push(HIGH)) == [None], 'it is nobody else\'s'
    assert len(fcm.wakeups(other.token)) == 1
    wait_until(lambda: len(fcm.wakeups(phone.token)) == 3, 'woken', 20)
    at, priority = fcm.wakeups(phone.token)[-1]
    assert priority == 'HIGH' and at >= began + 5
    store = redis_server.client()
    wait_until(lambda: not any(store.hexists(key, 'deferred')
                               for key in store.keys('*:node:*')), 'settled')
    assert len(fcm.wakeups(phone.token)) == 3


@limits(domain_per_second=2, domain_burst=5)
def test_a_domain_at_its_limit(server, wakebus, fcm, pages):
    phones = [Phone(server) for _ in range(12)]
    others = [Phone(server, 'nurse@verona.test') for _ in range(5)]
    ids = [phone.push(HIGH)[0] for phone in phones]
    assert phones[0].errors(ids) == 12 * [None]
    assert outcomes_of(pages) == {'sent': 5, 'limited': 7}
    assert says(wakebus, 'domain_per_second')
    for phone in others:
        [id] = phone.send(phone.stanza(sender='verona.test'))
        assert phone.errors([id]) == [None]
        assert len(fcm.wakeups(phone.token)) == 1, 'at once'
    for phone in phones:
        wait_until(lambda: fcm.wakeups(phone.token), 'woken', 20)
    assert [len(fcm.wakeups(phone.token)) for phone in phones] == 12 * [1]


def test_an_app_at_its_limit(server, wakebus, fcm, pages):
    """Its devices have a limit of their own, and so have all together."""
    wakebus.config['apps']['conversations']['limits'] = {
        'target_per_minute': 60, 'target_burst': 1,
        'per_second': 1, 'burst': 3}
    wakebus.reload_one('xmpp-frontend')
    phones = [Phone(server) for _ in range(4)]
    assert phones[0].errors(phones[0].push(LOW)) == [None]
    assert phones[0].errors(phones[0].push(HIGH)) == [None]
    for phone in phones[1:]:
        assert phone.errors(phone.push(HIGH)) == [None]
    assert outcomes_of(pages) == {'sent': 3, 'limited': 2}
    log = wakebus.log('xmpp-frontend')
    for limit in 'limits.target_per_minute', 'apps.limits.per_second':
        assert f'ev=limit.reached limit={limit} app=conversations' in log
    for phone in phones:
        wait_until(lambda: fcm.wakeups(phone.token), 'woken', 20)


@limits(domain_per_second=2, domain_burst=1)
def test_a_limit_while_redis_cannot_write(
        server, wakebus, redis_server, pages):
    """Nothing is promised that cannot be kept."""
    first, second = Phone(server), Phone(server)
    assert first.errors(first.push(HIGH)) == [None]
    redis_server.client().config_set('maxmemory', 1)
    try:
        [error] = second.errors(second.push(HIGH))
    finally:
        redis_server.client().config_set('maxmemory', 0)
    assert error[0] == 'wait'
    assert outcomes_of(pages) == {'sent': 1, 'failed': 1}


@limits(target_per_minute=6, target_burst=1)
def test_unknown_nodes_take_nothing(server, wakebus, pages):
    phone = Phone(server)
    for number in range(20):
        id = phone.send(phone.stanza(node=f'{number:012}'))
        assert phone.errors(id) == [GONE]
        assert phone.errors(phone.send(
            phone.stanza(secret=f'{number:024}'))) == [GONE]
    page = metrics_of(pages)
    assert page.sum('wakebus_limit_buckets') == 0
    assert page('wakebus_coalesce_windows') == 0
    assert phone.errors(phone.push(HIGH)) == [None]
    assert outcomes_of(pages) == {'sent': 1, 'gone': 40}


def test_who_joins_the_lookup_of_an_unknown_node(server, wakebus, pages):
    """It is looked up for them as well, and that takes nothing either."""
    phone = Phone(server)
    registry = wakebus.processes['registry']
    registry.signal(signal.SIGSTOP)
    first = phone.send(phone.stanza(node='nobodyknows0'))
    wait_until(lambda: metrics_of(pages)('wakebus_queue_duration_seconds_count')
               == 2, 'handed to the registry')
    second = phone.send(phone.stanza(node='nobodyknows0'))
    wait_until(lambda: 'ev=request.joined' in wakebus.log('xmpp-frontend'),
               'joined')
    registry.signal(signal.SIGCONT)
    assert phone.errors(first + second) == [GONE, GONE]
    page = metrics_of(pages)
    assert page('wakebus_job_duration_seconds_count', stage='lookup') == 2
    assert page('wakebus_coalesce_windows') == 0


@limits(user_registrations_per_hour=60, user_registrations_burst=3)
def test_a_user_who_registers_too_often(server, wakebus, fcm, pages):
    for _ in range(3):
        phone = Phone(server)
    stanza = iq(register('t', 'd'), 'juliet@example.test/other')
    assert error_of(server.ask(stanza)) == ('wait', 'resource-constraint')
    assert says(wakebus, 'user_registrations_per_hour')
    Phone(server, 'nurse@example.test')
    assert phone.errors(phone.push(HIGH)) == [None], 'what is there, stays'
    page = metrics_of(pages)
    assert page.nonzero('wakebus_registrations_total', 'outcome') == {
        ('done',): 4, ('limited',): 1}


@limits(domain_registrations_per_second=1, domain_registrations_burst=3)
def test_a_domain_whose_users_register_too_often(server, wakebus):
    for number in range(3):
        Phone(server, f'user{number}@example.test')
    stanza = iq(register('t', 'd'), 'user9@example.test/phone')
    assert error_of(server.ask(stanza)) == ('wait', 'resource-constraint')
    assert says(wakebus, 'domain_registrations_per_second')
    Phone(server, 'nurse@verona.test')
    wait_until(lambda: error_of(server.ask(iq(
        register('t', 'd'), 'user9@example.test/phone'))) is None,
        'registered a little later', interval=0.3)


def test_limits_can_be_changed_while_it_runs(server, wakebus, pages):
    phone = Phone(server)
    wakebus.config['limits'] = {'target_per_minute': 1, 'target_burst': 1}
    wakebus.reload_one('xmpp-frontend')
    assert phone.errors(phone.push(LOW)) == [None]
    assert phone.errors(phone.push(HIGH)) == [None]
    assert outcomes_of(pages) == {'sent': 1, 'limited': 1}


# ---- fairness

def test_a_burst_of_one_domain_delays_no_other(
        server, wakebus, redis_server, fcm):
    """Nobody waits for what was there before of another domain, but for what
    the sender has in hand."""
    client = redis_server.client()
    many = plant_targets(client, 3000, 'example.test')
    others = plant_targets(client, 20, 'verona.test')
    fcm.fault(kind='delay', ms=100)
    with Burst(server) as burst:
        burst.send(many)
        wait_until(lambda: len(burst.errors) > 20, 'under way')
        ids = burst.send(others)
        assert burst.wait(ids) == {None: 20}
        order = list(burst.errors)
        before = max(order.index(id) for id in ids)
        assert before < 1500, 'they are half way through at most'
        assert {push['token'] for push in fcm.received()} >= {
            target.token for target in others}, 'sent, not deferred'
        fcm.clear()
        assert burst.wait() == {None: 3020}


def test_a_domain_cannot_take_all_that_there_is_room_for(
        server, wakebus, redis_server, fcm, pages):
    wakebus.config['push']['max_in_flight'] = 100
    wakebus.reload_one('xmpp-frontend')
    frontend = wakebus.processes['xmpp-frontend']
    client = redis_server.client()
    many = plant_targets(client, 200, 'example.test')
    others = plant_targets(client, 10, 'verona.test')
    registry = wakebus.processes['registry']
    registry.signal(signal.SIGSTOP)
    with Burst(server) as burst:
        ids = burst.send(many)
        wait_until(lambda: len(burst.errors) >= 120, 'turned away')
        rest = burst.send(others)
        wait_until(lambda: metrics_of(pages)('wakebus_ledger_domains') == 2,
                   'two domains')
        assert set(burst.errors.values()) == {TROUBLE}
        assert ('warn xmpp-frontend ev=request.no_room why="one domain has its'
                ' share of them open"') in frontend.log()
        registry.signal(signal.SIGCONT)
        assert burst.wait(rest) == {None: 10}
        assert burst.wait(ids) == {None: 80, TROUBLE: 120}
    outcomes = outcomes_of(pages)
    assert outcomes.pop('failed') == 120
    assert outcomes.keys() <= {'sent', 'deferred'}


def send_all_sorts(server, burst, target):
    """Plain pushes and odd ones, and between them what is none; cut wherever.
    Returns their ids."""
    ids, stanzas = [], []

    def add(change=lambda stanza: stanza):
        ids.append(new_id())
        burst.sent[ids[-1]] = target
        stanzas.append(change(publish(
            'prosody-0.12', target.node, id=ids[-1], secret=target.secret,
            sender=target.domain)))

    def add_ping():
        ids.append(new_id())
        stanzas.append(iq("<ping xmlns='urn:xmpp:ping'/>", target.domain,
                          'get', ids[-1]))

    add()
    add_ping()
    add(lambda stanza: stanza.replace('<pubsub xmlns=', '<p:pubsub xmlns:p=')
        .replace('</pubsub>', '</p:pubsub>'))
    add_ping()
    add(lambda stanza: stanza.replace('</pubsub>',
                                      '<![CDATA[</iq>]]></pubsub>'))
    add()
    add_ping()
    add()
    link = server.wait_link()
    text = ' '.join(stanzas)
    for at in range(0, len(text), 301):
        link.send(text[at:at + 301])
    return ids


def test_a_queue_that_does_not_end_is_an_overload(
        server, wakebus, redis_server, pages):
    """What is beyond it is turned away while it lasts; another domain gets in,
    and commands do."""
    wakebus.config['push']['max_in_flight'] = 200
    wakebus.reload_one('xmpp-frontend')
    frontend = wakebus.processes['xmpp-frontend']
    client = redis_server.client()
    many = plant_targets(client, 200, 'example.test')
    others = plant_targets(client, 3, 'verona.test')
    registry = wakebus.processes['registry']
    registry.signal(signal.SIGSTOP)
    with Burst(server) as burst:
        def go_on():
            burst.send(many)
            return metrics_of(pages)('wakebus_overloaded') == 1
        wait_until(go_on, 'overloaded', 20, interval=0.2)
        assert 'warn xmpp-frontend ev=overload.began' in frontend.log()
        burst.send(many)
        rest = burst.send(others)
        wait_until(lambda: metrics_of(pages)('wakebus_ledger_domains') == 2,
                   'two domains')
        assert burst.wait(send_all_sorts(server, burst, many[0])) == {
            TROUBLE: 5, None: 3}
        registry.signal(signal.SIGCONT)
        assert burst.wait(rest) == {None: 3}
        heard = burst.wait()
        assert heard.keys() <= {None, TROUBLE, TIMEOUT}
        wait_until(lambda: metrics_of(pages)('wakebus_overloaded') == 0, 'over')
        assert 'info xmpp-frontend ev=overload.ended' in frontend.log()
        assert burst.wait(burst.send(others)) == {None: 3}
    assert ('warn xmpp-frontend ev=request.no_room why="more is asked for than'
            ' can be done"') in frontend.log()
    assert (outcomes_of(pages)['failed'] == heard[TROUBLE]
            == metrics_of(pages)('wakebus_turned_away_total'))


def test_what_would_only_take_room_is_deferred_at_once(
        server, wakebus, redis_server, fcm, pages):
    """So that nobody is turned away as long as Redis keeps up. What came before
    it still waits by then: its deadline has deferred none of them."""
    wakebus.config['push'].update(deadline_ms=28000, max_in_flight=100,
                                  retry_first_s=600)  # retries take room too
    for program in 'registry', 'xmpp-frontend':
        wakebus.reload_one(program)
    frontend = wakebus.processes['xmpp-frontend']
    targets = plant_targets(redis_server.client(), 300, 'example.test')
    fcm.fault(kind='hang')
    with Burst(server) as burst:
        ids = []
        for at in range(0, 300, 10):
            ids += burst.send(targets[at:at + 10])
            wait_until(lambda: metrics_of(pages)('wakebus_ledger_entries')
                       <= 67, 'no more than can wait', 15)
        wait_until(lambda: len(burst.errors) >= 230, 'deferred', 15)
        assert not burst.errors.keys() & set(ids[:60])
        assert ('warn xmpp-frontend ev=push.crowded app=conversations'
                in frontend.log())
        fcm.fault(kind='outage')  # what waits there ends
        assert burst.wait() == {None: 300}
    assert outcomes_of(pages) == {'deferred': 300}
