"""A private Redis Cluster."""

import subprocess

from redis.cluster import RedisCluster as Client

from .process import free_port, wait_until
from .redis_server import RedisServer

SLOTS = 16384

# The nodes agree on who is dead or back within some two seconds, but each that
# does not get to run or waits for its disk meanwhile is suspected as well, and
# they begin again.
PATIENCE_S = 60


class RedisCluster:
    """Three masters with equal shares, each with so many replicas. A master
    that is gone takes only its share with it; after some two seconds the others
    have noticed. `options` are those of RedisServer."""

    def __init__(self, scratch, replicas=0, **options):
        self._scratch = scratch
        self._options = {
            'cluster_enabled': 'yes', 'cluster_node_timeout': 1500,
            'cluster_require_full_coverage': 'no',
            'repl_diskless_sync_delay': 0, **options}
        self.servers = []
        for _ in range(3 * (1 + replicas)):
            self.add_server()
        self.command('create', *map(bus_place, self.servers),
                     '--cluster-replicas', replicas)
        self.wait_until_whole()

    @property
    def url(self):
        return url_of(self.servers)

    def add_server(self):
        """One more, which is in no cluster yet."""
        directory = self._scratch / f'node{len(self.servers)}'
        directory.mkdir()
        bus_port = free_port()
        server = RedisServer(directory, cluster_port=bus_port,
                             **self._options).start()
        server.bus_port = bus_port
        self.servers.append(server)
        return server

    def command(self, name, *args):
        """Returns what redis-cli --cluster says."""
        ran = subprocess.run(
            ['redis-cli', '--cluster', name, *map(str, args), '--cluster-yes'],
            capture_output=True, text=True, timeout=120)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def wait_until_whole(self):
        """All nodes run, know each other and have no slot to miss."""
        wait_until(lambda: all(map(self._sees_all, self.servers)),
                   'a whole cluster', PATIENCE_S, interval=0.1)

    def _sees_all(self, server):
        with server.client() as client:
            info = client.cluster('info')
            nodes = client.cluster('nodes').values()
        return (info['cluster_state'] == 'ok'
                and info['cluster_slots_ok'] == str(SLOTS)
                and len(nodes) == len(self.servers)
                and all(node['connected'] and 'fail' not in node['flags']
                        for node in nodes))

    def client(self):
        return Client(host='127.0.0.1', port=self._any().port,
                      decode_responses=True)

    def slot_of(self, key):
        with self._any().client() as client:
            return client.cluster('keyslot', key)

    def master_of(self, slot):
        """The server that has it, according to one that runs."""
        with self._any().client() as client:
            ranges = client.execute_command('CLUSTER SLOTS')
        port = next(master[1] for first, last, master, *_ in ranges
                    if first <= slot <= last)
        return next(s for s in self.servers if s.port == port)

    def masters(self):
        with self._any().client() as client:
            ports = {master[1] for _, _, master, *_ in
                     client.execute_command('CLUSTER SLOTS')}
        return [s for s in self.servers if s.port in ports]

    def is_known_dead(self, server):
        """Have all others noticed? CLUSTER NODES says `fail`, where one that
        only suspects it says `fail?`."""
        return all(self._has_failed(server, other) for other in self.servers
                   if other.process.running)

    def _has_failed(self, server, other):
        with other.client() as client:
            node = client.cluster('nodes')[f'127.0.0.1:{server.port}']
        return 'fail' in node['flags'].split(',')

    def refusals(self, name):
        """How often the nodes that run have answered with this error."""
        return sum(errors_of(server, name) for server in self.servers
                   if server.process.running)

    def kill(self):
        for server in self.servers:
            server.process.kill()

    def _any(self):
        return next(s for s in self.servers if s.process.running)


class Move:
    """A slot on its way from one master to another, key by key."""

    def __init__(self, cluster, slot, target):
        self.slot = slot
        self.source = cluster.master_of(slot)
        self.target = target
        self._setslot(target, 'IMPORTING', self.source)
        self._setslot(self.source, 'MIGRATING', target)

    def key(self, *keys):
        with self.source.client() as client:
            client.migrate('127.0.0.1', self.target.port, list(keys), 0, 5000)

    def rest(self):
        with self.source.client() as client:
            keys = client.cluster('getkeysinslot', self.slot, 10000)
        if keys:
            self.key(*keys)
        self._setslot(self.target, 'NODE', self.target)
        self._setslot(self.source, 'NODE', self.target)

    def _setslot(self, server, what, node):
        with server.client() as client:
            client.execute_command('CLUSTER', 'SETSLOT', self.slot, what,
                                   node_id(node))


def node_id(server):
    with server.client() as client:
        return client.execute_command('CLUSTER', 'MYID')


def errors_of(server, name):
    with server.client() as client:
        count = client.info('errorstats').get(f'errorstat_{name}', 'count=0')
    return int(count.removeprefix('count='))


def bus_place(server):
    return f'127.0.0.1:{server.port}@{server.bus_port}'


def url_of(servers, login=''):
    places = ','.join(f'127.0.0.1:{server.port}' for server in servers)
    return f'redis+cluster://{login}{places}'
