"""Shows a push, from a message in Prosody to the wake-up at FCM and APNs, with
all its parts running on this machine."""

import argparse
import re
import signal
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / 'integration'))

from support.process import wait_until  # noqa: E402
from support.prosody import Prosody  # noqa: E402
from support.providers import Apns, Fcm  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402
from support.wakebus import BIN, Wakebus  # noqa: E402

from story import Story, bold, show, step  # noqa: E402

LINE_ID = re.compile(r' id=([^ .]+)')  # what all ids of one request begin with


class Demo:
    def __init__(self, scratch):
        self.scratch = scratch
        self.parts = []  # what to stop, in the order it was started

    def start(self):
        self.fcm = self.part(Fcm(self.scratch))
        self.apns = self.part(Apns(self.scratch))
        self.redis = self.part(RedisServer(self.scratch).start())
        self.prosody = self.part(Prosody(self.scratch).start())
        self.wakebus = self.part(Wakebus(
            self.scratch, self.prosody, self.redis.url,
            {'conversations': self.fcm.app(), 'ios': self.apns.app()},
            fcm=self.fcm.settings(), apns=self.apns.settings()).start())

    def part(self, part):
        self.parts.append(part)
        return part

    def stop(self):
        while self.parts:
            self.parts.pop().stop()

    def tell_parts(self):
        show(f'Prosody        clients {self.prosody.c2s_port},'
             f' components {self.prosody.component_port}')
        show(f'Redis          {self.redis.url}')
        show(f'FCM emulator   {self.fcm.url}')
        show(f'APNs emulator  {self.apns.url}')
        for name, process in self.wakebus.processes.items():
            show(f'{"wakebus-" + name:22} pid {process.pid}')

    def new_user(self, name):
        self.prosody.add_user(name)
        return self.prosody.login(name)

    def story(self):
        """The log lines of the last push, from all processes."""
        lines = sorted(line for name in self.wakebus.processes
                       for line in self.wakebus.log(name).splitlines())
        push = [LINE_ID.search(line)[1] for line in lines
                if 'ev=push.done ' in line][-1]
        return '\n'.join(line for line in lines
                         if (found := LINE_ID.search(line)) and
                         found[1] == push)


def run(demo):
    step('Everything starts on this machine')
    demo.start()
    demo.tell_parts()

    Story(demo.prosody.component, demo.new_user, demo.fcm, demo.apns,
          demo.redis.client()).tell()

    step('What the processes say of it (log.level is debug)')
    wait_until(lambda: 'ev=request.done' in demo.story(), 'the end of it')
    show(demo.story())


def keep(demo):
    step('It all stays up until you press Ctrl-C')
    show('Log in as romeo, juliet or nurse, password "secret", without TLS,\n'
         f'at 127.0.0.1 port {demo.prosody.c2s_port}.\n'
         f'Logs and configuration: {demo.wakebus.directory}\n'
         'How it is:\n'
         f'  {BIN}/wakebusctl status --config {demo.wakebus.path}\n'
         'What FCM and APNs got, and faults to inject '
         '(tests/emulators/README.md):\n'
         f'  curl {demo.fcm.info["control"]}/received\n'
         f'  curl {demo.apns.info["control"]}/received\n'
         f"  curl -d '{{\"kind\": \"outage\"}}' {demo.fcm.info['control']}"
         '/faults')
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    print()


def main():
    parser = argparse.ArgumentParser(prog='./run demo', description=__doc__)
    parser.add_argument('--keep', action='store_true',
                        help='leave everything running until Ctrl-C')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='wakebus-demo-') as scratch:
        demo = Demo(Path(scratch))
        try:
            run(demo)
            if options.keep:
                signal.pthread_sigmask(signal.SIG_BLOCK,
                                       {signal.SIGINT, signal.SIGTERM})
                keep(demo)
        except KeyboardInterrupt:
            print()
        finally:
            demo.stop()
    print(f'\n{bold("Done.")} All is stopped, nothing is left running.')


if __name__ == '__main__':
    main()
