"""A program that is told to stop while it is starting does stop."""

import signal
import time

import pytest

from support.process import Process, free_port
from support.wakebus import BIN, Wakebus


@pytest.fixture
def wakebus(server, fcm, apns, tmp_path):
    return Wakebus(tmp_path, server, f'redis://127.0.0.1:{free_port()}/0',
                   {'android': fcm.app(), 'ios': apns.app()},
                   fcm=fcm.settings(), apns=apns.settings())


@pytest.mark.parametrize('program', ['xmpp-frontend', 'registry',
                                     'fcm-sender', 'apns-sender'])
def test_no_signal_is_lost(wakebus, program, tmp_path):
    """However early it comes: it ends the program at once, or is a drain."""
    ends = set()
    for delay_ms in range(0, 60, 2):
        process = Process(
            [BIN / f'wakebus-{program}', '--config', wakebus.path],
            tmp_path / 'log')
        time.sleep(delay_ms / 1000)
        process.signal(signal.SIGTERM)
        ends.add(process.wait_exit(5))
    assert ends <= {0, -signal.SIGTERM}
