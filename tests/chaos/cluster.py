"""Wakebus with two of each worker, to be killed at any moment."""

import signal
import subprocess
import time

from support.keys import keygen
from support.process import Process, wait_until
from support.wakebus import BIN, Wakebus

from bus_proxy import BusProxy, Loop
from schedule import FRONTEND, WORKERS

STOP_S = 25  # after SIGTERM; a frontend answers what is in flight first

# What sanitizers and failed assertions write.
CRASH = ('ERROR: AddressSanitizer', 'ERROR: LeakSanitizer', 'runtime error:',
         'Assertion `', 'SUMMARY: ')


class Cluster(Wakebus):
    """Its processes end and begin without anybody waiting for them. Each
    worker reaches the frontend through a proxy of its own, and the bus has
    keys, as it has in earnest.

    `generation` counts the frontends. `totals` are the lines of counters that
    those wrote who exited in order, by generation; `problems` are exits that
    should not have been.
    """

    def __init__(self, scratch, server, redis_url, apps, workers=WORKERS,
                 **sections):
        keygen(scratch / 'keys')
        super().__init__(scratch, server, redis_url, apps,
                         keys=scratch / 'keys', **sections)
        loop = Loop()
        self.workers = workers
        self.proxies = {name: BusProxy(loop, self.inbox) for name in workers}
        self.totals = {}
        self.problems = []
        self.drains = []  # (name, seconds from SIGTERM to the exit)
        self.generation = 0
        self.killed_frontends = set()  # their generations

    def start_all(self):
        self.launch(FRONTEND)
        self.processes[FRONTEND].wait_for_log('ev=link.up')
        for name in self.workers:
            self.launch(name)
        self.wait_joined()

    def wait_joined(self):
        """Until the frontend that runs now knows every worker."""
        wait_until(lambda: self.log(FRONTEND).count('ev=worker.joined')
                   >= len(self.workers), 'all workers joined', timeout=30)

    def launch(self, name):
        program = name.removesuffix('-a').removesuffix('-b')
        env = self.keys_of(program)
        if name in self.proxies:
            env['WAKEBUS_BUS_FRONTENDS'] = self.proxies[name].endpoint
        self.processes[name] = Process(
            [BIN / f'wakebus-{program}', '--config', self.path],
            self.directory / f'{name}.log', env)
        if name == FRONTEND:
            self.generation += 1

    def kill(self, name):
        process = self.processes.pop(name)
        if name == FRONTEND:
            self.killed_frontends.add(self.generation)
        process.kill()
        self._look_into_log(name, process)

    def terminate(self, name):
        """SIGTERM. Call the function this returns until it says True."""
        process = self.processes.pop(name)
        since = time.monotonic()
        process.signal(signal.SIGTERM)

        def ended():
            took = time.monotonic() - since
            if process.exit_code is None and took < STOP_S:
                return False
            if process.exit_code is None:
                self.problems.append(
                    f'{name} ignored SIGTERM for {STOP_S} s')
                process.kill()
            elif process.wait_exit() != 0:
                self.problems.append(f'{name} exited with {process.exit_code}'
                                     f' {took:.1f} s after SIGTERM')
            self.drains.append((name, took))
            self._look_into_log(name, process)
            return True

        return ended

    def bury(self):
        """Names of the processes that ended by themselves."""
        dead = [name for name, process in self.processes.items()
                if not process.running]
        for name in dead:
            process = self.processes.pop(name)
            self.problems.append(f'{name} ended by itself with'
                                 f' {process.wait_exit()}')
            self._look_into_log(name, process)
        return dead

    def stop_all(self):
        for name in sorted(self.processes, key=lambda n: n == FRONTEND):
            ended = self.terminate(name)
            wait_until(ended, 'ended', STOP_S + 5)

    def abandon(self):
        for process in self.processes.values():
            process.kill()

    def _look_into_log(self, name, process):
        log = process.log()
        for line in log.splitlines():
            if any(mark in line for mark in CRASH):
                self.problems.append(f'{name} wrote: {line}')
            if 'ev=pushes.total' in line or 'ev=retries.total' in line:
                self.totals.setdefault(self.generation, []).append(
                    counters(line))


def counters(line):
    """The numbers in a line of the log."""
    return {key: int(value) for key, _, value in
            (field.partition('=') for field in line.split())
            if value.isdigit()}


def has_setting(name):
    """Does the build that is tested know this member of the file?"""
    text = subprocess.run([BIN / 'wakebus-registry', '--help'],
                          capture_output=True, text=True, check=True).stdout
    return f' {name} ' in text
