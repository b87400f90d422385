"""One scenario: some senders at full load, then at an even rate, and beside
them the limits of the parts."""

import os

import parts
import usage
from stage import SERVICES

WINDOW = 200  # pushes on the way at once: enough for any process to be busy
PACED = 1000  # pushes a second, to see how long one takes

# What a push takes of each process of ours has a counterpart in a part.
COUNTERPARTS = {'xmpp-frontend': 'libstrophe', 'registry': 'redis',
                'fcm-sender': 'libcurl', 'apns-sender': 'libcurl'}


class Scenario:
    """Some senders of a service: fcm, apns, or both of them mixed."""

    def __init__(self, stage, service, senders, seconds):
        self.stage = stage
        self.name = f'{service}-{senders}'
        self.service = service
        self.services = SERVICES[service]
        self.request = parts.APNS if service == 'apns' else parts.FCM
        self.senders = senders
        self.seconds = seconds

    def run(self):
        stage = self.stage
        stage.start_senders(self.services, self.senders)
        idle = stage.each(usage.rss_kib)
        own = stage.each(usage.own_kib)
        stage.warm_up(self.service, WINDOW)
        limits = self._limits()
        full = stage.publish(self.service, 'closed', WINDOW, self.seconds)
        paced = stage.publish(self.service, 'open', (PACED, self.seconds))
        alone = parts.curl(stage.provider, self.request, 'rate',
                           f'{PACED}x{self.seconds}')
        peak = stage.each(usage.peak_kib)
        stage.stop_senders(self.services, self.senders)
        return {
            'pushes_per_s': full['per_second'],
            'p50_us': paced['latency_us']['p50'],
            'p99_us': paced['latency_us']['p99'],
            'at_full_load': full['run'],
            'at_even_rate': paced['run'],
            'cpu_us_per_push': full['cpu_us'],
            'rss_kib': peak,
            'rss_idle_kib': idle,
            'own_idle_kib': own,
            'limits': {**limits, 'libcurl_at_even_rate': alone['latency_us']},
            'ratios': self._ratios(full, paced, limits, alone),
            'load_average': os.getloadavg()[0]}

    def _limits(self):
        stage, seconds = self.stage, self.seconds / 2
        libcurl = parts.curl(stage.provider, self.request, 'window',
                             f'{parts.STREAMS}x{seconds}')
        return {
            'libcurl': {'per_second': libcurl['per_second'],
                        'cpu_us': libcurl['cpu_us']},
            'libstrophe': parts.strophe(stage.scratch, WINDOW, seconds),
            'redis': parts.redis(stage.redis, stage.a_node_key(),
                                 round(100000 * seconds)),
            'h2load': parts.h2load(stage.provider, self.request,
                                   round(30000 * seconds))}

    def _ratios(self, full, paced, limits, alone):
        ours = [(name, us) for name, us in full['cpu_us'].items()
                if program_of(name) in COUNTERPARTS]
        parts_us = sum(limits[name]['cpu_us']
                       for name in ('libstrophe', 'redis', 'libcurl'))
        latency, least = paced['latency_us'], alone['latency_us']
        return {
            'chain_cpu_to_parts': sum(us for _, us in ours) / parts_us,
            **{f'{program}_cpu_to_{part}': sum(
                us for name, us in ours if program_of(name) == program)
               / limits[part]['cpu_us']
               for program, part in COUNTERPARTS.items()
               if any(program_of(name) == program for name, _ in ours)
               and not (self.service == 'mixed' and part == 'libcurl')},
            'pushes_to_libcurl':
                full['per_second'] / limits['libcurl']['per_second'],
            'added_p50_us': latency['p50'] - least['p50'],
            'added_p99_us': latency['p99'] - least['p99']}


def program_of(name):
    return name.removesuffix('-2')
