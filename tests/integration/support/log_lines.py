"""What the processes write into their logs, read as an operator's tools do."""

import json
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / 'lint'))

import events  # noqa: E402
import sources  # noqa: E402

HEAD = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z '
                  r'(error|warn|info|debug) ([a-z-]+) ')
FIELD = re.compile(r'(\w+)=("(?:\\.|[^"\\])*"|[^\s"=\\]+)(?: |$)')


def parse(line):
    """The fields of a line, in either format, with its level and svc. What is
    no line of ours raises ValueError."""
    if line.startswith('{'):
        fields = json.loads(line)
        if not {'ts', 'level', 'svc', 'ev'} <= fields.keys():
            raise ValueError(line)
        return {name: str(value) for name, value in fields.items()}
    head = HEAD.match(line)
    if not head:
        raise ValueError(line)
    fields = {'level': head[1], 'svc': head[2]}
    at = head.end()
    while at < len(line):
        field = FIELD.match(line, at)
        if not field:
            raise ValueError(line)
        text = field[2]
        fields[field[1]] = json.loads(text) if text[0] == '"' else text
        at = field.end()
    return fields


def lines_of(text, event=None):
    """The lines of a log, parsed; only those of an event if one is named."""
    lines = [parse(line) for line in text.splitlines()]
    return [line for line in lines if event in (None, line['ev'])]


def unlike_reference(line):
    """What deploy/events.md does not say about this parsed line, or None."""
    told = _reference().get(line['ev'])
    if told is None:
        return f'{line["ev"]} is not there'
    fields = line.keys() - {'ts', 'level', 'svc', 'ev'}
    if not (line['level'] in told.levels and line['svc'] in told.who
            and fields <= told.fields):
        return f'{line} is not as it says'
    return None


def _reference(cache={}):
    if not cache:
        cache.update(events.documented(sources.read(events.REFERENCE))[0])
    return cache
