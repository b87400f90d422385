# SPDX-License-Identifier: BSD-3-Clause
"""Each alert fires for what it is there for, and not for what looks like it."""

import pathlib
import re
import subprocess

import pytest
import yaml

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / 'deploy' / 'prometheus'
RULES = DEPLOY / 'wakebus.rules.yml'
ALERTS = {rule['alert']: rule
          for group in yaml.safe_load(RULES.read_text())['groups']
          for rule in group['rules']}

A = 'instance="a:1", job="wakebus"'
APP = f'app="ios", backend="apns", {A}'


def results(verdict):
    return f'wakebus_sender_results_total{{verdict="{verdict}", {APP}}}'


def outcomes(outcome):
    return f'wakebus_push_outcomes_total{{outcome="{outcome}", {APP}}}'


def limit(name):
    return f'wakebus_limit_reached_total{{limit="limits.{name}", {A}}}'


def pushes_of(le):
    return f'wakebus_push_duration_seconds_bucket{{le="{le}", {A}}}'


INSTANCE = {'instance': 'a:1', 'job': 'wakebus'}
OF_APP = {'app': 'ios', 'backend': 'apns'}
RECEIVED = f'wakebus_pushes_received_total{{{A}}}'
REGISTRATIONS = f'wakebus_registrations_total{{outcome="done", {APP}}}'
BUILD = f'wakebus_build_info{{program="p", version="1", {A}}}'

# Alert, minute at which it fires, its labels, series that make it fire, and
# several that do not. One sample a minute: "1+2x3" is 1 3 5 7, "1x3" 1 1 1 1.
# The last one stands for five minutes more.
CASES = [
    ('WakebusProcessDown', 4, INSTANCE,
     {f'up{{{A}}}': '1 1 0 0 0 0 0'},
     [{f'up{{{A}}}': '1 1 0 1 0 1x9'},
      {'up{instance="a:1", job="other"}': '0x9'}]),
    ('WakebusVersionsDiffer', 65, {},
     {BUILD: '1x70',
      'wakebus_build_info{program="q", version="2"}': '1x70'},
     [{BUILD: '1x70',
       'wakebus_build_info{program="q", version="1"}': '1x70'}]),
    ('WakebusDescriptors', 6, INSTANCE,
     {f'process_open_fds{{{A}}}': '900x9',
      f'process_max_fds{{{A}}}': '1024x9', BUILD: '1x9'},
     [{f'process_open_fds{{{A}}}': '700x9',
       f'process_max_fds{{{A}}}': '1024x9', BUILD: '1x9'},
      {f'process_open_fds{{{A}}}': '900x9',
       f'process_max_fds{{{A}}}': '1024x9'}]),
    ('WakebusReloadRefused', 7, INSTANCE,
     {f'wakebus_config_last_reload_successful{{{A}}}': '1 0x9'},
     [{f'wakebus_config_last_reload_successful{{{A}}}': '1 0 0 1x9'}]),
    ('WakebusLinkDown', 4, INSTANCE,
     {f'wakebus_xmpp_link_up{{{A}}}': '1 1 0x9',
      f'wakebus_draining{{{A}}}': '0x9'},
     [{f'wakebus_xmpp_link_up{{{A}}}': '1 1 0 1 0 0 1x9',
       f'wakebus_draining{{{A}}}': '0x9'},
      {f'wakebus_xmpp_link_up{{{A}}}': '0x9',
       f'wakebus_draining{{{A}}}': '1x9'}]),
    ('WakebusLinkUnsteady', 30, INSTANCE,
     {f'wakebus_xmpp_link_connects_total{{{A}}}': '1+1x30'},
     [{f'wakebus_xmpp_link_connects_total{{{A}}}': '1x15 2 3x15'}]),
    ('WakebusNoRegistry', 4, {**INSTANCE, 'role': 'registry'},
     {f'wakebus_workers{{role="registry", {A}}}': '1 0x9'},
     [{f'wakebus_workers{{role="registry", {A}}}': '1x9',
       f'wakebus_workers{{role="other", {A}}}': '0x9'},
      {f'wakebus_workers{{role="registry", {A}}}': '0 0 1 0 0 1x9'}]),
    ('WakebusNoSender', 4, {**OF_APP, **INSTANCE},
     {f'wakebus_app_workers{{{APP}}}': '1 0x9'},
     [{f'wakebus_app_workers{{{APP}}}': '1 0 1 0 0 1x9'}]),
    ('WakebusWorkersLost', 20, INSTANCE,
     {f'wakebus_workers_lost_total{{{A}}}': '0x9 1+1x10'},
     [{f'wakebus_workers_lost_total{{{A}}}': '0x9 1x10'}]),
    ('WakebusProviderFailing', 11, OF_APP,
     {results('sent'): '0+70x20', results('later'): '0+30x20'},
     [{results('sent'): '0+90x20', results('later'): '0+10x20'},
      {results('sent'): '0x20', results('later'): '0x20'},
      {results('sent'): '0+90x20', results('later'): '0x5 200x15'}]),
    ('WakebusAppMisconfigured', 6, OF_APP,
     {results('misconfigured'): '0x4 1x9'},
     [{results('misconfigured'): '5x15', results('gone'): '0+5x15'}]),
    ('WakebusAccessTokenMissing', 5, {**OF_APP, **INSTANCE},
     {f'wakebus_access_token_expiry_timestamp_seconds{{{APP}}}': '0x9'},
     [{f'wakebus_access_token_expiry_timestamp_seconds{{{APP}}}':
       '3600x9'},
      {f'wakebus_access_token_expiry_timestamp_seconds{{{APP}}}':
       '0 0 3600x9'}]),
    ('WakebusCertificateExpires', 1, {**OF_APP, **INSTANCE},
     {f'wakebus_certificate_expiry_timestamp_seconds{{{APP}}}':
      f'{13 * 86400}x9'},
     [{f'wakebus_certificate_expiry_timestamp_seconds{{{APP}}}':
       f'{15 * 86400}x9'}]),
    ('WakebusDeferredGrowing', 40, {},
     {f'wakebus_deferred_targets{{{A}}}': '0+10x60',
      'wakebus_deferred_targets{instance="b"}': '0+10x60'},
     [{f'wakebus_deferred_targets{{{A}}}': '500-5x60'},
      {f'wakebus_deferred_targets{{{A}}}': '10 60 10 60 10 60 10 60x30'},
      {f'wakebus_deferred_targets{{{A}}}': '500x60'}]),
    ('WakebusRedisDown', 3, INSTANCE,
     {f'wakebus_redis_up{{{A}}}': '1 0x9'},
     [{f'wakebus_redis_up{{{A}}}': '1 0 1 0 1x9'}]),
    ('WakebusRedisNotDurable', 6, INSTANCE,
     {f'wakebus_redis_durable{{{A}}}': '0x9'},
     [{f'wakebus_redis_durable{{{A}}}': '1x9'},
      {f'wakebus_redis_up{{{A}}}': '0x9'}]),
    ('WakebusRedisDoesNotTell', 11, INSTANCE,
     {f'wakebus_redis_up{{{A}}}': '1x20'},
     [{f'wakebus_redis_up{{{A}}}': '1x20',
       f'wakebus_redis_durable{{{A}}}': '0x20'},
      {f'wakebus_redis_up{{{A}}}': '0x20'}]),
    ('WakebusPushesFailing', 11, {},
     {outcomes('failed'): '0+4x20', outcomes('expired'): '0+4x20',
      outcomes('sent'): '0+92x20',
      RECEIVED: '0+100x20'},
     [{outcomes('failed'): '0+2x20', outcomes('gone'): '0+98x20',
       RECEIVED: '0+100x20'},
      {outcomes('failed'): '0x20',
       RECEIVED: '0x20'}]),
    ('WakebusSlow', 17, {},
     {pushes_of('5'): '0+95x30', pushes_of('10'): '0+100x30',
      pushes_of('+Inf'): '0+100x30'},
     [{pushes_of('5'): '0+1000x30', pushes_of('10'): '0+1001x30',
       pushes_of('+Inf'): '0+1001x30'},
      {pushes_of('5'): '0x30', pushes_of('+Inf'): '0x30'}]),
    ('WakebusOverloaded', 2, INSTANCE,
     {f'wakebus_ledger_entries{{{A}}}': '17000x9',
      f'wakebus_ledger_entries_max{{{A}}}': '20000x9'},
     [{f'wakebus_ledger_entries{{{A}}}': '15000x9',
       f'wakebus_ledger_entries_max{{{A}}}': '20000x9'}]),
    ('WakebusTurnsAway', 4, INSTANCE,
     {f'wakebus_overloaded{{{A}}}': '0 0 0 1 0 1 0 1x9'},
     [{f'wakebus_overloaded{{{A}}}': '0x9'}]),
    ('WakebusLimitReached', 12, {'limit': 'limits.domain_per_second'},
     {limit('domain_per_second'): '0+3x20', limit('target_per_minute'): '0x20',
      RECEIVED: '0+200x20', REGISTRATIONS: '0+50x20'},
     [{limit('domain_per_second'): '0+2x20', RECEIVED: '0+200x20',
       REGISTRATIONS: '0+50x20'},  # less than one in a hundred
      {limit('domain_per_second'): '0x4 900x20', RECEIVED: '0+200x25',
       REGISTRATIONS: '0+50x25'},  # a burst
      {limit('domain_per_second'): '900x20', RECEIVED: '9000x20',
       REGISTRATIONS: '500x20'}]),  # long ago
    ('WakebusBusStrangers', 3, INSTANCE,
     {f'wakebus_bus_strangers_total{{{A}}}': '0 0 1x9'},
     [{f'wakebus_bus_strangers_total{{{A}}}': '7x9'}]),
    ('WakebusBusRefuses', 3, INSTANCE,
     {f'wakebus_bus_messages_refused_total{{{A}}}': '0 0 1x9'},
     [{f'wakebus_bus_messages_refused_total{{{A}}}': '7x9'}]),
]


def promtool(*arguments):
    done = subprocess.run(['promtool', *map(str, arguments)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def expected(alert, labels):
    """As Prometheus sends it: with the templates filled in."""
    def fill(text):
        return re.sub(r'\{\{ \$labels\.(\w+) \}\}',
                      lambda match: labels[match[1]], text)
    rule = ALERTS[alert]
    return {'exp_labels': {**rule['labels'], **labels},
            'exp_annotations': {name: fill(text) for name, text
                                in rule['annotations'].items()}}


def check(scratch, tests):
    path = scratch / 'test.yml'
    path.write_text(yaml.safe_dump({
        'rule_files': [str(RULES)], 'evaluation_interval': '1m',
        'tests': [{'interval': '1m',
                   'input_series': [{'series': name, 'values': values}
                                    for name, values in series.items()],
                   'alert_rule_test': [
                       {'alertname': alert, 'eval_time': f'{minute}m',
                        'exp_alerts': alerts} for minute in minutes]}
                  for alert, minutes, series, alerts in tests]}))
    status, said = promtool('test', 'rules', path)
    assert status == 0, said


def test_promtool_takes_rules_and_configuration():
    assert promtool('check', 'rules', RULES)[0] == 0
    assert promtool('check', 'config', DEPLOY / 'prometheus.yml')[0] == 0


def test_each_alert_has_its_cases():
    assert [case[0] for case in CASES] == list(ALERTS)
    for alert, rule in ALERTS.items():
        assert rule['labels']['severity'] in ('critical', 'warning'), alert
        assert set(rule['annotations']) == {'summary', 'description'}, alert


@pytest.mark.parametrize('alert, minute, labels, series, _', CASES,
                         ids=[case[0] for case in CASES])
def test_it_fires(tmp_path, alert, minute, labels, series, _):
    check(tmp_path, [(alert, [minute], series, [expected(alert, labels)])])


@pytest.mark.parametrize('alert, minute, labels, _, quiet', CASES,
                         ids=[case[0] for case in CASES])
def test_it_does_not_fire(tmp_path, alert, minute, labels, _, quiet):
    assert quiet
    check(tmp_path, [(alert, range(1, minute + 10), series, [])
                     for series in quiet])
