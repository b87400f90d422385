"""What wakebusctl --json prints has the members that its manual page names."""

import json
import re

import pytest

from support.answers import registration_of
from support.asking import Tool
from support.deployed import DEPLOY
from support.p2_rows import new_row, write_tab
from support.push_commands import register
from support.registering import PHONE
from support.stanzas import iq
from support.wakebus import Wakebus


def members_of_the_page():
    """By command, in its section JSON."""
    page = (DEPLOY / 'man/wakebusctl.1.in').read_text()
    section = re.search(r'^\.Sh JSON\n(.*?)^\.Sh ', page, re.M | re.S)[1]
    parts = re.split(r'^\.It Ic (\w+)\n', section, flags=re.M)[1:]
    return {command: set(re.findall(r'\w+', ' '.join(
                re.findall(r'^\.Va (.*)$', text, re.M))))
            for command, text in zip(parts[::2], parts[1::2])}


def members(value):
    """All names in it, however deep."""
    if isinstance(value, list):
        return set().union(*map(members, value))
    if isinstance(value, dict):
        return set(value).union(*map(members, value.values()))
    return set()


@pytest.fixture(scope='module')
def wakebus(server, redis_server, fcm, tmp_path_factory):
    with Wakebus(tmp_path_factory.mktemp('wakebus'), server, redis_server.url,
                 {'conversations': fcm.app()}, fcm=fcm.settings()
                 ).start() as wakebus:
        yield wakebus


@pytest.fixture(scope='module')
def node(server, wakebus):
    return registration_of(server.ask(iq(
        register('token', 'd', muc='room@example.test'), PHONE))).node


@pytest.mark.parametrize('command, arguments', [
    ('status', []), ('doctor', None), ('show', ['NODE']), ('count', []),
    ('list', ['--domain', 'example.test']), ('push', ['NODE']),
    ('import', ['FAULTY']), ('revoke', ['--yes', 'NODE'])])
def test_the_page_names_each_member(wakebus, node, tmp_path, command,
                                    arguments):
    row = new_row()
    faulty = write_tab(tmp_path / 'p2.txt', [row, row._replace(token='')])
    done = Tool(wakebus).run(command, '--json', *(
        {'NODE': node, 'FAULTY': faulty}.get(argument, argument)
        for argument in arguments or []))
    printed = set().union(*(members(json.loads(line))
                            for line in done.stdout.splitlines()))
    assert printed, done
    assert printed <= members_of_the_page()[command]


def test_each_command_with_json_has_its_part():
    assert set(members_of_the_page()) == {
        'doctor', 'status', 'show', 'count', 'list', 'push', 'revoke',
        'import'}
