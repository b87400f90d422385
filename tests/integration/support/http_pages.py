"""What the processes say of themselves by HTTP."""

import http.client
import json
import subprocess
from dataclasses import dataclass, field

from .process import free_port
from .wakebus import BIN


@dataclass
class Page:
    status: int
    headers: dict
    body: bytes


@dataclass
class Pages:
    """Of one process: start it with `env`."""

    port: int = field(default_factory=free_port)

    @property
    def address(self):
        return f'127.0.0.1:{self.port}'

    @property
    def env(self):
        return {'WAKEBUS_HTTP_BIND': self.address}

    def connect(self, source='127.0.0.1', timeout=10):
        return http.client.HTTPConnection(
            '127.0.0.1', self.port, timeout=timeout,
            source_address=(source, 0))

    def get(self, path, method='GET', source='127.0.0.1', **request):
        connection = self.connect(source)
        try:
            connection.request(method, path, **request)
            response = connection.getresponse()
            return Page(response.status, dict(response.headers),
                        response.read())
        finally:
            connection.close()

    def trouble(self):
        """The checks that are not ok, and why: empty when it is ready."""
        page = self.get('/readyz')
        said = json.loads(page.body)
        trouble = {check['name']: check['why'] for check in said['checks']
                   if not check['ok']}
        assert said['ready'] == (not trouble)
        assert page.status == (503 if trouble else 200)
        return trouble


def wakebusctl(*arguments, **env):
    """Its exit status and what it has printed."""
    done = subprocess.run(
        [BIN / 'wakebusctl', *map(str, arguments)], env=env,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=20)
    return done.returncode, done.stdout
