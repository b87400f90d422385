"""Everything that a bench needs, running on loopback."""

import json

from support.process import wait_until
from support.redis_server import RedisServer
from support.wakebus import ROOT, Wakebus

import usage
from generator import Generator
from provider import Provider

# As operators are told to run it, but for where.
SHIPPED = ROOT / 'deploy/redis.conf'
OURS = ('bind', 'port')

SERVICES = {'fcm': ('fcm',), 'apns': ('apns',), 'mixed': ('fcm', 'apns')}


class Stage:
    """A frontend and a registry between the generator and nginx; the senders
    come and go."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.provider = self.redis = self.generator = self.wakebus = None
        self.registered = {}  # devices of each service

    def set(self):
        self.provider = Provider(self.scratch)
        self.redis = RedisServer(self.scratch, **shipped_options()).start()
        self.generator = Generator()
        self.wakebus = Wakebus(
            self.scratch, self.generator, self.redis.url,
            log={'level': 'info'}, **self.provider.sections())
        self.wakebus.start('xmpp-frontend', 'registry')
        self.generator.wait()

    def register(self, service, devices):
        """So many, the same ones each time. Returns how many a second, and
        how many bytes of Redis each takes that was not there before."""
        there = self.registered.get(service, 0)
        before = self._redis_bytes()
        report = self.generator.register(service, devices)
        check_whole(report)
        self.registered[service] = devices
        return {'devices': devices, 'per_second': report['per_second'],
                'redis_bytes': (self._redis_bytes() - before)
                / (devices - there)}

    def let_redis_finish(self):
        """It saves what was registered, in a process of its own, and has
        nothing left that it would save later."""
        client = self.redis.client()

        def is_idle():
            state = client.info('persistence')
            return not (state['rdb_bgsave_in_progress']
                        or state['aof_rewrite_in_progress']
                        or state['aof_rewrite_scheduled'])
        wait_until(is_idle, 'idle', timeout=120, interval=0.2)
        for save in client.bgrewriteaof, client.bgsave:
            save()
            wait_until(is_idle, 'saved', timeout=120, interval=0.2)

    def drop_deferred(self):
        """What waits in Redis for another try, and would come to nginx in the
        middle of a run."""
        self.redis.client().delete('wakebus:{due}:targets')
        self.provider.requests()
        wait_until(lambda: self.provider.requests() == 0, 'quiet',
                   timeout=30, interval=1)

    def _redis_bytes(self):
        return self.redis.client().info('memory')['used_memory']

    def start_senders(self, services, each):
        for service in services:
            for number in range(each):
                self.wakebus.start_one(f'{service}-sender',
                                       sender_name(service, number))

    def stop_senders(self, services, each):
        for service in services:
            for number in range(each):
                self.wakebus.stop_one(sender_name(service, number))

    def pids(self):
        """Of each process, by its name."""
        return {**{name: [process.pid] for name, process
                   in self.wakebus.processes.items()},
                'redis': [self.redis.process.pid],
                'nginx': self.provider.pids,
                'xmpp_load': [self.generator.pid]}

    def each(self, of):
        """What `of`, from usage.py, says of each process."""
        return {name: of(pids) for name, pids in self.pids().items()}

    def warm_up(self, service, window):
        """A second in which connections are opened, access tokens fetched, and
        caches filled."""
        check_whole(self.generator.closed(service, window, 1))

    def publish(self, service, how, *load):
        """A run of the generator, with what each process used for a push.
        Nothing may fail, and nginx must have seen as many as were answered."""
        self.provider.requests()
        before = self.each(usage.cpu_us)
        report = getattr(self.generator, how)(service, *load)
        used = self.each(usage.cpu_us)
        check_whole(report)
        seen = self.provider.requests()
        if seen != report['results']:
            raise RuntimeError(f'{report["results"]} pushes were answered with'
                               f' a result, and nginx has seen {seen}')
        report['run'] = {**summary(report), 'seen_by_nginx': seen}
        report['cpu_us'] = {name: (used[name] - us) / report['results']
                            for name, us in before.items()}
        return report

    def a_node_key(self):
        """In Redis, of some registration."""
        return next(self.redis.client().scan_iter('wakebus:*:node:*'))

    def strike(self):
        """All ends in order; what does not is an error."""
        self.wakebus.stop()
        self.redis.stop()
        self.provider.stop()
        assert self.generator.stop() == 0

    def abandon(self):
        """Whatever state it is in."""
        for process in (self.wakebus.processes.values() if self.wakebus
                        else ()):
            process.kill()
        if self.redis:
            self.redis.kill()
        if self.provider:
            self.provider.process.kill()
        if self.generator:
            self.generator.kill()


def shipped_options():
    lines = (line.split(maxsplit=1)
             for line in SHIPPED.read_text().splitlines()
             if line.strip() and not line.startswith('#'))
    return {name.replace('-', '_'): value for name, value in lines
            if name not in OURS}


def sender_name(service, number):
    return f'{service}-sender' + (f'-{number + 1}' if number else '')


def summary(report):
    return {name: report[name] for name in (
        'sent', 'results', 'errors', 'unanswered', 'surplus', 'per_second',
        'latency_us')}


def check_whole(report):
    """Of a run in which nothing may fail: each request had one answer, and
    that was a result."""
    fine = (report['results'] == report['sent'] and not report['errors']
            and not report['unanswered'] and not report['surplus']
            and not report.get('links_lost'))
    if not fine:
        raise RuntimeError('not every request had one result: ' + json.dumps(
            {name: report.get(name) for name in (
                'sent', 'results', 'errors', 'unanswered', 'surplus',
                'links_lost')}))
