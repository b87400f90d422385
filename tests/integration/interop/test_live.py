"""What interop/servers has of Prosody and ejabberd is what those that are
installed here send."""

from xml.etree import ElementTree

import pytest

from support.recordings import recordings, with_attributes

from .live import CAUSES, captured

SERVERS = recordings('servers')


@pytest.fixture(scope='module')
def servers(tmp_path_factory):
    """Each kind, started when it is asked for."""
    running = {}

    def server(kind):
        if kind not in running:
            running[kind] = kind(tmp_path_factory.mktemp('xmpp')).start()
        return running[kind]

    yield server
    for started in running.values():
        started.kill()


def canonical(stanza):
    """The order of attributes says nothing, and the id is a new one each
    time."""
    return ElementTree.canonicalize(with_attributes(stanza, id=''))


@pytest.mark.parametrize('kind, name, what', [
    pytest.param(kind, name, what, id=f'{name}: {what}')
    for (kind, name), causes in CAUSES.items() for what in causes])
def test_a_server_sends_what_is_recorded(servers, kind, name, what):
    stanza = captured(servers(kind), CAUSES[kind, name][what])
    assert canonical(stanza) == canonical(SERVERS[name].stanza)


def test_each_live_recording_has_its_causes():
    assert {name for _, name in CAUSES} == {
        name for name, recording in SERVERS.items()
        if recording.how == 'live'}
