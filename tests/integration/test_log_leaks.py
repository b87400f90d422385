"""Nothing that tells of a user or lets anybody in stands in any log, or on any
page: all is done once at level debug, with tokens, secrets, JIDs and texts that
are known, and then they are looked for."""

import pytest

from support.everything import Everything
from support.log_lines import lines_of, unlike_reference

# Lines that show that the run went where it should.
WALKED = {
    'bus.refused', 'bus.stranger', 'config.fault', 'config.refused',
    'config.reloaded', 'iq.refused', 'job.refused',
    'link.down', 'link.refused', 'operator.joined', 'operator.left',
    'operator.request', 'push.due', 'push.fault', 'push.unanswered',
    'redis.down', 'redis.fault', 'request.done', 'result.late', 'row.unfit',
    'service.stop_now', 'stanza.dropped', 'token.failed', 'worker.refused'}


@pytest.fixture(scope='module')
def everything(fcm, apns, tmp_path_factory):
    run = Everything(tmp_path_factory.mktemp('everything'), fcm, apns)
    try:
        run.all()
        yield run
    finally:
        run.end()


def running_logs(everything):
    """Without what was printed of configurations, which is for people."""
    return {name: log for name, log in everything.logs.items()
            if '--' not in name}


def test_each_plant_was_where_it_could_have_been_logged(everything):
    assert everything.plant.missing() == []
    assert len(everything.plant.texts) >= 20


def test_the_run_went_everywhere(everything):
    seen = {line['ev'] for log in running_logs(everything).values()
            for line in lines_of(log)}
    assert WALKED - seen == set()


def test_no_log_has_any(everything):
    found = {name: everything.plant.found_in(log)
             for name, log in everything.logs.items()}
    assert {name: what for name, what in found.items() if what} == {}


def test_no_page_has_any(everything):
    assert len([name for name in everything.pages if 'metrics' in name]) == 4
    found = {name: everything.plant.found_in(page)
             for name, page in everything.pages.items()}
    assert {name: what for name, what in found.items() if what} == {}


def test_every_line_is_as_the_reference_says(everything):
    unlike = {unlike_reference(line)
              for log in running_logs(everything).values()
              for line in lines_of(log)}
    assert unlike == {None}
