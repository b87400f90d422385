"""/metrics: what the processes count is what has happened, exactly."""

import pytest

from support.http_pages import Pages
from support.metrics import metrics_of, promtool
from support.process import wait_until
from support.wakebus import Wakebus

PROGRAMS = 'xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender'


@pytest.fixture
def wakebus(server, redis_server, fcm, apns, tmp_path):
    redis_server.client().flushall()
    with Wakebus(tmp_path, server, redis_server.url,
                 {'android': fcm.app(), 'ios': apns.app()},
                 fcm=fcm.settings(), apns=apns.settings(),
                 push={'deadline_ms': 2500, 'retry_first_s': 1,
                       'retry_ttl_s': 8}) as wakebus:
        yield wakebus
    fcm.clear()
    apns.clear()


@pytest.fixture
def pages(wakebus):
    """Of all programs, by name; all are ready."""
    pages = {program: Pages() for program in PROGRAMS}
    for program in PROGRAMS:
        wakebus.start_one(program, env=pages[program].env)
    for program in PROGRAMS:
        wait_until(lambda: not pages[program].trouble(), f'{program} ready')
    return pages


@pytest.mark.parametrize('program', PROGRAMS)
def test_promtool_has_nothing_to_say(pages, program):
    page = metrics_of(pages[program])
    print(page.text)
    assert promtool('check', 'metrics', said=page.text) == (0, '')
