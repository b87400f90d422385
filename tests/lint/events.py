# SPDX-License-Identifier: BSD-3-Clause
"""deploy/events.md lists each event that the programs log, with its levels,
who logs it and its fields: no more and no less than the sources have.

With --self-test: does it find what it should?"""

import dataclasses
import re
import sys

import sources

REFERENCE = "deploy/events.md"

CALL = re.compile(r"\blog_(error|warn|info|debug|write)\s*\(|\bLOG_AT\s*\(")
FIELD = re.compile(r'\b(?:TEXT|NUM)\s*\(\s*"(\w+)"')
NAME = r'\s*"([a-z_]+\.[a-z_]+)"\s*,'
REPORTER = re.compile(r"\b(\w+)\(const char \*event\b")
WORDS = re.compile(r"[\w.-]+")
ROW = re.compile(r"\| `([\w.]+)` \| ([^|]*) \| ([^|]*) \| ([^|]*) \| (.+) \|")
SERVICES = {"xmpp-frontend", "registry", "fcm-sender", "apns-sender"}
WHO = {"all": SERVICES, "frontend": {"xmpp-frontend"},
       "registry": {"registry"}, "senders": {"fcm-sender", "apns-sender"},
       "workers": SERVICES - {"xmpp-frontend"},
       "fcm-sender": {"fcm-sender"}, "apns-sender": {"apns-sender"}}

# Sources of common/ that only some of the programs link or use.
COMMON = {
    "common/channels.c": "senders", "common/delivery.c": "senders",
    "common/http_client.c": "senders",
    "common/worker_link.c": "workers", "common/discovery.c": "workers",
}


@dataclasses.dataclass
class Event:
    levels: set
    who: set
    fields: set

    def take(self, other):
        self.levels = self.levels | other.levels
        self.who = self.who | other.who
        self.fields = self.fields | other.fields


def arguments(text, start):
    """What stands between the parentheses, the first of which is before
    `start`."""
    depth = 1
    quoted = False
    for at in range(start, len(text)):
        if text[at] == '"' and text[at - 1] != "\\":
            quoted = not quoted
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            if depth == 0:
                return text[start:at]
    return text[start:]


def who_logs(path):
    match = re.match(r"services/([^/]+)/", path)
    return {match[1]} if match else WHO[COMMON.get(path, "all")]


def names_in(inside, text, before):
    """Of the event: the literal, or with `event` those that the callers of
    the function give."""
    literal = re.match(NAME, inside)
    if literal:
        return [literal[1]]
    reporters = REPORTER.findall(text, 0, before)
    if not re.match(r"event\s*,", inside) or not reporters:
        return []
    return re.findall(rf"\b{reporters[-1]}\({NAME}", text)


def logged(path, text):
    """(events by name, faults) of one source."""
    events, faults = {}, []
    for call in CALL.finditer(text):
        inside = arguments(text, call.end())
        line = text.count("\n", 0, call.start()) + 1
        levels = {call[1]} if call[1] else set()
        if call[1] in (None, "write"):
            level, _, inside = inside.partition(",")
            levels = {name.lower()
                      for name in re.findall(r"LEVEL_(\w+)", level)}
        names = names_in(inside, text, call.start())
        if not names or not levels:
            faults.append(f"{path}:{line}: an event is a literal noun.verb, "
                          "and its level a constant")
            continue
        fields = set(FIELD.findall(inside))
        fields |= {"times"} if "TIMES(" in inside else set()
        for name in names:
            merge(events, name, Event(levels, who_logs(path), fields))
    return events, faults


def merge(events, name, event):
    if name in events:
        events[name].take(event)
    else:
        events[name] = event


def documented(text):
    """(events by name, faults) of the reference."""
    events, faults = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if not re.match(r"\| `\w+\.", line):
            continue
        row = ROW.fullmatch(line)
        if not row or row[1] in events:
            faults.append(f"{REFERENCE}:{number}: not a row, or the second of "
                          "its event")
            continue
        unknown = [word for word in WORDS.findall(row[3]) if word not in WHO]
        faults += [f"{REFERENCE}:{number}: nobody is called {word}"
                   for word in unknown]
        events[row[1]] = Event(
            set(WORDS.findall(row[2])),
            set().union(*(WHO[word] for word in WORDS.findall(row[3])
                          if word in WHO)),
            set(WORDS.findall(row[4])))
    return events, faults


def compare(real, told):
    faults = [f"{REFERENCE}: lacks {name}" for name in real.keys() - told.keys()]
    faults += [f"{REFERENCE}: {name} is logged nowhere"
               for name in told.keys() - real.keys()]
    for name in real.keys() & told.keys():
        for what in ("levels", "who", "fields"):
            is_so = getattr(real[name], what)
            said = getattr(told[name], what)
            if is_so != said:
                faults.append(f"{REFERENCE}: {name}: the {what} are "
                              + ", ".join(sorted(is_so)))
    return sorted(faults)


GOOD = '''
log_info("a.b", NO_FIELDS);
LOG_AT(x ? LEVEL_ERROR : LEVEL_WARN, "c.d", TEXT("why", f(")")), TIMES(n));
log_warn("e.f", TEXT("x", y), /* a comment */
         NUM("z", 1));
log_info("e.f", NUM("w", 1));
static void say(const char *event, int n) { log_info(event, NUM("n", n)); }
say("g.h", 1); say("i.j", 2);
'''
REFERENCE_OF_GOOD = '''
| event | level | from | fields | what happened, and what to do |
|---|---|---|---|---|
| `a.b` | info | registry |  | text |
| `c.d` | error, warn | registry | why, times | text `code` |
| `e.f` | warn, info | registry | x, z, w | text |
| `g.h` | info | registry | n | text |
| `i.j` | info | registry | n | text |
'''
BAD = [
    ("log_info(name, NO_FIELDS);", ""),
    ('log_info("a.b", NO_FIELDS);', ""),
    ("", "| `a.b` | info | registry |  | text |"),
    ('log_warn("a.b", NO_FIELDS);', "| `a.b` | info | registry |  | text |"),
    ('log_info("a.b", NO_FIELDS);', "| `a.b` | info | frontend |  | text |"),
    ('log_info("a.b", NUM("n", 1));', "| `a.b` | info | registry |  | text |"),
    ('log_info("a.b", NO_FIELDS);', "| `a.b` | info | registry | n | text |"),
    ('log_info("a.b", NO_FIELDS);', "| `a.b` | info | registry | text |"),
]


def faults_between(source, reference):
    real, faults = logged("services/registry/x.c", source)
    told, more = documented(reference)
    return faults + more + compare(real, told)


def self_test():
    faults = [f"finds a fault: {fault}"
              for fault in faults_between(GOOD, REFERENCE_OF_GOOD)]
    return faults + [f"finds no fault between {bad}" for bad in BAD
                     if not faults_between(*bad)]


def main():
    if sys.argv[1:] == ["--self-test"]:
        return sources.report(self_test())
    real, faults = {}, []
    for path in sources.c_files("common", "services"):
        if path.as_posix() in ("common/log.c", "common/log.h"):
            continue
        events, wrong = logged(path.as_posix(), sources.read(path))
        faults += wrong
        for name, event in events.items():
            merge(real, name, event)
    told, wrong = documented(sources.read(REFERENCE))
    return sources.report(faults + wrong + compare(real, told))


if __name__ == "__main__":
    sys.exit(main())
