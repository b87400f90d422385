"""A provider that answers when it has the headers, and gives no room for the
body: as a proxy may whose answer does not depend on it."""

import asyncio
import sys
import threading
from pathlib import Path

from h2.events import RequestReceived
from h2.settings import SettingCodes

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'emulators'))

from http2_connection import Connection, Response  # noqa: E402
from http2_server import Server, tls_context  # noqa: E402


class EarlyConnection(Connection):
    def connection_made(self, transport):
        super().connection_made(transport)
        self.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
        self.flush()

    def answer_early(self, event):
        self.on_request(event)
        self.server.answered += 1
        self.respond(event.stream_id, Response(200))

    REACTIONS = {**Connection.REACTIONS, RequestReceived: answer_early}


class EarlyServer(Server):
    answered = 0

    async def open(self):
        await asyncio.get_running_loop().create_server(
            lambda: EarlyConnection(self), sock=self.socket, ssl=self.tls)


class EarlyProvider:
    """With the certificate of an emulator's directory."""

    def __init__(self, credentials):
        self._server = EarlyServer(None, lambda connection: 100,
                                   tls_context(credentials / 'server.pem'))
        self._server.bind('127.0.0.1', 0)
        self.url = f'https://127.0.0.1:{self._server.address[1]}'
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._server.open())
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    @property
    def answered(self):
        return self._server.answered

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.socket.close()
        self._loop.close()
