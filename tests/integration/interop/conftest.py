"""What the tests of servers share."""

import pytest


@pytest.fixture
def calm(redis_server, fcm, apns):
    yield
    fcm.clear()
    apns.clear()
    with redis_server.client() as client:
        client.flushall()  # nothing is tried again in the next test
