"""What the programs say of a configuration before anything runs."""

import json
import os
import subprocess

from .wakebus import BIN


def run(program, config, tmp_path, *options, **env):
    path = tmp_path / 'wakebus.json'
    path.write_text(json.dumps(config))
    return subprocess.run(
        [BIN / f'wakebus-{program}', '--config', path, *options],
        env={**os.environ, **env}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=10)


def faults(program, config, tmp_path, **env):
    """member -> what is wrong with it and what to do."""
    done = run(program, config, tmp_path, '--check-config', **env)
    lines = done.stderr.splitlines()
    if done.returncode == 0:
        assert done.stdout == ''
        return lines
    assert done.returncode == 78 and done.stdout == ''
    count = len(lines) - 1
    assert lines[-1] == (f'wakebus-{program}: {count} '
                         f'fault{"s" if count > 1 else ""} '
                         'in the configuration')
    found = dict(line.removeprefix(f'{tmp_path}/wakebus.json: ')
                 .split(': ', 1) for line in lines[:-1])
    assert all('; ' in fault for fault in found.values()), 'a remedy each'
    return found
