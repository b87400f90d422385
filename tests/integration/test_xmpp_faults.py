"""The link to the XMPP server: how it is lost, and that it comes back."""

import time

import pytest

from support.answers import error_of
from support.component_link import ComponentLink
from support.component_server import ComponentServer
from support.process import wait_until
from support.registering import PHONE
from support.stanzas import iq
from support.wakebus import Wakebus

PING = "<ping xmlns='urn:xmpp:ping'/>"


@pytest.fixture
def server():
    server = ComponentServer().start()
    yield server
    server.stop()


class Frontend:
    """A frontend alone; its pings are made quick."""

    def __init__(self, scratch, server, redis_server, fcm):
        self.server = server
        self.wakebus = Wakebus(
            scratch, server, redis_server.url, {'c': fcm.app()})
        self.wakebus.config['xmpp'].update(ping_interval_s=1, ping_timeout_s=1)
        self.wakebus.write_config()
        self.process = self.wakebus.start_one('xmpp-frontend')

    def log(self):
        return self.process.log()

    def wait_new_link(self, old, timeout=10.0):
        """Returns it and the seconds that took."""
        started = time.monotonic()
        wait_until(lambda: self.server.links[-1] is not old, 'a new link',
                   timeout)
        return self.server.wait_link(), time.monotonic() - started

    def works(self):
        return error_of(self.server.ask(iq(PING, PHONE, kind='get'))) is None


@pytest.fixture
def frontend(tmp_path, server, redis_server, fcm):
    frontend = Frontend(tmp_path, server, redis_server, fcm)
    with frontend.wakebus:
        yield frontend


def vanish(link):
    try:
        link.vanish()
    except PermissionError:
        pytest.skip('needs root to make a connection vanish')


# ---- lost, and back

@pytest.mark.parametrize('lose, why', [
    (ComponentLink.close, None), (ComponentLink.reset, None),
    (lambda link: link.stream_error('system-shutdown'), None),
    (vanish, None), (ComponentLink.freeze, 'no answer to a ping')],
    ids=['closed', 'reset', 'shut down', 'vanished', 'frozen'])
def test_a_lost_link_is_made_anew(server, frontend, lose, why):
    link = server.wait_link()
    time.sleep(1.5)  # a ping has been there and back
    assert server.wait_link() is link
    lose(link)
    _, seconds = frontend.wait_new_link(link)
    print(f'\nlinked again after {seconds:.2f} s')
    assert seconds < 5
    assert frontend.works()
    assert 'ev=link.down' in frontend.log()
    assert why is None or why in frontend.log()


def test_the_link_is_back_soon_after_the_server_is(server, frontend):
    link = server.wait_link()
    server.stop()
    time.sleep(3)
    server.start()
    _, seconds = frontend.wait_new_link(link)
    print(f'\nlinked again {seconds:.2f} s after the server was there')
    assert seconds < 3
    assert frontend.works()


def test_a_server_that_says_nothing_is_given_up(server, frontend):
    """It accepts the connection, and that is all."""
    link = server.wait_link()
    server.silent = True
    link.close()
    frontend.process.wait_for_log('the server does not answer', timeout=15)
    assert server.attempts == 2
    server.silent = False
    frontend.wait_new_link(link)
    assert frontend.works()


def test_a_server_that_reads_nothing_is_given_up(
        tmp_path, server, redis_server, fcm):
    """Before its answers fill the memory."""
    with Wakebus(tmp_path, server, redis_server.url,
                 {'c': fcm.app()}) as wakebus:
        frontend = wakebus.start_one('xmpp-frontend')
        link = server.wait_link()
        link.freeze()
        info = iq("<query xmlns='http://jabber.org/protocol/disco#info'/>",
                  PHONE, kind='get')
        with pytest.raises(OSError):
            for _ in range(2000):
                link.send(100 * info)
        frontend.wait_for_log('the server does not read')
        print(f'\nat most {peak_mib(frontend, "VmHWM"):.0f} MiB in memory')
        # A sanitizer reserves terabytes, and frees late.
        assert (peak_mib(frontend, 'VmHWM') < 80
                or peak_mib(frontend, 'VmPeak') > 1 << 20)
        wait_until(lambda: server.links[-1] is not link, 'a new link')
        assert error_of(server.ask(iq(PING, PHONE, kind='get'))) is None


def peak_mib(process, of):
    status = open(f'/proc/{process.pid}/status').read()
    return int(status.partition(f'{of}:')[2].split()[0]) / 1024


# ---- how a stream begins and ends

def test_a_request_beside_the_handshake_is_answered(server, frontend):
    link = server.wait_link()
    server.eager = 3 * iq(PING, PHONE, kind='get', id='eager')
    link.close()
    frontend.wait_new_link(link)
    wait_until(lambda: len(server.answers.get('eager', [])) == 3, 'answers')


def test_what_the_server_says_at_the_end_is_logged(server, frontend):
    """However long that is."""
    link = server.wait_link()
    link.send("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:"
              "xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'"
              f" xml:lang='{60 * 'x'}'>the {20_000 * 'v'}ery end</text>"
              '</stream:error></stream:stream>')
    link.wait_closed()
    frontend.process.wait_for_log('ev=link.refused why=conflict')
    assert 'text="the vvv' in frontend.log()


# ---- turned away

def test_what_a_person_must_mend_is_tried_slowly(
        tmp_path, redis_server, fcm):
    refusals = 'conflict', 'not-authorized', 'host-unknown'
    servers = [ComponentServer().start() for _ in refusals]
    frontends = []
    for server, refusal in zip(servers, refusals):
        (tmp_path / refusal).mkdir()
        frontends.append(Frontend(tmp_path / refusal, server, redis_server,
                                  fcm))
        server.wait_link().stream_error(refusal)
        server.refusal = refusal
    time.sleep(6)
    for server, frontend, refusal in zip(servers, frontends, refusals):
        assert 2 <= server.attempts <= 3, 'the first and the one refused'
        assert f'ev=link.refused why={refusal}' in frontend.log()
        server.refusal = None
    for server, frontend in zip(servers, frontends):
        frontend.wait_new_link(server.links[0], timeout=15)
        assert frontend.works()
        frontend.wakebus.stop()
        server.stop()
