# SPDX-License-Identifier: BSD-3-Clause
"""The control API: plain HTTP/1.1 and JSON, one request per connection.

Only for tests and demos, hence on loopback unless told otherwise."""

import asyncio
import json
import urllib.parse

MAX_BODY_BYTES = 64 * 1024
READ_TIMEOUT_S = 10


class Problem(Exception):
    """An answer other than 200."""

    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


PHRASES = {200: "OK", 400: "Bad Request", 404: "Not Found",
           405: "Method Not Allowed"}


class Control:
    """routes: path -> {method: async function(query, body) -> JSON}, with
    the query as a dict of strings and the body decoded. A path that ends in
    /* takes one more segment, handed over as query["*"]."""

    def __init__(self, routes):
        self.routes = routes
        self.listener = None

    async def open(self, bind, port):
        self.listener = await asyncio.start_server(self.serve, bind, port)
        return self.listener.sockets[0].getsockname()[1]

    def close(self):
        self.listener.close()

    async def serve(self, reader, writer):
        try:
            request = await asyncio.wait_for(read(reader), READ_TIMEOUT_S)
            status, answer = 200, await self.route(*request)
        except Problem as problem:
            status, answer = problem.status, {"error": str(problem)}
        except (asyncio.IncompleteReadError, asyncio.TimeoutError,
                asyncio.LimitOverrunError, ConnectionError):
            writer.close()
            return
        body = json.dumps(answer).encode() + b"\n"
        writer.write(f"HTTP/1.1 {status} {PHRASES[status]}\r\n"
                     "Content-Type: application/json\r\n"
                     f"Content-Length: {len(body)}\r\n"
                     "Connection: close\r\n\r\n".encode() + body)
        writer.close()

    async def route(self, method, target, body):
        url = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(url.query))
        methods = self.routes.get(url.path)
        if methods is None:
            parent, _, query["*"] = url.path.rpartition("/")
            methods = self.routes.get(parent + "/*")
        if methods is None:
            raise Problem(404, f"{url.path}: no such path; there are "
                          + ", ".join(self.routes))
        if method not in methods:
            raise Problem(405, f"{method}: {url.path} takes "
                          + ", ".join(methods))
        return await methods[method](query, body)


async def read(reader):
    """One request: its method, its target, its body decoded."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request_line, *lines = head.split("\r\n")
    try:
        method, target, _version = request_line.split(" ")
    except ValueError:
        raise Problem(400, "not an HTTP request") from None
    length = 0
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value) if value.strip().isdigit() else -1
        elif name.lower() == "transfer-encoding":
            length = -1
    if not 0 <= length <= MAX_BODY_BYTES:
        raise Problem(400, "a body needs a Content-Length of at most "
                      f"{MAX_BODY_BYTES}")
    body = await reader.readexactly(length)
    try:
        return method, target, json.loads(body) if body else None
    except ValueError as error:
        raise Problem(400, f"the body is not JSON: {error}") from None
