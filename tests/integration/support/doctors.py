"""`wakebusctl doctor`, as an operator runs it."""

import json
import os
import subprocess

from .self_tests import PATIENCE_S, Finding
from .wakebus import BIN


def run_doctor(config, *options, bin_=BIN, env=None):
    return subprocess.run(
        [bin_ / 'wakebusctl', 'doctor', '--config', config, *options],
        env={**os.environ, **(env or {})}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE_S)


class Diagnosis:
    """What it has found, by service and step: ('registry', 'redis')."""

    def __init__(self, done):
        self.status = done.returncode
        assert done.stderr == '', done
        told = json.loads(done.stdout)
        self.all = [(members.pop('service'), Finding(**members))
                    for members in told['findings']]
        assert told['faults'] == len(self.where('fault', False))
        assert told['warnings'] == len(self.where('warning', False))
        assert self.status == (1 if told['faults'] else 0)
        assert all(f.remedy for _, f in self.all if f.state == 'fault')

    def where(self, state, once=True):
        """(service, step) of those in that state."""
        found = [(service, f.step) for service, f in self.all
                 if f.state == state]
        return set(found) if once else found

    def of(self, service, step):
        return [f for s, f in self.all if (s, f.step) == (service, step)]

    def one(self, service, step):
        [finding] = self.of(service, step)
        return finding

    def check_only_faults(self, *where):
        assert self.where('fault') == set(where), self.all


def doctor(config, *options, **more):
    return Diagnosis(run_doctor(config, '--json', *options, **more))
