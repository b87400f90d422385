"""A program: so many connections to a port that say nothing, made anew when
they are closed, until it is killed. A process of its own, as they do not fit
into a select() of the tests."""

import resource
import select
import socket
import sys

AT_ONCE = 50  # to be accepted: less than a listener's backlog


def open_one(port, poll, idlers):
    idler = socket.socket()
    idler.setblocking(False)
    idler.connect_ex(('127.0.0.1', port))
    idlers[idler.fileno()] = idler
    poll.register(idler, select.POLLOUT)
    return idler.fileno()


def main():
    port, count = map(int, sys.argv[1:])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    poll = select.poll()
    idlers = {}
    waiting = set()
    while True:
        while len(waiting) < AT_ONCE and len(idlers) < count:
            waiting.add(open_one(port, poll, idlers))
        for fd, events in poll.poll(100):
            waiting.discard(fd)
            if events == select.POLLOUT:
                poll.modify(fd, select.POLLRDHUP)
            else:
                poll.unregister(fd)
                idlers.pop(fd).close()


main()
