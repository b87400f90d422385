# SPDX-License-Identifier: BSD-3-Clause
"""The images that docker-compose.yml names, and those they are made from."""

import re
import shutil
import subprocess
from pathlib import Path

from engine import DOCKER, output

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

BASE = 'debian:bookworm-slim'
REDIS = 'redis:7.2-bookworm'
SERVICES = ['xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender']
OURS = [*SERVICES, 'wakebusctl']

# One service for each image that is built.
BUILT = [*SERVICES, 'keygen', 'demo-prosody']

# As in Debian's slim images: what they leave out, and that a power cut while
# packages are installed need not leave a whole image.
SLIM = '''\
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
'''
NO_TRANSLATIONS = 'Acquire::Languages "none";\n'
PULL_S = 120


def make_all(engine, cache):
    if not has(engine, BASE):
        make_base(engine, cache)
    if not has(engine, REDIS):
        engine.docker('build', '--network', 'host', *proxies(engine),
                      '--tag', REDIS, '--file', HERE / 'redis.Dockerfile',
                      HERE)
    override = cache / 'build.yml'
    override.write_text('services:\n' + ''.join(
        f'  {service}: {{build: {{network: host}}}}\n' for service in BUILT))
    output(['docker-compose', '--project-directory', ROOT,
            '-f', ROOT / 'docker-compose.yml', '-f', override,
            'build', *proxies(engine), *BUILT], engine.env)


def proxies(engine):
    """Images are built on the host's network, and with its proxy: how this
    machine reaches Debian's mirrors is no business of the Dockerfiles'."""
    return [word for name in ('http_proxy', 'https_proxy', 'no_proxy')
            if name in engine.env
            for word in ('--build-arg', f'{name}={engine.env[name]}')]


def has(engine, name):
    """Is it here, or can it be had?"""
    if engine.image(name) is not None:
        return True
    try:
        return subprocess.run(
            [DOCKER, 'pull', '--quiet', name], env=engine.env, check=False,
            timeout=PULL_S, capture_output=True).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def make_base(engine, cache):
    """Debian 12, as small as it gets, from its packages."""
    root = cache / 'bookworm'
    archive = cache / 'bookworm.tar'
    if not archive.exists():
        shutil.rmtree(root, ignore_errors=True)
        with open(cache / 'debootstrap.log', 'wb') as log:
            subprocess.run(['debootstrap', '--variant=minbase', 'bookworm',
                            root], check=True, stdout=log, stderr=log)
        make_slim(root)
        subprocess.run(['tar', '-C', root, '-cf', archive, '.'], check=True)
        shutil.rmtree(root)
    engine.docker('import', archive, BASE)


def make_slim(root):
    (root / 'etc/dpkg/dpkg.cfg.d/slim').write_text(SLIM)
    (root / 'etc/apt/apt.conf.d/slim').write_text(NO_TRANSLATIONS)
    for folder in ('usr/share/doc', 'usr/share/locale', 'usr/share/man',
                   'var/cache/apt/archives', 'var/lib/apt/lists', 'var/log'):
        for path in (root / folder).rglob('*'):
            if path.name != 'copyright' and not path.is_dir():
                path.unlink()
    sources = root / 'etc/apt/sources.list'
    mirror = re.search(r'^deb (\S+)', sources.read_text(), re.M)[1]
    sources.write_text(f'deb {mirror} bookworm main\n'
                       f'deb {mirror} bookworm-updates main\n'
                       f'deb {mirror}-security bookworm-security main\n')
