#!/usr/bin/env python3
"""What a restart of the senders costs, in figures.

Two fcm-senders under as many pushes a second as this machine carries (or
--rate): first undisturbed, then while they are restarted one after the other,
then while one is killed. What an undisturbed push costs each process in time of
a processor does not depend on how busy the machine is with the rest.
"""

import argparse
import json
import os
import re
import signal
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / 'integration'))

from support.component_server import ComponentServer  # noqa: E402
from support.process import wait_until  # noqa: E402
from support.providers import Fcm  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402

from cluster import Cluster  # noqa: E402
from schedule import FCM_SENDERS, FRONTEND  # noqa: E402
from steady import Steady  # noqa: E402

WANTED = 2000  # pushes a second
SHARE = 0.6  # of what the machine carries at most: latencies need idle time
WORKERS = ('registry-a', *FCM_SENDERS)
JOB_MS = 50  # how long FCM takes when a sender is killed, so that it has jobs


class Measurement:
    def __init__(self, scratch, options):
        self.options = options
        credentials = scratch / 'credentials'
        credentials.mkdir()
        self.fcm = Fcm(credentials, '--keep', '10')
        self.redis = RedisServer(scratch).start()
        self.server = ComponentServer().start()
        self.cluster = Cluster(
            scratch, self.server, self.redis.url,
            {'conversations': self.fcm.app()}, workers=WORKERS,
            fcm=self.fcm.settings(), log={'level': 'info'})
        self.cluster.start_all()
        self.steady = Steady(self.server)

    def run(self):
        most = self.steady.saturate(1)  # connections are opened, caches filled
        most = self.steady.saturate(self.options.seconds / 2)
        rate = self.options.rate or min(WANTED, most * SHARE)
        print(f'This machine carries {most:.0f} pushes a second with the'
              f' emulator; measured at {rate:.0f}.\n')
        print(f'{"":22} {"pushes":>7} {"errors":>7} {"duplicates":>10}'
              f' {"p50 ms":>8} {"p99 ms":>8} {"max ms":>8}')
        before = self.cpu_seconds()
        calm = self.phase('undisturbed', rate, self.wait)
        cost = self.cost(before, calm['pushes'])
        rolling = self.phase('rolling restart', rate, self.restart)
        self.fcm.fault(kind='delay', ms=JOB_MS)
        slow = self.phase(f'FCM takes {JOB_MS} ms', rate, self.wait)
        killed = self.phase('  one is killed', rate, self.kill)
        self.tell_hand_over()
        print('\nProcessor time of a push: ' + ', '.join(
            f'{role} {micros:.0f} µs' for role, micros in cost.items()))
        return {'rate': rate, 'most': most, 'cpu_us': cost, 'calm': calm, 'rolling': rolling, 'slow': slow,
                'killed': killed, 'ratio': rolling['p99'] / calm['p99']}

    def phase(self, name, rate, disturb):
        """Pushes while `disturb()` runs."""
        accepted = self.fcm.stats()['accepted']
        begin = time.time()
        self.steady.begin(rate)
        disturb()
        self.steady.end()
        took = self.steady.during(begin, time.time())
        ordered = sorted(seconds * 1000 for seconds, _ in took)
        errors = sum(error is not None for _, error in took)
        row = {'pushes': len(took), 'errors': errors,
               'duplicates': self.fcm.stats()['accepted'] - accepted
               - len(took) + errors,
               'p50': ordered[len(ordered) // 2],
               'p99': ordered[len(ordered) * 99 // 100], 'max': ordered[-1]}
        print(f'{name:22} {row["pushes"]:7} {errors:7}'
              f' {row["duplicates"]:10} {row["p50"]:8.1f} {row["p99"]:8.1f}'
              f' {row["max"]:8.1f}', flush=True)
        return row

    def cpu_seconds(self):
        """Of all processes of a role."""
        used = {}
        for name, process in {**self.cluster.processes,
                              'redis': self.redis.process}.items():
            stat = Path(f'/proc/{process.pid}/stat').read_text()
            ticks = sum(map(int, stat.rpartition(')')[2].split()[11:13]))
            role = re.sub('-[ab]$', '', name)
            used[role] = used.get(role, 0) + ticks / os.sysconf('SC_CLK_TCK')
        return used

    def cost(self, before, pushes):
        """Microseconds of a processor for each push since `before`."""
        return {role: (seconds - before[role]) * 1e6 / pushes
                for role, seconds in self.cpu_seconds().items()}

    # ---- what is done meanwhile

    def wait(self):
        time.sleep(self.options.seconds)

    def restart(self):
        """Each sender once, one after the other."""
        pause = self.options.seconds / 4
        for name in FCM_SENDERS:
            time.sleep(pause)
            wait_until(self.cluster.terminate(name), 'ended', 30)
            self.start(name)
            time.sleep(pause)

    def kill(self):
        time.sleep(1)
        self.killed_at = time.time()
        self.cluster.kill(FCM_SENDERS[0])
        in_flight = [id for id, at in self.steady.sent.copy().items()
                     if id not in self.steady.answers]
        wait_until(lambda: all(id in self.steady.answers for id in in_flight),
                   'answered', 30)
        self.answered_at = max(self.steady.answers[id][0] for id in in_flight)
        time.sleep(1)
        self.start(FCM_SENDERS[0])

    def start(self, name):
        before = self.cluster.joined('fcm-sender')
        self.cluster.launch(name)
        wait_until(lambda: self.cluster.joined('fcm-sender') > before,
                   f'{name} joined')

    def tell_hand_over(self):
        line = [line for line in self.cluster.log(FRONTEND).splitlines()
                if 'ev=worker.lost' in line][-1]
        at = datetime.fromisoformat(line.split()[0].replace('Z', ''))
        at = at.replace(tzinfo=timezone.utc).timestamp()
        jobs = re.search(r'handed_over=(\d+)', line)[1]
        print(f'\nAfter kill -9 its {jobs} jobs were with the other sender in'
              f' {(at - self.killed_at) * 1000:.0f} ms,\nand all that was in'
              ' flight was answered in'
              f' {(self.answered_at - self.killed_at) * 1000:.0f} ms.')

    def stop(self):
        self.cluster.stop_all()
        for problem in self.cluster.problems:
            print(problem)
        return not self.cluster.problems

    def abandon(self):
        self.fcm.stop()
        self.cluster.abandon()
        self.redis.kill()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add('--rate', type=float,
        help=f'pushes a second (default: {SHARE:.0%} of what the machine'
             f' carries, at most {WANTED})')
    add('--seconds', type=float, default=10, help='each phase (default: 10)')
    add('--json', action='store_true', help='print the figures again as JSON')
    return parser.parse_args()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by `finally`
    options = arguments()
    with tempfile.TemporaryDirectory(prefix='wakebus-restart-') as scratch:
        measurement = Measurement(Path(scratch), options)
        try:
            figures = measurement.run()
            fine = measurement.stop()
        finally:
            measurement.abandon()
    if options.json:
        print(json.dumps(figures))
    rolling = figures['rolling']
    print(f'\nrestart: errors={rolling["errors"]}'
          f' duplicates={rolling["duplicates"]}'
          f' p99_ratio={figures["ratio"]:.1f}')
    return 0 if fine and not (rolling['errors'] or rolling['duplicates']) \
        else 1


if __name__ == '__main__':
    sys.exit(main())
