"""The judges of a run judged: they must see what is wrong."""

import sys
from itertools import islice
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'integration')]

from cluster import counters  # noqa: E402
from memory import mib_per_hour  # noqa: E402
from phone import Phone  # noqa: E402
from schedule import TARGETS, during, faults  # noqa: E402


class Answered:
    """A push, as far as Phone looks at it."""

    def __init__(self, sent_at, is_result=True):
        self.sent_at = sent_at
        self.is_result = is_result


def registered_phone():
    phone = Phone('fcm')
    phone.new_token()
    phone.registered(0, 'node', 'secret', now=10)
    return phone


def test_a_seed_has_one_schedule_and_others_have_others():
    first = list(islice(faults(1, 1.6), 500))
    assert first == list(islice(faults(1, 1.6), 500))
    assert first != list(islice(faults(2, 1.6), 500))


def test_a_longer_run_begins_like_a_shorter_one():
    short = list(during(3, 1.6, 60))
    assert list(during(3, 1.6, 600))[:len(short)] == short


def test_thirty_minutes_have_two_thousand_faults_of_every_target():
    run = list(during(4, 1.6, 1800))
    assert len(run) > 2000
    assert {fault.target for fault in run} == set(TARGETS)


def test_no_target_has_two_faults_at_once():
    until = {}
    for fault in during(5, 1.6, 1800):
        assert fault.at >= until.get(fault.target, 0)
        until[fault.target] = fault.at + fault.seconds


def test_a_push_that_never_came_is_owed():
    phone = registered_phone()
    phone.woken(19, 0)
    phone.push_answered(sent_at=20, index=0)
    assert phone.owed
    phone.woken(21, 0)
    assert not phone.owed


def test_a_push_for_an_older_token_does_not_count():
    phone = registered_phone()
    phone.new_token()
    phone.registered(1, 'node', 'secret', now=15)
    phone.push_answered(sent_at=20, index=1)
    phone.woken(21, 0)
    assert phone.owed
    phone.woken(22, 1)
    assert not phone.owed


def test_nothing_is_owed_to_a_phone_that_was_unregistered():
    phone = registered_phone()
    phone.push_answered(sent_at=20, index=0)
    phone.doubt()
    assert not phone.owed and phone.certain_since is None


def test_a_renewal_must_keep_node_and_secret():
    phone = registered_phone()
    phone.new_token()
    assert phone.registered(1, 'node', 'secret', now=11) is None
    assert 'became other' in phone.registered(1, 'other', 'secret', now=12)


def test_a_renewal_that_failed_may_have_been_carried_out():
    phone = registered_phone()
    phone.new_token()
    assert phone.possible_tokens == phone.tokens
    phone.new_token()
    phone.registered(2, 'node', 'secret', now=12)
    assert phone.possible_tokens == phone.tokens[2:]


def test_wake_ups_without_a_push_are_duplicates():
    phone = registered_phone()
    phone.pushes = [(20, Answered(20)), (30, Answered(30))]
    for at in (21, 22, 31):
        phone.woken(at, 0)
    assert phone.duplicates() == 1


def test_a_push_that_failed_long_ago_accounts_for_nothing():
    phone = registered_phone()
    phone.pushes = [(20, Answered(20, is_result=False))]
    phone.woken(40, 0)
    assert phone.duplicates() == 1


def test_counters_are_read():
    assert counters('2026 info x ev=pushes.total received=3 sent=2 gone=1') \
        == {'received': 3, 'sent': 2, 'gone': 1}


def test_growth_is_a_slope():
    assert round(mib_per_hour([(0, 10), (1800, 11), (3600, 12)]), 3) == 2
    assert mib_per_hour([(0, 10), (3600, 10)]) == 0
