"""All that Wakebus can be made to do and to suffer, once, with texts in it that
are known."""

import json
import re
import signal
import time
from pathlib import Path

from .answers import error_of
from .asking import Tool
from .bad_starts import PROGRAMS, BadStarts
from .component_server import ComponentServer
from .http_pages import Pages
from .keys import Peer, keygen, own_pair, public_key
from .log_lines import lines_of
from .planted_phone import PlantedPhone
from .plants import Plants, word
from .process import free_port, wait_until
from .push_commands import register
from .redis_server import RedisServer
from .stanzas import iq, new_id, publish
from .wakebus import Wakebus

FCM_FAULTS = [
    *({'error_code': code} for code in (
        'INVALID_ARGUMENT', 'QUOTA_EXCEEDED', 'UNAVAILABLE', 'INTERNAL',
        'SENDER_ID_MISMATCH', 'UNREGISTERED')),
    *({'kind': kind} for kind in (
        'bad_token_message', 'html', 'reset', 'refuse_stream', 'goaway',
        'hang', 'permission_denied'))]
APNS_FAULTS = [
    *({'reason': reason} for reason in (
        'BadDeviceToken', 'TooManyRequests', 'InternalServerError',
        'PayloadTooLarge', 'Unregistered', 'TopicDisallowed')),
    {'kind': 'reset'}]


FORWARDS = {'forward_encrypted': True}


def say_back(token):
    """What neither would say: the token, wherever there is a word."""
    return {'reason': token, 'error': {
        'status': token, 'message': token, 'details': [{
            '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError',
            'errorCode': token}]}}


class Everything:
    """Afterwards there are `logs` and `pages`, by name, and `plant` knows what
    was in what the processes got and sent."""

    def __init__(self, scratch, fcm, apns):
        self.scratch = scratch
        self.plant = Plants()
        self.fcm, self.apns = fcm, apns
        self.logs = {}
        self.pages = {}
        self.keys = scratch / 'keys'
        keygen(self.keys)
        for path in self.keys.glob('*.key_secret'):
            found = re.search('secret-key = "(.*)"', path.read_text())
            self.plant('key of the bus', found[1])
            self.plant.wire.append(path.read_text())
        self.redis_password = self.plant('password of Redis')
        self.redis = RedisServer(scratch,
                                 requirepass=self.redis_password).start()
        self.server = ComponentServer(
            secret=self.plant('secret of the component')).start()
        self.plant_credentials()
        port = free_port()
        self.bus = {'bind': f'tcp://*:{port}',
                    'frontends': [f'tcp://127.0.0.1:{port}']}
        self.wakebus = Wakebus(
            scratch, self.server, self.redis_url(self.redis_password),
            {'conversations': fcm.app() | {'default': True} | FORWARDS,
             'bare': fcm.app() | {'stateless': True} | FORWARDS,
             'ios': apns.app() | FORWARDS},
            keys=self.keys, fcm=fcm.settings(), apns=apns.settings(),
            bus=self.bus, sealed={'keys_file': str(self.sealed_keys())},
            push={'deadline_ms': 2000, 'retry_first_s': 1})
        self.http = {program: Pages() for program in PROGRAMS}

    def sealed_keys(self):
        path = self.scratch / 'sealed-keys'
        path.write_text(f"{self.plant('key of nodes', word(64))}\n")
        self.plant.wire.append(path.read_text())
        return path

    def redis_url(self, password):
        return f'redis://:{password}@127.0.0.1:{self.redis.port}/0'

    def plant_credentials(self):
        account = json.loads(
            Path(self.fcm.info['service_account_file']).read_text())
        for text in (account['private_key'],
                     Path(self.apns.info['key_file']).read_text()):
            for line in text.splitlines()[1:-1]:
                self.plant('private key', line)
            self.plant.wire.append(text)

    # ---- talking

    def ask(self, stanza):
        self.plant.wire.append(stanza)
        reply = self.server.ask(stanza)
        self.plant.wire += reply.itertext()
        return reply

    def send(self, stanza):
        self.plant.wire.append(stanza)
        self.server.wait_link().send(stanza)

    def redis_client(self):
        return self.redis.client(password=self.redis_password)

    # ---- the run

    def start(self):
        for program in PROGRAMS:
            env = dict(self.http[program].env)
            if program in ('registry', 'apns-sender'):
                env['WAKEBUS_LOG_FORMAT'] = 'json'
            self.wakebus.start_one(program, env=env)

    def all(self):
        starts = BadStarts(self)
        starts.check_configuration()
        self.start()
        phone = PlantedPhone(self)
        self.register_and_push(phone)
        self.forwarded()
        self.stateless()
        self.malformed()
        self.providers()
        self.deferred(phone)
        self.redis_faults(phone)
        self.strangers()
        self.operators(phone)
        self.reload()
        self.read_pages()
        starts.refused_processes()
        self.xmpp_faults()
        self.stop()
        self.wire_of_providers()

    def end(self):
        """Whatever has happened."""
        for process in self.wakebus.processes.values():
            process.kill()
        self.server.stop()
        self.redis.kill()

    def register_and_push(self, phone):
        assert phone.push() is None
        assert phone.push('prosody-0.12-unimportant') is None
        assert phone.push(secret=self.plant('wrong secret')) is not None
        assert phone.push(node=self.plant('unknown node')) is not None
        assert phone.push(sender=phone.sender) is not None
        assert phone.push(sender=self.plant('foreign domain')) is not None
        for other in (PlantedPhone(self, 'apns'), PlantedPhone(self, muc=True)):
            assert other.push() is None
            assert other.push('prosody-0.12-unimportant') is None
            assert other.unregister() is None
            assert other.unregister() is not None
            assert other.push() is not None

    def forwarded(self):
        """What servers have encrypted for the app, which no log would show if
        it did not go through all of them."""
        for provider, service in ((self.fcm, 'fcm'), (self.apns, 'apns')):
            phone = PlantedPhone(self, service)
            content = self.plant('encrypted content')
            iv = self.plant('iv of encrypted content', word(16))
            assert phone.push_encrypted(content, iv) is None
            received = json.dumps(provider.received())
            assert content in received and iv in received
            for unfit in (self.plant('no base64', f'{word()}!'),
                          self.plant('too long', word(4200)),
                          self.plant('too large', word(4096))):
                assert phone.push_encrypted(unfit, iv) is None
            provider.fault(kind='outage')
            assert phone.push_encrypted(
                self.plant('encrypted content'), iv) is None
            provider.control('DELETE', '/faults')
            wait_until(lambda: phone.push() is None, 'pushing again')

    def stateless(self):
        """What would be in Redis is in the node, and the token can be one."""
        for phone in (PlantedPhone(self, 'fcm-bare'),
                      PlantedPhone(self, 'fcm-bare', muc=True)):
            sealed = phone.registration.node
            assert phone.push() is None
            for wrong in ({'secret': self.plant('wrong secret')},
                          {'sender': self.plant('foreign domain')},
                          {'node': self.plant('changed node', sealed[:-4])}):
                assert phone.push(**wrong) is not None
            assert phone.unregister() is None
            bare = {'node': phone.token, 'secret': None}
            assert phone.push(**bare, pushModule='bare') is None
            assert phone.push(**bare, pushModule=self.plant('pushModule')) == (
                'wait', 'internal-server-error')
            assert phone.push(node=self.plant('no token'), secret=None,
                              pushModule='bare') is not None
            self.fcm.fault(status=404, error_code='UNREGISTERED',
                           token=phone.token)
            for _ in range(2):
                assert phone.push(**bare, pushModule='bare') is not None
            assert phone.push() is not None
            self.fcm.control('DELETE', '/faults')

    def malformed(self):
        plant, sender = self.plant, f"{self.plant('user')}@example.test/x"
        token, device = plant('device token'), plant('device id')
        for command in (register(None, device), register(token, None),
                        register(word(5000), device),
                        register(token, word(2000)),
                        register(token, device, muc=plant('group chat')),
                        register(token, device, action=plant('action')),
                        register(token, device, action='cancel'),
                        register(token, device, plant('command'))):
            self.ask(iq(command, sender))
        self.ask(iq(f"<x xmlns='{plant('namespace')}'/>", sender))
        self.ask(iq(f"<ping xmlns='urn:xmpp:ping'/><x>{plant('body')}</x>",
                    sender))
        self.ask(iq(register(token, device), sender, kind=plant('type')))
        self.send(f"<message from='{sender}' to='push.example.test'>"
                  f"<body>{plant('body')}</body></message>")
        self.send(f"<presence from='{sender}' to='push.example.test'/>")
        self.send(f"<message from='{sender}'><body>{plant('body')}"
                  f"{70000 * 'x'}</body></message>")
        self.ask(iq("<ping xmlns='urn:xmpp:ping'/>", sender))

    def providers(self):
        for fault in FCM_FAULTS:
            self.at_fault(self.fcm, PlantedPhone(self), fault)
        for fault in APNS_FAULTS:
            self.at_fault(self.apns, PlantedPhone(self, 'apns'), fault)
        for provider, service in ((self.fcm, 'fcm'), (self.apns, 'apns')):
            phone = PlantedPhone(self, service)
            self.at_fault(provider, phone, {
                'kind': 'says', 'body': json.dumps(say_back(phone.token))})
        self.fcm.fault(kind='oauth_error', count=1)
        self.fcm.control('DELETE', '/access_tokens')
        PlantedPhone(self).push()

    def at_fault(self, provider, phone, fault):
        """The push must meet the fault: the app may be held for a while after
        the one before."""
        posted = provider.fault(count=1, **fault)['id']

        def met():
            phone.push()
            return posted not in {fault['id'] for fault
                                  in provider.control('GET', '/faults')}
        wait_until(met, f'met by {fault}', interval=0.3)

    def deferred(self, phone):
        wait_until(lambda: phone.push() is None, 'FCM again')
        self.fcm.fault(kind='outage')
        assert phone.push() is None
        retries = self.wakebus.log('xmpp-frontend').count('kind=retry')
        wait_until(lambda: self.wakebus.log('xmpp-frontend').count(
            'kind=retry') > retries, 'a retry')
        self.fcm.control('DELETE', '/faults')

    def redis_faults(self, phone):
        with self.redis_client() as client:
            for key in client.keys('wakebus:*:node:*'):
                self.plant.wire.append(repr(client.hgetall(key)))
            node = phone.registration.node
            row = f'wakebus:{{{node[:2]}}}:node:{node}'
            good = client.hget(row, 'token')
            client.hset(row, 'token', 200 * self.plant('unfit token'))
            self.plant.wire.append(client.hget(row, 'token'))
            assert phone.push() is not None
            client.hset(row, 'token', good)
            client.config_set('maxmemory', '1')
            wait_until(self.http['registry'].trouble, 'found to be full')
            self.fail_to_register()
            client.config_set('maxmemory', '0')
            self.wakebus.processes['registry'].wait_for_log('redis.writable')
        self.redis.stop()
        assert phone.push() is not None
        self.fail_to_register()
        self.redis.start()
        wait_until(lambda: phone.push() is None, 'pushing again')

    def fail_to_register(self):
        sender = f"{self.plant('user')}@{self.plant('domain')}/x"
        assert error_of(self.ask(iq(register(
            self.plant('device token'), self.plant('device id')), sender)))

    def strangers(self):
        """Whoever is on the bus says what he should not, from both ends."""
        token = self.plant('device token')
        self.plant.wire.append(token)
        inbox = self.bus['frontends'][0]
        frontend_key = public_key(self.keys, 'xmpp-frontend')
        with Peer(inbox, own_pair(self.keys, 'registry'),
                  frontend_key) as peer:
            peer.send_frame(token.encode())
            peer.send(type='hello', role='registry', worker='', jobs=token)
            peer.send(type='hello', role='registry', worker='stranger',
                      credit=1, jobs=token)
            peer.send(type='target.due', node=token, token=7)
            peer.send(type='nothing.result', token=token)
            self.wait_for('xmpp-frontend', 'ev=result.late')
        with Peer(inbox) as peer:
            peer.send_frame(token.encode())
            self.wait_for('xmpp-frontend', 'ev=bus.stranger')
        for program in ('registry', 'fcm-sender'):
            self.jobs_for(program, token)

    def jobs_for(self, program, token):
        log = self.wakebus.log(program)
        found = lines_of(log, 'frontend.found')[0]
        with Peer(found['jobs'], own_pair(self.keys, 'xmpp-frontend'),
                  public_key(self.keys, program)) as peer:
            peer.send_frame(token.encode())
            peer.send(type='push.request', token=9000 * 'x', app=token)
            peer.send(type='push.request', token=token, device=token,
                      app='conversations', priority=token)
            peer.send(type='target.register', device=token, token=token,
                      app='conversations', domain='example.test')
            peer.send(type='target.lookup', node=7, secret=token)
            self.wait_for(program, 'job.refused')

    def wait_for(self, program, text):
        self.wakebus.processes[program].wait_for_log(text)

    def operators(self, phone):
        """What they are shown is theirs; what is logged of it is not."""
        tool = Tool(self.wakebus)
        node, domain = phone.registration.node, phone.domain
        unknown = self.plant('unknown node')
        self.plant.wire.append(unknown)
        for status, command in (
                (0, ['status']), (0, ['count']), (0, ['show', node]),
                (0, ['list', '--domain', domain]), (0, ['export']),
                (0, ['push', node]), (1, ['push', unknown]),
                (1, ['show', unknown]), (1, ['revoke', '--yes', unknown]),
                (0, ['revoke', '--yes', node]), (1, ['show', node])):
            done = tool.run(*command)
            assert done.returncode == status, done
            found = self.plant.found_in(done.stderr)
            assert not found, (command, found)
        assert phone.push() == ('cancel', 'item-not-found')

    def reload(self):
        """First with faults, which are told with all that is around them."""
        good = self.wakebus.config
        bad = {**good, 'redis': {'url': f"{self.plant('password')}@h"},
               'xmpp': {**good['xmpp'], 'secert': self.plant('misnamed')}}
        self.plant.wire.append(json.dumps(bad))
        for config, said in ((bad, 'config.refused'),
                             (good, 'config.reloaded')):
            self.wakebus.config = config
            self.wakebus.write_config()
            for program, process in self.wakebus.processes.items():
                process.signal(signal.SIGHUP)
                self.wait_for(program, said)

    def read_pages(self):
        for program, http in self.http.items():
            for path in ('/', '/livez', '/readyz', '/metrics'):
                page = http.get(path)
                if page.status == 200 or path == '/readyz':
                    self.pages[program + path] = page.body.decode()

    def wire_of_providers(self):
        for provider, what in ((self.fcm, 'access token'),
                               (self.apns, 'provider token')):
            received = provider.received()
            self.plant.wire.append(json.dumps(received))
            for push in received:
                self.plant(what, push['headers']['authorization'].split()[1])

    def xmpp_faults(self):
        link = self.server.wait_link()
        self.send(f"<iq id='{new_id()}' {self.plant('not XML')} <<<")
        link.wait_closed()
        wait_until(lambda: not self.server.wait_link().closed.is_set(), 'up')
        self.server.wait_link().stream_error('system-shutdown')
        self.server.wait_link()

    def stop(self):
        """In the order that leaves the frontend with work: it is told twice to
        stop while a push hangs."""
        phone = PlantedPhone(self)
        self.fcm.fault(kind='hang')
        self.send(publish('prosody', phone.registration.node,
                          sender=phone.domain,
                          secret=phone.registration.secret))
        frontend = self.wakebus.processes['xmpp-frontend']
        time.sleep(0.2)
        for _ in range(2):
            frontend.signal(signal.SIGTERM)
            frontend.wait_for_log('ev=service.drain')
        processes = dict(self.wakebus.processes)
        assert frontend.wait_exit() == 69
        self.wakebus.stop()
        self.fcm.control('DELETE', '/faults')
        for name, process in processes.items():
            self.logs[name] = process.log()
