"""The table in the README says what is tested here, and nothing else."""

import re
from pathlib import Path

from support.recordings import recordings

README = Path(__file__).resolve().parents[3] / 'README.md'


def test_the_table_has_all_that_is_recorded_and_nothing_else():
    told = re.findall(r'^\| ([^|]+) \| (live|source) \|', README.read_text(),
                      re.M)
    recorded = {(recording.software, recording.how)
                for folder in ('servers', 'clients')
                for recording in recordings(folder).values()
                if recording.how != 'made up'}
    assert len(told) == len(set(told))
    assert set(told) == recorded
