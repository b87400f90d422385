"""What /metrics says, as numbers."""

import re
import subprocess

SAMPLE = re.compile(r'(?P<name>[a-zA-Z_:][\w:]*)'
                    r'(?:\{(?P<labels>.*)\})? (?P<value>\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)')


class Metrics:
    """One page. `samples` has the values by name and sorted labels, `families`
    type, labels and help by name."""

    def __init__(self, text):
        self.text = text
        self.samples = {}
        self.families = {}
        for line in text.splitlines():
            if line.startswith('#'):
                self._note(*line.split(maxsplit=3)[1:])
                continue
            match = SAMPLE.fullmatch(line)
            assert match, line
            labels = tuple(sorted(LABEL.findall(match['labels'] or '')))
            key = match['name'], labels
            assert key not in self.samples, f'twice: {line}'
            self.samples[key] = float(match['value'])
            self.families[self._of][1] |= {
                label for label, _ in labels if label != 'le'}

    def _note(self, what, name, text):
        if what == 'HELP':
            assert name not in self.families, f'twice: {name}'
            self.families[name] = [None, set(), text]
        else:
            self.families[name][0] = text
        self._of = name

    def __call__(self, name, **labels):
        """The one sample with exactly these labels."""
        return self.samples[name, tuple(sorted(labels.items()))]

    def all(self, name, **labels):
        """The samples with these labels and any others."""
        return {key: value for key, value in self.samples.items()
                if key[0] == name and set(labels.items()) <= set(key[1])}

    def sum(self, name, **labels):
        return sum(self.all(name, **labels).values())

    def nonzero(self, name, *by):
        """{values of the labels `by`: value} of those that are not 0."""
        return {tuple(dict(labels)[label] for label in by): value
                for (_, labels), value in self.all(name).items() if value}

    @property
    def names(self):
        return {name for name, _ in self.samples}

    @property
    def label_values(self):
        return {value for _, labels in self.samples for _, value in labels}


def metrics_of(pages):
    page = pages.get('/metrics')
    assert page.status == 200
    assert page.headers['Content-Type'] == (
        'text/plain; version=0.0.4; charset=utf-8')
    return Metrics(page.body.decode())


def outcomes_of(pages):
    """{outcome: pushes that ended in it}. Each one that was received has ended
    in one, or is in flight."""
    page = metrics_of(pages)
    assert page('wakebus_pushes_received_total') == (
        page.sum('wakebus_push_outcomes_total')
        + page('wakebus_pushes_in_flight'))
    return {outcome: number for (_, outcome), number in page.nonzero(
        'wakebus_push_outcomes_total', 'app', 'outcome').items()}


def families_by_section(markdown):
    """What the tables of a page say that there is, as Metrics.families."""
    sections = {}
    for line in markdown.splitlines():
        if line.startswith('## '):
            found = sections[line[3:]] = {}
        elif line.startswith('| `') and line.count('|') == 5:
            name, kind, labels, text = (
                cell.strip() for cell in line.strip('|').split('|'))
            found[name.strip('`')] = [
                kind, set(filter(None, labels.split(', '))), text]
    return sections


SELECTOR = re.compile(r'\b(up|(?:wakebus|process)_\w+)\b(?:\{([^}]*)\})?')
MATCHER = re.compile(r'(\w+)(=~?|!=)"([^"]*)"')


def selectors(expression):
    """(metric, label, values that it is compared with) of all that an
    expression selects; (metric, None, {}) for the metric as such."""
    for name, matchers in SELECTOR.findall(expression):
        yield name, None, set()
        for label, _, text in MATCHER.findall(matchers):
            yield name, label, set(text.split('|'))


def grouped_by(expression):
    """The labels that it keeps, or looks at to match two sides."""
    return {label.strip() for group in re.findall(
                r'\b(?:by|on|without|ignoring) *\(([^)]*)\)', expression)
            for label in group.split(',')}


def promtool(*arguments, said=None):
    """Runs it on `said`; returns its exit status and all that it printed."""
    done = subprocess.run(
        ['promtool', *map(str, arguments)], input=said, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    return done.returncode, done.stdout
