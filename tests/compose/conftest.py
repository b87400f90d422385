# SPDX-License-Identifier: BSD-3-Clause
"""One daemon, its images and one project for all that is tested here."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *(str(HERE.parent / folder) for folder in
                             ('integration', 'chaos', 'emulators'))]

import images  # noqa: E402
from engine import Engine, NoDocker  # noqa: E402
from production import Production  # noqa: E402
from project import Project  # noqa: E402

CACHE = HERE.parents[1] / 'build/compose'


@pytest.fixture(scope='session')
def engine():
    """With all images made."""
    CACHE.mkdir(parents=True, exist_ok=True)
    engine = Engine(CACHE)
    try:
        engine.start()
        images.make_all(engine, CACHE)
        engine.go_apart(images.BASE)
        yield engine
    except NoDocker as why:
        pytest.exit(f'skipped, no Docker: {why}', returncode=0)
    finally:
        engine.stop()


@pytest.fixture(scope='session')
def secrets(tmp_path_factory):
    return tmp_path_factory.mktemp('secrets')


@pytest.fixture(scope='session')
def override(tmp_path_factory):
    """A compose file; whoever needs it, writes it."""
    return tmp_path_factory.mktemp('override') / 'override.yml'


@pytest.fixture(scope='session')
def project(engine, secrets, override):
    project = Project(engine, secrets, override)
    project.down()  # what a run left that was cut short
    yield project
    project.down()
    assert project.left() == []


@pytest.fixture(scope='session')
def demo(project):
    """The demo, told to its end."""
    project.compose('--profile', 'demo', 'up', '-d', '--no-build')
    return project


@pytest.fixture(scope='session')
def production(demo, secrets, override, tmp_path_factory):
    production = Production(demo, secrets, override,
                            tmp_path_factory.mktemp('production'))
    yield production.start()
    production.stop()
