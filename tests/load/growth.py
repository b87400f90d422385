"""Does anything but Redis' memory depend on how many devices there are? The same
runs with few of them and with many."""

import os

import usage
from scenario import PACED, WINDOW

FEW = 1000


class Growth:
    """Of FCM, with one sender; the stage has FEW devices when it comes."""

    def __init__(self, stage, devices, seconds):
        self.stage = stage
        self.devices = devices
        self.seconds = seconds

    def run(self):
        stage = self.stage
        stage.start_senders(('fcm',), 1)
        stage.warm_up('fcm', WINDOW)
        few = self._measure()
        registered = stage.register('fcm', self.devices)
        stage.let_redis_finish()
        many = self._measure()
        stage.stop_senders(('fcm',), 1)
        return {'devices': [FEW, self.devices],
                'registrations_per_s': registered['per_second'],
                'redis_bytes_per_device': registered['redis_bytes'],
                'few': few, 'many': many,
                'ratios': {
                    **{name: many[name] / few[name]
                       for name in ('pushes_per_s', 'p50_us', 'p99_us')},
                    **{name: {process: ratio(many[name][process], value)
                              for process, value in few[name].items()}
                       for name in ('cpu_us_per_push', 'rss_kib')}},
                'load_average': os.getloadavg()[0]}

    def _measure(self):
        full = self.stage.publish('fcm', 'closed', WINDOW, self.seconds)
        paced = self.stage.publish('fcm', 'open', (PACED, self.seconds))
        return {'pushes_per_s': full['per_second'],
                'p50_us': paced['latency_us']['p50'],
                'p99_us': paced['latency_us']['p99'],
                'cpu_us_per_push': full['cpu_us'],
                'rss_kib': self.stage.each(usage.rss_kib)}


def ratio(many, few):
    return many / few if few else None
