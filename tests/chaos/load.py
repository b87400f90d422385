"""The XMPP server's side of a run: what it asks, on behalf of many phones, and
what it is told."""

import random
import threading
import time
import traceback
from collections import Counter

from support.push_commands import register, registration, unregister
from support.stanzas import iq, new_id, publish

from laws import FORGIVEN, GONE, error_of
from phone import Phone

ANSWER_S = 30  # each IQ is answered within this
GIVE_UP_S = 15  # then an app repeats its command
SERVERS = ('prosody', 'ejabberd', 'mongooseim', 'tigase')


class Iq:
    """One request. `kind` is register, unregister or push."""

    __slots__ = ('id', 'kind', 'phone', 'node', 'index', 'link',
                 'sent_at', 'answered_at', 'answers', 'error', 'during')

    def __init__(self, kind, phone, index=None):
        self.id = new_id()
        self.kind = kind
        self.phone = phone
        self.node = phone.node
        self.index = index  # of the token
        self.answered_at = None
        self.answers = 0
        self.error = None

    @property
    def is_result(self):
        return self.answers > 0 and self.error is None

    def __str__(self):
        return (f'{self.kind} {self.id} for {self.phone.jid}'
                f' ({self.phone.service}) sent at {self.sent_at:.3f}')


class Load(threading.Thread):
    """Sends `rate` requests a second. All it knows is under `lock`.

    `faults` is the set of kinds that are in force, kept by whoever does them;
    `kill_token(phone)` makes the provider call its tokens dead.
    """

    def __init__(self, server, laws, rate, phones, seed, kill_token):
        super().__init__(daemon=True)
        self.server = server
        self.laws = laws
        self.rate = rate
        self.kill_token = kill_token
        self.phones = [Phone('apns' if number % 2 else 'fcm')
                       for number in range(phones)]
        self.by_token = {}  # token -> (phone, its index)
        self.iqs = {}
        self.pushes_on = Counter()  # by the generation of the frontend
        self.stopping_on = Counter()  # refused as it was stopping
        self.lost_on = Counter()  # not answered; see judge_answers()
        self.generation = lambda: 0  # of the frontend that runs now
        self._excuses = {}  # link or generation -> since when
        self.faults = set()
        self.outcomes = {}  # kind of fault, or '' -> Counter
        self.latencies = []
        self.dead = 0
        self.lock = threading.RLock()
        self._owners = {}  # link -> generation of its frontend
        self._due = []  # (when, phone): those who will register
        self._rng = random.Random(seed)
        self._ending = threading.Event()
        server.on_answer = self._on_answer

    # ---- the link

    @property
    def link(self):
        return next((link for link in reversed(self.server.links)
                     if not link.closed.is_set()), None)

    def excuse_links(self):
        """Those that are open now will end: what was sent on them, and is not
        answered, may never be."""
        with self.lock:
            for link in self.server.links[-20:]:
                if not link.closed.is_set():
                    self._excuses[link] = 0.0

    def excuse_frontend(self, since=0.0):
        """The same for what was sent to the one that runs now, since then."""
        with self.lock:
            self._excuses[self.generation()] = since

    def is_excused(self, iq):
        never = float('inf')
        return (iq.sent_at >= self._excuses.get(iq.link, never)
                or iq.sent_at >= self._excuses.get(
                    self._owners[iq.link], never))

    # ---- sending

    def register_all(self, timeout=60):
        """Every phone once; returns when they are."""
        for phone in self.phones:
            self._register(phone)
            time.sleep(0.002)
        deadline = time.monotonic() + timeout
        while not all(phone.certain_since for phone in self.phones):
            if time.monotonic() > deadline:
                raise TimeoutError('the phones could not register')
            time.sleep(0.05)

    def run(self):
        next_at = swept_at = time.monotonic()
        while not self._ending.is_set():
            next_at = max(next_at + 1 / self.rate, time.monotonic() - 0.5)
            time.sleep(max(0, next_at - time.monotonic()))
            if time.monotonic() > swept_at + 0.5:
                swept_at = time.monotonic()
                self._give_up()
            if self.link is not None:
                self._step()

    def end(self):
        self._ending.set()
        self.join()

    def push(self, phone):
        with self.lock:
            if phone.node is None:
                return None
            request = Iq('push', phone, phone.answered)
            stanza = publish(self._rng.choice(SERVERS), phone.node,
                             id=request.id, secret=phone.secret)
            request.during = tuple(self.faults) or ('',)
            self._note(request)
            phone.pushes.append((request.sent_at, request))
            self.pushes_on[self._owners[request.link]] += 1
        self._send(request, stanza)
        return request

    def _step(self):
        now = time.time()
        with self.lock:
            phone = self._rng.choice(self.phones)
            dice = self._rng.random()
            due = next((pair for pair in self._due if pair[0] <= now), None)
            if due:
                self._due.remove(due)
        if due:
            self._register(due[1])
        elif dice < 0.04:
            self._register(phone)
        elif dice < 0.05:
            self._unregister(phone)
        elif dice < 0.052:
            self._die(phone)
        elif not phone.waits:
            self.push(phone)

    def _register(self, phone):
        with self.lock:
            if phone.command:
                return
            token = phone.new_token()
            index = len(phone.tokens) - 1
            self.by_token[token] = (phone, index)
            request = Iq('register', phone, index)
            phone.command = request
            self._note(request)
        self._send(request, iq(
            register(token, phone.device_id, service=phone.service),
            phone.jid, id=request.id))

    def _unregister(self, phone):
        with self.lock:
            if phone.command or phone.certain_since is None:
                return
            request = Iq('unregister', phone)
            phone.command = request
            phone.doubt()
            self._note(request)
        self._send(request, iq(
            unregister(phone.device_id, service=phone.service),
            phone.jid, id=request.id))

    def _die(self, phone):
        """The app is deleted. Some day it is installed again."""
        with self.lock:
            if phone.command or phone.certain_since is None:
                return
            phone.doubt()
            self.dead += 1
            self._register_later(phone, self._rng.uniform(1, 15))
        self.kill_token(phone)

    def _register_later(self, phone, seconds):
        self._due.append((time.time() + seconds, phone))

    def _note(self, request):
        request.link = self.link or self.server.links[-1]
        if request.link not in self._owners:
            self._owners[request.link] = self.generation()
        request.sent_at = time.time()
        self.iqs[request.id] = request

    def _send(self, request, stanza):
        try:
            request.link.send(stanza)
        except OSError:
            pass  # the link broke: whether that is excused is judged later

    def _give_up(self):
        """An app whose command is not answered repeats it."""
        now = time.time()
        with self.lock:
            for phone in self.phones:
                request = phone.command
                if request and now > request.sent_at + GIVE_UP_S:
                    phone.command = None
                    self._register_later(phone, 0)

    # ---- answers

    def _on_answer(self, stanza):
        try:
            with self.lock:
                self._take(stanza)
        except Exception:  # else the link's thread would end, silently
            self.laws.break_('trouble in the runner', traceback.format_exc())

    def _take(self, stanza):
        now = time.time()
        request = self.iqs.get(stanza.get('id'))
        if request is None:
            self.laws.break_('answers to nothing', stanza.get('id'))
            return
        request.answers += 1
        if request.answers > 1:
            self.laws.break_('double answers', f'{request}, and again at'
                             f' {now:.3f}: {error_of(stanza)}')
            return
        request.answered_at = now
        request.error = error_of(stanza)
        if request.kind == 'push':
            self._push_answered(request, now)
        elif request.phone.command is request:
            request.phone.command = None
            self._command_answered(request, stanza, now)
        if request.error not in (None, GONE) and request.error not in FORGIVEN:
            self._illegal(request, 'an answer that ends subscriptions')

    def _push_answered(self, request, now):
        phone = request.phone
        self.latencies.append(now - request.sent_at)
        for kind in request.during:
            counter = self.outcomes.setdefault(kind, Counter())
            counter[request.error and request.error[1]] += 1
        # To a dead device a push may be promised that it never gets.
        if (request.error is None and phone.certain_since is not None
                and phone.certain_since <= request.sent_at):
            phone.push_answered(request.sent_at, request.index)
        elif request.error == GONE:
            self._push_gone(request, now)
        elif request.error == ('wait', 'service-unavailable'):
            self.stopping_on[self._owners[request.link]] += 1

    def _push_gone(self, request, now):
        phone = request.phone
        if (phone.certain_since is not None
                and phone.certain_since <= request.sent_at):
            self._illegal(request, 'a subscription that lives was ended, after'
                          f' being sure since {phone.certain_since:.3f}')
            phone.doubt()
        if request.node == phone.node:
            phone.node = None
            self._register_later(phone, self._rng.uniform(0.2, 5))

    def _command_answered(self, request, stanza, now):
        phone = request.phone
        if request.kind == 'register' and request.error is None:
            answer = registration(stanza, self.server.component)
            wrong = phone.registered(request.index, answer.node,
                                     answer.secret, now)
            if wrong:
                self.laws.break_('registrations lost', f'{request}: {wrong}')
        elif request.kind == 'unregister' and request.error in (None, GONE):
            phone.unregistered()
            self._register_later(phone, self._rng.uniform(0.2, 8))
        else:
            self._register_later(phone, self._rng.uniform(0.1, 2))
        if request.kind == 'register' and request.error == GONE:
            self._illegal(request, 'registering cannot find nothing')

    def _illegal(self, request, why):
        self.laws.break_('answers against the rules', f'{request}, answered at'
                         f' {request.answered_at:.3f} with {request.error}:'
                         f' {why}')

    # ---- afterwards

    def woken(self, token, at):
        with self.lock:
            phone, index = self.by_token[token]
            phone.woken(at, index)

    @property
    def unanswered(self):
        """Those that still may be answered."""
        with self.lock:
            return [request for request in self.iqs.values()
                    if not request.answers and not self.is_excused(request)]

    def judge_answers(self):
        """Returns how many were excused."""
        excused = 0
        for request in self.iqs.values():
            if not request.answers and request.kind == 'push':
                self.lost_on[self._owners[request.link]] += 1
            if not request.answers and self.is_excused(request):
                excused += 1
            elif not request.answers:
                self.laws.break_('unanswered', f'{request} on link'
                                 f' {self.server.links.index(request.link)}')
            elif request.answered_at > request.sent_at + ANSWER_S:
                self.laws.break_('unanswered', f'{request} was answered only'
                                 f' at {request.answered_at:.3f}')
        return excused
