"""The status page, as a person sees it: in Chromium, with all behind it."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

from support.browser import Browser
from support.http_pages import Pages
from support.process import wait_until
from support.wakebus import Wakebus
from test_metrics import GONE, Phone, metrics_of

# Name, scheme and width of each way to look at it.
VIEWS = [('light', 1280), ('dark', 1280), ('light', 360), ('dark', 360)]
SHOTS = os.environ.get('TEST_SCREENSHOTS')


@pytest.fixture(scope='module')
def browser():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def wakebus(server, redis_server, fcm, apns, tmp_path):
    redis_server.client().flushall()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'android': fcm.app(), 'ios': apns.app()},
                 fcm=fcm.settings(), apns=apns.settings()) as wakebus:
        yield wakebus
    fcm.clear()


@pytest.fixture
def pages(wakebus):
    """Of a frontend that has all it needs."""
    pages = Pages()
    wakebus.start_one('xmpp-frontend', env=pages.env)
    for program in 'registry', 'fcm-sender', 'apns-sender':
        wakebus.start_one(program)
    wait_until(lambda: not pages.trouble(), 'ready')
    return pages


@pytest.fixture
def page(browser, pages):
    """Open, and it has not complained when the test is over."""
    browser.look_like('light', 1280)
    browser.complaints(), browser.requests()
    browser.open(url_of(pages))
    yield browser
    assert browser.complaints() == []
    asked = browser.requests()
    assert asked and all(url.startswith((url_of(pages), 'data:'))
                         for url in asked), asked


def url_of(pages):
    return f'http://{pages.address}/'


def facts_of(pages):
    answer = pages.get('/status.json')
    assert answer.headers['Content-Type'] == 'application/json'
    return json.loads(answer.body)


def shows(page, selector, text):
    wait_until(lambda: text in page.text(selector), f'{text!r} on the page')


def look(page, name):
    """It is whole in each view: nothing to scroll to at the side, and every
    text can be read."""
    for scheme, width in VIEWS:
        page.look_like(scheme, width)
        assert page.fits(), (name, scheme, width)
        contrast, where = page.least_contrast()
        assert contrast >= 4.5, (name, scheme, where)
        if SHOTS:
            page.screenshot(Path(SHOTS) / f'{name}-{scheme}-{width}.png')
    page.look_like('light', 1280)


def outcome(app, name):
    """Where the number is on the page."""
    return f'[data-text="apps.{("android", "ios", "").index(app)}.{name}"]'


# ---- what it shows

def test_a_push_is_seen_at_once(server, pages, page):
    assert 'All is well' in page.text('.verdict')
    assert page.text(outcome('android', 'sent')) == '0'
    android, ios = Phone(server), Phone(server, 'apns')
    assert android.push() is None
    shows(page, outcome('android', 'sent'), '1')
    assert ios.push() is None and ios.push() is None
    assert android.push(secret='wrong') == GONE
    shows(page, outcome('ios', 'sent'), '2')
    wait_until(lambda: page.run('return document.querySelectorAll('
                                '".apps tbody tr").length') == 3, 'a new row')
    shows(page, outcome('', 'gone'), '1')
    shows(page, '#ends', 'What became of 4 pushes')
    tiles = page.text('.tiles')
    assert re.search(r'0\.\d+', tiles) and '100 %' in tiles
    assert re.search(r'[\d.]+ ms', tiles)
    assert page.run('return document.querySelector("path.well")'
                    '.getAttribute("d")').startswith('M590 60')
    assert page.run('return document.querySelector("path.bad")'
                    '.getAttribute("d")') == ''
    for count in range(40):
        android.push()
    shows(page, outcome('android', 'sent'), '41')
    look(page, 'well')


def test_it_says_the_same_as_metrics(server, pages):
    phone = Phone(server)
    for _ in range(3):
        assert phone.push() is None
    assert phone.push(secret='wrong') == GONE
    metrics, facts = metrics_of(pages), facts_of(pages)
    [android, ios, unknown] = facts['apps']
    for app in facts['apps']:
        name = '' if app['name'] == 'not known' else app['name']
        for word in ('sent coalesced deferred limited gone refused expired'
                     ' failed').split():
            assert app[word] == str(int(metrics.sum(
                'wakebus_push_outcomes_total', app=name, outcome=word)))
    assert (android['name'], android['sent'], ios['name']) == (
        'android', '3', 'ios')
    assert facts['received'] == '4'
    assert unknown['gone'] == '1'
    assert {role['name']: (role['workers'], role['credit'])
            for role in facts['roles']} == {
        dict(labels)['role']: (str(int(value)), str(int(metrics(
            'wakebus_worker_credit', **dict(labels)))))
        for (_, labels), value in metrics.all('wakebus_workers').items() if value}


def test_without_a_sender_it_says_what_to_do(server, wakebus, pages, page):
    wakebus.stop_one('apns-sender')
    shows(page, '.verdict', 'No sender for ios')
    assert 'tart a sender that has this app' in page.text('#problems')
    assert page.run('return document.documentElement.dataset.state') == 'bad'
    assert 'no sender' in page.text('.line')
    look(page, 'no_sender')
    wakebus.start_one('apns-sender')
    shows(page, '.verdict', 'All is well')
    assert page.text('#problems') == ''


def test_without_a_link_it_says_so(server, wakebus, pages, page):
    server.stop()
    shows(page, '.verdict', 'No link to the XMPP server')
    assert 'Nobody is woken' in page.text('.verdict')
    assert 'heck that the XMPP server runs' in page.text('#problems')
    look(page, 'no_link')
    wakebus.stop_one('registry')
    shows(page, '#problems', 'No registry: start a registry')
    look(page, 'no_link_no_registry')
    server.start()
    shows(page, '.verdict', 'No registry')
    wakebus.start_one('registry')
    shows(page, '.verdict', 'All is well')


def test_pushes_that_fail_are_seen(server, pages, page, fcm):
    phone = Phone(server)
    for _ in range(9):
        assert phone.push() is None
    fcm.fault(status=400, error_code='INVALID_ARGUMENT', count=2)
    assert phone.push() and phone.push()
    shows(page, '.verdict', 'Pushes fail')
    shows(page, outcome('android', 'refused'), '2')
    assert page.run('return document.querySelector("path.bad")'
                    '.getAttribute("d")').startswith('M590 60')
    look(page, 'failing')


# ---- when it cannot be told anything

def test_it_says_that_it_is_old_when_nobody_answers(
        wakebus, browser, pages, page):
    frontend = wakebus.processes['xmpp-frontend']
    assert page.text('#lost') == ''
    frontend.signal(signal.SIGSTOP)
    wait_until(lambda: page.run('return !document.getElementById("lost").hidden'),
               'it says so', 20)
    assert 'does not answer' in page.text('#lost')
    look(page, 'lost')
    frontend.signal(signal.SIGCONT)
    wait_until(lambda: page.run('return document.getElementById("lost").hidden'),
               'it goes on', 20)


def test_without_scripts_it_is_made_anew(server, browser, pages):
    browser.scripts(False)
    try:
        browser.open(url_of(pages))
        html = browser.driver.page_source
        assert 'All is well' in html
        assert '<meta http-equiv="refresh" content="10">' in html
    finally:
        browser.scripts(True)
    phone = Phone(server)
    assert phone.push() is None
    text = pages.get('/').body.decode()
    assert re.search(r'data-text="apps\.0\.sent">1<', text)
    assert '{{' not in text


def test_other_apps_make_another_page(server, wakebus, pages, page, fcm):
    def reload(apps):
        wakebus.config['apps'] = apps
        wakebus.write_config()
        wakebus.processes['xmpp-frontend'].signal(signal.SIGHUP)

    apps = wakebus.config['apps']
    reload({**apps, 'third': fcm.app() | {'default': False}})
    shows(page, '.line', 'third')
    assert 'No sender for third' in page.text('.verdict')
    reload({'android': apps['android'], 'other': apps['ios']})
    shows(page, '.line', 'other')
    assert 'ios' not in page.text('main') and 'third' not in page.text('main')
    shows(page, '.apps', 'other')


# ---- what it may

def test_it_may_use_nothing_but_its_own(pages):
    for path in '/', '/status.json', '/status.css', '/status.js':
        answer = pages.get(path)
        assert answer.status == 200, path
        policy = answer.headers['Content-Security-Policy']
        assert "default-src 'none'" in policy and 'unsafe' not in policy
        assert "script-src 'self'" in policy
        assert 'http' not in policy
        assert answer.headers['X-Content-Type-Options'] == 'nosniff'
        assert pages.get(path, method='POST').status == 405


def test_a_script_that_got_in_would_not_run(pages, browser):
    browser.open(url_of(pages))
    browser.run('const s = document.createElement("script");'
                's.textContent = "window.got_in = true";'
                'document.body.append(s)')
    assert browser.run('return window.got_in') is None
    assert 'Content Security Policy' in browser.complaints()[0]


def test_nobody_is_recognised(server, pages):
    phone = Phone(server, jid='plantedjid@example.test')
    assert phone.push() is None
    text = (pages.get('/').body + pages.get('/status.json').body).decode()
    for secret in (phone.token, phone.node, phone.secret, phone.account,
                   phone.device_id, 'plantedjid', 'example.test',
                   server.secret, server.component):
        assert secret not in text


def test_names_of_apps_are_no_markup(server, redis_server, fcm, tmp_path):
    name = 'a<b>&"\'{{up}}'
    with Wakebus(tmp_path, server, redis_server.url, {name: fcm.app()},
                 fcm=fcm.settings()) as wakebus:
        pages = Pages()
        wakebus.start_one('xmpp-frontend', env=pages.env)
        text = pages.get('/').body.decode()
        assert '<b>' not in text
        assert '>a&lt;b&gt;&amp;&quot;&#39;{{up}}</strong>' in text
        assert facts_of(pages)['apps'][0]['name'] == name
