# SPDX-License-Identifier: BSD-3-Clause
"""What the two emulators have in common: an HTTP/2 server, a journal, faults
on command, the control API, and a life from start-up to SIGTERM."""

import argparse
import asyncio
import dataclasses
import json
import signal

import control
import faults
import http2_server
import journal
from http2_connection import Response


@dataclasses.dataclass
class Reply(Response):
    code: str | None = None  # the provider's name for the error


def html_page(status, retry_after=None):
    """What Google's front ends answer when nothing behind them does."""
    headers = [("content-type", "text/html; charset=UTF-8")]
    if retry_after is not None:
        headers.append(("retry-after", str(retry_after)))
    body = (f"<!DOCTYPE html>\n<html lang=en>\n<title>Error {status}</title>\n"
            f"<p><b>{status}.</b> <ins>That's an error.</ins>\n"
            "<p>Please try again in 30 seconds.\n</html>\n")
    return Reply(status, headers, body.encode())


class Emulator:
    """A subclass sets `code_name`, `kinds`, `endpoints` and `goaway_debug`,
    and has handle(request), streams_at_start(connection), error_reply(fault),
    the answer of a fault that is not of a common kind, and prepare(url), which
    is told where we are about to serve and returns the credentials to tell
    the user, for the line that says we are ready."""

    code_name = None
    kinds = {}
    endpoints = ["push"]
    goaway_debug = ""  # what a GOAWAY says, unless the fault knows better

    def __init__(self, options):
        self.options = options
        self.journal = journal.Journal(options.keep, self.code_name)
        self.faults = faults.Faults(faults.COMMON_KINDS | self.kinds,
                                    self.endpoints)
        self.server = None

    # --- requests

    def answer(self, request, endpoint, token, serve):
        """The answer to a request that is in order: that of the fault it
        meets, or serve(). Returns it (None: there is none) and the kind of
        the fault that decided."""
        delay_s = spread_s = 0.0
        connection = request.connection
        reply = decided_by = None
        for fault in self.faults.take(endpoint, token):
            values = fault.values
            match fault.kind:
                case "delay":
                    delay_s += values["ms"] / 1000
                    continue
                case "slow_body":
                    spread_s = values["ms"] / 1000
                    continue
                case "max_streams":
                    connection.set_max_streams(values["streams"])
                    continue
                case "goaway_after":
                    connection.go_away(self.debug_data(values))
                    continue
                case "goaway":
                    request.handled = False
                    connection.go_away(self.debug_data(values))
                case "refuse_stream":
                    connection.refuse(request.stream)
                case "reset" | "outage":
                    # (A handshake can outlive the start of an outage.)
                    connection.reset()
                case "hang":
                    pass
                case "html":
                    reply = html_page(values["status"], values["retry_after"])
                case "says":
                    reply = Reply(values["status"],
                                  [("content-type", "application/json")],
                                  values["body"].encode())
                case _:
                    reply = self.error_reply(fault)
            decided_by = fault.kind
        if decided_by is None:
            reply = serve()
        if reply is not None:
            reply.delay_s, reply.spread_s = delay_s, spread_s
        return reply, decided_by

    def debug_data(self, values):
        return (values["debug"] or self.goaway_debug).encode()

    # --- control

    def routes(self):
        return {
            "/received": {"GET": self.get_received,
                          "DELETE": self.delete_received},
            "/stats": {"GET": self.get_stats},
            "/faults": {"GET": self.get_faults, "POST": self.post_fault,
                        "DELETE": self.delete_faults},
            "/faults/*": {"DELETE": self.delete_fault},
        }

    async def get_received(self, query, _body):
        for name in query:
            if name not in ("wait", "timeout", "since"):
                raise control.Problem(400, f"{name}: no such parameter")
        wait = number(query, "wait")
        timeout_s = number(query, "timeout", 10)
        since = number(query, "since")
        await self.journal.wait_for(wait, timeout_s)
        return self.journal.list(since)

    async def delete_received(self, _query, _body):
        self.journal.clear()
        return {}

    async def get_stats(self, _query, _body):
        return self.stats()

    async def get_faults(self, _query, _body):
        return [fault.readable() for fault in self.faults.active]

    async def post_fault(self, _query, body):
        try:
            fault = self.faults.add(body)
        except faults.BadFault as error:
            raise control.Problem(400, str(error)) from None
        await self.follow_outage()
        return fault.readable()

    async def delete_faults(self, _query, _body):
        self.faults.clear()
        await self.follow_outage()
        return {}

    async def delete_fault(self, query, _body):
        if not self.faults.remove(number(query, "*")):
            raise control.Problem(404, f"no fault {query['*']}")
        await self.follow_outage()
        return {}

    async def follow_outage(self):
        listening = self.server.listener is not None
        if self.faults.outage and listening:
            self.server.cut()
            await asyncio.sleep(0)  # they are gone before we say so
        elif not self.faults.outage and not listening:
            await self.server.open()

    def stats(self):
        return self.journal.stats() | {
            "connections_opened": self.server.opened,
            "connections_open": len(self.server.connections),
            "max_streams_seen": self.server.streams_seen,
            "streams_refused": self.server.refused}

    # --- life

    async def run(self, tls):
        """Serve until SIGTERM or SIGINT."""
        stop = asyncio.Event()
        for number_ in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number_, stop.set)
        options = self.options
        self.server = http2_server.Server(self.handle, self.streams_at_start,
                                          tls)
        self.server.bind(options.bind, options.port)
        url = (options.public_url
               or f"https://127.0.0.1:{self.server.address[1]}")
        credentials = self.prepare(url)
        await self.server.open()
        controller = control.Control(self.routes())
        control_port = await controller.open(options.control_bind,
                                             options.control_port)
        print(json.dumps({"url": url,
                          "control": f"http://127.0.0.1:{control_port}",
                          **credentials}), flush=True)
        await stop.wait()
        self.server.close()
        controller.close()


def number(query, name, default=0):
    """A member of the query as a number that is not negative."""
    if name not in query:
        return default
    text = query[name]
    if not text.isdigit():
        raise control.Problem(400, f"{name}: must be a number")
    return int(text)


def arguments(description, max_streams):
    """The options both emulators have."""
    parser = argparse.ArgumentParser(description=description,
                                     allow_abbrev=False)
    add = parser.add_argument
    add("--dir", required=True, metavar="DIR",
        help="where keys and certificates are; what is missing is made there")
    add("--bind", default="127.0.0.1", metavar="ADDRESS",
        help="address to serve on (default: %(default)s)")
    add("--port", type=int, default=0,
        help="port to serve on (default: a free one)")
    add("--control-bind", default="127.0.0.1", metavar="ADDRESS",
        help="address of the control API (default: %(default)s)")
    add("--control-port", type=int, default=0, metavar="PORT",
        help="port of the control API (default: a free one)")
    add("--public-url", metavar="URL",
        help="how clients reach this server (default: https://127.0.0.1:PORT)")
    add("--name", action="append", default=[], metavar="HOST",
        help="one more name for the server's certificate, besides 127.0.0.1 "
             "and localhost; may be repeated")
    add("--max-streams", type=int, default=max_streams, metavar="N",
        help="streams a connection may have open at once "
             "(default: %(default)s)")
    add("--keep", type=int, default=50_000, metavar="N",
        help="pushes to remember for /received (default: %(default)s)")
    return parser
