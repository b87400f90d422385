"""The figures that Wakebus is to reach on two processors, and those that a run
has found."""

import itertools
import os
import platform
import re
import subprocess
from pathlib import Path

PROGRAMS = ('xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender')
DEADLINE_MS = 10000  # push.deadline_ms, as it comes


def figure(of, what, value, unit='', at_most=None, at_least=None):
    """Without a limit it is there to be known."""
    return {'of': of, 'what': what, 'value': value, 'unit': unit, 'at_most': at_most,
            'at_least': at_least,
            'met': value is not None
            and (at_most is None or value <= at_most)
            and (at_least is None or value >= at_least)}


def figures_of(result):
    """Of what was measured."""
    scenarios = result['scenarios']
    chains = {name: s for name, s in scenarios.items() if 'rss_idle_kib' in s}
    return [*_of_senders(scenarios), *_of_chains(chains),
            *_of_processes(chains, result['start_ms']),
            *_of_overload(scenarios.get('overload')),
            *_of_growth(result.get('growth'))]


def _of_senders(scenarios):
    for name, s in scenarios.items():
        if name.endswith('-alone'):
            yield figure(name.removesuffix('-alone'),
                         'pushes/s alone, to those of a libcurl loop',
                         s['ratios']['pushes_to_libcurl'], at_least=0.85)


def _of_chains(chains):
    for name, s in chains.items():
        yield figure(name, 'pushes/s', s['pushes_per_s'])
    for name, s in chains.items():
        yield figure(name, 'CPU of a push to that of the parts',
                     s['ratios']['chain_cpu_to_parts'], at_most=1.6)
    for part, most in (('p50', 1), ('p99', 5)):
        for name, s in chains.items():
            yield figure(name, f'latency added at 1,000/s, {part}',
                         s['ratios'][f'added_{part}_us'] / 1000, 'ms',
                         at_most=most)


def _of_processes(chains, start_ms):
    for program in PROGRAMS:
        yield figure(program, 'start to ready', start_ms[program], 'ms',
                     at_most=100)
    for kind, most, label in (('rss_idle_kib', 16, 'RSS, idle'),
                              ('rss_kib', 40, 'RSS, at most')):
        for program in PROGRAMS:
            found = [s[kind][program] for s in chains.values()
                     if program in s[kind]]
            if found:
                yield figure(program, label, max(found) / 1024, 'MiB',
                             at_most=most)


def _of_overload(overload):
    if overload is None:
        return
    normal = overload['normal_after_s']
    yield figure('overload', 'goodput to the most that it carries',
                 overload['ratios']['goodput_to_peak'], at_least=0.8)
    yield figure('overload', 'result of what is let in, p99',
                 overload['p99_us'] / 1000, 'ms', at_most=DEADLINE_MS)
    yield figure('overload', '`wait` to the rest, p99',
                 overload['turned_away_us']['p99'] / 1000, 'ms', at_most=1000)
    yield figure('overload', 'back to normal',
                 None if normal is None else normal + 1, 's', at_most=2)
    yield figure('overload', 'RSS of the frontend, at most',
                 overload['rss_kib']['xmpp-frontend'] / 1024, 'MiB',
                 at_most=40)


def _of_growth(growth):
    if growth is None:
        return
    few, many = growth['devices']
    for name, label in (('pushes_per_s', 'pushes/s'), ('p50_us', 'p50')):
        limit = ({'at_least': 0.9} if name == 'pushes_per_s'
                 else {'at_most': 1.1})
        yield figure(f'{many:,} devices', f'{label} to that of {few:,}',
                     growth['ratios'][name], **limit)
    yield figure(f'{many:,} devices', 'Redis, for each',
                 growth['redis_bytes_per_device'], 'bytes', at_most=600)


def value_of(f):
    if f['value'] is None:
        return 'never'
    return (f'{f["value"]:,.0f}' if abs(f['value']) >= 1000
            else f'{f["value"]:.3g}')


def target_of(f):
    if f['at_most'] is None and f['at_least'] is None:
        return ''
    return (f'≤ {f["at_most"]:,g}' if f['at_most'] is not None
            else f'≥ {f["at_least"]:g}')


def row_of(f):
    """Whose it is and what, what was found, and what is to be."""
    return [f'{f["of"]}: {f["what"]}', f'{value_of(f)} {f["unit"]}'.strip(),
            f'{target_of(f)} {f["unit"]}'.strip() if target_of(f) else '',
            '' if f['met'] else 'NO']


def markdown(result):
    """The table for README: what several have is one row of it."""
    yield '| | | found | to be |'
    yield '|---|---|---|---|'
    for what, same in itertools.groupby(result['figures'],
                                        lambda f: f['what']):
        same = list(same)
        unit = f' {same[0]["unit"]}'.rstrip()
        yield '| ' + ' | '.join([
            what, ', '.join(f['of'] for f in same),
            ', '.join(value_of(f) + ('' if f['met'] else ' (!)')
                      for f in same) + unit,
            target_of(same[0]) + unit if target_of(same[0]) else '']) + ' |'
    yield ''
    yield f'{result["date"]}, {result["commit"]}: {result["machine"]}.'


# ---- where it was measured ----

def machine():
    model = re.search(r'model name\s*: (.*)',
                      Path('/proc/cpuinfo').read_text())
    return ', '.join([
        model[1] if model else platform.machine(),
        f'{os.cpu_count()} processors', f'Linux {platform.release()}',
        first_line('gcc', '--version', pattern=r'(\d+\.\d+\.\d+)$', name='gcc'),
        first_line('nginx', '-v', pattern=r'nginx/(\S+)', name='nginx'),
        first_line('redis-server', '--version', pattern=r'v=(\S+)',
                   name='Redis'),
        first_line('curl', '--version', pattern=r'libcurl/(\S+)',
                   name='libcurl')])


def commit():
    return first_line('git', '-C', Path(__file__).parent, 'rev-parse',
                      '--short=12', 'HEAD', pattern='(.*)', name='commit')


def first_line(*argv, pattern, name):
    try:
        said = subprocess.run(argv, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout
    except OSError:
        return f'no {name}'
    version = re.search(pattern, said.splitlines()[0])
    return f'{name} {version[1] if version else "?"}'
