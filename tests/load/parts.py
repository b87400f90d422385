"""The limits: what the libraries and servers that Wakebus is made of do by
themselves, measured on the same machine at the same time. Each returns at
least `per_second`, and `cpu_us` that the client took for one."""

import json
import os
import re
import subprocess

from support.process import Process, die_with_parent

import usage
from generator import PROGRAMS, Generator
from provider import SEND, TOKEN, TOPIC
from stage import check_whole

STREAMS = 100  # on the way at once, as libcurl takes by default

HASH = 40 * 'e'
UUID = '0f00d1e2-0f00-4f00-8f00-0f00d1e20f00'
JWT = f'{76 * "h"}.{58 * "p"}.{86 * "s"}'

# What the senders send, as the bare loop and h2load send it.
FCM = {
    'path': SEND,
    'body': json.dumps({'message': {
        'token': 163 * 't', 'data': {'account': HASH},
        'android': {'priority': 'HIGH', 'ttl': '2419200s'}}},
        separators=(',', ':')),
    'headers': [f'authorization: Bearer {TOKEN["access_token"]}',
                'content-type: application/json']}
APNS = {
    'path': f'/3/device/{64 * "f"}',
    'body': json.dumps({'aps': {
        'alert': {'title': 'New message', 'body': 'Open the app to read it'},
        'mutable-content': 1, 'sound': 'default'}, 'account': HASH},
        separators=(',', ':')),
    'headers': [f'authorization: bearer {JWT}',
                'content-type: application/json', 'apns-push-type: alert',
                'apns-priority: 10', 'apns-expiration: 1795451930',
                f'apns-topic: {TOPIC}', f'apns-id: {UUID}',
                f'apns-collapse-id: {HASH}']}


def run(argv, processor=None):
    """What it printed, and the processor time that it took, on any processor
    or on that one."""
    pin = ['taskset', '-c', processor] if processor is not None else []
    process = subprocess.Popen(list(map(str, [*pin, *argv])), text=True,
                               stdout=subprocess.PIPE,
                               preexec_fn=die_with_parent)
    with process.stdout:
        printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f'{argv[0]} failed:\n{printed}')
    return printed, (used.ru_utime + used.ru_stime) * 1e6


def curl(provider, request, kind, steps, processor=None):
    """bare_curl; `kind` is window or rate."""
    printed, _ = run([PROGRAMS / 'bare_curl', provider.url + request['path'],
                      provider.ca_file, request['body'], kind, steps,
                      *request['headers']], processor)
    return json.loads(printed)


def h2load(provider, request, requests):
    """nghttp2's own client: what nginx can take."""
    body = provider.directory / 'message.json'
    body.write_text(request['body'])
    headers = [flag for header in request['headers']
               for flag in ('-H', header)]
    printed, used_us = run(['h2load', '-n', requests, '-c', 1, '-m', STREAMS,
                             '-d', body, *headers,
                           provider.url + request['path']])
    if not re.search(rf'\b{requests} 2xx, 0 3xx, 0 4xx, 0 5xx', printed):
        raise RuntimeError(f'h2load: not all succeeded:\n{printed}')
    rate = re.search(r'finished in .*?, ([\d.]+) req/s', printed)[1]
    return {'per_second': float(rate), 'cpu_us': used_us / requests}


def redis(server, key, requests):
    """redis-benchmark, with the command of a lookup, pipelined."""
    printed, used_us = run([
        'redis-benchmark', '-p', server.port, '-c', 1, '-P', STREAMS,
        '-n', requests, '--csv', 'HMGET', key, 'app', 'device', 'channel',
        'token', 'domain', 'secret', 'deferred'])
    rate = printed.splitlines()[-1].split(',')[1].strip('"')
    return {'per_second': float(rate), 'cpu_us': used_us / requests}


def strophe(scratch, window, seconds):
    """bare_strophe, asked by the generator with the stanzas of the bench."""
    generator = Generator()
    component = Process([PROGRAMS / 'bare_strophe', generator.component_port,
                         generator.component, generator.secret],
                        scratch / 'bare_strophe.log')
    try:
        generator.wait()
        generator.pretend('fcm', 1)
        generator.closed('fcm', window, seconds / 4)  # caches are filled
        before = usage.cpu_us([component.pid])
        report = generator.closed('fcm', window, seconds)
        used_us = usage.cpu_us([component.pid]) - before
        check_whole(report)
        generator.stop()
        component.wait_exit()
    finally:
        component.kill()
        generator.kill()
    return {'per_second': report['per_second'],
            'cpu_us': used_us / report['results']}
