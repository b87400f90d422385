"""Cuts the bytes of an XMPP stream into whole stanzas, and writes stanzas."""

from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

XML = '{http://www.w3.org/XML/1998/namespace}'


class XmlStream:
    """The incoming half of a stream.

    `header` holds the attributes of <stream:stream> once it has come, `closed`
    tells that </stream:stream> has. Names are ElementTree's:
    '{jabber:client}message'. What is not well-formed raises ParseError.
    """

    def __init__(self):
        self.header = None
        self.closed = False
        self._root = None
        self._depth = 0
        self._held = b''
        self._parser = ElementTree.XMLPullParser(['start', 'end'])

    def feed(self, data):
        """Take what was received; return the stanzas it completes."""
        self._parse_whole_tags(data)
        stanzas = []
        for event, element in self._parser.read_events():
            if event == 'start':
                if self._depth == 0:
                    self._root = element
                    self.header = dict(element.attrib)
                self._depth += 1
            else:
                self._depth -= 1
                if self._depth == 1:
                    stanzas.append(element)
                    self._root.clear()  # or the stream's tree grows for ever
                elif self._depth == 0:
                    self.closed = True
        return stanzas

    def _parse_whole_tags(self, data):
        # Newer expats put off a tag that was cut in two until much more data
        # has come, which on an idle stream may be never. They are not given
        # such a piece: what follows the last '>' waits here.
        data = self._held + data
        end = data.rfind(b'>') + 1
        self._held = data[end:]
        if end:
            self._parser.feed(data[:end])


def to_xml(element, namespace):
    """The stanza as text for a stream whose default namespace this is, without
    the prefixes ElementTree would make up."""
    own, _, name = element.tag[1:].partition('}')
    opening = name if own == namespace else f'{name} xmlns={quoteattr(own)}'
    for key, value in element.attrib.items():
        opening += f' {key.replace(XML, "xml:")}={quoteattr(value)}'
    content = escape(element.text or '')
    for child in element:
        content += to_xml(child, own) + escape(child.tail or '')
    return f'<{opening}>{content}</{name}>'
