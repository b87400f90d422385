"""The stanzas of real software, one a file in interop/, each below a comment
that says whose it is, where it comes from, and when it is sent."""

import re
from collections import namedtuple
from pathlib import Path
from xml.sax.saxutils import escape

INTEROP = Path(__file__).resolve().parents[1] / 'interop'

# What stands in all of them for what is another one each time.
RECORDED = {'node': 'eKxTS5n3bOe0', 'secret': 'KK4+H5WMfpRG/2zCbuKq6wpX',
            'token': 'dXl0b2tlbg:APA91bGTRZV3w', 'device': '92afd7a91cdba9a0',
            'channel': 'f3d1a9b07c5e4d2b8a6f0e1c3b5d7f9a1c3e5b7d',
            'apns_token': 32 * '5a'}

# `how` is one of HOWS; the other members are what the comment says.
Recording = namedtuple('Recording', 'name software how source when stanza'
                       ' urgency step', defaults=(None, None))

HOWS = {'live': 'captured from the running program',
        'source': 'put together as its source code does it',
        'made up': 'by no program, but the same to a parser'}


def flat(xml):
    """On one line, as it is sent; a tag broken over lines stays whole."""
    return re.sub(r'\s*\n\s*', ' ', re.sub(r'\s*\n\s*(?=<)', '', xml.strip()))


def parse(name, text):
    comment, stanza = re.fullmatch(r'<!--\n(.*?)\n-->\n(.*)', text,
                                   re.S).groups()
    members = dict(re.findall(r'^(\w+): (.*(?:\n +.*)*)', comment, re.M))
    members = {key: ' '.join(value.split()) for key, value in members.items()}
    recording = Recording(name, stanza=flat(stanza), **members)
    assert recording.how in HOWS
    return recording


def recordings(folder):
    """All in a folder of interop/, by name."""
    return {path.stem: parse(path.stem, path.read_text())
            for path in sorted((INTEROP / folder).glob('*.xml'))}


def with_attributes(stanza, **attributes):
    """The stanza with other values in its first tag; what None is for is left
    out."""
    head, rest = stanza.split('>', 1)
    for name, value in attributes.items():
        new = ('' if value is None else
               f" {name}={{quote}}{attribute(value)}{{quote}}")
        head, count = re.subn(
            rf''' {name}=(['"])(.*?)\1''',
            lambda match, new=new: new.format(quote=match[1]), head)
        assert count == 1, f'no {name}'
    return f'{head}>{rest}'


def with_values(stanza, **values):
    """The stanza with other values for what RECORDED has; each must be there."""
    for name, value in values.items():
        assert RECORDED[name] in stanza, f'no {name}'
        stanza = stanza.replace(RECORDED[name], attribute(value))
    return stanza


def attribute(text):
    return escape(text, {"'": '&apos;', '"': '&quot;'})
