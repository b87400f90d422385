# SPDX-License-Identifier: BSD-3-Clause
"""One HTTP/2 connection, seen from the server, whose misbehaviour can be
commanded: stream limits that change while it lives, GOAWAY, refused streams, a
TCP reset, silence.

There is no task per request, and all answers to what arrived in one read leave
in one write: this is to stand thousands of requests a second.
"""

import asyncio
import dataclasses
import socket
import struct

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame

# What Google's front ends grant a connection, per stream and as a whole.
WINDOW_BYTES = 1 << 20

MAX_BODY_BYTES = 1 << 20

# A slow body leaves in this many pieces.
PIECES = 10


@dataclasses.dataclass
class Response:
    status: int
    headers: list = dataclasses.field(default_factory=list)
    body: bytes = b""
    delay_s: float = 0.0   # before anything is sent
    spread_s: float = 0.0  # headers now, the body bit by bit over this time


class Request:
    """One request; `headers` keeps order and repetitions."""

    __slots__ = ("connection", "stream", "method", "path", "headers", "body",
                 "handled")

    def __init__(self, connection, stream, headers):
        pseudo = {}
        self.headers = []
        for name, value in headers:
            if name[0] == ":":
                pseudo[name] = value
            else:
                self.headers.append((name, value))
        self.connection = connection
        self.stream = stream
        self.method = pseudo[":method"]
        self.path = pseudo.get(":path", "")
        self.body = b""
        self.handled = False  # given to the handler: it may have had effect


class Settings(h2.settings.Settings):
    """h2 ends the connection of a client that opens too many streams; the
    servers we play refuse the stream. So h2 is told that there is no limit,
    the client is told the real one, and Connection enforces it."""

    @property
    def max_concurrent_streams(self):
        return 2**31 - 1


class Connection(asyncio.Protocol):
    """One client connection. `context` is the handler's: what it knows of
    this connection lives there."""

    def __init__(self, server):
        self.server = server
        self.context = {}
        self.open = {}      # stream -> Request, until its answer is complete
        self.unsent = {}    # stream -> [bytes, is this the end of the body]
        self.number = 0
        self.limit = 0      # streams allowed at once
        self.announced = 0  # the limit the client will know after its ACK
        self.highest_handled = 0
        self.going_away = False

    # --- asyncio.Protocol

    def connection_made(self, transport):
        self.transport = transport
        tls = transport.get_extra_info("ssl_object")
        if tls.selected_alpn_protocol() != "h2":
            transport.abort()
            return
        self.has_client_certificate = bool(tls.getpeercert())
        self.number = self.server.connected(self)
        self.limit = self.announced = self.server.streams_at_start(self)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=False, header_encoding="latin-1",
            validate_outbound_headers=False,
            normalize_outbound_headers=False))
        self.h2.local_settings = Settings(client=False, initial_values={
            SettingCodes.MAX_CONCURRENT_STREAMS: self.limit,
            SettingCodes.INITIAL_WINDOW_SIZE: WINDOW_BYTES,
            SettingCodes.MAX_HEADER_LIST_SIZE: 1 << 16})
        self.h2.initiate_connection()
        self.h2.increment_flow_control_window(WINDOW_BYTES - 65535)
        self.flush()

    def data_received(self, data):
        if not self.number:
            return  # not an HTTP/2 client
        try:
            for event in self.h2.receive_data(data):
                react = self.REACTIONS.get(type(event))
                if react is not None:
                    react(self, event)
        except h2.exceptions.ProtocolError:
            # The client broke the rules, and h2 has prepared the GOAWAY that
            # says how; or it left within this very read.
            self.flush()
            self.transport.close()
        self.flush()

    def connection_lost(self, _error):
        self.open.clear()
        self.unsent.clear()
        if self.number:
            self.server.disconnected(self)

    # A client that does not read its answers is not read from either.

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()

    # --- what h2 reports

    def on_request(self, event):
        if self.going_away:
            return  # above the last stream we announced: the client knows
        if len(self.open) >= self.limit:
            self.server.refused += 1
            self.reset_stream(event.stream_id, ErrorCodes.REFUSED_STREAM)
            return
        self.open[event.stream_id] = Request(self, event.stream_id,
                                             event.headers)
        self.server.streams_seen = max(self.server.streams_seen,
                                       len(self.open))

    def on_data(self, event):
        if event.flow_controlled_length:
            self.h2.acknowledge_received_data(event.flow_controlled_length,
                                              event.stream_id)
        request = self.open.get(event.stream_id)
        if request is None:
            return
        request.body += event.data
        if len(request.body) > MAX_BODY_BYTES:
            self.reset_stream(request.stream, ErrorCodes.ENHANCE_YOUR_CALM)

    def on_end(self, event):
        request = self.open.get(event.stream_id)
        if request is None or self.transport.is_closing():
            return
        request.handled = True
        response = self.server.handler(request)
        if request.handled:
            self.highest_handled = max(self.highest_handled, request.stream)
        if response is None or request.stream not in self.open:
            return
        if response.delay_s > 0:
            asyncio.get_running_loop().call_later(
                response.delay_s, self.respond_later, request, response)
        else:
            self.respond(request.stream, response)

    def on_reset(self, event):
        self.forget(event.stream_id)

    def on_window(self, event):
        streams = [event.stream_id] if event.stream_id else list(self.unsent)
        for stream in streams:
            self.send_body(stream)

    def on_settings_acknowledged(self, _event):
        self.limit = self.announced

    def on_client_goaway(self, _event):
        self.flush()
        self.transport.close()

    REACTIONS = {
        h2.events.RequestReceived: on_request,
        h2.events.DataReceived: on_data,
        h2.events.StreamEnded: on_end,
        h2.events.StreamReset: on_reset,
        h2.events.WindowUpdated: on_window,
        h2.events.SettingsAcknowledged: on_settings_acknowledged,
        h2.events.ConnectionTerminated: on_client_goaway,
    }

    # --- answering

    def respond_later(self, request, response):
        if self.open.get(request.stream) is request:
            self.respond(request.stream, response)
            self.flush()

    def respond(self, stream, response):
        headers = [(":status", str(response.status)), *response.headers]
        at_once = not response.body and not response.spread_s
        try:
            self.h2.send_headers(stream, headers, end_stream=at_once)
        except h2.exceptions.ProtocolError:
            # The client took the request back in this very read.
            self.forget(stream)
            return
        if at_once:
            self.forget(stream)
        elif response.spread_s:
            self.send_piece(stream, response.body, PIECES,
                            response.spread_s / PIECES)
        else:
            self.unsent[stream] = [response.body, True]
            self.send_body(stream)

    def send_piece(self, stream, body, pieces_left, pause_s):
        """Send the next of the pieces; the stream ends with the last."""
        if stream not in self.open:
            return
        size = len(body) if pieces_left == 1 else len(body) // pieces_left
        unsent = self.unsent.setdefault(stream, [b"", False])
        unsent[0] += body[:size]
        unsent[1] = pieces_left == 1
        self.send_body(stream)
        self.flush()
        if pieces_left > 1:
            asyncio.get_running_loop().call_later(
                pause_s, self.send_piece, stream, body[size:],
                pieces_left - 1, pause_s)

    def send_body(self, stream):
        """Send of the body what the client's windows allow."""
        if stream not in self.unsent:
            return
        body, ends = self.unsent[stream]
        try:
            while True:
                room = min(self.h2.local_flow_control_window(stream),
                           self.h2.max_outbound_frame_size)
                last = ends and len(body) <= room
                if not last and (room == 0 or not body):
                    break
                self.h2.send_data(stream, body[:room], end_stream=last)
                body = body[room:]
                if last:
                    self.forget(stream)
                    return
        except h2.exceptions.ProtocolError:
            self.forget(stream)  # the client lost interest
            return
        self.unsent[stream][0] = body

    def forget(self, stream):
        """This stream is over for us."""
        self.open.pop(stream, None)
        self.unsent.pop(stream, None)
        if self.going_away and not self.open:
            self.flush()
            self.transport.close()

    def reset_stream(self, stream, error_code):
        try:
            self.h2.reset_stream(stream, error_code)
        except h2.exceptions.ProtocolError:
            pass  # the client was faster
        self.forget(stream)

    def flush(self):
        data = self.h2.data_to_send()
        if data and not self.transport.is_closing():
            self.transport.write(data)

    # --- misbehaving on command

    def set_max_streams(self, limit):
        """Announce a new limit. A higher one holds at once; a lower one only
        when the client has acknowledged it, for it cannot know before."""
        self.announced = limit
        self.limit = max(self.limit, limit)
        self.h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: limit})

    def refuse(self, stream):
        """REFUSED_STREAM: this request was not looked at."""
        if stream in self.open:
            self.open[stream].handled = False
            self.reset_stream(stream, ErrorCodes.REFUSED_STREAM)

    def go_away(self, debug_data):
        """Announce the end. Every request handled up to now will still be
        answered, then the connection closes; those that are not marked as
        handled were not processed, and the client is told so.

        The frame is made by hand: after its own GOAWAY, h2 refuses to answer
        the requests that are still open."""
        last = max([self.highest_handled,
                    *(r.stream for r in self.open.values() if r.handled)])
        self.flush()
        self.transport.write(GoAwayFrame(
            0, last_stream_id=last, additional_data=debug_data).serialize())
        for stream, request in list(self.open.items()):
            if request.handled:
                continue
            if stream < last:
                self.refuse(stream)  # the number alone would claim it
            else:
                del self.open[stream]
        self.going_away = True
        if not self.open:
            self.transport.close()

    def reset(self):
        """A TCP RST, as from a machine that lost its power or its state."""
        self.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
