"""A master that dies or hangs while phones register: the sentinels name
another, and nobody was told to be registered who is not."""

import signal
import time
from contextlib import contextmanager

import pytest

from support.answers import error_of, registration_of
from support.process import wait_until
from support.redis_server import RedisServer
from support.registering import Registering
from support.sentinels import Sentinels
from support.stack import stack_on

LATER = ('wait', 'internal-server-error')


class Group:
    """A master and two replicas, which sentinels watch over."""

    def __init__(self, scratch):
        self.servers = []
        for name in 'abc':
            (scratch / name).mkdir()
            self.servers.append(RedisServer(
                scratch / name, repl_diskless_sync_delay=0,
                repl_ping_replica_period=1, appendfsync='always',
                **({'replicaof': f'127.0.0.1 {self.servers[0].port}'}
                   if self.servers else {})).start())
        self.sentinels = Sentinels(scratch, self.servers[0].port)
        self.url = self.sentinels.url
        self.sentinels.wait_for_replicas(2)

    @property
    def master(self):
        port = self.sentinels.master_port()
        return next(s for s in self.servers if s.port == port)

    def is_whole(self):
        """A master that was away takes ten seconds to be made a replica."""
        with self.master.client() as client:
            return client.info('replication')['connected_slaves'] == 2

    def kill(self):
        self.sentinels.kill()
        for server in self.servers:
            server.kill()


@pytest.fixture(scope='module')
def group(tmp_path_factory):
    group = Group(tmp_path_factory.mktemp('group'))
    yield group
    group.kill()


@contextmanager
def master_killed(master):
    master.kill()
    yield
    master.start()


@contextmanager
def master_frozen(master):
    """It comes back in the belief that it is still the master."""
    master.process.signal(signal.SIGSTOP)
    yield
    master.process.signal(signal.SIGCONT)


@pytest.mark.parametrize('trouble', [master_killed, master_frozen])
def test_a_failover_is_followed_and_loses_nothing(
        server, fcm, tmp_path, group, trouble):
    wait_until(lambda: group.is_whole(), 'whole', 30)
    with stack_on(server, fcm, tmp_path, None, group.url) as stack:
        target = registration_of(stack.register())
        load = Registering(server)
        time.sleep(1)
        old = group.master
        moment = time.monotonic()
        with trouble(old):
            wait_until(lambda: group.master is not old, 'failed over', 20)
            back = load.wait_until_it_works()
            time.sleep(1)
        time.sleep(1)
        load.stop()
        with group.master.client() as client:
            assert load.lost(client) == []
        assert set(load.refused) <= {LATER}
        assert error_of(stack.register()) is None
        assert stack.push(target) is None
        print(f'\n{trouble.__name__}: registering again after '
              f'{back - moment:.1f} s, {len(load.answered)} answered, '
              f'{sum(load.refused.values())} refused')


def test_a_planned_failover_loses_next_to_nothing_if_prepared(
        server, fcm, tmp_path, group):
    """A master that lacks one of its replicas, the new master, then refuses
    what would be lost."""
    wait_until(lambda: group.is_whole(), 'whole', 30)
    with stack_on(server, fcm, tmp_path, None, group.url) as stack:
        load = Registering(server)
        time.sleep(0.5)
        old = group.master
        with old.client() as client:
            client.config_set('min-replicas-to-write', '2')
        moment = time.monotonic()
        group.sentinels.fail_over()
        wait_until(lambda: group.master is not old, 'failed over', 20)
        back = load.wait_until_it_works()
        time.sleep(1)
        load.stop()
        with group.master.client() as client:
            # What was acknowledged in the moment in which a replica leaves
            # for its new part is Redis's own to lose.
            assert len(load.lost(client)) <= 5
        assert set(load.refused) <= {LATER}
        print(f'\nregistering again after {back - moment:.1f} s')
        with old.client() as client:
            client.config_set('min-replicas-to-write', '0')
        stack.check_nothing_ended()
