"""Child processes of a test: started with their output in a file, waited for,
and ended for certain."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A running child. Its stdout and stderr are appended to the file `log`.

    It cannot outlive the tests, however they end: the kernel kills it when the
    thread that started it does, so start processes from the main thread. A
    session of its own keeps a Ctrl-C at the terminal for pytest, which then
    ends its processes in order.
    """

    def __init__(self, argv, log, env=None, cwd=None):
        self.argv = [str(arg) for arg in argv]
        self.name = Path(self.argv[0]).name
        self.log_path = Path(log)
        with open(self.log_path, 'ab') as output:
            self._log_start = output.tell()
            self._popen = subprocess.Popen(
                self.argv, env={**os.environ, **(env or {})}, cwd=cwd,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, preexec_fn=die_with_parent)
        self.pid = self._popen.pid
        self._ended = False  # by the test, not of its own accord

    @property
    def exit_code(self):
        """None while it runs; minus the signal's number if one ended it."""
        return self._popen.poll()

    @property
    def running(self):
        return self.exit_code is None

    def log(self):
        """What this run has written; a file may hold earlier runs as well."""
        with open(self.log_path, 'rb') as output:
            output.seek(self._log_start)
            return output.read().decode('utf-8', 'replace')

    def wait_until(self, predicate, what, timeout=10.0):
        """Wait until `predicate()` holds; fail at once if the process ends."""
        def holds():
            running = self.running
            held = predicate()
            assert held or running, self._report(f'ended before {what}')
            return held

        try:
            wait_until(holds, what, timeout)
        except TimeoutError:
            raise TimeoutError(self._report(f'not {what} in {timeout} s'))

    def wait_for_log(self, text, timeout=10.0):
        self.wait_until(lambda: text in self.log(), f'log says {text!r}',
                        timeout)

    def wait_exit(self, timeout=10.0):
        """Wait until it ends by itself, and return its exit code."""
        try:
            code = self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError(self._report(f'still running after {timeout} s'))
        self._ended = True
        return code

    def signal(self, number):
        os.kill(self.pid, number)

    def stop(self, expect=0, timeout=15.0):
        """End it as an init system would: SIGTERM, and SIGKILL for one that
        does not go. It must exit with the code `expect`, or with any for None;
        that one has crashed is found out here. Does nothing if the test has
        already seen the end of it."""
        if self._ended:
            return
        if self.running:
            self.signal(signal.SIGTERM)
        try:
            code = self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(self._report(f'ignored SIGTERM {timeout} s'))
        self._ended = True
        assert expect in (None, code), self._report(f'exit code {code}')

    def kill(self):
        """SIGKILL it and the children it has, like a power cut."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()
        self._ended = True

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if kind is None:
            self.stop()
        else:
            self.kill()

    def _report(self, problem, lines=40):
        tail = '\n'.join(self.log().splitlines()[-lines:])
        return f'{self.name} (pid {self.pid}): {problem}\n{tail}'


def wait_until(predicate, what, timeout=10.0, interval=0.02):
    """Poll `predicate()` until it is true; return what it returned."""
    deadline = time.monotonic() + timeout
    while not (value := predicate()):
        if time.monotonic() >= deadline:
            raise TimeoutError(f'not {what} in {timeout} s')
        time.sleep(interval)
    return value


_given_out = set()
_holder = None


def _own_ports():
    """A thousand ports that no other run of tests uses at the same time: they
    belong to the process that holds the first of them."""
    global _holder
    while _holder is None:
        first = random.randrange(20000, 32000, 1000)
        holder = socket.socket()
        try:
            holder.bind(('127.0.0.1', first))
        except OSError:
            holder.close()
            continue
        _holder = holder
    first = _holder.getsockname()[1]
    return range(first + 1, first + 1000)


def free_port():
    """A TCP port of loopback that nothing uses, and no other test will.

    It lies below the range of the kernel's own choices. A port from that range
    could be taken by any outgoing connection while its server is down, even by
    a client that tries to reach that very server and so connects to itself.
    """
    ports = _own_ports()
    if len(_given_out) > len(ports) / 2:
        _given_out.clear()
    while True:
        port = random.choice(ports)
        if port not in _given_out and not _bound(port):
            _given_out.add(port)
            return port


def _bound(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
        except OSError:
            return True
        return False


def accepts(port):
    """Does something accept connections on this port of loopback?"""
    try:
        socket.create_connection(('127.0.0.1', port), timeout=1).close()
    except OSError:
        return False
    return True
