"""A private Prosody."""

from .deployed import deployed_text
from .process import Process
from .xmpp_server import XmppServer

# What a push needs is loaded; s2s and TLS are not, so nothing leaves loopback.
CONFIG = '''\
run_as_root = true
data_path = "{directory}"
log = {{ {{ levels = {{ min = "debug" }}, to = "console" }} }}

interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s_port} }}
modules_enabled = {{
    "cloud_notify", "disco", "mam", "ping", "register", "roster", "saslauth",
    "smacks",
}}
modules_disabled = {{ "s2s", "tls" }}

storage = "internal"
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
allow_registration = true

VirtualHost "{domain}"

Include "wakebus.cfg.lua"
'''


class Prosody(XmppServer):
    name = 'prosody'

    def _run(self, log):
        config = self.directory / 'prosody.cfg.lua'
        config.write_text(CONFIG.format(
            directory=self.directory, domain=self.domain,
            c2s_port=self.c2s_port))
        (self.directory / 'wakebus.cfg.lua').write_text(self._component())
        return Process(['prosody', '-F', '--config', config], log)

    def _component(self):
        return deployed_text('prosody/wakebus.cfg.lua', self)
