#!/usr/bin/env python3
"""How many pushes, how fast, and what of each process does one take?

Latencies are those at an even 1,000 pushes a second, from when each was due;
pushes/s are those with 200 always on the way. Everything runs on this machine
and gets in each other's way: compare a figure with the limit of the parts,
which is measured in the same minute, and not with that of another machine.
"""

import argparse
import datetime
import json
import os
import shutil
import signal
import sys
import tempfile
from functools import partial
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / 'integration'))

from alone import Alone  # noqa: E402
from figures import commit, figures_of, machine, markdown  # noqa: E402
from growth import FEW, Growth  # noqa: E402
from overload import Overload  # noqa: E402
from scenario import Scenario  # noqa: E402
from stage import Stage  # noqa: E402
from startup import Startup  # noqa: E402
from table import tell  # noqa: E402

SCENARIOS = {
    **{f'{service}-{senders}': partial(Scenario, service=service,
                                       senders=senders)
       for service in ('fcm', 'apns', 'mixed') for senders in (1, 2)},
    **{f'{program}-alone': partial(Alone, program=program)
       for program in ('fcm-sender', 'apns-sender')},
    'overload': Overload}
QUICK = ['fcm-1', 'apns-1', 'fcm-sender-alone', 'overload']


def measure(stage, options):
    stage.set()
    result = {'machine': machine(), 'processors': os.cpu_count(),
              'date': datetime.date.today().isoformat(), 'commit': commit(),
              'start_ms': Startup(stage, options.seconds).run(),
              'registrations': {service: stage.register(service, FEW)
                                for service in ('fcm', 'apns')},
              'scenarios': {}}
    calm = [name for name in options.scenario if name != 'overload']
    for name in calm:
        result['scenarios'][name] = run(stage, name, options)
    if options.devices:
        result['growth'] = run(stage, 'growth', options)
    if calm != options.scenario:  # what it defers would come in others' way
        result['scenarios']['overload'] = run(stage, 'overload', options)
    stage.strike()
    result['figures'] = figures_of(result)
    return result


def run(stage, name, options):
    print(f'{name} …', file=sys.stderr, flush=True)
    kind = (partial(Growth, devices=options.devices) if name == 'growth'
            else SCENARIOS[name])
    return kind(stage, seconds=options.seconds).run()


def arguments():
    parser = argparse.ArgumentParser(
        prog='./run bench', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add('--quick', action='store_true',
        help='less than a minute: shorter runs, and fewer scenarios')
    add('--json', action='store_true', help='print all of it as JSON')
    add('--markdown', action='store_true',
        help='print only the figures to reach, as the table of README.md')
    add('--devices', type=int, metavar='N',
        help='what becomes of all this with so many registrations (without'
             ' --scenario nothing else)')
    add('--seconds', type=float,
        help='each run (default: 3, or 1 with --quick)')
    add('--scenario', action='append', choices=[*SCENARIOS, 'all'],
        help='only this one; may be repeated')
    options = parser.parse_args()
    options.seconds = options.seconds or (1 if options.quick else 3)
    if options.devices is not None and options.devices <= FEW:
        parser.error(f'--devices: more than {FEW}')
    if options.scenario is None:
        options.scenario = ([] if options.devices else QUICK if options.quick
                            else list(SCENARIOS))
    if 'all' in options.scenario:
        options.scenario = list(SCENARIOS)
    return options


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by `finally`
    options = arguments()
    scratch = Path(tempfile.mkdtemp(prefix='wakebus-bench-'))
    stage = Stage(scratch)
    try:
        result = measure(stage, options)
    except BaseException:
        print(f'bench: the logs are in {scratch}', file=sys.stderr)
        raise
    finally:
        stage.abandon()
    shutil.rmtree(scratch)
    if options.json:
        print(json.dumps(result, indent=1))
    elif options.markdown:
        print('\n'.join(markdown(result)))
    else:
        print('\n'.join(tell(result)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
