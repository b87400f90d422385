# SPDX-License-Identifier: BSD-3-Clause
"""Docker: the daemon that runs here, or one of our own."""

import ctypes
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

# Debian's; a newer client that shadows it may not speak to its daemon.
DOCKER = '/usr/bin/docker'
DOCKERD = '/usr/sbin/dockerd'

# To build images on this host's network, and to change nothing of it.
BUILDING = ['--bridge=none', '--iptables=false', '--ip-forward=false']
# For a kernel without what the rules of Docker need.
NO_RULES = ['--iptables=false']

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
START_S = 60


class NoDocker(Exception):
    """Why there is none here."""


class Engine:
    """`cache` keeps the images of a daemon of our own from run to run."""

    def __init__(self, cache):
        self._cache = cache
        self._daemon = None
        # Debian's docker.io has no plug-in for the newer builder.
        self.env = {**os.environ, 'DOCKER_BUILDKIT': '0',
                    'COMPOSE_DOCKER_CLI_BUILD': '0'}

    def start(self):
        """For images, with the network of this host. Raises NoDocker."""
        if not Path(DOCKER).exists():
            raise NoDocker(f'there is no {DOCKER}')
        if not self._answers():
            self._start_own(BUILDING)

    def go_apart(self, image):
        """For containers. A daemon of our own, which would change the firewall
        and routing of this host, gets a network without a way out, and this
        process moves there with it. Raises NoDocker if nothing can run."""
        if self._daemon is None:
            return
        self.stop()
        leave_network()
        try:
            self._start_own([])
        except NoDocker:
            leave_network()  # and some of those rules
            self._start_own(NO_RULES)
        self._check(image)

    def docker(self, *args, **options):
        """What `docker ARGS` printed. It must succeed."""
        return output([DOCKER, *args], self.env, **options)

    def inspect(self, *names):
        return json.loads(self.docker('inspect', *names))

    def image(self, name):
        """What there is to know of an image, or None."""
        found = subprocess.run([DOCKER, 'image', 'inspect', name],
                               env=self.env, capture_output=True, check=False)
        return None if found.returncode else json.loads(found.stdout)[0]

    def stop(self):
        """The daemon that we started, and what it runs."""
        if self._daemon is None:
            return
        self._daemon.terminate()
        self._daemon.wait(timeout=60)
        self._daemon = None
        self._directory.cleanup()

    def _check(self, image):
        """Can a container run, and be found by its name? That takes rules of
        the kernel in its own network, which all of Compose stands on."""
        name = 'wakebus-probe'
        self.docker('network', 'create', '--internal', name)
        done = subprocess.run(
            [DOCKER, 'run', '--rm', '--network', name, '--name', name, image,
             'getent', 'hosts', name],
            env=self.env, text=True, check=False, capture_output=True)
        self.docker('network', 'rm', name)
        if done.returncode != 0:
            raise NoDocker('no container runs and is found: '
                           + last_line(done.stderr))

    def _answers(self):
        return subprocess.run([DOCKER, 'version'], env=self.env, check=False,
                              capture_output=True).returncode == 0

    def _start_own(self, options):
        if os.geteuid() != 0:
            raise NoDocker('no daemon runs, and only root can start one')
        # Sockets have short paths; the images are large, and stay.
        self._directory = tempfile.TemporaryDirectory(prefix='wakebus-docker-',
                                                      ignore_cleanup_errors=True)
        here = Path(self._directory.name)
        self.env['DOCKER_HOST'] = f'unix://{here}/sock'
        log = self._cache / 'dockerd.log'
        with open(log, 'wb') as file:
            self._daemon = subprocess.Popen(
                [DOCKERD, '--data-root', self._cache / 'docker',
                 '--exec-root', here / 'exec', '--pidfile', here / 'pid',
                 '--host', self.env['DOCKER_HOST'], *options],
                stdout=file, stderr=file, stdin=subprocess.DEVNULL,
                preexec_fn=stop_with_parent)
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._daemon.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise NoDocker('dockerd does not start: '
                               + last_line(log.read_text()))
            time.sleep(0.2)


def leave_network():
    """Into a new one, where there is only this process and what it starts."""
    if LIBC.unshare(CLONE_NEWNET) != 0 or subprocess.run(
            ['ip', 'link', 'set', 'lo', 'up'], check=False).returncode != 0:
        raise NoDocker('no network namespace can be made')


def last_line(text):
    return text.strip().rpartition('\n')[2]


def stop_with_parent():
    """In order: killed, it would leave its containers behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def output(argv, env, **options):
    """What it printed; if it fails, what it said is in the exception."""
    done = subprocess.run([str(arg) for arg in argv], env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, **options)
    assert done.returncode == 0, (
        f'{" ".join(map(str, argv))}: exit code {done.returncode}\n'
        + done.stdout[-4000:] + done.stderr[-4000:])
    return done.stdout
