#!/usr/bin/env python3
"""Everything fails, at random, under load: is anything lost?

Two of each worker, their frontend, Redis, the providers and the XMPP link are
hurt in every way, several at once, and the load goes on. Afterwards each
promise is checked against what the XMPP server was told and what the providers
received. The seed decides which faults come when.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / 'integration'))

from support.component_server import ComponentServer  # noqa: E402
from support.process import wait_until  # noqa: E402
from support.providers import Apns, Fcm  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402

from cluster import Cluster, has_setting  # noqa: E402
from laws import Laws  # noqa: E402
from load import ANSWER_S, Load  # noqa: E402
from memory import Memory  # noqa: E402
from schedule import during  # noqa: E402
from trouble import Trouble, kind_of  # noqa: E402
from wakeups import Wakeups  # noqa: E402

DEADLINE_MS = 5000
WINDOWS_MS = (300, 1000, 0)  # in which pushes are one; the seed chooses
TARGET_LIMITS = (0, 20)  # pushes a minute to one device; likewise
HOPELESS_S = 15  # nothing is noted in Redis, and nothing comes
REACH_S = 120  # for a last push to each phone
KEEP = '20000'  # pushes in an emulator's journal, which is read all the time


class Run:
    def __init__(self, options, scratch):
        self.options = options
        self.scratch = scratch
        self.laws = Laws()
        self.memory = Memory()
        self.faults = []  # those that were done
        self.excused = 0
        self.still_waiting = []
        self.providers = {}
        self.redis = self.cluster = None

    def start(self):
        """Everything, and all phones registered."""
        directory = self.scratch / 'credentials'
        directory.mkdir()
        fcm, apns = [kind(directory, '--keep', KEEP) for kind in (Fcm, Apns)]
        self.providers = {'fcm': fcm, 'apns': apns}
        self.redis = RedisServer(self.scratch, appendfsync='always').start()
        self.server = ComponentServer().start()
        push = {'deadline_ms': DEADLINE_MS,
                'coalesce_ms': self.of_seed(WINDOWS_MS)}
        if has_setting('push.retry_first_s'):
            push['retry_first_s'] = 1
        self.cluster = Cluster(
            self.scratch, self.server, self.redis.url,
            {'conversations': fcm.app(), 'ios': apns.app()},
            fcm=fcm.settings(), apns=apns.settings(), push=push,
            limits={'target_per_minute': self.of_seed(TARGET_LIMITS),
                    'target_burst': 30},
            log={'level': 'debug' if self.options.debug else 'info'})
        self.cluster.start_all()
        self.load = Load(self.server, self.laws, self.options.rate,
                         self.options.phones, self.options.seed,
                         self._kill_token)
        self.load.generation = lambda: self.cluster.generation
        self.wakeups = Wakeups(self.providers.values(), self.load.woken)
        self.trouble = Trouble(self.cluster, self.redis, self.server,
                               self.load, self.providers)
        self.load.register_all()

    def of_seed(self, choices):
        return choices[self.options.seed % len(choices)]

    def _kill_token(self, phone):
        dead = ({'reason': 'Unregistered'} if phone.service == 'apns'
                else {'error_code': 'UNREGISTERED'})
        for token in phone.possible_tokens:
            self.providers[phone.service].fault(token=token, **dead)

    # ---- the run

    async def hurt(self):
        """Load and faults, until the time is up."""
        begin = time.monotonic()
        tasks = []
        watcher = asyncio.create_task(self._watch())
        self.load.start()
        for fault in planned(self.options):
            await asyncio.sleep(begin + fault.at - time.monotonic())
            print(describe(fault), flush=True)
            self.faults.append(fault)
            tasks.append(asyncio.create_task(self.trouble.do(fault)))
        await asyncio.sleep(begin + self.options.minutes * 60
                            - time.monotonic())
        self.load.end()
        for done in await asyncio.gather(*tasks, return_exceptions=True):
            if done is not None:
                self.laws.break_('trouble in the runner', repr(done))
        watcher.cancel()

    async def _watch(self):
        while True:
            await asyncio.sleep(1)
            for name in self.cluster.bury():
                self.cluster.launch(name)
            self.memory.sample(self.cluster.processes)
            await asyncio.to_thread(self._look_at_wakeups)

    def _look_at_wakeups(self):
        """Some phones whose push was answered and has not come get no other:
        this one must come by itself."""
        before = time.time() - 1
        self.wakeups.poll()
        with self.load.lock:
            for phone in self.load.phones[::3]:
                if phone.claim and phone.claim[0] < before and phone.owed:
                    phone.waits = True

    # ---- the laws

    def calm(self):
        """Nothing fails any more: what is owed must come."""
        print('calm: no more faults, no more load', flush=True)
        try:
            wait_until(lambda: not self.load.unanswered, 'answered', ANSWER_S)
        except TimeoutError:
            pass  # judged below
        self._wait_until_none_is_owed()
        self.excused = self.load.judge_answers()
        for phone in self.load.phones:
            if phone.owed and self._is_deferred(phone):
                self.still_waiting.append(self._what_redis_has(phone))
            elif phone.owed:
                self.laws.break_('lost', f'{phone.jid} ({phone.service}): its'
                                 f' push of {phone.claim[0]:.3f} was answered'
                                 ' with a result and never came; '
                                 + self._what_redis_has(phone))

    def _what_redis_has(self, phone):
        store = self.redis.client()
        due = store.zscore('wakebus:{due}:targets', phone.node or '')
        deferred = store.hget(key_of(phone.node or ''), 'deferred')
        return (f'node {phone.node}, deferred {deferred}, due'
                f' {due and due / 1000}, and now it is {time.time():.3f}')

    def _wait_until_none_is_owed(self):
        """What is owed is noted in Redis, and comes when its time has come.
        What is not noted there never will."""
        begin = time.monotonic()
        hopeless_since = None
        while time.monotonic() < begin + self.options.patience:
            self.wakeups.poll()
            owed = [phone for phone in self.load.phones if phone.owed]
            if not owed:
                break
            if any(map(self._is_deferred, owed)):
                hopeless_since = None
            elif hopeless_since is None:
                hopeless_since = time.monotonic()
            elif time.monotonic() > hopeless_since + HOPELESS_S:
                break
            time.sleep(0.5)
        print(f'calm: settled after {time.monotonic() - begin:.1f} s',
              flush=True)

    def _is_deferred(self, phone):
        return phone.node and self.redis.client().hget(
            key_of(phone.node), 'deferred')

    def check_registrations(self):
        """In Redis as they were answered, and good for a push."""
        store = self.redis.client()
        known = [phone for phone in self.load.phones if phone.certain_since]
        for phone in known:
            row = store.hgetall(key_of(phone.node))
            if (row.get('secret') != phone.secret
                    or row.get('token') not in phone.possible_tokens):
                self.laws.break_('registrations lost', judge_row(phone, row))
        for phone in self.load.phones:
            node = phone.unregistered_node
            if node and store.exists(key_of(node)):
                self.laws.break_('unregistered and still there',
                                 f'{phone.jid}, node {node}')
        self._reach(known)

    def _reach(self, phones):
        """A last push to each; one that is answered by an error is sent again,
        as the next message would do."""
        begin = time.time()
        missing = set(phones)
        deadline = time.monotonic() + REACH_S
        while missing and time.monotonic() < deadline:
            requests = [self.load.push(phone) for phone in missing]
            end = time.monotonic() + ANSWER_S
            while (not all(r is None or r.answers for r in requests)
                   and time.monotonic() < end):
                time.sleep(0.05)
            time.sleep(0.3)
            self.wakeups.poll()
            missing = {phone for phone in missing if not any(
                at >= begin for at, _ in phone.accepted[-50:])}
            if missing:
                time.sleep(2)
        for phone in missing:
            self.laws.break_('registrations lost', f'{phone.jid}'
                             f' ({phone.service}), node {phone.node}: no push'
                             f' reaches it in {REACH_S} s')

    def check_accounts(self):
        """Of the frontends that could tell: each push in one counter."""
        load, totals = self.load, self.cluster.totals
        for number in sorted(set(load.pushes_on)
                             - self.cluster.killed_frontends):
            sent = load.pushes_on[number]
            if number not in totals:
                self._unaccounted(number, f'no total for {sent} pushes')
                continue
            for total in totals[number]:
                received = total['received']
                if received != sum(total.values()) - received:
                    self._unaccounted(number, f'{total} does not add up')
            received = totals[number][0]['received']
            least = sent - load.lost_on[number] - load.stopping_on[number]
            if not least <= received <= sent:
                self._unaccounted(
                    number, f'counted {received}; {sent} were sent to it,'
                    f' {load.lost_on[number]} of them on links that broke,'
                    f' and {load.stopping_on[number]} as it was stopping')

    def _unaccounted(self, number, what):
        self.laws.break_('unaccounted', f'frontend number {number}: {what}')

    # ---- the end

    def stop(self):
        self.cluster.stop_all()
        for problem in self.cluster.problems:
            self.laws.break_('crashes', problem)
        self.redis.stop()
        self.server.stop()

    def abandon(self):
        """Whatever state it is in."""
        for provider in self.providers.values():
            provider.stop()
        if self.cluster:
            self.cluster.abandon()
        if self.redis:
            self.redis.kill()

    def report(self):
        """Prints all; returns whether every law held."""
        self._print_faults()
        self._print_pushes()
        self.memory.print()
        if self.still_waiting:
            print(f'\n{len(self.still_waiting)} pushes were not yet due again'
                  f' after {self.options.patience:g} s, and wait in Redis:')
            for text in self.still_waiting[:5]:
                print(f'  {text}')
        self.laws.report()
        broken = self.laws.broken
        pushes = sum(self.load.pushes_on.values())
        duplicates = sum(phone.duplicates() for phone in self.load.phones)
        fine = not broken
        if not fine:
            print(f'\nlogs: {self.scratch}\nreplay: {sys.argv[0]} --minutes'
                  f' {self.options.minutes:g} --seed {self.options.seed}'
                  f' --rate {self.options.rate:g}')
        print(f'\nchaos: faults={len(self.faults)} pushes={pushes}'
              f' lost={broken["lost"]} unaccounted={broken["unaccounted"]}'
              f' unanswered={broken["unanswered"]}'
              f' double_answers={broken["double answers"]}'
              f' duplicates={duplicates}'
              f' registrations_lost={broken["registrations lost"]}')
        return fine

    def _print_faults(self):
        counts = Counter(map(kind_of, self.faults))
        print(f'\n{"what happened":26} {"times":>5}   the pushes meanwhile were'
              ' answered with')
        for kind in sorted(counts) + ['']:
            outcomes = self.load.outcomes.get(kind, Counter())
            print(f'{kind or "nothing":26} {counts[kind] or "":>5}  '
                  f' {share_of(outcomes)}')
        drains = sorted(took for _, took in self.cluster.drains)
        if drains:
            print(f'\n{len(drains)} processes drained in {median(drains):.2f} s'
                  f' (median), {drains[-1]:.1f} s (longest)')

    def _print_pushes(self):
        load = self.load
        kinds = Counter(request.kind for request in load.iqs.values())
        print(f'\nIQs: {dict(kinds)}; {self.excused} were in flight when their'
              ' link was broken, and not answered')
        print(f'providers: accepted {self.wakeups.accepted}, did not'
              f' {self.wakeups.refused}; {load.dead} devices died')
        took = sorted(load.latencies)
        if took:
            print(f'answers to pushes: median {median(took) * 1000:.0f} ms,'
                  f' 99 % within {took[len(took) * 99 // 100] * 1000:.0f} ms,'
                  f' all within {took[-1]:.1f} s')


def key_of(node):
    """Where the registry keeps the target of a node."""
    return f'wakebus:{{{node[:2]}}}:node:{node}'


def judge_row(phone, row):
    token = row.get('token')
    which = (phone.tokens.index(token) if token in phone.tokens
             else 'a foreign one' if token else 'none')
    return (f'{phone.jid} ({phone.service}), node {phone.node}, certain since'
            f' {phone.certain_since:.3f}: Redis has'
            f' {"another secret" if row.get("secret") != phone.secret else ""}'
            f' token {which} of 0..{len(phone.tokens) - 1}, and'
            f' {phone.answered} was the last answered')


def share_of(outcomes):
    total = sum(outcomes.values())
    return ', '.join(f'{count * 100 / total:.1f} % {name or "result"}'
                     for name, count in outcomes.most_common()) or '-'


def median(ordered):
    return ordered[len(ordered) // 2]


def planned(options):
    if options.soak:
        return []
    return during(options.seed, options.faults, options.minutes * 60)


def describe(fault):
    lasts = f' for {fault.seconds} s' if fault.seconds else ''
    members = ', '.join(f'{name}={value}'
                        for name, value in fault.members.items())
    return (f'[{fault.at:7.2f} s] {fault.number:4} {fault.target}:'
            f' {fault.kind}{lasts}{f" ({members})" if members else ""}')


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--minutes', type=float, default=1.0,
        help='of faults; checking takes one or two more (default: 1)')
    add('--seed', type=int, default=None,
        help='of the faults (default: a new one)')
    add('--rate', type=float, default=150.0,
        help='requests a second (default: 150)')
    add('--phones', type=int, default=200)
    add('--faults', type=float, default=1.6,
        help='a second (default: 1.6)')
    add('--soak', type=float, metavar='MINUTES',
        help='no faults: does memory grow?')
    add('--patience', type=float, default=90.0, metavar='SECONDS',
        help='with retries after the last fault (default: 90)')
    add('--list', action='store_true', help='only print the faults')
    add('--debug', action='store_true', help='log at that level')
    add('--keep', action='store_true', help='keep the logs in any case')
    options = parser.parse_args()
    if options.soak:
        options.minutes = options.soak
    if options.seed is None:
        options.seed = time.time_ns() % 1_000_000
    return options


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by `finally`
    options = arguments()
    print(f'seed {options.seed}', flush=True)
    if options.list:
        for fault in planned(options):
            print(describe(fault))
        return 0
    scratch = Path(tempfile.mkdtemp(prefix='wakebus-chaos-'))
    run = Run(options, scratch)
    try:
        run.start()
        asyncio.run(run.hurt())
        run.calm()
        run.check_registrations()
        run.stop()
        run.check_accounts()
        fine = run.report()
    finally:
        run.abandon()
    if fine and not options.keep:
        shutil.rmtree(scratch)
    return 0 if fine else 1


if __name__ == '__main__':
    sys.exit(main())
