"""/metrics: what the processes count is what has happened, exactly."""

import json
import re
import secrets
import signal
import time
from datetime import UTC
from itertools import count
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from support.answers import error_of, registration_of
from support.http_pages import Pages
from support.keys import Peer, keygen
from support.load import Load
from support.metrics import (
    Metrics, families_by_section, grouped_by, metrics_of, promtool, selectors)
from support.process import wait_until
from support.push_commands import register, unregister
from support.stanzas import SERVER, iq, publish
from support.wakebus import Wakebus, account_hash

PROGRAMS = 'xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender'
GONE = ('cancel', 'item-not-found')
TROUBLE = ('wait', 'internal-server-error')
TIMEOUT = ('wait', 'remote-server-timeout')
DEPLOY = Path(__file__).resolve().parents[2] / 'deploy'
# No app of these tests has a certificate but in the test of that.
CERTIFICATE = (
    '# HELP wakebus_certificate_expiry_timestamp_seconds When the certificate '
    'of an app that has one ends, in seconds since 1970.\n'
    '# TYPE wakebus_certificate_expiry_timestamp_seconds gauge\n'
    'wakebus_certificate_expiry_timestamp_seconds{app="ios",backend="apns"} 1\n')
numbers = count(1)


@pytest.fixture
def wakebus(request, server, redis_server, fcm, apns, tmp_path):
    """Its parameter is for how many seconds a push is tried again."""
    redis_server.client().flushall()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'android': fcm.app(), 'ios': apns.app()},
                 fcm=fcm.settings(), apns=apns.settings(),
                 push={'deadline_ms': 2500, 'retry_first_s': 1,
                       'retry_ttl_s': getattr(request, 'param', 600)}
                 ) as wakebus:
        yield wakebus
    fcm.clear()
    apns.clear()


def start(wakebus, program, pages):
    wakebus.start_one(program, env=pages.env)


@pytest.fixture
def pages(wakebus):
    """Of all programs, by name; all are ready."""
    pages = {program: Pages() for program in PROGRAMS}
    for program in PROGRAMS:
        start(wakebus, program, pages[program])
    for program in PROGRAMS:
        wait_until(lambda: not pages[program].trouble(), f'{program} ready')
    return pages


class Phone:
    def __init__(self, server, service='fcm', jid='juliet@example.test'):
        self.server = server
        self.jid = f'{jid}/phone'
        self.service = service
        self.device_id = f'device{next(numbers)}'
        self.account = account_hash(jid, self.device_id)
        self.token = (secrets.token_hex(32) if service == 'apns'
                      else secrets.token_urlsafe(120))
        _, self.node, self.secret = registration_of(server.ask(iq(
            register(self.token, self.device_id, service), self.jid)))

    def push(self, secret=None, timeout=5.0):
        return error_of(self.server.ask(
            publish('prosody', self.node, secret=secret or self.secret),
            timeout))

    def unregister(self):
        return error_of(self.server.ask(iq(
            unregister(self.device_id, self.service), self.jid)))


def outcomes(page, name='wakebus_push_outcomes_total'):
    return page.nonzero(name, 'app', 'outcome')


def check_law(page):
    """What was received has ended in one outcome, or is still open."""
    for received, ended, open in [
            ('wakebus_pushes_received_total', 'wakebus_push_outcomes_total',
             'wakebus_pushes_in_flight'),
            ('wakebus_retries_received_total', 'wakebus_retry_outcomes_total',
             'wakebus_retries_in_flight')]:
        assert page(received) == page.sum(ended) + page(open)


def check_law_of_sender(page):
    for app in 'android', 'ios', '':
        assert page.sum('wakebus_sender_pushes_total', app=app) == (
            page.sum('wakebus_sender_results_total', app=app)
            + page.sum('wakebus_sender_pushes_in_flight', app=app))


# ---- the format

@pytest.mark.parametrize('program', PROGRAMS)
def test_promtool_has_nothing_to_say(server, pages, program):
    assert Phone(server).push() is None
    page = metrics_of(pages[program])
    assert promtool('check', 'metrics', said=page.text) == (0, '')
    assert page.all('wakebus_build_info', program=f'wakebus-{program}')
    assert page('wakebus_ready') == 1


def test_process_metrics_are_those_of_the_process(wakebus, pages):
    pid = wakebus.processes['registry'].pid
    page = metrics_of(pages['registry'])
    status = open(f'/proc/{pid}/status').read()
    resident = int(re.search(r'VmRSS:\s+(\d+)', status)[1]) * 1024
    assert 0.5 < page('process_resident_memory_bytes') / resident < 2
    assert 5 < page('process_open_fds') < 100
    assert page('process_max_fds') >= 1024
    assert abs(page('process_start_time_seconds') - time.time()) < 60
    started = page('process_start_time_seconds')
    wait_until(lambda: metrics_of(pages['registry'])
               ('process_cpu_seconds_total') > 0, 'some time was used')
    assert metrics_of(pages['registry'])(
        'process_start_time_seconds') == started


# ---- the numbers

def test_each_outcome_is_counted_once(server, wakebus, pages, fcm, apns):
    android, ios = Phone(server), Phone(server, 'apns')
    assert android.push() is None and ios.push() is None
    assert android.push(secret='x' * 24) == GONE
    android.node, node = 'A' * 12, android.node
    assert android.push() == GONE
    android.node = node
    fcm.fault(status=400, error_code='INVALID_ARGUMENT', count=1)
    assert android.push() == TROUBLE
    apns.fault(status=400, reason='BadTopic', count=1)
    assert ios.push() == TROUBLE
    dead = Phone(server)
    fcm.fault(status=404, error_code='UNREGISTERED', token=dead.token)
    assert dead.push() == GONE
    fcm.clear()
    page = metrics_of(pages['xmpp-frontend'])
    check_law(page)
    assert page('wakebus_pushes_received_total') == 7
    assert outcomes(page) == {
        ('android', 'sent'): 1, ('ios', 'sent'): 1, ('', 'gone'): 2,
        ('android', 'refused'): 1, ('ios', 'failed'): 1,
        ('android', 'gone'): 1}
    assert page('wakebus_push_duration_seconds_count') == 7
    assert page('wakebus_registrations_total', app='android', backend='fcm',
                outcome='done') == 2
    assert page('wakebus_registrations_total', app='ios', backend='apns',
                outcome='done') == 1
    assert page.sum('wakebus_registrations_total') == 3
    stages = page.nonzero('wakebus_job_duration_seconds_count', 'stage')
    assert stages == {('register',): 3, ('lookup',): 7, ('push',): 5,
                      ('forget',): 1}
    assert page('wakebus_queue_duration_seconds_count') == 16

    sender = metrics_of(pages['fcm-sender'])
    check_law_of_sender(sender)
    assert sender.nonzero('wakebus_sender_results_total', 'app', 'verdict') == {
        ('android', 'sent'): 1, ('android', 'refused'): 1,
        ('android', 'gone'): 1}
    assert sender.nonzero('wakebus_provider_requests_total', 'app', 'code') == {
        ('android', '2xx'): 1, ('android', '4xx'): 2}
    assert sender.sum('wakebus_provider_request_duration_seconds_count') == 3
    sender = metrics_of(pages['apns-sender'])
    check_law_of_sender(sender)
    assert sender.nonzero('wakebus_sender_results_total', 'app', 'verdict') == {
        ('ios', 'sent'): 1, ('ios', 'misconfigured'): 1}
    assert sender('wakebus_app_held', app='ios', backend='apns') == 1
    registry = metrics_of(pages['registry'])
    assert registry.nonzero('wakebus_registry_jobs_total',
                            'type', 'outcome') == {
        ('register', 'ok'): 3, ('lookup', 'ok'): 5, ('lookup', 'absent'): 2,
        ('forget', 'ok'): 1}


def test_what_is_deferred_comes_back_as_a_retry(server, pages, fcm):
    phone = Phone(server)
    fcm.fault(kind='outage')
    assert phone.push() is None
    wait_until(lambda: metrics_of(pages['registry']).samples.get(
        ('wakebus_deferred_targets', ())) == 1, 'one waits')

    def retried(outcome):
        page = metrics_of(pages['xmpp-frontend'])
        check_law(page)
        return outcomes(page, 'wakebus_retry_outcomes_total').get(
            ('android', outcome), 0)

    wait_until(lambda: retried('deferred'), 'deferred again', 15)
    fcm.clear()
    wait_until(lambda: retried('sent'), 'sent at last', 15)
    page = metrics_of(pages['xmpp-frontend'])
    assert outcomes(page) == {('android', 'deferred'): 1}
    assert page('wakebus_pushes_received_total') == 1
    retries = outcomes(page, 'wakebus_retry_outcomes_total')
    assert set(retries) == {('android', 'deferred'), ('android', 'sent')}
    assert retries['android', 'sent'] == 1
    assert metrics_of(pages['registry'])('wakebus_registry_due_total') == (
        page('wakebus_retries_received_total'))
    sender = metrics_of(pages['fcm-sender'])
    check_law_of_sender(sender)
    assert sender('wakebus_provider_requests_total', app='android',
                  backend='fcm', code='none') >= 2
    assert sender('wakebus_sender_results_total', app='android',
                  backend='fcm', verdict='sent') == 1


@pytest.mark.parametrize('wakebus', [3], indirect=True)
def test_a_retry_that_waited_long_enough_has_expired(server, pages, fcm):
    phone = Phone(server)
    fcm.fault(kind='outage')
    assert phone.push() is None

    def given_up():
        page = metrics_of(pages['xmpp-frontend'])
        check_law(page)
        return outcomes(page, 'wakebus_retry_outcomes_total').get(
            ('android', 'expired'), 0)

    assert wait_until(given_up, 'given up', 25) == 1


def test_a_push_without_a_registry_expires(server, wakebus, pages):
    phone = Phone(server)
    wakebus.processes['registry'].signal(signal.SIGSTOP)
    server.wait_link().send(publish('prosody', phone.node,
                                    secret=phone.secret, id='slow'))
    wait_until(lambda: metrics_of(pages['xmpp-frontend'])(
        'wakebus_pushes_in_flight') == 1, 'in flight')
    page = metrics_of(pages['xmpp-frontend'])
    check_law(page)
    assert page('wakebus_ledger_entries') == 1
    assert error_of(server.wait_answer('slow', 8)) == TIMEOUT
    wakebus.processes['registry'].signal(signal.SIGCONT)
    page = metrics_of(pages['xmpp-frontend'])
    check_law(page)
    assert outcomes(page) == {('', 'expired'): 1}
    assert page('wakebus_pushes_in_flight') == 0


def test_without_redis_it_has_failed(server, wakebus, pages, redis_server):
    phone = Phone(server)
    redis_server.stop()
    assert phone.push() == TROUBLE
    assert error_of(server.ask(iq(register('t', 'd'), phone.jid))) == TROUBLE
    redis_server.start()
    page = metrics_of(pages['xmpp-frontend'])
    check_law(page)
    assert outcomes(page) == {('', 'failed'): 1}
    assert page.nonzero('wakebus_registrations_total', 'app', 'outcome') == {
        ('android', 'done'): 1, ('android', 'failed'): 1}


def test_unregistrations_are_counted(server, pages):
    phone = Phone(server)
    assert phone.unregister() is None
    assert phone.unregister() == GONE
    page = metrics_of(pages['xmpp-frontend'])
    assert page.nonzero('wakebus_unregistrations_total', 'app', 'outcome') == {
        ('android', 'done'): 1, ('android', 'absent'): 1}
    assert page('wakebus_command_duration_seconds_count') == 3


def test_the_law_holds_while_all_goes_wrong(server, wakebus, pages, fcm,
                                            redis_server):
    """Under load, at any moment; and in the end each answer that the server
    has heard is in one counter, and in the log's totals too."""
    load = Load(server, 3000)
    troubles = [
        lambda: redis_server.kill(),
        lambda: redis_server.start(),
        lambda: wakebus.kill_one('fcm-sender'),
        lambda: start(wakebus, 'fcm-sender', pages['fcm-sender']),
        lambda: wakebus.kill_one('registry'),
        lambda: start(wakebus, 'registry', pages['registry']),
        lambda: fcm.fault(status=503, error_code='UNAVAILABLE'),
        lambda: fcm.clear()]
    while not load.done.wait(0.03):
        check_law(metrics_of(pages['xmpp-frontend']))
        if troubles:
            troubles.pop(0)()
    heard = load.finish(60)
    assert troubles == [], 'all of it was under load'
    page = metrics_of(pages['xmpp-frontend'])
    check_law(page)
    assert page('wakebus_pushes_received_total') == 3000
    assert page('wakebus_pushes_in_flight') == 0
    print(f'\n{heard}\n{outcomes(page)}')

    def ended(*names):
        return sum(page.sum('wakebus_push_outcomes_total', outcome=name)
                   for name in names)

    assert ended('sent', 'deferred') == heard[None]
    assert ended('gone') == heard[GONE] == 0
    assert ended('expired', 'failed', 'refused') == (
        heard[TROUBLE] + heard[TIMEOUT])
    assert page('wakebus_workers_lost_total') == 2
    frontend = wakebus.processes['xmpp-frontend']
    wakebus.stop_one('xmpp-frontend')
    assert (f'ev=pushes.total received=3000 sent={ended("sent"):.0f} gone=0 '
            f'refused=0 deferred={ended("deferred"):.0f} '
            f'expired={ended("expired"):.0f} coalesced=0 limited=0 failed={ended("failed"):.0f}'
            ) in frontend.log()


# ---- what there is

def test_the_frontend_knows_its_workers_and_its_link(
        server, wakebus, pages):
    frontend = pages['xmpp-frontend']
    page = metrics_of(frontend)
    assert page.nonzero('wakebus_workers', 'role') == {
        ('registry',): 1, ('fcm-sender',): 1, ('apns-sender',): 1}
    assert page('wakebus_worker_credit', role='registry') == 512
    assert page.nonzero('wakebus_app_workers', 'app') == {
        ('android',): 1, ('ios',): 1}
    assert page('wakebus_xmpp_link_up') == 1
    assert page('wakebus_xmpp_link_connects_total') == 1
    wakebus.stop_one('fcm-sender')
    wait_until(lambda: metrics_of(frontend)(
        'wakebus_app_workers', app='android', backend='fcm') == 0, 'it left')
    page = metrics_of(frontend)
    assert page('wakebus_workers_lost_total') == 0
    assert page('wakebus_ready') == 0
    assert page('wakebus_ready_check', check='sender.android') == 0
    server.stop()
    wait_until(lambda: metrics_of(frontend)('wakebus_xmpp_link_up') == 0,
               'the link is down')
    wait_until(lambda: metrics_of(frontend)(
        'wakebus_xmpp_link_failures_total') > 0, 'it is tried')
    server.start()
    wait_until(lambda: metrics_of(frontend)('wakebus_xmpp_link_up') == 1,
               'the link is up')
    assert metrics_of(frontend)('wakebus_xmpp_link_connects_total') == 2


def test_what_waits_for_a_sender_is_seen(server, wakebus, pages):
    phone = Phone(server)
    wakebus.stop_one('fcm-sender')
    server.wait_link().send(publish('prosody', phone.node,
                                    secret=phone.secret, id='waits'))
    wait_until(lambda: metrics_of(pages['xmpp-frontend'])(
        'wakebus_queued_jobs', app='android', role='fcm-sender') == 1,
        'it waits')
    assert error_of(server.wait_answer('waits', 8)) is None
    wait_until(lambda: metrics_of(pages['xmpp-frontend']).sum(
        'wakebus_queued_jobs') == 0, 'it was deferred')


def test_access_tokens_tell_when_they_end(pages):
    page = metrics_of(pages['fcm-sender'])
    expiry = 'wakebus_access_token_expiry_timestamp_seconds'
    wait_until(lambda: metrics_of(pages['fcm-sender'])(
        expiry, app='android', backend='fcm') > 0, 'there is one')
    page = metrics_of(pages['fcm-sender'])
    left = page(expiry, app='android', backend='fcm') - time.time()
    assert 3500 < left <= 3600
    assert page('wakebus_access_token_renewals_total', app='android',
                backend='fcm') == 1
    assert not metrics_of(pages['apns-sender']).all(
        'wakebus_certificate_expiry_timestamp_seconds')


def test_certificates_tell_when_they_end(server, redis_server, apns, tmp_path):
    app = {'backend': 'apns', 'topic': apns.app()['topic'],
           'certificate_file': apns.info['cert_file'],
           'certificate_key_file': apns.info['cert_key_file']}
    end = x509.load_pem_x509_certificate(
        Path(apns.info['cert_file']).read_bytes()).not_valid_after
    with Wakebus(tmp_path, server, redis_server.url, {'ios': app},
                 apns=apns.settings()) as wakebus:
        pages = Pages()
        start(wakebus, 'apns-sender', pages)
        wakebus.processes['apns-sender'].wait_for_log('ev=http.up')
        assert metrics_of(pages)(
            'wakebus_certificate_expiry_timestamp_seconds', app='ios',
            backend='apns') == end.replace(tzinfo=UTC).timestamp()


def test_the_registry_knows_its_redis(server, wakebus, pages, redis_server):
    registry = pages['registry']

    def told(name):
        return metrics_of(registry).samples.get((name, ()))

    wait_until(lambda: told('wakebus_redis_durable') == 1, 'it is durable')
    assert told('wakebus_redis_up') == 1
    assert told('wakebus_redis_connects_total') == 1
    assert told('wakebus_redis_commands_failed_total') == 0
    assert told('wakebus_deferred_targets') == 0
    with redis_server.client() as client:
        client.zadd('wakebus:{due}:targets', {'A' * 12: 2e12, 'B' * 12: 2e12})
        wait_until(lambda: told('wakebus_deferred_targets') == 2, 'two wait')
        client.config_set('appendonly', 'no')
        wait_until(lambda: told('wakebus_redis_durable') == 0, 'it is not')
        client.zrem('wakebus:{due}:targets', 'A' * 12)
        wait_until(lambda: told('wakebus_deferred_targets') == 1, 'one waits')
        assert told('wakebus_redis_up') == 1
        client.config_set('appendonly', 'yes')
        wait_until(lambda: told('wakebus_redis_durable') == 1, 'it is again')
        commands = told('wakebus_redis_command_duration_seconds_count')
        Phone(server)
        assert told('wakebus_redis_command_duration_seconds_count') > commands
    redis_server.stop()
    wait_until(lambda: told('wakebus_redis_up') == 0, 'it is gone')
    wait_until(lambda: told('wakebus_redis_durable') is None
               and told('wakebus_deferred_targets') is None,
               'nobody knows what it would say')
    assert told('wakebus_redis_commands_failed_total') > 0
    redis_server.start()
    wait_until(lambda: told('wakebus_redis_connects_total') == 2, 'back')


def test_who_has_no_key_is_counted(server, redis_server, fcm, tmp_path):
    keygen(tmp_path / 'keys')
    with Wakebus(tmp_path, server, redis_server.url, {'android': fcm.app()},
                 keys=tmp_path / 'keys') as wakebus:
        pages = Pages()
        start(wakebus, 'xmpp-frontend', pages)
        assert metrics_of(pages)('wakebus_bus_strangers_total') == 0
        with Peer(wakebus.inbox):
            wait_until(lambda: metrics_of(pages)(
                'wakebus_bus_strangers_total') > 0, 'counted')


def test_what_makes_no_sense_on_the_bus_is_counted(wakebus, pages):
    with Peer(wakebus.inbox) as peer:
        peer.send_frame(b'rubbish')
        peer.send(type='hello', role='nobody')
        wait_until(lambda: metrics_of(pages['xmpp-frontend'])(
            'wakebus_bus_messages_refused_total') == 2, 'both are counted')


def test_a_role_that_nobody_needs_makes_no_label(wakebus, pages):
    with Peer(wakebus.inbox) as peer:
        for number in range(5):
            peer.send(type='hello', role=f'secret{number}-sender',
                      worker=f'w{number}', credit=7, apps=['android'],
                      jobs='tcp://127.0.0.1:1')
        wait_until(lambda: metrics_of(pages['xmpp-frontend'])(
            'wakebus_workers', role='other') == 5, 'they are others')
        assert 'secret0' not in metrics_of(pages['xmpp-frontend']).text


# ---- what is written about it

@pytest.fixture
def told(server, wakebus, pages):
    """The page of each program, with all that it may have."""
    Phone(server).push()
    wait_until(lambda: 'wakebus_redis_durable' in
               metrics_of(pages['registry']).names, 'Redis has told')
    told = {name: metrics_of(page) for name, page in pages.items()}
    told['apns-sender'] = Metrics(told['apns-sender'].text + CERTIFICATE)
    return told


def test_each_metric_is_documented_where_it_is(told):
    documented = families_by_section(
        (DEPLOY / 'prometheus' / 'README.md').read_text())
    for program, page in told.items():
        sections = {'Each process', program}
        if program != 'xmpp-frontend':
            sections.add('Each worker')
        if program.endswith('sender'):
            sections.add('Each sender')
        expected = {}
        for section in sections:
            assert not expected.keys() & documented[section].keys()
            expected |= documented[section]
        assert page.families == expected


def dashboard_expressions():
    dashboard = json.loads((DEPLOY / 'grafana' / 'wakebus.json').read_text())
    for panel in dashboard['panels']:
        for target in panel.get('targets', []):
            yield target['expr']
    for variable in dashboard['templating']['list']:
        if variable['type'] == 'query':
            yield variable['definition']


def alert_expressions():
    rules = yaml.safe_load(
        (DEPLOY / 'prometheus' / 'wakebus.rules.yml').read_text())
    return [rule['expr'] for group in rules['groups']
            for rule in group['rules']]


def test_dashboard_and_alerts_name_only_what_there_is(told):
    names = set().union(*(page.names for page in told.values()))
    labels = {}
    for page in told.values():
        for name, pairs in page.samples:
            for label, value in pairs:
                labels.setdefault((name, label), set()).add(value)
    expressions = [*dashboard_expressions(), *alert_expressions()]
    assert len(expressions) > 60
    for expression in expressions:
        for name, label, values in selectors(expression):
            assert name in names | {'up'}, expression
            if label in (None, 'job', 'instance'):
                continue
            assert (name, label) in labels, expression
            assert values <= labels[name, label] | {'$app'}, expression
        for label in grouped_by(expression):
            assert label in ('le', 'job', 'instance') or any(
                (name, label) in labels
                for name, *_ in selectors(expression)), expression


# ---- what is not told

def test_nothing_that_identifies_is_told(server, wakebus, pages, fcm):
    phone = Phone(server, jid='plantedjid@example.test')
    assert phone.push() is None
    assert phone.push(secret='planted-secret') == GONE
    fcm.fault(status=400, error_code='INVALID_ARGUMENT', count=1)
    assert phone.push() == TROUBLE
    fcm.fault(status=404, error_code='UNREGISTERED', token=phone.token)
    assert phone.push() == GONE
    wakebus.kill_one('fcm-sender')
    start(wakebus, 'fcm-sender', pages['fcm-sender'])
    other = Phone(server, 'apns', jid='plantedjid@example.test')
    assert other.push() is None
    planted = [server.secret, server.component, SERVER, 'plantedjid',
               'planted-secret', 'New Message']
    for each in phone, other:
        planted += [each.token, each.node, each.secret, each.account,
                    each.device_id]
    for program in PROGRAMS:
        text = metrics_of(pages[program]).text
        assert [word for word in planted if word in text] == []


def test_labels_are_apps_and_words_of_ours(server, pages):
    """So that no series can be made from outside."""
    Phone(server).push()
    Phone(server, 'apns').push()
    values = set().union(*(metrics_of(page).label_values
                           for page in pages.values()))
    for value in values:
        assert re.fullmatch(r'[a-z0-9._+-]*|[+]Inf|[0-9.]+', value), value
    assert len(values) < 100


def test_the_guide_says_how_many_series_there_are(pages):
    """To the ten."""
    guide = (DEPLOY / 'prometheus/README.md').read_text()
    at_frontend, at_sender, frontend, other = map(int, re.search(
        r'An\s+app\s+adds\s+(\d+)\s+series\s+at\s+a\s+frontend\s+and\s+(\d+)'
        r'\s+at\s+a\s+sender;\s+without\s+apps\s+a\s+frontend\s+has\s+(\d+),'
        r'\s+every\s+other\s+process\s+less\s+than\s+(\d+)\.', guide).groups())

    def count_of(program):
        """Of the process, and of its app that has most."""
        page = metrics_of(pages[program])
        apps = [sum(1 for _, labels in page.samples
                    if ('app', app) in labels) for app in ('android', 'ios')]
        return len(page.samples) - sum(apps), max(apps)

    counted = {program: count_of(program) for program in PROGRAMS}
    assert abs(counted['xmpp-frontend'][0] - frontend) <= 10
    assert abs(counted['xmpp-frontend'][1] - at_frontend) <= 5
    for program in ('fcm-sender', 'apns-sender'):
        assert abs(counted[program][1] - at_sender) <= 5
    assert max(counted[program][0] for program in PROGRAMS
               if program != 'xmpp-frontend') in range(other - 10, other)
