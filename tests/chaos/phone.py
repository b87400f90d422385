"""What must hold for one phone, by what its app and its server were told."""

from itertools import count
from secrets import token_hex, token_urlsafe

from support.wakebus import account_hash

numbers = count(1)


class Phone:
    """Its app has one command open at a time. One that was answered by an
    error, or not at all, may have been carried out all the same.

    `certain_since`: from this time on there has been no moment at which an
    answer `item-not-found` could be true; None when it could be now.
    """

    def __init__(self, service):
        number = next(numbers)
        self.service = service
        self.jid = f'user{number}@example.test/phone'
        self.device_id = f'device{number}'
        self.account = account_hash(f'user{number}@example.test',
                                    self.device_id)
        self.tokens = []  # all it ever had; registered with, or tried to
        self.answered = None  # index of the newest that was answered
        self.node = None
        self.secret = None
        self.unregistered_node = None  # that no longer may be there
        self.certain_since = None
        self.command = None  # the open one
        self.claim = None  # (sent at, index of token): see `owed`
        self.waits = False  # for that push, and gets no other until it comes
        self.pushes = []  # (sent at, iq)
        self.accepted = []  # (accepted at, index of token)

    def new_token(self):
        token = (token_hex(32) if self.service == 'apns'
                 else token_urlsafe(100))
        self.tokens.append(token)
        return token

    @property
    def possible_tokens(self):
        """Those that its registration can have now."""
        return self.tokens[self.answered:]

    # ---- what happens to it

    def registered(self, index, node, secret, now):
        """Returns what is wrong with this answer, or None."""
        wrong = None
        if self.certain_since is None:
            self.certain_since = now
        elif (node, secret) != (self.node, self.secret):
            wrong = (f'renewed, and node {self.node} with secret {self.secret}'
                     f' became {node} with {secret}')
        self.answered = index
        self.node, self.secret = node, secret
        self.unregistered_node = None
        return wrong

    def doubt(self):
        """From now on it may not be registered, or with a dead token. Nothing
        is owed to it any more."""
        self.certain_since = None
        self.claim = None
        self.waits = False

    def unregistered(self):
        self.unregistered_node = self.node
        self.node = None

    def push_answered(self, sent_at, index):
        """With a result: somebody has taken over to wake this phone."""
        if self.claim is None or sent_at > self.claim[0]:
            self.claim = (sent_at, index)

    def woken(self, at, token_index):
        self.accepted.append((at, token_index))
        if not self.owed:
            self.waits = False

    @property
    def owed(self):
        """Was a push answered with a result, and the provider has not got it
        since, for the token of that time or a newer one?"""
        if self.claim is None:
            return False
        sent_at, index = self.claim
        return not any(at >= sent_at and taken >= index
                       for at, taken in self.accepted[-50:])

    # ---- afterwards

    def duplicates(self, patience=15.0):
        """How many of its wake-ups no push accounts for. One push is good for
        one, and if it was not answered with a result, for a while only."""
        spare = 0
        open_pushes = sorted(self.pushes)
        pending = []
        for at, _ in sorted(self.accepted):
            while open_pushes and open_pushes[0][0] <= at:
                pending.append(open_pushes.pop(0)[1])
            pending = [iq for iq in pending
                       if iq.is_result or at <= iq.sent_at + patience]
            if pending:
                pending.pop(0)
            else:
                spare += 1
        return spare
