"""A provider says yes before it has read the request. libcurl (7.88) then never
tells that the answer is there, so the push takes all the time that it has; but
it ends, and is not sent again."""

import secrets

import pytest

from support.answers import error_of, registration_of
from support.early_provider import EarlyProvider
from support.http_pages import Pages
from support.metrics import outcomes_of
from support.push_commands import register
from support.stanzas import iq, publish
from support.wakebus import Wakebus


@pytest.fixture
def early(apns, credentials):
    provider = EarlyProvider(credentials)
    yield provider
    provider.stop()


def test_it_counts_as_sent_and_keeps_the_deadline(
        server, redis_server, apns, early, tmp_path):
    pages = Pages()
    with Wakebus(tmp_path, server, redis_server.url, {'ios': apns.app()},
                 pages=pages, push={'deadline_ms': 2500},
                 apns={**apns.settings(), 'production_url': early.url}).start():
        token = secrets.token_hex(32)
        _, node, secret = registration_of(server.ask(iq(
            register(token, 'device', 'apns'), 'juliet@example.test/phone')))
        for count in range(1, 4):
            assert error_of(server.ask(publish('prosody', node, secret=secret),
                                       timeout=4)) is None
            assert outcomes_of(pages) == {'sent': count}
            assert early.answered == count
