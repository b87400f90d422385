"""The network between a worker and the frontend's inbox, which can fail."""

import asyncio
import socket
import threading


class Loop:
    """An event loop in a thread of its own: the proxies go on while the run
    waits for something else."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def call(self, coroutine):
        """Run it there, and wait for its result."""
        return asyncio.run_coroutine_threadsafe(
            coroutine, self._loop).result(timeout=10)


class BusProxy:
    """Passes TCP connections to the inbox on. `freeze`, `cut` and `blackhole`
    last until `heal`."""

    def __init__(self, loop, inbox):
        self._loop = loop
        self._host, _, port = inbox.removeprefix('tcp://').rpartition(':')
        self._inbox_port = int(port)
        self._pairs = set()
        self._passing = asyncio.Event()
        self._swallowing = False
        self._refusing = False
        self._passing.set()
        self.endpoint = f'tcp://127.0.0.1:{loop.call(self._listen())}'

    def freeze(self):
        """Nothing arrives, and nothing gets lost: a cable was pulled, and will
        be plugged in again."""
        self._loop.call(self._set(passing=False))

    def cut(self):
        """What is open is reset, what is on the way is lost, and nobody comes
        in."""
        self._loop.call(self._set(refusing=True))
        self._loop.call(self._reset_all())

    def blackhole(self):
        """What is sent is acknowledged and never arrives: a middlebox that
        forgot the connection. In the end it is reset."""
        self._loop.call(self._set(swallowing=True))

    def heal(self):
        swallowed = self._swallowing
        self._loop.call(self._set())
        if swallowed:
            self._loop.call(self._reset_all())

    async def _set(self, passing=True, refusing=False, swallowing=False):
        self._refusing = refusing
        self._swallowing = swallowing
        if passing:
            self._passing.set()
        else:
            self._passing.clear()

    async def _listen(self):
        server = await asyncio.start_server(self._serve, '127.0.0.1', 0)
        return server.sockets[0].getsockname()[1]

    async def _reset_all(self):
        for writers in list(self._pairs):
            for writer in writers:
                abort(writer)

    async def _serve(self, reader, writer):
        if self._refusing:
            abort(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(
                self._host, self._inbox_port)
        except OSError:
            abort(writer)
            return
        pair = (writer, far_writer)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._pump(reader, far_writer),
                                 self._pump(far_reader, writer))
        except OSError:
            pass
        finally:
            self._pairs.discard(pair)
            for end in pair:
                abort(end)

    async def _pump(self, reader, writer):
        while True:
            data = await reader.read(65536)
            await self._passing.wait()
            if not data:
                # Both ways end with the first: ZeroMQ knows no half-open one.
                raise ConnectionResetError
            if not self._swallowing:
                writer.write(data)
                await writer.drain()


def abort(writer):
    """Close with a TCP RST."""
    end = writer.get_extra_info('socket')
    if end is not None and end.fileno() >= 0:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                       b'\1\0\0\0\0\0\0\0')
    writer.transport.abort()
