"""Many pushes in one go, and what is answered in which order."""

import base64
import hashlib
import threading
from collections import Counter, namedtuple

from .answers import error_of
from .stanzas import new_id, publish

Target = namedtuple('Target', 'node secret token domain')

PIECE = 500  # stanzas in one write


def plant_targets(client, count, domain, app='conversations'):
    """Registrations put straight into Redis, as the registry would: for more
    than there is time to register."""
    targets = []
    pipeline = client.pipeline()
    for number in range(count):
        digest = hashlib.sha256(f'{domain} {number}'.encode())
        node = base64.b64encode(digest.digest()[:9]).decode()
        target = Target(node, f'secret-{number}', f'token-{domain}-{number}',
                        domain)
        pipeline.hset(f'wakebus:{{{node[:2]}}}:node:{node}', mapping={
            'token': target.token, 'app': app, 'domain': domain,
            'device': digest.hexdigest()[:40], 'secret': target.secret,
            'created': 1790000000000, 'renewed': 1790000000000})
        targets.append(target)
    pipeline.execute()
    return targets


class Burst:
    """`errors` has the answers by id, None for a result, in the order in which
    they came; each comes once."""

    def __init__(self, server):
        self.server = server
        self.sent = {}  # id -> target
        self.errors = {}
        self._changed = threading.Condition()

    def __enter__(self):
        self.server.on_answer = self._on_answer
        return self

    def __exit__(self, *_):
        self.server.on_answer = None

    def send(self, targets, variant='ejabberd-23.01-no-body'):
        """A push to each; returns their ids."""
        ids, stanzas = [], []
        for target in targets:
            ids.append(new_id())
            self.sent[ids[-1]] = target
            stanzas.append(publish(variant, target.node, id=ids[-1],
                                   secret=target.secret,
                                   sender=target.domain))
        link = self.server.wait_link()
        for at in range(0, len(stanzas), PIECE):
            link.send(''.join(stanzas[at:at + PIECE]))
        return ids

    def wait(self, ids=None, timeout=60):
        """Counts of what these were answered; by default all."""
        ids = self.sent.keys() if ids is None else set(ids)
        with self._changed:
            assert self._changed.wait_for(
                lambda: len(self.errors) >= len(ids)
                and self.errors.keys() >= ids, timeout), (
                f'{len(ids - self.errors.keys())} are not answered')
        return Counter(self.errors[id] for id in ids)

    def _on_answer(self, stanza):
        with self._changed:
            id = stanza.get('id')
            assert id not in self.errors, 'answered twice'
            self.errors[id] = error_of(stanza)
            self._changed.notify()
