"""Moving from p2 and from fpush, command by command as the pages have it, with
a real XMPP server and somebody who must not notice."""

import json
import shutil

import pytest

from support.component_client import ComponentClient
from support.ejabberd import Ejabberd
from support.guide import Operator, commands
from support.p2_rows import DUMPS, dumped, new_row
from support.process import wait_until
from support.prosody import Prosody
from support.wakebus import Wakebus, account_hash
from test_import_fpush import settings_of, with_secrets

# With a header, as mysql -B writes it.
MYSQL = """\
#!/bin/sh
[ "$*" = "-B -e SELECT * FROM target p2" ] && exec cat {dump}
"""


@pytest.fixture(params=[Prosody, Ejabberd])
def server(request, tmp_path):
    server = request.param(tmp_path).start()
    yield server
    server.kill()


@pytest.fixture
def old(server):
    """p2 or fpush, as far as the XMPP server sees it."""
    component = ComponentClient(server)
    yield component
    component.drop()


@pytest.fixture(autouse=True)
def calm(fcm, apns):
    yield
    fcm.clear()
    apns.clear()


class People:
    """Romeo, who writes, and those who are offline with push enabled."""

    def __init__(self, server):
        self.server = server
        self.add('romeo')
        self.romeo = server.login('romeo')

    def add(self, name):
        self.server.add_user(name)

    def enables(self, name, *registration, **options):
        self.add(name)
        client = self.server.login(name)
        client.enable_push(self.server.component, *registration, **options)
        client.go_offline()

    def write_to(self, name):
        self.romeo.send_chat(f'{name}@{self.server.domain}', 'Art thou there?')


@pytest.fixture
def people(server):
    people = People(server)
    yield people
    people.romeo.drop()


def check_old_is_asked(old, people, name, node):
    people.write_to(name)
    old.answer(old.wait_push(node))


# ---- p2

def row_of(name, device_id, rows):
    account = account_hash(f'{name}@example.test', device_id)
    return next(row for row in rows if row.device == account)


@pytest.fixture
def p2(tmp_path):
    """Its table, as a file that mysql prints; it can be written to."""
    return shutil.copy(DUMPS / 'p2.batch.tsv', tmp_path / 'target.tsv')


def is_woken(provider, people, name, account):
    before = provider.accounts().count(account)
    people.write_to(name)
    wait_until(lambda: provider.accounts().count(account) > before,
               f'{name} woken')


def test_from_p2(server, old, people, p2, redis_server, fcm, apns, tmp_path):
    steps = commands('from-p2.md')
    juliet = row_of('juliet', 'p2-device1', dumped())
    people.enables('juliet', juliet.node, juliet.secret)
    with Wakebus(tmp_path, server, redis_server.url,
                 {'conversations': fcm.app(), 'ios': apns.app()},
                 fcm=fcm.settings(), apns=apns.settings()) as wakebus:
        operator = Operator(tmp_path, wakebus, {'p2': old.drop},
                            {'mysql': MYSQL.format(dump=p2)})

        def follow(heading, **places):
            printed = []
            while steps and steps[0][0] == heading:
                command = steps.pop(0)[1]
                for word, value in places.items():
                    command = command.replace(word, value)
                printed.append(operator.does(command))
            assert printed, f'{heading}: there is no such step'
            return printed

        follow('1. Prepare')
        check_old_is_asked(old, people, 'juliet', juliet.node)

        assert follow('2. Dump and import')[1:] == [
            '14 targets could be imported\n', '14 targets imported\n']
        check_old_is_asked(old, people, 'juliet', juliet.node)
        assert 'ev=link.up' not in wakebus.log('xmpp-frontend')

        nurse = new_row(device=account_hash('nurse@example.test', 'd'))
        with open(p2, 'a') as table:
            table.write('\t'.join(nurse) + '\n')
        people.enables('nurse', nurse.node, nurse.secret)
        assert follow('3. Switch')[-1] == '15 targets imported\n'
        wakebus.processes['xmpp-frontend'].wait_for_log('ev=link.up')
        is_woken(fcm, people, 'juliet', juliet.device)
        is_woken(fcm, people, 'nurse', nurse.device)

        status, shown = follow('4. Check', NODE=juliet.node)
        assert 'link      up' in status
        assert f'node     {juliet.node}' in shown
    assert not steps, 'nothing else is to be done'


def test_the_readme_has_steps_of_the_page():
    page = {part for _, command in commands('from-p2.md')
            for part in parts_of(command)}
    steps = [command for heading, command in commands('README.md')
             if heading == 'From p2, or fpush']
    assert len(steps) == 5
    assert {part for step in steps for part in parts_of(step)} <= page


def parts_of(command):
    return [part.strip() for part in
            command.partition('  #')[0].split(' && ')]


# ---- fpush

def test_from_fpush(server, old, people, fcm, apns, tmp_path):
    steps = [command for _, command in commands('from-fpush.md')]
    token = 32 * '5a'
    people.enables('juliet', token, pushModule='monalProdiOS')
    settings = tmp_path / 'settings.json'
    settings.write_text(json.dumps(settings_of(server, fcm, apns)))
    with Wakebus(tmp_path, server, 'redis://127.0.0.1:1/0', {},
                 apns=apns.settings()) as wakebus:
        operator = Operator(tmp_path, wakebus, {'fpush': old.drop}, {})

        convert = steps.pop(0)
        assert '/opt/fpush/settings.json' in convert
        said = operator.does(convert.replace('/opt/fpush/settings.json',
                                             str(settings)))
        assert 'certPassword' in said and 'componentKey' in said
        config = with_secrets(
            json.loads((operator.directory / 'wakebus.json').read_text()),
            server, apns, tmp_path)
        del wakebus.config['xmpp'], wakebus.config['redis']
        wakebus.config |= config
        wakebus.write_config()
        check_old_is_asked(old, people, 'juliet', token)

        for step in steps:
            operator.does(step)
        wakebus.processes['xmpp-frontend'].wait_for_log('ev=link.up')
        people.write_to('juliet')
        wait_until(lambda: [push['token'] for push in apns.received()] == [
            token], 'woken')
