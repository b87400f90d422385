"""A private redis-server."""

from contextlib import contextmanager

import redis

from .process import Process, free_port


class RedisServer:
    """Keeps its data below `scratch` over stop, kill and restart.

    `options` are redis.conf settings with underscores for dashes and win over
    the ones below: RedisServer(tmp_path, appendfsync='always').
    """

    def __init__(self, scratch, **options):
        self.directory = scratch / 'redis'
        self.directory.mkdir()
        self.port = free_port()
        self.url = f'redis://127.0.0.1:{self.port}/0'
        self.process = None
        settings = {'bind': '127.0.0.1', 'port': self.port,
                    'dir': self.directory, 'save': '""', 'appendonly': 'yes',
                    **options}
        self._config = self.directory / 'redis.conf'
        self._config.write_text(''.join(
            f'{name.replace("_", "-")} {value}\n'
            for name, value in settings.items()))

    def start(self):
        self.start_loading()
        self.process.wait_for_log('Ready to accept connections')
        return self

    def start_loading(self):
        """The same without waiting until it has read its data."""
        self.process = Process(['redis-server', self._config],
                               self.directory / 'log')

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()

    def restart(self):
        self.stop()
        self.start()

    def client(self, **options):
        return redis.Redis.from_url(self.url, decode_responses=True, **options)

    @contextmanager
    def refusing_writes(self):
        """Meanwhile nothing can be put off until later."""
        with self.client() as client:
            client.config_set('min-replicas-to-write', '1')
            try:
                yield
            finally:
                client.config_set('min-replicas-to-write', '0')
