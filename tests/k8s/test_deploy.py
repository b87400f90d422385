# SPDX-License-Identifier: BSD-3-Clause
"""The shipped kustomizations, and what their README tells people to do."""

import base64
import copy
import re
import sys

import kubernetes_validate
import policies  # noqa: F401, adds to RULES
import pytest
import redis
from objects import (K8S, ROLES, ROOT, containers, find, of_kind, ours,
                     pod, render)
from pods import PodOnDisk
from readme import README, files_of, make_secrets, make_site
from rules import RULES

sys.path[:0] = [str(ROOT / 'tests/integration'), str(ROOT / 'tests/emulators')]
import pki  # noqa: E402
from support.process import Process, free_port  # noqa: E402

OLDEST = '1.27'  # the README's promise


@pytest.fixture(scope='session')
def made(tmp_path_factory):
    keys = tmp_path_factory.mktemp('keys')
    pki.make_service_account(keys, 'p', 'https://127.0.0.1/token')
    pki.make_apns_keys(keys)
    return make_secrets(
        tmp_path_factory.mktemp('secrets'),
        fcm_json=pki.service_account_files(keys, 'p')[0].read_text(),
        AuthKey_p8=pki.apns_key_file(keys, pki.KEY_IDS[0]).read_text())


@pytest.mark.parametrize('version', [OLDEST,
                                     kubernetes_validate.latest_version()])
def test_the_api_takes_it(objects, made, version):
    for thing in [*objects, *made]:
        kubernetes_validate.validate(thing, version, strict=True)


def test_the_readme_names_the_oldest_version():
    assert f'Kubernetes {OLDEST} and later' in README


@pytest.mark.parametrize('rule', RULES, ids=lambda rule: rule.__name__)
def test_rule(objects, rule):
    assert list(rule(objects)) == []


def test_the_readme_makes_what_pods_mount(objects, made):
    """Each Secret and ConfigMap, and no more but for what the site has left
    out."""
    used = set()
    for thing in of_kind(objects, 'Deployment', 'StatefulSet'):
        for volume in pod(thing)['volumes']:
            kind = 'Secret' if 'secret' in volume else 'ConfigMap'
            name = volume[kind[0].lower() + kind[1:]].get(
                'secretName' if kind == 'Secret' else 'name')
            used.add((kind, name))
            assert find([*objects, *made], kind, name), f'{kind} {name}'
    unused = {(thing['kind'], thing['metadata']['name'])
              for thing in of_kind(made, 'Secret', 'ConfigMap')} - used
    if 'apns-sender' in ours(objects):
        assert not unused
    else:
        assert unused == {('Secret', 'apns'), ('Secret', 'curve-apns-sender')}


def test_a_key_is_of_its_role(made):
    keys = set()
    for role in ROLES:
        files = files_of(made, {'secret': {'secretName': f'curve-{role}'}})
        assert list(files) == ['own.key_secret']
        keys.add(files['own.key_secret'])
    authorized = files_of(made, {'configMap': {'name': 'curve-authorized'}})
    assert {f'{role}.key' for role in ROLES} <= set(authorized)
    assert not [text for text in authorized.values() if b'secret-key' in text]


def test_the_images_are_of_this_version(objects):
    version = re.search(r'^project\(wakebus VERSION ([\d.]+)',
                        (ROOT / 'CMakeLists.txt').read_text(), re.M)[1]
    for role, thing in ours(objects).items():
        assert containers(thing)[0]['image'].endswith(
            f'wakebus/{role}:{version}')


@pytest.mark.parametrize('role', ROLES)
def test_the_configuration_is_sound_where_the_pod_reads_it(
        objects, made, role, tmp_path):
    if role not in ours(objects):
        pytest.skip('left out in this site')
    pod_ = PodOnDisk(tmp_path, ours(objects)[role], objects, made)
    assert pod_.run('--check-config') == ('', 0)


def test_the_frontend_reads_the_key_of_sealed_nodes(objects, made, tmp_path):
    made = copy.deepcopy(made)
    secret = find(made, 'Secret', 'xmpp')['data']
    assert re.fullmatch(r'[0-9a-f]{64}\n', base64.b64decode(
        secret.pop('sealed-keys')).decode())
    pod_ = PodOnDisk(tmp_path, ours(objects)['xmpp-frontend'], objects, made)
    said, status = pod_.run('--check-config')
    assert status == 78 and 'sealed.keys_file' in said


def test_redis_starts_with_our_arguments(objects, made, tmp_path):
    """And lets in the user of redis-url alone, for our keys alone."""
    thing = find(objects, 'StatefulSet', 'redis')
    pod_ = PodOnDisk(tmp_path, thing, objects, made)
    (tmp_path / 'data').mkdir()
    port = free_port()
    argv = [pod_.moved(arg) for arg in
            pod_.container['command'] + pod_.container['args']]
    url = files_of(made, {'secret': {'secretName': 'redis-url'}})['url']
    url = url.decode().replace('@redis:6379/', f'@127.0.0.1:{port}/')
    # On loopback only, where the pod has all of its addresses.
    argv[argv.index('* -::*')] = '127.0.0.1'
    with Process([*argv, '--port', port], tmp_path / 'log') as process:
        process.wait_for_log('Ready to accept connections')
        client = redis.Redis.from_url(url)
        assert client.set('wakebus:test', 1)
        stranger = redis.Redis(port=port)
        for call in (lambda: client.set('test', 1), client.flushall,
                     client.config_get, stranger.ping):
            with pytest.raises((redis.exceptions.NoPermissionError,
                                redis.exceptions.AuthenticationError)):
                call()
        process.kill()
        assert list((tmp_path / 'data/appendonlydir').iterdir()), 'its log'


def test_the_xmpp_server_may_be_elsewhere(tmp_path):
    objects = render(make_site(tmp_path, server_is_outside=True))
    policy = find(objects, 'NetworkPolicy', 'xmpp-server')['spec']
    assert policy['podSelector'], 'still for the frontend alone'
    assert policy['egress'] == [
        {'to': [{'ipBlock': {'cidr': '192.0.2.7/32'}}],
         'ports': [{'protocol': 'TCP', 'port': 5347}]}]


def test_what_the_readme_links_to_is_there():
    for link in re.findall(r'\]\(([^)#:]+)', README):
        assert (K8S / link).exists(), link
