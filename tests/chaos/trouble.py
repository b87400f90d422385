"""How each fault is done, and ended."""

import asyncio
import signal
import time
import urllib.error

from schedule import FRONTEND

# An IQ that was sent so shortly before SIGTERM may reach a frontend that has
# already ended its stream.
RACE_S = 0.25


class Trouble:
    def __init__(self, cluster, redis, server, load, providers):
        self.cluster = cluster
        self.redis = redis
        self.server = server
        self.load = load
        self.providers = providers
        self._busy = {}  # target -> lock: a process may take long to end

    async def do(self, fault):
        lock = self._busy.setdefault(fault.target, asyncio.Lock())
        kind = kind_of(fault)
        async with lock:
            self.load.faults.add(kind)
            try:
                await self._do(fault)
            finally:
                self.load.faults.discard(kind)

    async def _do(self, fault):
        target = fault.target
        if target in self.cluster.workers or target == FRONTEND:
            await getattr(self, f'_process_{fault.kind}')(
                target, fault.seconds)
        elif target == 'redis':
            await getattr(self, f'_redis_{fault.kind}')(fault.seconds)
        elif target.startswith('bus of '):
            await self._bus(self.cluster.proxies[target[len('bus of '):]],
                            fault)
        elif target == 'xmpp':
            await getattr(self, f'_xmpp_{fault.kind}')(fault.seconds)
        else:
            await self._provider(self.providers[target.split()[0]], fault)

    # ---- our processes

    async def _process_kill(self, name, away):
        if name == FRONTEND:
            self.load.excuse_frontend()
        self.cluster.kill(name)
        await asyncio.sleep(away)
        self.cluster.launch(name)

    async def _process_freeze(self, name, seconds):
        process = self.cluster.processes[name]
        await frozen(process, seconds)

    async def _process_stop(self, name, away):
        process = self.cluster.processes[name]
        while not process.log() and process.running:
            await asyncio.sleep(0.05)  # a newborn knows no SIGTERM yet
        if name == FRONTEND:
            self.load.excuse_frontend(since=time.time() - RACE_S)
        ended = self.cluster.terminate(name)
        while not ended():
            await asyncio.sleep(0.02)
        await asyncio.sleep(away)
        self.cluster.launch(name)

    # ---- Redis

    async def _redis_kill(self, away):
        self.redis.kill()
        await asyncio.sleep(away)
        self.redis.start()

    async def _redis_freeze(self, seconds):
        await frozen(self.redis.process, seconds)

    async def _redis_stop(self, away):
        self.redis.stop()
        await asyncio.sleep(away)
        self.redis.start()

    # ---- the bus

    async def _bus(self, proxy, fault):
        getattr(proxy, fault.kind)()
        await asyncio.sleep(fault.seconds)
        proxy.heal()

    # ---- the XMPP server

    async def _xmpp_cut(self, _seconds):
        await self._end_link('close')

    async def _xmpp_reset(self, _seconds):
        await self._end_link('reset')

    async def _xmpp_vanish(self, _seconds):
        await self._end_link('vanish')

    async def _end_link(self, how):
        link = self.load.link
        if link is None:
            return  # something else has already ended it
        self.load.excuse_links()
        try:
            await asyncio.to_thread(getattr(link, how))
        except (TimeoutError, PermissionError):
            link.reset()  # vanishing needs root, and a peer that reads

    async def _xmpp_freeze(self, seconds):
        link = self.load.link
        if link is None:
            return
        link.freeze()
        await asyncio.sleep(seconds)
        link.thaw()

    async def _xmpp_shutdown(self, away):
        self.load.excuse_links()
        self.server.stop()
        await asyncio.sleep(away)
        self.server.start()

    # ---- FCM and APNs

    async def _provider(self, provider, fault):
        posted = await asyncio.to_thread(
            provider.fault, **fault.members)
        await asyncio.sleep(fault.seconds)
        try:
            await asyncio.to_thread(provider.control, 'DELETE',
                                    f'/faults/{posted["id"]}')
        except urllib.error.HTTPError:
            pass  # it has been used up


def kind_of(fault):
    """What the table calls it: two senders are one kind."""
    target = fault.target.removesuffix('-a').removesuffix('-b')
    return f'{target.replace(" line", "")} {fault.kind}'


async def frozen(process, seconds):
    process.signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        process.signal(signal.SIGCONT)
