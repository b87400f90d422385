"""The results for people."""

from figures import row_of

PROCESSES = ['xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender', 'redis',
             'nginx', 'xmpp_load']


def by_program(values, combine):
    """Two senders of a kind in one column."""
    columns = {}
    for name, value in values.items():
        columns.setdefault(name.removesuffix('-2'), []).append(value)
    return {name: combine(of) for name, of in columns.items()}


def row(first, cells):
    return f'{first:28}' + ''.join(f'{cell:>14}' for cell in cells)


def cells(values, form='{:.0f}'):
    return [form.format(values[name]) if name in values else ''
            for name in PROCESSES]


def tell(result):
    scenarios = {name: s for name, s in result['scenarios'].items()
                 if 'rss_idle_kib' in s}
    if scenarios:
        yield from tell_scenarios(scenarios)
    alone = {name: s for name, s in result['scenarios'].items()
             if name.endswith('-alone')}
    if alone:
        yield from tell_alone(alone)
    if 'overload' in result['scenarios']:
        yield from tell_overload(result['scenarios']['overload'])
    if 'growth' in result:
        yield from tell_growth(result['growth'])
    for service, of in result['registrations'].items():
        yield (f'{of["devices"]} devices registered for {service}:'
               f' {of["per_second"]:.0f}/s, and {of["redis_bytes"]:.0f} bytes'
               ' of Redis for each')
    yield ''
    for figure in result['figures']:
        what, value, target, is_met = row_of(figure)
        yield f'{what:62}{value:>14}{target:>14}{is_met:>4}'
    yield result['machine']


def tell_overload(s):
    answered, turned_away = s['answered'], s['turned_away_us']
    normal = s['normal_after_s']
    yield f'overload, {s["offered_per_s"]:.0f} pushes offered a second'
    yield (f'  {s["pushes_per_s"]:.0f}/s got through to the provider,'
           f' {s["ratios"]["goodput_to_peak"]:.0%} of what it carries at most;'
           f' {s["results_per_s"]:.0f} results/s,'
           f' p50 {s["p50_us"]} µs, p99 {s["p99_us"]} µs')
    yield (f'  {sum(answered["errors"].values())} were turned away:'
           f' p50 {turned_away["p50"]} µs, p99 {turned_away["p99"]} µs;'
           f' {answered["unanswered"]} were not answered')
    yield ('  back to normal '
           + ('not at all' if normal is None else f'within {normal + 1} s')
           + '; RSS KiB: ' + ', '.join(
               f'{name} {kib}' for name, kib in s['rss_kib'].items()))
    yield ''


def tell_growth(growth):
    few, many = growth['devices']
    yield row('devices', ['pushes/s', 'p50 µs', 'p99 µs'])
    for name, of in ((few, growth['few']), (many, growth['many'])):
        yield row(name, [f'{of["pushes_per_s"]:.0f}', of['p50_us'],
                         of['p99_us']])
    yield row('CPU µs a push', PROCESSES)
    for name, of in ((few, growth['few']), (many, growth['many'])):
        yield row(name, cells(of['cpu_us_per_push'], '{:.1f}'))
    yield row('RSS KiB', PROCESSES)
    for name, of in ((few, growth['few']), (many, growth['many'])):
        yield row(name, cells(of['rss_kib']))
    yield (f'{growth["registrations_per_s"]:.0f} registrations/s, and'
           f' {growth["redis_bytes_per_device"]:.0f} bytes of Redis for each')
    yield ''


def tell_alone(scenarios):
    yield row('a sender alone', ['pushes/s', 'CPU µs', 'RSS KiB', 'libcurl/s',
                                 'CPU µs', 'pushes ratio', 'CPU ratio'])
    for name, s in scenarios.items():
        limit, ratios = s['limits']['libcurl'], s['ratios']
        yield row(name, [
            f'{s["pushes_per_s"]:.0f}',
            f'{sum(s["cpu_us_per_push"].values()):.1f}',
            sum(s['rss_kib'].values()), f'{limit["per_second"]:.0f}',
            f'{limit["cpu_us"]:.1f}', f'{ratios["pushes_to_libcurl"]:.2f}',
            f'{ratios["cpu_to_libcurl"]:.2f}'])
    yield ''


def tell_scenarios(scenarios):
    yield row('scenario', ['pushes/s', 'p50 µs', 'p99 µs', 'added p50',
                           'added p99', 'CPU/parts', 'of libcurl'])
    for name, s in scenarios.items():
        ratios = s['ratios']
        yield row(name, [
            f'{s["pushes_per_s"]:.0f}', s['p50_us'], s['p99_us'],
            ratios['added_p50_us'], ratios['added_p99_us'],
            f'{ratios["chain_cpu_to_parts"]:.2f}',
            f'{ratios["pushes_to_libcurl"]:.2f}'])
    yield ''
    yield row('CPU µs a push', PROCESSES)
    for name, s in scenarios.items():
        yield row(name, cells(by_program(s['cpu_us_per_push'], sum),
                              '{:.1f}'))
    yield ''
    yield row('RSS KiB, idle', PROCESSES)
    for name, s in scenarios.items():
        yield row(name, cells(by_program(s['rss_idle_kib'], max)))
    yield row('its own of it', [])
    for name, s in scenarios.items():
        yield row(name, cells(by_program(s['own_idle_kib'], max)))
    yield row('RSS KiB, peak', [])
    for name, s in scenarios.items():
        yield row(name, cells(by_program(s['rss_kib'], max)))
    yield ''
    yield row('the parts alone', ['libcurl', 'libstrophe', 'redis', 'h2load'])
    for name, s in scenarios.items():
        yield row(f'{name}: a second', [
            f'{s["limits"][part]["per_second"]:.0f}'
            for part in ('libcurl', 'libstrophe', 'redis', 'h2load')])
        yield row('  CPU µs of the client', [
            f'{s["limits"][part]["cpu_us"]:.1f}'
            for part in ('libcurl', 'libstrophe', 'redis', 'h2load')])
    yield ''
