# SPDX-License-Identifier: BSD-3-Clause
"""The faults an emulator has been told to show, and which of them a request
meets. What a fault does is the emulator's business, not this file's."""

import dataclasses


class BadFault(Exception):
    """A fault as posted makes no sense; the text names the member."""


# A check takes a member's value and tells what is wrong with it, or None.

def integer(low, high):
    def check(value):
        if type(value) is not int or not low <= value <= high:
            return f"must be an integer from {low} to {high}"
        return None
    return check


def string(value):
    return None if isinstance(value, str) and value else "must be a string"


def one_of(names):
    def check(value):
        if not isinstance(value, str) or value not in names:
            return "must be one of " + ", ".join(names)
        return None
    return check


REQUIRED = object()


@dataclasses.dataclass
class Kind:
    """A kind of fault. `members`: name -> (check, default or REQUIRED).
    `agree` tells what is wrong with the members as a whole, or None. One that
    `goes_on` alters how a request is served, the others decide its fate."""
    members: dict = dataclasses.field(default_factory=dict)
    agree: callable = lambda values: None
    goes_on: bool = False
    endpoint: str | None = None  # the only one it makes sense at


TIME_MS = integer(1, 600_000)
RETRY_AFTER_S = integer(0, 86_400)

# Faults of the connection, the same with every provider.
COMMON_KINDS = {
    "delay": Kind({"ms": (TIME_MS, REQUIRED)}, goes_on=True),
    "slow_body": Kind({"ms": (TIME_MS, 2000)}, goes_on=True),
    "max_streams": Kind({"streams": (integer(0, 2**31 - 1), REQUIRED)},
                        goes_on=True),
    "goaway": Kind({"debug": (string, None)}),
    "goaway_after": Kind({"debug": (string, None)}, goes_on=True),
    "html": Kind({"status": (integer(400, 599), 502),
                  "retry_after": (RETRY_AFTER_S, None)}),
    "says": Kind({"status": (integer(200, 599), 400),
                  "body": (string, REQUIRED)}),
    "reset": Kind(),
    "refuse_stream": Kind(),
    "hang": Kind(),
    "outage": Kind(),
}


@dataclasses.dataclass
class Fault:
    id: int
    kind: str
    endpoint: str
    token: str | None  # only for this device
    count: int | None  # for so many requests; None: for ever
    every: int         # only for each so-manieth request that matches
    values: dict       # the kind's own members
    goes_on: bool
    seen: int = 0      # requests that matched

    def readable(self):
        return {"id": self.id, "kind": self.kind, "endpoint": self.endpoint,
                "token": self.token, "count": self.count,
                "every": self.every, **self.values}


def check(members, posted):
    """`posted` with defaults filled in; raises BadFault."""
    for name in posted:
        if name not in members:
            raise BadFault(f"{name}: no such member of this kind")
    values = {}
    for name, (wrong_with, default) in members.items():
        value = values[name] = posted.get(name, default)
        if value is REQUIRED:
            raise BadFault(f"{name}: missing")
        if value is not default and wrong_with(value):
            raise BadFault(f"{name}: {wrong_with(value)}")
    return values


class Faults:
    """The faults in force, oldest first.

    kinds: name -> Kind; endpoints: what requests can be for, the usual one
    first."""

    def __init__(self, kinds, endpoints):
        self.kinds = kinds
        self.endpoints = endpoints
        self.active = []
        self.last_id = 0

    @property
    def outage(self):
        return any(fault.kind == "outage" for fault in self.active)

    def add(self, posted):
        """Put a fault into force; raises BadFault. Its kind is "error" unless
        it says otherwise."""
        if not isinstance(posted, dict):
            raise BadFault("a fault must be a JSON object")
        name = posted.get("kind", "error")
        wrong = one_of(self.kinds)(name)
        if wrong:
            raise BadFault(f"kind: {wrong}")
        kind = self.kinds[name]
        endpoints = [kind.endpoint] if kind.endpoint else self.endpoints
        values = check({
            "kind": (string, "error"),
            "endpoint": (one_of(endpoints), endpoints[0]),
            "token": (string, None),
            "count": (integer(1, 2**31), None),
            "every": (integer(1, 2**31), 1),
            **kind.members}, posted)
        wrong = kind.agree(values)
        if wrong:
            raise BadFault(wrong)
        self.last_id += 1
        fault = Fault(self.last_id, name, values["endpoint"], values["token"],
                      values["count"], values["every"],
                      {member: values[member] for member in kind.members},
                      kind.goes_on)
        self.active.append(fault)
        return fault

    def take(self, endpoint, token):
        """The faults a request meets: any number that let it go on, and at
        most one, the last, that decides its fate. Each is used up by one."""
        met = []
        for fault in list(self.active):
            if fault.endpoint != endpoint or fault.token not in (None, token):
                continue
            fault.seen += 1
            if fault.seen % fault.every != 0:
                continue
            if fault.count is not None:
                fault.count -= 1
                if fault.count == 0:
                    self.active.remove(fault)
            met.append(fault)
            if not fault.goes_on:
                break
        return met

    def remove(self, fault_id):
        """Returns whether there was one with this id."""
        before = len(self.active)
        self.active = [f for f in self.active if f.id != fault_id]
        return len(self.active) < before

    def clear(self):
        self.active.clear()
