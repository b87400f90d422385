"""The advice of deploy/prosody and deploy/ejabberd, followed. That the files
work is what every test with these servers shows; here is what each piece of
advice is for, and what happens without it."""

import re
import signal
import socket
from pathlib import Path

import pytest

from support.component_client import ComponentClient
from support.component_link import TCP_REPAIR
from support.deployed import DEPLOY
from support.ejabberd import Ejabberd
from support.process import Process, accepts, free_port, wait_until
from support.prosody import Prosody
from support.wakebus import BIN, Wakebus
from test_end_to_end import Juliet, wake_up_comes

KICK_OLD = 'component_conflict_resolve = "kick_old"'


class ProsodyWithout(Prosody):
    """A Prosody with a wakebus.cfg.lua that lacks a line of ours."""

    def _component(self):
        text = super()._component()
        assert KICK_OLD in text
        return text.replace(KICK_OLD, '')


def vanish(connection):
    """Forget a connection as by a host that lost power: the other side is not
    told. Needs root."""
    try:
        connection.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    except PermissionError:
        pytest.skip('needs root to make a connection vanish')
    connection.socket.close()


def configured(scratch, server, redis_server, fcm, **xmpp):
    wakebus = Wakebus(scratch, server, redis_server.url, {'c': fcm.app()},
                      fcm=fcm.settings())
    wakebus.config['xmpp'].update(xmpp)
    wakebus.write_config()
    return wakebus


def frontend(wakebus):
    """Started, whatever comes of it."""
    process = Process([BIN / 'wakebus-xmpp-frontend', '--config',
                       wakebus.path], wakebus.directory / 'frontend.log')
    wakebus.processes['xmpp-frontend'] = process
    return process


def with_a_half_open_connection(kind, tmp_path):
    server = kind(tmp_path).start()
    vanish(ComponentClient(server))
    return server


def test_with_kick_old_a_half_open_connection_is_replaced(
        tmp_path, redis_server, fcm):
    server = with_a_half_open_connection(Prosody, tmp_path)
    with configured(tmp_path, server, redis_server, fcm) as wakebus:
        process = frontend(wakebus)
        process.wait_for_log('ev=link.up')
        assert 'conflict' not in process.log()
    server.stop()


def test_without_it_we_are_turned_away(tmp_path, redis_server, fcm):
    server = with_a_half_open_connection(ProsodyWithout, tmp_path)
    with configured(tmp_path, server, redis_server, fcm) as wakebus:
        process = frontend(wakebus)
        process.wait_for_log('why=conflict')
        assert 'ev=link.up' not in process.log()
        process.wait_for_log('kick_old')  # the remedy is named
    server.stop()


def listening_on(port):
    """The addresses that something listens on with this port, as the kernel
    prints them."""
    found = set()
    for table in ('tcp', 'tcp6'):
        for line in Path(f'/proc/net/{table}').read_text().splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            host, _, hex_port = address.partition(':')
            if state == '0A' and int(hex_port, 16) == port:
                found.add(host)
    return found


@pytest.mark.parametrize('kind', [Prosody, Ejabberd])
def test_components_connect_from_this_host_alone(kind, tmp_path):
    server = kind(tmp_path).start()
    assert listening_on(server.component_port) == {'0100007F'}  # 127.0.0.1
    server.stop()


# ---- stunnel

def tunnels():
    """The README's two configurations: the server's side and ours."""
    text = (DEPLOY / 'prosody/README.md').read_text()
    blocks = re.findall(r'^```ini\n(.*?)^```', text, re.M | re.S)
    assert len(blocks) == 2
    return blocks


def start_tunnel(scratch, name, text, replaced):
    for example, value in replaced.items():
        assert example in text
        text = text.replace(example, value)
    path = scratch / f'{name}.conf'
    # stunnel's own two options for a foreground process.
    path.write_text(f'foreground = yes\npid =\n{text}')
    return Process(['stunnel4', path], scratch / f'{name}.log')


@pytest.fixture
def tunnel(tmp_path):
    """Yields (server, port): the server's components can also connect to this
    port, through both ends of a tunnel."""
    server = Prosody(tmp_path).start()
    psk = tmp_path / 'wakebus.psk'
    psk.write_text('wakebus:' + 64 * '5' + '\n')
    psk.chmod(0o600)
    middle, near = free_port(), free_port()
    far_end, near_end = tunnels()
    common = {'/etc/stunnel/wakebus.psk': str(psk)}
    processes = [
        start_tunnel(tmp_path, 'far', far_end, {
            **common, 'accept = 5348': f'accept = 127.0.0.1:{middle}',
            '127.0.0.1:5347': f'127.0.0.1:{server.component_port}'}),
        start_tunnel(tmp_path, 'near', near_end, {
            **common, '127.0.0.1:5347': f'127.0.0.1:{near}',
            'xmpp.example.org:5348': f'127.0.0.1:{middle}'})]
    for process, port in zip(processes, (middle, near)):
        process.wait_until(lambda: accepts(port), 'listening')
    yield server, near, processes
    for process in processes:
        process.stop(expect=None)
    server.stop()


def test_the_link_goes_through_the_tunnel_of_the_readme(
        tunnel, tmp_path, redis_server, fcm):
    server, port, _ = tunnel
    with configured(tmp_path, server, redis_server, fcm,
                    port=port) as wakebus:
        wakebus.start()
        server.add_user('romeo')
        romeo = server.login('romeo')
        assert wake_up_comes(fcm, Juliet(server), romeo)
        romeo.drop()


def test_a_tunnel_that_freezes_is_noticed(tunnel, tmp_path, redis_server, fcm):
    server, port, (far, _) = tunnel
    with configured(tmp_path, server, redis_server, fcm, port=port,
                    ping_interval_s=1, ping_timeout_s=1) as wakebus:
        process = wakebus.start_one('xmpp-frontend')
        far.signal(signal.SIGSTOP)
        process.wait_for_log('ev=link.down')
        far.signal(signal.SIGCONT)
        wait_until(lambda: process.log().count('ev=link.up') > 1,
                   'linked again', 20)


def test_a_tunnel_lets_nobody_in_without_the_key(tunnel, tmp_path):
    _, _, (far, _) = tunnel
    port = int(re.search(r'^accept = 127.0.0.1:(\d+)',
                         (tmp_path / 'far.conf').read_text(), re.M)[1])
    wrong = tmp_path / 'wrong.psk'
    wrong.write_text('wakebus:' + 64 * '6' + '\n')
    wrong.chmod(0o600)
    near = free_port()
    with start_tunnel(tmp_path, 'wrong', tunnels()[1], {
            '/etc/stunnel/wakebus.psk': str(wrong),
            '127.0.0.1:5347': f'127.0.0.1:{near}',
            'xmpp.example.org:5348': f'127.0.0.1:{port}'}) as process:
        process.wait_until(lambda: accepts(near), 'listening')
        client = socket.create_connection(('127.0.0.1', near), timeout=5)
        client.sendall(b'<?xml version="1.0"?>')
        try:
            assert client.recv(1) == b'', 'closed'
        except ConnectionResetError:
            pass
        client.close()
        process.stop(expect=None)
