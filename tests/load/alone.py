"""One sender as the only bottleneck: a frontend that does nothing but give it
jobs, and the sender on a processor of its own. Beside it, on that processor and
in turns with it, the bare libcurl loop."""

import json
import os
from statistics import median

import parts
import usage
from stage import check_whole, summary
from support.process import Process, free_port
from support.wakebus import BIN

TURNS = 3
APPS = {'fcm-sender': ('android', 163 * 'f', parts.FCM),
        'apns-sender': ('ios', 64 * 'f', parts.APNS)}


class Alone:
    def __init__(self, stage, program, seconds):
        self.provider = stage.provider
        self.program = program
        self.name = f'{program}-alone'
        self.seconds = seconds / TURNS
        self.directory = stage.scratch
        self.inbox = f'tcp://127.0.0.1:{free_port()}'
        self.others, *_, self.ours = 2 * sorted(os.sched_getaffinity(0))

    def run(self):
        sender = self._start()
        pin([sender.pid], self.ours)
        pin(self.provider.pids, self.others)
        try:
            turns = [(self._sender(sender), self._libcurl())
                     for _ in range(TURNS)]
        finally:
            pin(self.provider.pids, None)
        peak = usage.peak_kib([sender.pid])
        sender.stop()
        return self._result(turns, peak)

    def _start(self):
        path = self.directory / f'{self.name}.json'
        path.write_text(json.dumps({
            'bus': {'bind': self.inbox, 'frontends': [self.inbox]},
            **self.provider.sections()}))
        return Process([BIN / f'wakebus-{self.program}', '--config', path],
                       self.directory / f'{self.name}.log')

    def _sender(self, sender):
        app, token, _ = APPS[self.program]
        before = usage.cpu_us([sender.pid])
        printed, _ = parts.run(
            [parts.PROGRAMS / 'bus_load', self.inbox, app, token, 'window',
             f'{parts.STREAMS}x{self.seconds}'], self.others)
        used_us = usage.cpu_us([sender.pid]) - before
        report = json.loads(printed)
        check_whole(report)
        return {**summary(report), 'cpu_us': used_us / report['results']}

    def _libcurl(self):
        return parts.curl(self.provider, APPS[self.program][2], 'window',
                          f'{parts.STREAMS}x{self.seconds}', self.ours)

    def _result(self, turns, peak):
        def of(which, figure):
            return median(turn[which][figure] for turn in turns)

        def ratio(figure):
            return median(turn[0][figure] / turn[1][figure] for turn in turns)

        return {
            'pushes_per_s': of(0, 'per_second'),
            'p50_us': median(t[0]['latency_us']['p50'] for t in turns),
            'p99_us': median(t[0]['latency_us']['p99'] for t in turns),
            'cpu_us_per_push': {self.program: of(0, 'cpu_us')},
            'rss_kib': {self.program: peak},
            'limits': {'libcurl': {'per_second': of(1, 'per_second'),
                                   'cpu_us': of(1, 'cpu_us')}},
            'ratios': {'pushes_to_libcurl': ratio('per_second'),
                       'cpu_to_libcurl': ratio('cpu_us')},
            'load_average': os.getloadavg()[0]}


def pin(pids, processor):
    """All their threads to one processor, or to all again."""
    for pid in pids:
        for thread in os.listdir(f'/proc/{pid}/task'):
            os.sched_setaffinity(int(thread), os.sched_getaffinity(0)
                                 if processor is None else {processor})
