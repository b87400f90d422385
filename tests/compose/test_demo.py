# SPDX-License-Identifier: BSD-3-Clause
"""`docker compose --profile demo up` shows a push, from a clean checkout."""

from support.process import wait_until


def test_a_message_wakes_two_phones_that_are_off(demo):
    wait_until(lambda: not demo.container('demo-client')['State']['Running'],
               'told to its end', timeout=60, interval=0.5)
    log = demo.log('demo-client')
    assert demo.container('demo-client')['State']['ExitCode'] == 0, log
    assert 'FCM was asked to wake her phone' in log
    assert 'APNs got:' in log
    assert 'Done.' in log


def test_it_tells_the_same_again(demo):
    demo.compose('--profile', 'demo', 'up', '-d', '--no-build')
    log_of_both = wait_until(
        lambda: log if (log := demo.log('demo-client')).count('Done.') == 2
        else None, 'told twice', timeout=60, interval=0.5)
    assert 'Traceback' not in log_of_both


def test_nothing_of_it_reaches_the_network(demo):
    network = demo.engine.inspect('wakebus-compose-test_demo')[0]
    assert network['Internal']
    for service in ('demo-xmpp-frontend', 'demo-fcm-sender', 'demo-fcm',
                    'demo-prosody', 'demo-redis'):
        networks = demo.container(service)['NetworkSettings']['Networks']
        assert list(networks) == ['wakebus-compose-test_demo']
        assert not any(demo.container(service)['HostConfig']['PortBindings']
                       or {})
