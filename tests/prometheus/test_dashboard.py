# SPDX-License-Identifier: BSD-3-Clause
"""The dashboard is one that Grafana takes whole: its panels have a place of
their own, and Prometheus understands what they ask. Whether there is what they
ask for is seen in integration/test_metrics.py."""

import itertools
import json
import pathlib
import subprocess

import pytest
import yaml

PATH = (pathlib.Path(__file__).resolve().parents[2]
        / 'deploy' / 'grafana' / 'wakebus.json')
DASHBOARD = json.loads(PATH.read_text())
PANELS = DASHBOARD['panels']
SOURCE = {'type': 'prometheus', 'uid': '${datasource}'}
# What Grafana 10 calls its own; and of its variables, what they may stand for.
TYPES = {'row', 'stat', 'timeseries'}
UNITS = {'short', 'ops', 's', 'bytes', 'percentunit'}
VARIABLES = {'$__rate_interval': '1m', '$job': '.*', '$app': '.*'}


def test_it_is_of_the_schema_that_it_says():
    assert DASHBOARD['schemaVersion'] == 38  # Grafana 10.0
    assert DASHBOARD['uid'] == 'wakebus' and DASHBOARD.get('id') is None
    assert {panel['type'] for panel in PANELS} <= TYPES
    ids = [panel['id'] for panel in PANELS]
    assert len(ids) == len(set(ids)) and all(isinstance(i, int) for i in ids)
    for panel in PANELS:
        assert panel['title']
        if panel['type'] == 'row':
            assert panel['collapsed'] is False and panel['panels'] == []
            continue
        assert panel['datasource'] == SOURCE, panel['title']
        assert panel['fieldConfig']['defaults']['unit'] in UNITS
        refs = [target['refId'] for target in panel['targets']]
        assert refs and len(refs) == len(set(refs))
        for target in panel['targets']:
            assert target['datasource'] == SOURCE, panel['title']


def test_no_panel_lies_on_another():
    def tiles(panel):
        at = panel['gridPos']
        assert at['x'] + at['w'] <= 24, panel['title']
        return set(itertools.product(range(at['x'], at['x'] + at['w']),
                                     range(at['y'], at['y'] + at['h'])))
    taken = set()
    for panel in PANELS:
        assert not taken & tiles(panel), panel['title']
        taken |= tiles(panel)


def test_the_data_source_can_be_chosen():
    variables = {each['name']: each for each in DASHBOARD['templating']['list']}
    assert set(variables) == {'datasource', 'job', 'app'}
    assert variables['datasource']['type'] == 'datasource'
    for name in 'job', 'app':
        assert variables[name]['datasource'] == SOURCE
        assert variables[name]['query']['query'] == (
            variables[name]['definition'])


def test_prometheus_understands_what_it_asks(tmp_path):
    def record(expression):
        for name, value in VARIABLES.items():
            expression = expression.replace(name, value)
        assert '$' not in expression
        return {'record': f'panel:n{next(numbers)}', 'expr': expression}

    numbers = itertools.count()
    rules = [record(target['expr']) for panel in PANELS
             for target in panel.get('targets', [])]
    path = tmp_path / 'rules.yml'
    path.write_text(yaml.safe_dump(
        {'groups': [{'name': 'panels', 'rules': rules}]}))
    done = subprocess.run(['promtool', 'check', 'rules', path], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    assert f'{len(rules)} rules found' in done.stdout


@pytest.mark.parametrize('panel', [p for p in PANELS if p['type'] == 'stat'],
                         ids=lambda panel: panel['title'])
def test_what_is_bad_has_a_colour(panel):
    shown = json.dumps(panel['fieldConfig']['defaults'])
    assert '"red"' in shown or '"orange"' in shown
