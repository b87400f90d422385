"""How much memory each process has, and whether that grows."""

import os
import time

PAGE_MIB = os.sysconf('SC_PAGE_SIZE') / 2**20
WARM_UP_S = 120  # buffers and caches fill, and the heap finds its shape


class Memory:
    """One series of samples for each process; of those that had the same name
    the one that lived longest is kept."""

    def __init__(self):
        self._current = {}  # name -> (pid, samples)
        self._longest = {}  # name -> samples

    def sample(self, processes):
        now = time.monotonic()
        for name, process in list(processes.items()):
            rss = resident_mib(process.pid)
            if rss is None:
                continue
            pid, samples = self._current.get(name, (None, None))
            if pid != process.pid:
                samples = []
                self._current[name] = (process.pid, samples)
            samples.append((now, rss))
            if len(samples) >= len(self._longest.get(name, [])):
                self._longest[name] = samples

    def rows(self):
        """(name, seconds observed, MiB at the end, MiB an hour or None)."""
        for name, samples in sorted(self._longest.items()):
            begin, end = samples[0][0], samples[-1][0]
            settled = [s for s in samples if s[0] >= begin + WARM_UP_S]
            slope = (mib_per_hour(settled)
                     if end - begin >= 3 * WARM_UP_S else None)
            yield name, end - begin, samples[-1][1], slope

    def print(self):
        print(f'\n{"process":16} {"longest life":>12} {"RSS":>10} '
              f'{"growth":>12}')
        for name, seconds, mib, slope in self.rows():
            growth = 'too short' if slope is None else f'{slope:+.1f} MiB/h'
            print(f'{name:16} {seconds:10.0f} s {mib:6.1f} MiB {growth:>12}')


def resident_mib(pid):
    try:
        with open(f'/proc/{pid}/statm') as statm:
            return int(statm.read().split()[1]) * PAGE_MIB
    except (OSError, IndexError):
        return None


def mib_per_hour(samples):
    """The slope of the line that fits best."""
    mean_t = sum(t for t, _ in samples) / len(samples)
    mean_m = sum(m for _, m in samples) / len(samples)
    variance = sum((t - mean_t) ** 2 for t, _ in samples)
    if not variance:
        return 0.0
    return 3600 * sum((t - mean_t) * (m - mean_m)
                      for t, m in samples) / variance
