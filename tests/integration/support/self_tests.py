"""What a program finds out with --self-test."""

import json
import os
import subprocess
from dataclasses import dataclass

from .wakebus import BIN

# A person waits for it.
PATIENCE_S = 30


@dataclass
class Finding:
    step: str
    state: str
    text: str
    remedy: str = ''


class Findings:
    """From lines of JSON; `status` is what the program exited with."""

    def __init__(self, done):
        self.status = done.returncode
        assert done.stderr == '', done.stderr
        self.all = []
        for line in done.stdout.splitlines():
            members = json.loads(line)
            members.pop('service')
            self.all.append(Finding(**members))

    def of(self, step):
        return [f for f in self.all if f.step == step]

    def one(self, step):
        [finding] = self.of(step)
        return finding

    def states(self):
        """(step, state), in order."""
        return [(f.step, f.state) for f in self.all]

    def steps(self, state):
        return {f.step for f in self.all if f.state == state}

    def check_only_faults(self, *steps):
        """These are at fault and nothing else is; each has a remedy."""
        assert self.steps('fault') == set(steps), self.all
        assert self.status == (1 if steps else 0)
        assert all(f.remedy for f in self.all if f.state == 'fault')


def run_self_test(program, config, scratch, *options, env=None):
    """What it printed, for people unless an option says otherwise."""
    path = scratch / 'self-test.json'
    path.write_text(json.dumps(config))
    return subprocess.run(
        [BIN / f'wakebus-{program}', '--config', path, *options],
        env={**os.environ, **(env or {})}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE_S)


def self_test(program, config, scratch, *options, env=None):
    return Findings(run_self_test(program, config, scratch, '--self-test=json',
                                  *options, env=env))
