"""What makes the real servers here send each push that interop/servers has of
them, and what then comes over the wire."""

import re
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from support.component_client import ComponentClient
from support.ejabberd import Ejabberd
from support.prosody import Prosody
from support.recordings import INTEROP, RECORDED

CHAT = "<message type='chat' to='{to}'>{content}</message>"
STORE = "<store xmlns='urn:xmpp:hints'/>"
BODY = '<body>Art thou not Romeo?</body>'
RECEIPT = "<received xmlns='urn:xmpp:receipts' id='m1'/>" + STORE
CALL = ("<propose xmlns='urn:xmpp:jingle-message:0' id='c1'>"
        "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>"
        '</propose>' + STORE)
OMEMO = ("<encrypted xmlns='eu.siacs.conversations.axolotl'>"
         "<header sid='1'/></encrypted>" + STORE)


@contextmanager
def romeo_writes(server, content):
    """He writes to somebody who has enabled push and is offline."""
    name = f'juliet{len(server.log())}'
    for person in (name, f'romeo{name}'):
        server.add_user(person)
    juliet = server.login(name)
    juliet.enable_push(server.component, RECORDED['node'], RECORDED['secret'])
    juliet.go_offline()
    romeo = server.login(f'romeo{name}')
    romeo.send(CHAT.format(to=juliet.bare_jid, content=content))
    yield
    romeo.drop()


# By recording: what all makes the server send it.
CAUSES = {
    (Prosody, 'prosody-0.12'): {
        'a message': BODY,
        'a call': CALL,
        'OMEMO without a body': OMEMO},
    (Prosody, 'prosody-0.12-unimportant'): {
        'a receipt': RECEIPT},
    (Ejabberd, 'ejabberd-23.01'): {
        'a message': BODY},
    (Ejabberd, 'ejabberd-23.01-no-body'): {
        'a receipt': RECEIPT,
        'a call': CALL,
        'OMEMO without a body': OMEMO}}


class Tap:
    """A socket that keeps what it has received."""

    def __init__(self, socket):
        self.received = b''
        self._socket = socket

    def recv(self, size):
        data = self._socket.recv(size)
        self.received += data
        return data

    def __getattr__(self, name):
        return getattr(self._socket, name)


def captured(server, content):
    """The push that comes of it, byte for byte."""
    component = ComponentClient(server)
    component.socket = Tap(component.socket)
    with romeo_writes(server, content):
        push = component.wait_push(RECORDED['node'])
        component.answer(push)
    text = component.socket.received.decode()
    component.close()
    return re.search('<iq .*?</iq>', text, re.S)[0]


# ---- to record anew: python3 -B -m interop.live, in tests/integration

def laid_out(xml):
    """In lines that recordings.flat() joins again."""
    lines, depth = [], 0
    for tag, text in re.findall('(<[^>]*>)([^<]*)', xml):
        depth -= tag.startswith('</')
        if tag.startswith('</') and lines[-1].endswith(text_before):
            lines[-1] += tag
        else:
            lines.append(wrapped(depth * ' ' + tag, depth))
        lines[-1] += text
        text_before = text or '\n'
        depth += not (tag.startswith('</') or tag.endswith('/>'))
    return '\n'.join(lines)


def wrapped(tag, depth):
    if len(tag) <= 80:
        return tag
    return re.sub(r''' (?=[\w:]+=['"])''', '\n ' + depth * ' ', tag)


def record(server, name, content):
    path = INTEROP / f'servers/{name}.xml'
    comment, end, _ = path.read_text().partition('\n-->\n')
    path.write_text(comment + end + laid_out(captured(server, content)) + '\n')


def main():
    with tempfile.TemporaryDirectory() as scratch:
        for kind in (Prosody, Ejabberd):
            server = kind(Path(scratch)).start()
            for (of, name), causes in CAUSES.items():
                if of is kind:
                    record(server, name, next(iter(causes.values())))
            server.kill()


if __name__ == '__main__':
    sys.exit(main())
