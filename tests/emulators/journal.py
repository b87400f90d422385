# SPDX-License-Identifier: BSD-3-Clause
"""What an emulator has seen: the pushes, in order, and the counts."""

import asyncio
import collections
import json
import sys
import time


class Push:
    """One push as it came in, and what became of it. The body is decoded only
    when someone asks for it."""

    __slots__ = ("number", "at", "connection", "stream", "app", "token",
                 "headers", "body", "status", "code", "fault")

    def __init__(self, request):
        self.at = time.time()
        self.connection = request.connection.number
        self.stream = request.stream
        # Interned: nearly all pushes of a run have nearly the same headers.
        self.headers = {sys.intern(name): sys.intern(value)
                        for name, value in request.headers}
        self.body = request.body
        self.app = None     # FCM project or APNs topic
        self.token = None
        self.status = None  # stays None when a fault left it unanswered
        self.code = None    # the provider's name for the error
        self.fault = None   # the kind of fault that decided its fate

    def readable(self, code_name):
        try:
            body = json.loads(self.body)
        except ValueError:
            body = self.body.decode("utf-8", "replace")
        return {
            "number": self.number, "at": self.at, "status": self.status,
            code_name: self.code, "fault": self.fault, "app": self.app,
            "token": self.token, "body": body,
            "headers": self.headers,
            "connection": self.connection, "stream": self.stream}


class Journal:
    """Keeps the latest `keep` pushes; counts are of all."""

    def __init__(self, keep, code_name):
        self.code_name = code_name  # "reason" with APNs, "error_code" with FCM
        self.pushes = collections.deque(maxlen=keep)
        self.number = 0
        self.answers = collections.Counter()
        self.accepted = 0
        self.rejected = 0
        self.accepted_since_clear = 0
        self.waiters = []  # (accepted_since_clear to reach, future)

    def add(self, push):
        self.number += 1
        push.number = self.number
        self.pushes.append(push)
        self.answers[(push.status, push.code or push.fault)] += 1
        if push.status != 200:
            self.rejected += 1
            return
        self.accepted += 1
        self.accepted_since_clear += 1
        for waiter in self.waiters:
            count, reached = waiter
            if self.accepted_since_clear >= count and not reached.done():
                reached.set_result(None)

    async def wait_for(self, count, timeout_s):
        """Return when `count` pushes have been accepted since the last clear,
        or after `timeout_s`."""
        if self.accepted_since_clear >= count:
            return
        waiter = (count, asyncio.get_running_loop().create_future())
        self.waiters.append(waiter)
        try:
            await asyncio.wait_for(waiter[1], timeout_s)
        except asyncio.TimeoutError:
            pass
        finally:
            self.waiters.remove(waiter)

    def list(self, since):
        """The pushes kept whose number is above `since`."""
        return [push.readable(self.code_name) for push in self.pushes
                if push.number > since]

    def clear(self):
        self.pushes.clear()
        self.accepted_since_clear = 0

    def stats(self):
        return {
            "accepted": self.accepted,
            "rejected": self.rejected,
            "answers": {
                " ".join(str(part) for part in answer if part is not None):
                    count
                for answer, count in sorted(self.answers.items(), key=str)}}
