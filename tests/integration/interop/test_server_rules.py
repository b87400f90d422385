"""The rules tell apart what is safe to answer from what is not."""

import pytest

from .server_rules import ALL_DROP_THAT_EVER_DO, ALL_KEEP, DROPPED, verdicts


@pytest.mark.parametrize('error', [
    None, ('wait', 'remote-server-timeout'), ('wait', 'internal-server-error'),
    ('wait', 'service-unavailable')], ids=str)
def test_safe_answers(error):
    assert verdicts(error) == ALL_KEEP


@pytest.mark.parametrize('error, server', [
    (('wait', 'recipient-unavailable'), 'tigase'),
    (('wait', 'resource-constraint'), 'tigase'),
    (('cancel', 'service-unavailable'), 'ejabberd'),
    (('cancel', 'internal-server-error'), 'mongooseim'),
    (('modify', 'bad-request'), 'metronome'),
    (('auth', 'forbidden'), 'ejabberd')], ids=str)
def test_answers_that_cost_a_subscription_somewhere(error, server):
    assert verdicts(error)[server] == DROPPED


def test_the_answer_that_ends_one_everywhere():
    assert verdicts(('cancel', 'item-not-found')) == ALL_DROP_THAT_EVER_DO
