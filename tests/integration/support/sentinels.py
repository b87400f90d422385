"""Redis Sentinel: the real one, and one that says what a test wants."""

import socketserver
import threading

import redis

from .process import Process, free_port, wait_until

MASTER = 'targets'
HANG_UP = object()


class Sentinels:
    """`count` real sentinels that watch over the master at `port`, and fail
    over within seconds."""

    def __init__(self, scratch, port, count=3):
        self.ports = [free_port() for _ in range(count)]
        self.url = url_of(self.ports)
        self._processes = []
        for number, own_port in enumerate(self.ports):
            config = scratch / f'sentinel{number}.conf'
            config.write_text(
                f'bind 127.0.0.1\nport {own_port}\ndir {scratch}\n'
                f'sentinel monitor {MASTER} 127.0.0.1 {port}'
                f' {count // 2 + 1}\n'
                f'sentinel down-after-milliseconds {MASTER} 1500\n'
                f'sentinel failover-timeout {MASTER} 2000\n')
            self._processes.append(Process(
                ['redis-server', config, '--sentinel'],
                scratch / f'sentinel{number}.log'))

    def master_port(self):
        with redis.Redis(port=self.ports[0]) as sentinel:
            return int(sentinel.sentinel_get_master_addr_by_name(MASTER)[1])

    def wait_for_replicas(self, count):
        """Until then no sentinel can fail over."""
        for port in self.ports:
            with redis.Redis(port=port) as sentinel:
                wait_until(lambda: self._sees(sentinel, count),
                           'sentinels that know all', timeout=20)

    def _sees(self, sentinel, count):
        try:
            state = sentinel.sentinel_master(MASTER)
        except redis.ConnectionError:
            return False
        return (state['num-slaves'] >= count
                and state['num-other-sentinels'] == len(self.ports) - 1)

    def fail_over(self):
        with redis.Redis(port=self.ports[0]) as sentinel:
            sentinel.execute_command('SENTINEL', 'FAILOVER', MASTER)

    def kill(self):
        for process in self._processes:
            process.kill()


class FakeSentinel:
    """Gives every question the bytes `answer`, or what that says as a function
    of the question; None is silence, HANG_UP the end. `asked` are the questions it got."""

    def __init__(self, answer=None, port=None):
        self.answer = answer
        self.asked = []
        self.port = port or free_port()
        fake = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.settimeout(30)
                while data := self.request.recv(4096):
                    fake.asked.append(data)
                    answer = (fake.answer(data) if callable(fake.answer)
                              else fake.answer)
                    if answer is HANG_UP:
                        return
                    if answer:
                        self.request.sendall(answer)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(
            ('127.0.0.1', self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.05],
                         daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def names(port, host='127.0.0.1'):
    """A sentinel's answer that the master is there."""
    port = str(port)
    return (f'*2\r\n${len(host)}\r\n{host}\r\n'
            f'${len(port)}\r\n{port}\r\n').encode()


def url_of(ports, login='', master=MASTER, host='127.0.0.1'):
    places = ','.join(f'{host}:{port}' for port in ports)
    return f'redis+sentinel://{login}{places}/{master}/0'
