"""Data forms (XEP-0004) as clients fill them in."""

from xml.sax.saxutils import escape, quoteattr

PUBLISH_OPTIONS = 'http://jabber.org/protocol/pubsub#publish-options'


def data_form(values, kind='submit'):
    """An <x/> with these fields; a value of None leaves its field out."""
    fields = ''.join(_field(var, value) for var, value in values.items()
                     if value is not None)
    return f"<x xmlns='jabber:x:data' type='{kind}'>{fields}</x>"


def _field(var, value):
    hidden = " type='hidden'" if var == 'FORM_TYPE' else ''
    return (f'<field var={quoteattr(var)}{hidden}>'
            f'<value>{escape(value)}</value></field>')
