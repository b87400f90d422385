# SPDX-License-Identifier: BSD-3-Clause
"""The first thing that a newcomer does: it must work, and end by itself."""

import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).with_name('demo.py')


def test_the_demo_tells_a_push_from_end_to_end():
    done = subprocess.run([sys.executable, '-B', DEMO], text=True,
                          capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ('FCM was asked to wake her phone', 'APNs got',
                 'ev=request.taken', 'type=target.lookup outcome=ok',
                 'ev=push.done', 'ev=request.done', 'nothing is left running'):
        assert told in done.stdout, told
