"""Which faults happen, and when: a pure function of the seed, so that a run
that failed can be had again. A longer run begins with the same faults as a
shorter one of its seed.
"""

import random
from collections import namedtuple
from itertools import count

# `at` seconds into the run `kind` happens to `target` and lasts for `seconds`;
# `members` is what a provider's emulator is told about it.
Fault = namedtuple('Fault', 'number at target kind seconds members')

# One thing that can happen: how often, compared with the others of its target;
# how long, in seconds; and for emulators what to tell them, where a tuple
# stands for one of its members.
Kind = namedtuple('Kind', 'name weight seconds members', defaults=[{}])

REGISTRIES = ('registry-a', 'registry-b')
FCM_SENDERS = ('fcm-sender-a', 'fcm-sender-b')
APNS_SENDERS = ('apns-sender-a', 'apns-sender-b')
WORKERS = REGISTRIES + FCM_SENDERS + APNS_SENDERS
FRONTEND = 'xmpp-frontend'

# For kill and stop, how long the process stays away.
PROCESS = (Kind('kill', 3, (0.0, 2.5)),
           Kind('freeze', 3, (0.2, 6.0)),
           Kind('stop', 4, (0.0, 1.5)))

REDIS = (Kind('kill', 4, (0.0, 3.0)),
         Kind('freeze', 2, (0.2, 4.0)),
         Kind('stop', 2, (0.0, 2.0)))

# From the worker's end to the frontend's inbox.
BUS = (Kind('freeze', 3, (0.2, 6.0)),
       Kind('cut', 3, (0.0, 4.0)),
       Kind('blackhole', 2, (0.2, 6.0)))

XMPP = (Kind('cut', 3, (0.0, 0.0)),
        Kind('reset', 3, (0.0, 0.0)),
        Kind('vanish', 2, (0.0, 0.0)),
        Kind('freeze', 3, (0.2, 6.0)),
        Kind('shutdown', 2, (0.0, 4.0)))

# What goes wrong on the way to a provider. Each n-th request, so that the
# senders find themselves between success and failure.
LINE = (
    Kind('outage', 4, (0.3, 5.0), {'kind': 'outage'}),
    Kind('goaway', 3, (0.5, 4.0), {'kind': 'goaway', 'every': (7, 20, 60)}),
    Kind('goaway-after', 2, (0.5, 4.0),
         {'kind': 'goaway_after', 'every': (7, 20, 60)}),
    Kind('reset', 3, (0.5, 4.0), {'kind': 'reset', 'every': (5, 20, 60)}),
    Kind('hang', 3, (0.5, 4.0), {'kind': 'hang', 'every': (2, 10, 30)}),
    Kind('refuse-stream', 3, (0.5, 4.0),
         {'kind': 'refuse_stream', 'every': (1, 3, 10)}),
    Kind('delay', 4, (0.5, 5.0),
         {'kind': 'delay', 'ms': (50, 300, 1000, 3000)}),
    Kind('slow-body', 2, (0.5, 4.0),
         {'kind': 'slow_body', 'ms': (200, 1000), 'every': (1, 5)}))

EVERY = (1, 1, 2, 5)  # of errors: a storm, or some

FCM = (
    Kind('429', 4, (0.5, 4.0),
         {'error_code': 'QUOTA_EXCEEDED', 'retry_after': 1, 'every': EVERY}),
    Kind('5xx', 4, (0.5, 4.0),
         {'error_code': ('UNAVAILABLE', 'INTERNAL'), 'every': EVERY}),
    Kind('html-502', 2, (0.5, 3.0),
         {'kind': 'html', 'retry_after': 1, 'every': EVERY}),
    Kind('401', 3, (0.3, 3.0), {'kind': 'unauthorized', 'every': EVERY}),
    Kind('no-access', 2, (0.5, 4.0),
         {'kind': 'html', 'endpoint': 'token', 'retry_after': 1}))

# Apple's 500 is not among them: it asks for 15 minutes of patience, which no
# run has. Nor is ExpiredProviderToken for one that is not: two senders that
# believe it renew it more often than Apple allows, and wait for 5 minutes.
APNS = (
    Kind('429', 3, (0.5, 3.0),
         {'reason': 'TooManyRequests', 'every': (2, 5, 10)}),
    Kind('5xx', 4, (0.5, 4.0), {'reason': 'Shutdown', 'every': EVERY}),
    Kind('403', 3, (0.3, 3.0),
         {'reason': 'InvalidProviderToken', 'every': EVERY}))

# Target -> how often, and what. No target has two faults at once; different
# ones have.
TARGETS = {
    FRONTEND: (7, PROCESS),
    **{name: (5, PROCESS) for name in WORKERS},
    'redis': (6, REDIS),
    **{f'bus of {name}': (2, BUS) for name in WORKERS},
    'xmpp': (9, XMPP),
    'fcm line': (9, LINE),
    'fcm': (9, FCM),
    'apns line': (8, LINE),
    'apns': (7, APNS),
}

# Before the same target is hit again: for a process to be up and known.
RECOVERY_S = 1.5


def faults(seed, per_second):
    """All faults of a run that never ends, in order."""
    rng = random.Random(seed)
    free_from = dict.fromkeys(TARGETS, 0.0)
    at = 0.0
    for number in count(1):
        at += rng.expovariate(per_second)
        free = [name for name in TARGETS if free_from[name] <= at]
        if not free:
            continue
        target = rng.choices(free, [TARGETS[name][0] for name in free])[0]
        kinds = TARGETS[target][1]
        kind = rng.choices(kinds, [kind.weight for kind in kinds])[0]
        seconds = round(rng.uniform(*kind.seconds), 2)
        members = {name: rng.choice(value) if isinstance(value, tuple)
                   else value for name, value in kind.members.items()}
        free_from[target] = at + seconds + RECOVERY_S
        yield Fault(number, round(at, 2), target, kind.name, seconds, members)


def during(seed, per_second, seconds):
    """The faults that begin within a run of so many seconds."""
    for fault in faults(seed, per_second):
        if fault.at >= seconds:
            return
        yield fault
