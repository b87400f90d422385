"""What processes use, by /proc."""

import os
from pathlib import Path

TICKS = os.sysconf('SC_CLK_TCK')


def cpu_us(pids):
    """Processor time of these together, in microseconds."""
    ticks = 0
    for pid in pids:
        stat = Path(f'/proc/{pid}/stat').read_text()
        ticks += sum(map(int, stat.rpartition(')')[2].split()[11:13]))
    return ticks * 1e6 / TICKS


def _kib(pid, name):
    for line in Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def rss_kib(pids):
    return sum(_kib(pid, 'VmRSS:') for pid in pids)


def own_kib(pids):
    """What of that is theirs alone: no pages of libraries."""
    return sum(_kib(pid, 'RssAnon:') for pid in pids)


def peak_kib(pids):
    """The most that each has had since it started."""
    return sum(_kib(pid, 'VmHWM:') for pid in pids)
