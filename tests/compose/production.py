# SPDX-License-Identifier: BSD-3-Clause
"""What `docker compose up` starts, as an operator would start it: with secrets
in files, the keys of the bus, and the shipped configuration. The XMPP server
is in the hands of the test, at the address of this host, and FCM and APNs are
the emulators of the demo."""

import json
from ipaddress import ip_network

from images import ROOT, SERVICES
from steady import Steady

from running import Remote
from support.component_server import ComponentServer
from support.process import wait_until
from support.wakebus import NO_LIMITS

# Besides, there is no shell for them: what stands in its place cannot run.
OVERRIDE = '''\
services:
  xmpp-frontend: &files
    volumes: &volumes
      - {here}/wakebus.json:/etc/wakebus/wakebus.json:ro
      - {here}/ca.pem:/etc/wakebus/ca.pem:ro
      - /dev/null:/usr/bin/dash:ro
      - /dev/null:/usr/bin/bash:ro
  registry: *files
  fcm-sender: *files
  apns-sender: *files
  demo-fcm: &reached
    networks: [demo, providers]
  demo-apns: *reached
'''


def host_gateway(engine):
    """This host's address on Docker's own bridge. Docker names it only where
    the bridge was there before; else it is the first one."""
    config = engine.inspect('bridge')[0]['IPAM']['Config'][0]
    return config.get('Gateway') or str(next(
        ip_network(config['Subnet']).hosts()))


class Production:
    def __init__(self, project, secrets, override, scratch):
        self.project = project
        self._secrets = secrets
        self._override = override
        self._scratch = scratch
        self.server = ComponentServer(host=host_gateway(project.engine))
        self.fcm = self.phones = None

    def start(self):
        self.server.start()
        self._write_files()
        self._override.write_text(OVERRIDE.format(here=self._scratch))
        self.up('--no-deps', 'demo-fcm', 'demo-apns')
        self.up()
        self.project.wait_healthy('redis', *SERVICES)
        address = self.project.address('demo-fcm', 'providers')
        self.fcm = Remote(f'http://{address}:8080')
        self.phones = Steady(self.server)
        return self

    def up(self, *args):
        return self.project.compose('up', '-d', '--no-build', *args)

    def stop(self):
        self.server.stop()

    def _write_files(self):
        """Credentials come from the emulators, as from the two consoles."""
        def credential(service, path):
            return self.project.compose('exec', '-T', service, 'cat',
                                        f'/pki/{path}')

        (self._secrets / 'xmpp-secret').write_text(self.server.secret + '\n')
        (self._secrets / 'fcm-service-account.json').write_text(
            credential('demo-fcm', 'service-account-wakebus-test.json'))
        (self._secrets / 'apns-key.p8').write_text(
            credential('demo-apns', 'AuthKey_WAKEBUSKY1.p8'))
        (self._scratch / 'ca.pem').write_text(
            credential('demo-fcm', 'ca.pem'))
        self.project.compose('run', '--rm', 'keygen')
        (self._scratch / 'wakebus.json').write_text(
            json.dumps(self._configuration()))

    def _configuration(self):
        """The shipped one with the values of this test."""
        shipped = ROOT / 'deploy/compose/wakebus.json'
        config = json.loads(shipped.read_text())
        config['xmpp'].update(port=self.server.component_port,
                              jid=self.server.component)
        config['apps']['ios'].update(key_id='WAKEBUSKY1',
                                     team_id='WAKEBUSTST')
        ca_file = '/etc/wakebus/ca.pem'
        config['fcm'] = {'base_url': 'https://demo-fcm:8443',
                         'ca_file': ca_file}
        config['apns'] = {'production_url': 'https://demo-apns:8443',
                          'ca_file': ca_file}
        # Few phones get many pushes here, and each of them is counted.
        config['push'] = {'coalesce_ms': 0}
        config['limits'] = NO_LIMITS
        return config

    def wait_joined(self, count):
        """Until the frontend knows so many senders for FCM."""
        wait_until(lambda: self._senders_known() == count,
                   f'{count} senders known', timeout=60, interval=0.5)

    def _senders_known(self):
        known = set()
        for line in self.project.log('xmpp-frontend').splitlines():
            fields = dict(word.split('=', 1) for word in line.split()
                          if '=' in word)
            if fields.get('role') != 'fcm-sender':
                continue
            if fields['ev'] == 'worker.joined':
                known.add(fields['worker'])
            elif fields['ev'] in ('worker.left', 'worker.lost'):
                known.discard(fields['worker'])
        return len(known)
