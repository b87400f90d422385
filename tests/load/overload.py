"""More than all of it can carry: what becomes of the pushes that are taken, how
fast are the others turned away, and how long does it last?"""

import os
import threading

import usage
from scenario import WINDOW

FACTOR = 3  # times what it carries at most; then half of that for a while
NORMAL_US = 500000  # a second is normal in which no push took longer


class Overload:
    """Of FCM, with one sender. `seconds` is that of other runs."""

    def __init__(self, stage, seconds):
        self.stage = stage
        self.seconds = seconds
        self.lasts = 60 if seconds >= 3 else round(10 * seconds)
        self.after = 10 if seconds >= 3 else 2

    def run(self):
        stage = self.stage
        stage.start_senders(('fcm',), 1)
        stage.warm_up('fcm', WINDOW)
        peak = self._peak()
        rss = stage.each(usage.rss_kib)
        before = stage.each(usage.cpu_us)
        taken = Taken(stage.provider, self.lasts)
        report = stage.generator.open('fcm', (FACTOR * peak, self.lasts),
                                      (peak / 2, self.after))
        used = stage.each(usage.cpu_us)
        most = stage.each(usage.peak_kib)
        stage.drop_deferred()
        peaks = [peak, self._peak()]
        stage.stop_senders(('fcm',), 1)
        return {**self._result(peaks, report, taken.count() / self.lasts),
                'cpu_us_per_push': {
                    name: (used[name] - us) / report['results']
                    for name, us in before.items()},
                'rss_kib': most, 'rss_before_kib': rss}

    def _peak(self):
        """What it carries at most, in pushes a second."""
        return self.stage.publish('fcm', 'closed', WINDOW,
                                  self.seconds)['per_second']

    def _result(self, peaks, report, goodput):
        """`peaks` are from before and from afterwards: a machine whose speed
        changes within the minute would make either of them a matter of luck.
        """
        peak = sum(peaks) / len(peaks)
        seconds = report['by_second']
        during, after = seconds[:self.lasts], seconds[self.lasts:]
        return {
            'pushes_per_s': goodput,
            'results_per_s': sum(s['got'] for s in during) / self.lasts,
            'p50_us': report['latency_us']['p50'],
            'p99_us': report['latency_us']['p99'],
            'offered_per_s': FACTOR * peaks[0],
            'answered': {name: report[name] for name in (
                'sent', 'results', 'errors', 'unanswered', 'surplus',
                'links_lost')},
            'turned_away_us': report['error_latency_us'],
            'normal_after_s': normal_after(after),
            'limits': {'peak': {'per_second': peak, 'before': peaks[0],
                                'after': peaks[1]}},
            'ratios': {'goodput_to_peak': goodput / peak},
            'by_second': seconds,
            'load_average': os.getloadavg()[0]}


class Taken:
    """What the provider has seen when so many seconds are over: those pushes
    got through, be it that they were deferred before."""

    def __init__(self, provider, seconds):
        provider.requests()
        self._count = None
        self._timer = threading.Timer(seconds, self._look, [provider])
        self._timer.start()

    def _look(self, provider):
        self._count = provider.requests()

    def count(self):
        self._timer.join()
        return self._count


def normal_after(seconds):
    """How many seconds there were until all pushes of one, and of all that
    followed, were taken and soon done; None if there was none."""
    after = len(seconds)
    while after and is_normal(seconds[after - 1]):
        after -= 1
    return after if after < len(seconds) else None


def is_normal(second):
    return not second['errors'] and second['result_max_us'] < NORMAL_US
