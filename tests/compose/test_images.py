# SPDX-License-Identifier: BSD-3-Clause
"""The images are small, and run with next to no rights."""

import pytest

from images import BASE, OURS, SERVICES

MIB = 1024 * 1024


@pytest.mark.parametrize('name', OURS)
def test_it_adds_little_to_debian(engine, name, capsys):
    added = engine.image(f'wakebus/{name}')['Size'] - engine.image(BASE)['Size']
    with capsys.disabled():
        print(f'\n{name}: {added / MIB:.1f} MiB over {BASE}')
    assert added < 60 * MIB


@pytest.mark.parametrize('name', OURS)
def test_its_user_is_a_number_and_not_root(engine, name):
    user, _, group = engine.image(f'wakebus/{name}')['Config']['User'] \
        .partition(':')
    assert user.isdigit() and int(user) > 0
    assert group.isdigit() and int(group) > 0


@pytest.mark.parametrize('name', OURS)
def test_no_shell_starts_it(engine, name):
    config = engine.image(f'wakebus/{name}')['Config']
    assert config['Entrypoint'][0].startswith('/usr/local/bin/wakebus')
    assert not config['Cmd']


@pytest.mark.parametrize('name', SERVICES)
def test_wakebusctl_tells_whether_it_is_healthy(engine, name):
    health = engine.image(f'wakebus/{name}')['Config']['Healthcheck']['Test']
    assert health == ['CMD', '/usr/local/bin/wakebusctl', 'health']


@pytest.mark.parametrize('name', OURS)
def test_its_labels_say_what_it_is(engine, name):
    labels = engine.image(f'wakebus/{name}')['Config']['Labels']
    version = engine.docker('run', '--rm', '--read-only', '--network', 'none',
                            f'wakebus/{name}', '--version')
    assert version.split()[1] == \
        labels['org.opencontainers.image.version']
    for label in ('title', 'description', 'licenses', 'base.name'):
        assert labels[f'org.opencontainers.image.{label}']


@pytest.mark.parametrize('name', OURS)
def test_nothing_of_its_making_is_left_in_it(engine, name):
    listing = engine.docker(
        'run', '--rm', '--network', 'none', '--user', '0:0', '--entrypoint',
        'find', f'wakebus/{name}', '/var/lib/apt/lists', '/var/cache/apt',
        '/var/log', '/tmp', '-type', 'f', '-size', '+0')
    assert listing == ''
