"""What must not happen, and the examples of what did."""

from collections import Counter

EXAMPLES = 8  # of each kind, for whoever has to find the cause


class Laws:
    def __init__(self):
        self.broken = Counter()
        self._examples = {}

    def break_(self, law, text):
        self.broken[law] += 1
        examples = self._examples.setdefault(law, [])
        if len(examples) < EXAMPLES:
            examples.append(text)

    def report(self):
        for law, examples in self._examples.items():
            print(f'\n{law}: {self.broken[law]}')
            for text in examples:
                print(f'  {text}')


# Error answers that no XMPP server takes for the end of a subscription.
FORGIVEN = {('wait', 'remote-server-timeout'),
            ('wait', 'internal-server-error'),
            ('wait', 'service-unavailable')}
GONE = ('cancel', 'item-not-found')
STANZAS = '{urn:ietf:params:xml:ns:xmpp-stanzas}'


def error_of(answer):
    """(type, condition), or None for a result."""
    if answer.get('type') == 'result':
        return None
    error = answer.find('{*}error')
    condition = next(child.tag for child in error
                     if child.tag.startswith(STANZAS)
                     and child.tag != STANZAS + 'text')
    return error.get('type'), condition.removeprefix(STANZAS)
