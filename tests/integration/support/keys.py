"""Keys of the bus, and peers that have them, or not."""

import json
import subprocess

import zmq
from zmq.auth import load_certificate

from .wakebus import BIN


def keygen(directory, *options):
    """What `wakebusctl keygen` printed; it must succeed."""
    return subprocess.run([BIN / 'wakebusctl', 'keygen', *options, directory],
                          check=True, capture_output=True, text=True).stdout


def public_key(keys, role):
    return load_certificate(keys / 'authorized' / f'{role}.key')[0]


def own_pair(keys, role):
    return load_certificate(keys / f'{role}.key_secret')


def stranger_pair():
    return zmq.curve_keypair()


class Peer:
    """A PUSH that says to `endpoint` what it likes. With `pair` it uses CURVE
    and takes the other side to have the key `server`."""

    def __init__(self, endpoint, pair=None, server=None):
        self._context = zmq.Context()
        self._push = self._context.socket(zmq.PUSH)
        self._push.linger = 0
        self._push.sndtimeo = 50
        if pair is not None:
            self._push.curve_publickey, self._push.curve_secretkey = pair
            self._push.curve_serverkey = server
        self._push.connect(endpoint)

    def send(self, **message):
        self.send_frame(json.dumps({'v': 1, 'id': 'x', **message}).encode())

    def send_frame(self, frame):
        try:
            self._push.send(frame)
        except zmq.Again:
            pass  # it was refused, or nobody reads: there is no way in

    def close(self):
        self._context.destroy(linger=0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
